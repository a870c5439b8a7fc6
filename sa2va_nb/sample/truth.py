"""Keeps a rendered clip in a file, with its truth."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.answer import parse_answer
from sa2va_nb.masks import Masks
from sa2va_nb.media.encode import write_video
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation, SegmentedObject

Render = Callable[[int], NDArray[np.uint8]]  # (H, W, 3) of a frame

VISIBLE = 0.5  # coverage from which a pixel belongs to an object; so no pixel belongs to two
NOTE = "These masks are the sample clip's truth, computed from its scene, not a model's result."


def clip_file(name: str, render: Render, n_frames: int, fps: float, *, dir: str | Path | None) -> Path:
    """Render a clip once, and use it again as long as its file is whole.

    Args:
        name: of the file.
        render: gives the image of a frame.
        n_frames: how many frames.
        fps: frames a second.
        dir: where to put the file; None for a folder of the user's cache, another one when the picture changes.

    Raises:
        DecodeError: if the video can't be encoded.
    """
    path = (_cache_dir(render, n_frames) if dir is None else Path(dir)) / name
    if not _is_whole(path):
        write_video(path, (render(frame) for frame in range(n_frames)), fps)
        _digest_file(path).write_text(_digest(path), encoding="ascii")
    return path


def truth_of(
    path: Path, coverage: Callable[[int], NDArray[np.float32]], phrases: Sequence[str], answer: str
) -> Segmentation:
    """Give a rendered clip's truth.

    Args:
        path: the video.
        coverage: gives, for a frame, (N, H, W) the share of each pixel that shows each object.
        phrases: of the N objects.
        answer: what a model would say, with a ``[SEG]`` for each object.
    """
    video = Video(path)
    truth = np.stack([coverage(frame) >= VISIBLE for frame in range(len(video))], axis=1)  # (N, T, H, W)
    return Segmentation(
        objects=tuple(
            SegmentedObject(index, phrase, Masks.from_array(truth[index]))
            for index, phrase in enumerate(phrases)
        ),
        frame=np.arange(len(video), dtype=np.int64),
        time_s=video.time_s,
        video=video,
        answer=parse_answer(answer),
        notes=(NOTE,),
    )


def _cache_dir(render: Render, n_frames: int) -> Path:
    """Give a folder that changes its name when the picture does."""
    images = [render(frame).tobytes() for frame in (0, n_frames // 2, n_frames - 1)]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "sa2va_nb" / f"sample-{hashlib.sha256(b''.join(images)).hexdigest()[:12]}"


def _digest_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_whole(path: Path) -> bool:
    """Say whether the file is there as it was written."""
    note = _digest_file(path)
    return path.is_file() and note.is_file() and note.read_text(encoding="ascii") == _digest(path)
