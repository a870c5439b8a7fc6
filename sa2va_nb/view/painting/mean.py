"""The mean of a video's images."""

import numpy as np

from sa2va_nb.segmentation import VideoSource
from sa2va_nb.view.painting.frames import Image


def mean_image(video: VideoSource, *, n: int = 50) -> Image:
    """Average a video: what stands still is sharp, what moves is a haze; a ground to draw paths on.

    Args:
        video: such as ``seg.video``.
        n: how many of its frames are averaged at most, evenly spaced from the first to the last.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        TypeError: if ``video`` is none, such as a path.
        ValueError: if ``n`` is no whole number from 1 up.
        Sa2VAError: if the video can't be read.
    """
    if not hasattr(video, "time_s"):
        raise TypeError(f"video must be a Video, got {type(video).__name__}; sa.Video(path) opens one")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise ValueError(f"n must be a whole number from 1 up, got {n!r}")
    frames = np.unique(np.linspace(0, len(video) - 1, min(n, len(video))).round().astype(int))
    total = np.zeros(video.shape[1:], np.int64)
    for frame in frames:
        total += video[int(frame)]
    return np.asarray(np.rint(total / len(frames)), np.uint8)
