"""Mask videos as a format to save: a folder of mp4, one an object."""

from pathlib import Path

import numpy as np

from sa2va_nb.formats.format import Format
from sa2va_nb.masks import Masks
from sa2va_nb.media.decode import decode_masks
from sa2va_nb.media.encode import write_mask_video
from sa2va_nb.segmentation import Segmentation

_FPS = 25.0  # where nothing tells the rate
_CLOSE_S = 0.001  # as even as a container of 1/1000 s tells


def write_mask_videos(seg: Segmentation, path: Path) -> list[str]:
    """Write a folder of H.264 mp4, white on black, one an object; read them back and count what differs.

    Raises:
        ValueError: if there are no objects, as an empty folder would say nothing.
    """
    if not len(seg):
        raise ValueError("mask videos are one an object, and there are none; write npz or ytvis")
    fps, lost = _rate(seg)
    path.mkdir()
    wrong = 0
    for item in seg:
        file = write_mask_video(path / f"{item.index:03d}.mp4", item.masks, fps)
        wrong += count_wrong_px(file, item.masks)
    return [*lost, *([f"{wrong:,} pixels, which the codec changed"] if wrong else [])]


def count_wrong_px(file: Path, masks: Masks) -> int:
    """Count the pixels, in all frames together, in which a mask video differs from its masks."""
    decoded = decode_masks(file)
    return sum(int((a ^ b).area()) for a, b in zip(decoded.rles, masks.rles, strict=True))


def _rate(seg: Segmentation) -> tuple[float, list[str]]:
    """Give frames a second, and what that doesn't tell of the times."""
    time_s = seg.time_s
    if len(time_s) < 2 or not np.isfinite(time_s).all() or time_s[-1] <= time_s[0]:
        fps = _FPS if seg.video is None else seg.video.fps
        return fps, [f"that the frames' times are unknown: the videos have {fps:.4g} frames a second"]
    step_s = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    even = np.abs(time_s - np.arange(len(time_s)) * step_s).max() < _CLOSE_S
    return 1 / step_s, [] if even else ["the frames' times, which aren't even from 0 on"]


MASK_VIDEOS = Format(
    name="mp4",
    title="a folder of mask videos",
    write=write_mask_videos,
    keeps=frozenset({"overlaps", "absent", "time_s"}),
    folder=r"\d+\.mp4",
)
