"""Makes the files that are mutated, and reads a mutated one."""

import json
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sa2va_nb import open_run, runs
from sa2va_nb.media.decode import decode_mask_video
from sa2va_nb.media.video import Video
from tests.clips import mask_clip, rectangle, textured_clip
from tests.encoders import encode, paint
from tests.fuzz.mutate import mutated_bytes, mutated_json

_MP4 = {
    "libx264": {"options": {"bf": "2", "g": "5"}},
    "libx265": {"options": {"x265-params": "log-level=none:keyint=5"}},
    "mpeg4": {"options": {"bf": "2"}},
    "libvpx-vp9": {"options": {"cpu-used": "8", "deadline": "realtime"}},
    "libsvtav1": {"options": {"preset": "12"}},
    "mjpeg": {"pix_fmt": "yuvj420p"},
    "png": {"pix_fmt": "rgb24"},
}
_OTHER = {
    "a.webm": {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}},
    "a.mkv": {"codec": "ffv1", "pix_fmt": "yuv422p10le"},
    "a.avi": {"codec": "mpeg4", "options": {"bf": "2"}},
    "a.gif": {"codec": "gif", "pix_fmt": "rgb8"},
    "a.apng": {"codec": "apng", "pix_fmt": "rgba"},
    "a.ts": {"codec": "libx264"},
    "a.h264": {"codec": "libx264"},
    "a.mov": {"codec": "prores_ks", "pix_fmt": "yuv422p10le"},
}


def make_seeds(folder: Path) -> None:
    """Write a small mp4 of each codec, a small file of each other container, and a run folder."""
    images = paint(rectangle())
    (folder / "mp4").mkdir(parents=True)
    for codec, how in _MP4.items():
        encode(folder / "mp4" / f"{codec}.mp4", images, codec=codec, **how)
    (folder / "other").mkdir()
    for name, how in _OTHER.items():
        encode(folder / "other" / name, images, **how)
    run = folder / "run"
    mask_clip(run / "masks" / "000.mp4", rectangle())
    mask_clip(run / "masks" / "001.mp4", rectangle(start=(20, 4)))
    clip = textured_clip(run / "video.mp4")
    record = {
        "format": "sa2va_nb run",
        "version": 1,
        "created": "2026-01-01T00:00:00+00:00",
        "key": "0" * 64,
        "status": "done",
        "engine": "fal",
        "endpoint": "8b",
        "video": {"name": "video.mp4", "file": "video.mp4", "path": None, "bytes": clip.stat().st_size},
        "request": {"prompt": "Segment it.", "num_frames_to_sample": None},
        "output": "<p> a box </p> [SEG] and <p> a lid </p> [SEG]",
        "masks": [{"file": "masks/000.mp4"}, {"file": "masks/001.mp4"}],
        "sampled_frames": list(range(12)),
        "notes": ["nothing"],
        "seconds": 3.5,
        "cost_usd": 0.01,
        "request_id": "abc",
    }
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")


def _read_video(kind: str, seeds: Path, scratch: Path, rng: random.Random) -> None:
    """Mutate a video, and read it as a mask video or as a source."""
    seed = rng.choice(sorted((seeds / kind).iterdir()))
    path = scratch / "mutated"
    path.write_bytes(mutated_bytes(seed.read_bytes(), rng))
    if rng.random() < 0.5:
        decode_mask_video(path)
    else:
        video = Video(path)
        video[len(video) // 2]
        list(video)


def _read_run(seeds: Path, scratch: Path, rng: random.Random) -> None:
    """Mutate the record of a run, list it and open it."""
    folder = scratch / "runs" / "one"
    if not folder.is_dir():
        shutil.copytree(seeds / "run", folder)
    text = (seeds / "run" / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_bytes(mutated_json(text, rng))
    runs(folder.parent)
    open_run(folder)


KINDS: dict[str, Callable[[Path, Path, random.Random], None]] = {
    "mp4": partial(_read_video, "mp4"),
    "other": partial(_read_video, "other"),
    "run": _read_run,
}
