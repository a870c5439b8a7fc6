"""Makes the sample clip: a rendered video whose truth is known exactly."""

from pathlib import Path

from sa2va_nb.sample.render import render, visible_coverage
from sa2va_nb.sample.scene import ACTORS, ANSWER, FPS, N_FRAMES
from sa2va_nb.sample.truth import clip_file, truth_of
from sa2va_nb.segmentation import Segmentation

FILE_NAME = "pond.mp4"


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
    path = clip_file(FILE_NAME, render, N_FRAMES, FPS, dir=dir)
    return path, truth_of(path, visible_coverage, [actor.phrase for actor in ACTORS], ANSWER)
