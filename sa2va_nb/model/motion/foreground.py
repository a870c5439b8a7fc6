"""Finds what differs from the background."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_cdt, gaussian_filter, uniform_filter
from skimage.filters import apply_hysteresis_threshold
from skimage.morphology import closing, disk, opening, remove_small_holes, remove_small_objects

from sa2va_nb.model.motion.background import Background

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

EDGE_PX = 3  # as far as blur and half-size chroma spread an edge


def difference(image: NDArray[np.uint8], background: Background) -> FloatArray:
    """Give how far each pixel lies outside the range of colours to expect, in spreads, (H, W)."""
    pixels = image.astype(np.float32)
    off = np.maximum(pixels - background.brightest, background.darkest - pixels)
    np.maximum(off, 0, out=off)
    score = np.sqrt(np.einsum("ijk,ijk->ij", off, off) / 1.5) / background.spread
    return np.where(background.known, score, 0).astype(np.float32)


def find_foreground(
    score: FloatArray, *, low: float, high: float, smallest_px: int, hole_px: int
) -> BoolArray:
    """Threshold with hysteresis, close cracks, drop specks, fill holes, and set the outline.

    Args:
        score: (H, W), from ``difference``.
        low: the score of every pixel of an object.
        high: the score that at least one pixel of an object reaches.
        smallest_px: area of the smallest region to keep.
        hole_px: area of the largest hole to fill.
    """
    mask = apply_hysteresis_threshold(gaussian_filter(score, 0.7), low, high)
    mask = opening(closing(mask, disk(1)), disk(1))
    mask = remove_small_holes(remove_small_objects(mask, max_size=smallest_px), max_size=hole_px)
    sharp: BoolArray = remove_small_objects(trim_edge(mask, score), max_size=smallest_px)
    return sharp


def trim_edge(mask: BoolArray, score: FloatArray) -> BoolArray:
    """Put the outline where the score falls to half of what it is inside.

    Blur and coarse chroma spread an object's colour over its neighbours, and a threshold made for
    noise takes them in; at half height a blurred edge is where the sharp one was.
    """
    core = distance_transform_cdt(mask, "chessboard") > EDGE_PX
    reach = 4 * EDGE_PX + 1
    share = uniform_filter(core.astype(np.float32), reach)
    inside = uniform_filter(score * core, reach)
    level = np.divide(inside, share, out=np.zeros_like(inside), where=share > 0.02)
    trimmed: BoolArray = mask & (core | (score >= 0.5 * level))
    return trimmed
