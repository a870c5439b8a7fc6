"""Kills processes at random moments of a call, and lets several ask for the same thing at once."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sa2va_nb as sa
from tests.clips import textured_clip
from tests.faults.matrix import PATIENT, PROMPT, call, environment
from tests.standin import StandIn

_ROOT = Path(__file__).parents[2]


@dataclass
class Kills:
    """What a campaign of kills found.

    Attributes:
        found: how many runs were left in which status; "none" where there was no run yet.
        wrong: what went wrong, in words.
    """

    found: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def zygote() -> Iterator["subprocess.Popen[str]"]:
    """Start what makes processes, with this process's environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.zygote"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        text=True,
        bufsize=1,
    )
    try:
        yield process
    finally:
        process.communicate()


def run_kills(count: int, seed: int, scratch: Path) -> Kills:
    """Kill ``count`` calls, and go on with each as a user does, by turns in one of two ways."""
    kills, rng = Kills(), random.Random(seed)
    clip = textured_clip(scratch / "clip.mp4")
    with StandIn(queue_polls=1, run_polls=2) as standin, environment(standin.env()), zygote() as maker:
        whole_s = min(_run_whole(maker, clip, scratch / f"whole-{n}") for n in range(2))
        expected = _result(scratch / "whole-0")
        number = 0
        while number < count:
            standin.jobs.clear()
            runs_dir = scratch / f"killed-{number}"
            moment_s = rng.uniform(0, whole_s)
            if _ask(maker, clip, runs_dir, moment_s) != -signal.SIGKILL:  # it was faster: no kill
                shutil.rmtree(runs_dir)
                whole_s *= 0.9
                continue
            whole_s *= 1.02  # the machine's load changes; this keeps the moments within the call
            where = f"kill {number} after {moment_s:.3f} s"
            kills.wrong += [
                f"{where}: {wrong}" for wrong in _go_on(runs_dir, clip, number, standin, expected, kills)
            ]
            number += 1
    return kills


def run_same(count: int, scratch: Path) -> tuple[int, list[int]]:
    """Let several processes ask for the same thing at once; gives how many jobs there were, and all exit codes."""
    clip = textured_clip(scratch / "clip.mp4")
    with StandIn() as standin, environment(standin.env()), zygote() as maker:
        assert maker.stdin is not None
        for _ in range(count):
            maker.stdin.write(json.dumps([str(clip), PROMPT, str(scratch / "runs"), "together"]) + "\n")
        said, _ = maker.communicate()
        codes = [int(line) for line in said.splitlines()]
        return len(standin.jobs), codes


def _ask(
    maker: "subprocess.Popen[str]", clip: Path, runs_dir: Path, kill_after_s: float | None = None
) -> int:
    """Have a process made and wait for its end; gives its exit code."""
    assert maker.stdin is not None
    assert maker.stdout is not None
    maker.stdin.write(json.dumps([str(clip), PROMPT, str(runs_dir), kill_after_s]) + "\n")
    return int(maker.stdout.readline())


def _run_whole(maker: "subprocess.Popen[str]", clip: Path, runs_dir: Path) -> float:
    started = time.monotonic()
    assert _ask(maker, clip, runs_dir) == 0
    return time.monotonic() - started


def _result(runs_dir: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(runs_dir.glob("*/masks/*"))]


def _go_on(
    runs_dir: Path, clip: Path, number: int, standin: StandIn, expected: list[bytes], kills: Kills
) -> Iterator[str]:
    """Do what a user does after a kill; gives what is wrong."""
    table = sa.runs(runs_dir)
    status = "none" if table.empty else str(table["status"][0])
    kills.found[status] += 1
    if len([path for path in runs_dir.glob("*-*") if path.is_dir()]) != len(table):
        yield "there is a folder that is no run"
    if "damaged" in status:
        yield "the run is damaged"
    by_resume = number % 2 == 0 and not table.empty
    again = _resume(runs_dir / str(table["run"][0])) if by_resume else call(clip, runs_dir, PATIENT)
    if isinstance(again, sa.Sa2VAError) and status in ("submitting", "unknown"):
        if "is unknown" not in str(again):
            yield f"the message does not tell of the doubt: {again}"
        if len(standin.jobs) > 1:
            yield "two jobs"
        kills.found["outcome unknown, and said so"] += 1
        again = _decide(runs_dir / str(table["run"][0]), clip, standin)
    if isinstance(again, sa.Sa2VAError):
        yield f"left {status!r}, then failed: {again}"
        return
    if len(standin.jobs) != 1:
        yield f"{len(standin.jobs)} jobs"
    folder = Path(again.run["folder"])
    if [path.read_bytes() for path in sorted((folder / "masks").iterdir())] != expected:
        yield f"left {status!r}, then another result"
    if leftovers := [path.name for path in folder.rglob("*.part")]:
        yield f"left behind {leftovers}"


def _decide(run: Path, clip: Path, standin: StandIn) -> sa.Segmentation | sa.Sa2VAError:
    """Do what the message says: look whether the service has the job; if so take it, else ask anew."""
    if standin.jobs:
        (run / "request_id.txt").write_text(next(iter(standin.jobs)))
        return _resume(run)
    return sa.segment(clip, PROMPT, engine=PATIENT, runs_dir=run.parent, reuse=False, progress=False)


def _resume(run: Path) -> sa.Segmentation | sa.Sa2VAError:
    try:
        return sa.resume(run, engine=PATIENT, progress=False)
    except sa.Sa2VAError as error:
        return error
