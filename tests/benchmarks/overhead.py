"""Measures what ``segment`` adds to the bare calls of ``fal_client`` and the downloads, where the service is instant.

The stand-in runs in a process of its own, answers at the first look, and has made its mask videos before. Both ways
upload, submit, wait and download anew each time, in turns. The bare way ends there; ``segment`` has then also opened
and hashed the video and kept the call on the disk, and goes on to decode the masks. Which moment that is, is noted.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import fal_client
import httpx
import numpy as np

import sa2va_nb as sa
from sa2va_nb.calling import call
from sa2va_nb.hashing import SETTLED_S
from sa2va_nb.media.encode import write_video
from tests.faults.matrix import environment

APP = "fal-ai/sa2va/8b/video"
PROMPT = "Please segment the children and the bed."
_CLIP_BYTES = 2_000_000
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Overhead:
    """What the rounds took, in seconds of wall and of CPU time of this process.

    Attributes:
        bare_s, ours_s: wall time of each round.
        bare_cpu_s, ours_cpu_s: CPU time of each round.
        files_s: wall time of ``segment`` until the mask files are there and the run is done, in each round.
        clip_bytes: size of the clip.
        disk_s: what one wait for the disk takes here; ``segment`` makes nine, so that a power cut takes nothing back.
    """

    bare_s: list[float]
    ours_s: list[float]
    bare_cpu_s: list[float]
    ours_cpu_s: list[float]
    files_s: list[float]
    clip_bytes: int
    disk_s: float

    @property
    def ratios(self) -> tuple[float, float, float]:
        """How many times as long ``segment`` takes: in all, up to the files, and beside bare calls with decoding.

        Medians over the rounds.
        """
        rounds = [*zip(self.ours_s, self.bare_s, self.files_s, strict=True)]
        return (
            median(ours / bare for ours, bare, _ in rounds),
            median(files / bare for _, bare, files in rounds),
            median(ours / (bare + ours - files) for ours, bare, files in rounds),
        )

    def __str__(self) -> str:
        bare, ours, files = (1000 * median(taken) for taken in (self.bare_s, self.ours_s, self.files_s))
        in_all, until_files, alike = self.ratios
        bare_cpu, ours_cpu = (1000 * median(taken) for taken in (self.bare_cpu_s, self.ours_cpu_s))
        return (
            f"clip of {self.clip_bytes / 1e6:.1f} MB, {len(self.bare_s)} rounds, medians: bare {bare:.0f} ms "
            f"(CPU {bare_cpu:.0f}), segment {ours:.0f} ms (CPU {ours_cpu:.0f}), of which {files:.0f} ms "
            "until the files are there;\n"
            f"a wait for the disk takes {1000 * self.disk_s:.1f} ms, and segment makes nine.\n"
            f"segment takes {until_files:.2f} times as long as the bare calls until the mask files are there,\n"
            f"{in_all:.2f} times until they are decoded, and {alike:.2f} times the bare calls with the same decoding.\n"
        )


def measure_overhead(folder: Path, rounds: int, clip: Path | None = None) -> Overhead:
    """Run both ways so many times, after one round that doesn't count."""
    clip = clip or noisy_clip(folder / "clip.mp4")
    taken: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
    files_s: list[float] = []
    time.sleep(
        SETTLED_S
    )  # as users' clips are older than that, their hash is remembered from the round before
    with instant_standin() as variables, environment(variables):
        for number in range(rounds + 1):
            place = folder / str(number)
            place.mkdir()
            for name, way in (("bare", bare), ("ours", ours)):
                wall, cpu = time.perf_counter(), time.process_time()
                files = way(clip, place)
                taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
            files_s.append(files - wall)
    wall_s, cpu_s = ({name: [each[k] for each in taken[name][1:]] for name in taken} for k in (0, 1))
    return Overhead(
        *(wall_s["bare"], wall_s["ours"], cpu_s["bare"], cpu_s["ours"], files_s[1:]),
        clip_bytes=clip.stat().st_size,
        disk_s=median(wait_for_disk_s(folder) for _ in range(9)),
    )


def wait_for_disk_s(folder: Path) -> float:
    """Time one small file's way to the disk."""
    with (folder / "small").open("wb") as file:
        file.write(bytes(1000))
        file.flush()
        began = time.perf_counter()
        os.fsync(file.fileno())
        return time.perf_counter() - began


def bare(clip: Path, folder: Path) -> float:
    """Do what a script does without this package; gives the time at which the mask files are there."""
    client = fal_client.SyncClient()
    url = client.upload_file(clip, fallback_repository=[])
    handle = client.submit(APP, {"prompt": PROMPT, "video_url": url})
    with closing(handle.client):  # the client's own, which it never closes
        result = handle.get()
    for index, mask in enumerate(result["masks"]):
        with (folder / f"{index}.mp4").open("wb") as file, httpx.stream("GET", mask["url"]) as response:
            for chunk in response.iter_bytes():
                file.write(chunk)
    return time.perf_counter()


def ours(clip: Path, folder: Path) -> float:
    """Do the same with it, and decode the masks; gives the time at which the run is done and their files are there."""
    there: list[float] = []

    def note_and_open(*arguments: Any, **options: Any) -> sa.Segmentation:
        there.append(time.perf_counter())
        return sa.open_run(*arguments, **options)

    with mock.patch.object(call, "open_run", note_and_open):
        sa.segment(clip, PROMPT, runs_dir=folder / "runs", progress=False)
    return there[0]


def noisy_clip(path: Path, size_bytes: int = _CLIP_BYTES) -> Path:
    """Write a clip of 480p and about so many bytes: three seconds of a scene, with as much noise as that takes."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:480, :854]
    scene = (128 + 60 * np.sin(columns / 40)[..., None] * np.cos(rows / 30)[..., None]) * np.ones(3)

    def images(noise: float) -> Iterator[np.ndarray]:
        for t in range(72):
            shown = np.roll(scene, 2 * t, axis=1) + rng.normal(0, noise, (480, 854, 1))
            yield np.clip(shown, 0, 255).astype(np.uint8)

    noise = 2.0
    write_video(path, images(noise), 24)
    while path.stat().st_size < size_bytes:
        noise += 0.5
        write_video(path, images(noise), 24)
    return path


@contextmanager
def instant_standin() -> Iterator[dict[str, str]]:
    """Run a stand-in whose jobs are done at once; gives the environment that leads to it."""
    command = [sys.executable, "-m", "tests.standin", "--queue-polls", "0", "--run-polls", "0"]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            variables: dict[str, str] = {}
            while "FAL_HOME_DIR" not in variables:
                line = process.stdout.readline()
                assert line, "the stand-in ended"
                if found := re.fullmatch(r"export (\w+)='(.*)'\n", line):
                    variables[found[1]] = found[2]
            yield variables
        finally:
            process.terminate()
