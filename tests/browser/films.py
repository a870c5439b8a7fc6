"""Clips and segmentations to look at in a browser."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.measure import measure
from sa2va_nb.answer import parse_answer
from sa2va_nb.masks import Masks
from sa2va_nb.media.encode import write_video
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from tests.scenes import disk

FRAMES, HEIGHT, WIDTH = 40, 180, 320
FPS = 20.0
SIZE = (HEIGHT, WIDTH)
NAMES = ("a ball", "another ball", "a corner")
HOSTILE = (
    "<script>window.harm = 1</script></script><img src=x onerror='window.harm = 1'> \u202eRTL & \"quotes\""
)
HOSTILE_FILE = "<img src=x onerror='window.harm=1'>&quot;\u202e'.mp4"
RIGHT_TO_LEFT = "كلب بني " * 40


def smooth_clip(path: Path) -> Video:
    """Write a clip of slow shades, which JPEG keeps well."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] / (HEIGHT, WIDTH)[0]
    images = (
        np.stack([255 * x / 2, 255 * y, np.full_like(x, 6 * t)], axis=2).clip(0, 255).astype(np.uint8)
        for t in range(FRAMES)
    )
    return Video(write_video(path, images, FPS))


def moving_disks() -> list[NDArray[np.bool_]]:
    """Two disks that cross, and a third thing that is there in every other ten frames only."""
    first = np.array([disk(40, center=(60 + 4 * t, 90), size=SIZE) for t in range(FRAMES)])
    second = np.array([disk(35, center=(260 - 4 * t, 80), size=SIZE) for t in range(FRAMES)])
    third = np.zeros((FRAMES, *SIZE), bool)
    third[10:20, 150:, 280:] = third[30:, 150:, 280:] = True  # touches two borders
    return [first, second, third]


def scene(folder: Path, *, names: tuple[str, ...] = NAMES) -> Segmentation:
    """Three things in 40 frames, of which two cross."""
    return segmentation(smooth_clip(folder / "clip.mp4"), moving_disks(), names)


def other_scene(seg: Segmentation) -> Segmentation:
    """The same video segmented otherwise: a smaller ball, one that is late, no corner, something new."""
    first, second, _ = moving_disks()
    smaller = np.array([disk(30, center=(62 + 4 * t, 92), size=SIZE) for t in range(FRAMES)])
    late = np.roll(second, 3, axis=0)
    new = np.zeros_like(first)
    new[5:35, 10:40, 10:60] = True
    return segmentation(seg.video, [smaller, late, new], (*NAMES[:2], "a sign"))


def hostile_scene(folder: Path) -> Segmentation:
    """Texts that would do harm as markup, in every place that a text may come from."""
    names = (HOSTILE, "x" * 10_000, RIGHT_TO_LEFT)
    seg = segmentation(smooth_clip(folder / HOSTILE_FILE), moving_disks(), names)
    answer = parse_answer(f"{HOSTILE} <p> {HOSTILE} </p> [SEG] {'y' * 10_000} <p> {RIGHT_TO_LEFT} </p> [SEG]")
    run = {"request": {"prompt": HOSTILE * 20}, "engine": HOSTILE, "video": {"name": HOSTILE_FILE}}
    return replace(seg, answer=answer, run=run, notes=(HOSTILE, "z" * 10_000))


def hostile_table(seg: Segmentation) -> pd.DataFrame:
    """A frame table with a column and flags that would do harm."""
    table = measure(seg)
    table[HOSTILE] = 1.0
    table["flags"] = [(HOSTILE,) if frame == 0 else () for frame in table["frame"]]
    return table


def crowd(folder: Path, count: int = 12) -> Segmentation:
    """More things than the palette has colours, each over the next."""
    stacks = [
        np.array([disk(24, center=(20 + 24 * k + t, 60 + 5 * (k % 4)), size=SIZE) for t in range(FRAMES)])
        for k in range(count)
    ]
    return segmentation(smooth_clip(folder / "clip.mp4"), stacks, tuple(f"thing {k}" for k in range(count)))


def long_scene(folder: Path, frames: int, size: tuple[int, int] = (360, 640)) -> Segmentation:
    """Three bars that go over a picture with some texture in it; the clip is written if it isn't there."""
    height, width = size
    path = folder / f"long-{frames}-{width}.mp4"
    if not path.exists():
        texture = np.random.default_rng(0).integers(0, 60, (height // 4, width // 4, 3), np.uint8)
        texture = texture.repeat(4, axis=0).repeat(4, axis=1)
        write_video(path, (np.roll(texture, 2 * t, axis=1) + np.uint8(t % 190) for t in range(frames)), 30)
    return bars(Video(path))


def bars(video: Video) -> Segmentation:
    """Three bars that go over a video, one beside the other."""
    times = video.time_s
    size = video[0].shape[:2]
    room = size[1] * 7 // 8
    objects = []
    for k, name in enumerate(NAMES):
        rles = [_bar(size, (37 * k + t) % room) for t in range(len(times))]
        objects.append(SegmentedObject(k, name, Masks(rles, size)))
    answer = parse_answer(" and ".join(f"<p> {name} </p> [SEG]" for name in NAMES))
    return Segmentation(tuple(objects), np.arange(len(times)), times, video, answer)


def _bar(size: tuple[int, int], left: int) -> RLEMask:
    height, width = size
    return RLEMask.from_bbox([left, height // 4, width // 8, height // 2], imsize=(width, height))


def segmentation(
    video: Video | None, stacks: list[NDArray[np.bool_]], names: tuple[str, ...]
) -> Segmentation:
    objects = tuple(
        SegmentedObject(k, name, Masks.from_array(stack))
        for k, (name, stack) in enumerate(zip(names, stacks, strict=True))
    )
    answer = parse_answer(" and ".join(f"<p> {name} </p> [SEG]" for name in names))
    times = np.arange(FRAMES) / FPS if video is None else video.time_s
    return Segmentation(objects, np.arange(FRAMES), times, video, answer, notes=(names[0],))
