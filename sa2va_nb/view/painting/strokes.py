"""The pixels of the lines drawn over a picture: contours, boxes, trails."""

from collections.abc import Iterator
from math import ceil

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.view.painting.paints import BoolArray, Box, box_of, stripes

Stroke = tuple[Box, BoolArray]  # a box of the picture, and (h, w) which of its pixels are drawn


def contour_px(width: int) -> int:
    """Give the thickness of a contour, in pixels, in an image ``width`` pixels wide."""
    return max(1, round(width / 320))


def inner_contour(mask: BoolArray, thickness: int, *, dashed: bool = False) -> Stroke | None:
    """Give the mask pixels at most ``thickness`` off along an axis from one outside the mask or the image."""
    box = box_of(mask)
    if box is None:
        return None
    inside = mask[box]
    height, width = inside.shape
    padded = np.pad(inside, thickness)
    core = inside.copy()
    middle_y, middle_x = slice(thickness, thickness + height), slice(thickness, thickness + width)
    for d in range(1, thickness + 1):
        for shift in (-d, d):
            core &= padded[thickness + shift : thickness + shift + height, middle_x]
            core &= padded[middle_y, thickness + shift : thickness + shift + width]
    edge = inside & ~core
    if dashed:
        y, x = np.ogrid[box]
        edge &= stripes(x, y) & 1 == 0
    return box, edge


def box_outline(mask: BoolArray, thickness: int) -> Stroke | None:
    """Give the rim, ``thickness`` pixels wide, of the smallest box around a mask."""
    box = box_of(mask)
    if box is None:
        return None
    rim = np.ones(mask[box].shape, np.bool_)
    rim[thickness:-thickness, thickness:-thickness] = False
    return box, rim


def trail(points: NDArray[np.floating], thickness: int, size: tuple[int, int]) -> Stroke | None:
    """Give the pixels of a line through points, drawn with a square pen of ``2 * thickness - 1`` pixels.

    Args:
        points: (2, n) x and y, NaN where there is none: the line has a gap there.
        thickness: of contours.
        size: (H, W) of the picture; what lies outside is cut off.
    """
    if not np.isfinite(points).all(axis=0).any():
        return None
    drawn = np.zeros(size, np.bool_)
    for x, y in (pixel for line in _lines(points.astype(np.float64)) for pixel in line.T):
        rows = slice(max(0, y - thickness + 1), max(0, y + thickness))
        drawn[rows, max(0, x - thickness + 1) : max(0, x + thickness)] = True
    return (slice(0, size[0]), slice(0, size[1])), drawn


def _lines(points: NDArray[np.float64]) -> Iterator[NDArray[np.intp]]:
    """Give the pixels of each point, then of the line from it to the next: (2, n) x and y."""
    for t in range(points.shape[1]):
        here = points[:, t, None]
        way = points[:, t + 1, None] - here if t + 1 < points.shape[1] else np.full_like(here, np.nan)
        n = ceil(np.abs(way).max()) if np.isfinite(way).all() else 0
        line = here + way * (np.arange(n + 1) / n) if n else here
        if np.isfinite(here).all():
            yield np.floor(line + 0.5).astype(np.intp)
