"""The small grid on which masks are held against the picture."""

from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rlemasklib import RLEMask

from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, VideoSource

SIDE = 240  # cells along the longer side: small enough to keep a clip, fine enough for a mask's shape
LEVELS = 16  # of lightness, and of each of Lab's two colour axes
N_BINS = LEVELS**3
_RGB_LEVELS = 64  # of red, green and blue, from which a colour's bin is looked up


@dataclass(frozen=True)
class Pictures:
    """A clip's pictures on the small grid.

    Attributes:
        bins: (T, h, w) uint16, each cell's colour as the index of a bin of Lab space, 0 to ``N_BINS - 1``.
        luma: (T, h, w) uint8 brightness.
    """

    bins: NDArray[np.uint16]
    luma: NDArray[np.uint8]


def grid_size(height: int, width: int) -> tuple[int, int]:
    """Give the (h, w) of the small grid: whole pixels a cell, at most ``SIDE`` cells along a side."""
    step = max(1, -(-max(height, width) // SIDE))
    return max(1, -(-height // step)), max(1, -(-width // step))


def reduce_masks(masks: Masks, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Give the share of each cell that a mask covers, (T, h, w), 255 for all of it."""
    covered = np.zeros((len(masks), *size), np.uint8)
    for cells, rle in zip(covered, masks.rles, strict=True):
        if rle.area():
            cells[:] = reduce_rle(rle, size)
    return covered


def reduce_rle(rle: RLEMask, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Give the share of each cell that one mask covers, (h, w), 255 for all of it."""
    return _reduce(rle.to_array(fg_value=255, order="C"), size)


def reduce_pictures(seg: Segmentation, size: tuple[int, int]) -> Pictures:
    """Read the video once, and keep each mask's picture on the small grid: 3 bytes a cell."""
    video = cast(VideoSource, seg.video)
    place = {int(frame): t for t, frame in enumerate(seg.frame)}
    shape = (len(seg.frame), *size)
    pictures = Pictures(np.zeros(shape, np.uint16), np.zeros(shape, np.uint8))
    waiting = len(place)
    for frame, image in enumerate(video):
        t = place.get(frame)
        if t is None:
            continue
        small = _reduce(image, size)
        level = small >> 2
        pictures.bins[t] = _bin_of_rgb()[level[..., 0], level[..., 1], level[..., 2]]
        pictures.luma[t] = (small @ np.array([77, 150, 29], np.uint32)) >> 8  # Rec. 601
        waiting -= 1
        if not waiting:
            break
    return pictures


def _reduce(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Average the pixels of each cell: (h, w) or (h, w, 3)."""
    small = Image.fromarray(image).resize((size[1], size[0]), Image.Resampling.BOX)
    return np.asarray(small)


@cache
def _bin_of_rgb() -> NDArray[np.uint16]:
    """Give the bin of each colour, (64, 64, 64) by red, green and blue."""
    from skimage.color import rgb2lab

    level = (np.arange(_RGB_LEVELS) + 0.5) / _RGB_LEVELS
    lab = rgb2lab(np.stack(np.meshgrid(level, level, level, indexing="ij"), axis=-1))
    scaled = np.stack([lab[..., 0] * 1.27, lab[..., 1] + 64, lab[..., 2] + 64], axis=-1) * LEVELS / 128
    at = np.clip(scaled, 0, LEVELS - 1).astype(np.uint16)
    bins: NDArray[np.uint16] = (at[..., 0] * LEVELS + at[..., 1]) * LEVELS + at[..., 2]
    return bins
