"""Makes the sample clip: a rendered video whose truth is known exactly."""

import hashlib
import os
from pathlib import Path

import numpy as np

from sa2va_nb.answer import parse_answer
from sa2va_nb.masks import Masks
from sa2va_nb.media.encode import write_video
from sa2va_nb.media.video import Video
from sa2va_nb.sample.render import render, visible_coverage
from sa2va_nb.sample.scene import ACTORS, ANSWER, FPS, N_FRAMES
from sa2va_nb.segmentation import Segmentation, SegmentedObject

FILE_NAME = "pond.mp4"
VISIBLE = 0.5  # coverage from which a pixel belongs to an object; so no pixel belongs to two


def sample_clip(dir: str | Path | None = None) -> tuple[Path, Segmentation]:
    """Render the sample clip, and give its truth.

    A garden pond from above, 640x360, 25 fps, 4.8 s: a ball rolls under a footbridge, two fish that look
    alike swim in circles, a duck leaves and comes back, a balloon comes closer and grows.

    A pixel belongs to an object where at least half of it shows that object: what the bridge or another
    object hides does not count. The clip is rendered once and used again as long as the file is whole.

    Args:
        dir: where to put the file; left out, a folder of the user's cache.

    Returns:
        The video's path, and the truth as a ``Segmentation`` of that video, with every frame.

    Raises:
        DecodeError: if the video can't be encoded.
    """
    path = (_cache_dir() if dir is None else Path(dir)) / FILE_NAME
    if not _is_whole(path):
        write_video(path, (render(frame) for frame in range(N_FRAMES)), FPS)
        _digest_file(path).write_text(_digest(path), encoding="ascii")
    return path, _reference(Video(path))


def _reference(video: Video) -> Segmentation:
    """Give the truth of every frame."""
    truth = np.stack(
        [visible_coverage(frame) >= VISIBLE for frame in range(N_FRAMES)], axis=1
    )  # (N, T, H, W)
    answer = parse_answer(ANSWER)
    return Segmentation(
        objects=tuple(
            SegmentedObject(index, actor.phrase, Masks.from_array(truth[index]))
            for index, actor in enumerate(ACTORS)
        ),
        frame=np.arange(N_FRAMES, dtype=np.int64),
        time_s=video.time_s,
        video=video,
        answer=answer,
        notes=("These masks are the sample clip's truth, computed from its scene, not a model's result.",),
    )


def _cache_dir() -> Path:
    """Give a folder that changes its name when the picture does."""
    picture = hashlib.sha256(b"".join(render(frame).tobytes() for frame in (0, N_FRAMES // 2, N_FRAMES - 1)))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "sa2va_nb" / f"sample-{picture.hexdigest()[:12]}"


def _digest_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_whole(path: Path) -> bool:
    """Say whether the file is there as it was written."""
    note = _digest_file(path)
    return path.is_file() and note.is_file() and note.read_text(encoding="ascii") == _digest(path)
