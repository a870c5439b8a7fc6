"""Makes the mask videos that are measured."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sa2va_nb.media.encode import write_mask_video

SIZES = {"480p": (480, 854), "1080p": (1080, 1920), "tiny": (48, 64)}  # (H, W)
FPS = 24
_CORNERS = 400


def mask_videos(folder: Path, size: str, *, objects: int, frames: int) -> list[Path]:
    """Make one mask video an object, or find those of an earlier call."""
    paths = [folder / f"{size}-{frames}-{k}.mp4" for k in range(objects)]
    for k, path in enumerate(paths):
        if not path.exists():
            write_mask_video(path, blobs(SIZES[size], frames, seed=k), FPS)
    return paths


def blobs(size: tuple[int, int], frames: int, *, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Draw a lobed, ragged, turning shape with a hole and a satellite, (H, W) bool a frame.

    It covers 3 to 14 % of the image, the first object most, as the objects of DAVIS do.
    """
    height, width = size
    rng = np.random.default_rng(seed)
    radius = height * (0.29 if seed == 0 else rng.uniform(0.14, 0.25))
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    lobes = sum(rng.uniform(0.1, 0.5) / n * np.cos(n * angle + rng.uniform(0, 6)) for n in range(2, 7))
    for t in range(frames):
        phase = 2 * np.pi * t / 96 + seed
        ragged = rng.normal(0, 0.006, _CORNERS)
        reach = radius * (1 + 0.4 * lobes * np.cos(phase) + ragged)
        x = width * (0.5 + 0.25 * np.sin(phase / 2)) + reach * np.cos(angle + phase / 4)
        y = height * (0.5 + 0.15 * np.cos(phase)) + reach * np.sin(angle + phase / 4)
        image = Image.new("1", (width, height))
        draw = ImageDraw.Draw(image)
        draw.polygon(np.stack([x, y], axis=1).ravel().tolist(), fill=1)
        draw.circle((x.mean(), y.mean()), radius / 6, fill=0)
        draw.circle((x.mean() + 1.7 * radius, y.mean()), radius / 8, fill=1)
        yield np.asarray(image)
