"""What the neighbouring masks say about a mask, with the picture's colours or without."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.ndimage import uniform_filter

from sa2va_nb.analysis.means import divide
from sa2va_nb.analysis.measure import centroids
from sa2va_nb.masks import Masks

FloatArray = NDArray[np.float64]

LAGS = (1, 2, 5)  # frames back and ahead: the next, and far enough for a slow drift to show
_CERTAIN = 0.95  # neither shape nor colour alone may decide a cell beyond doubt
_NEGLIGIBLE = 0.3  # a cell less likely than that is no part of what should be there


def over_neighbours(visible: NDArray[np.bool_], compare: Callable[[int, int], float]) -> FloatArray:
    """Average a symmetric comparison with the visible frames 1, 2 and 5 before and after.

    Args:
        visible: (T,) where there is something to compare.
        compare: gives the value for two frames, the later one first.

    Returns:
        (T,): the mean; NaN where a frame isn't visible or has no such neighbour.
    """
    total, count = np.zeros(len(visible)), np.zeros(len(visible), np.int64)
    for lag in LAGS:
        for t in range(lag, len(visible)):
            if visible[t] and visible[t - lag]:
                value = compare(t, t - lag)
                total[[t, t - lag]] += value
                count[[t, t - lag]] += 1
    return divide(total, count)


def shape_iou(masks: Masks) -> FloatArray:
    """Compute each mask's mean IoU with its neighbours, their centroids laid on each other: (T,)."""
    place, rles = centroids(masks), masks.rles

    def compare(t: int, other: int) -> float:
        return aligned_iou(rles[t], rles[other], place[t] - place[other])

    return over_neighbours(masks.area_px > 0, compare)


def picture_iou(
    covered: NDArray[np.uint8], bins: NDArray[np.uint16], chances: Sequence[FloatArray]
) -> FloatArray:
    """Compare each mask with what its neighbours' shape and the picture's colours say: (T,).

    The neighbours, moved onto the mask's centroid, give each cell a chance of being the object's; its
    colour gives another, both within 0.05 and 0.95; they are taken as independent evidence (Bayes). The value is
    the IoU of the mask with that, for shares of a cell the sum of the lesser over that of the greater, in which
    chances of at most 0.3 count for nothing.

    Args:
        covered: (T, h, w) share of each cell that the mask covers, 255 for all.
        bins: (T, h, w) colour bin of each cell.
        chances: T arrays (B,), how much each colour speaks for the object.
    """
    visible: NDArray[np.bool_] = np.asarray(covered.any(axis=(1, 2)))
    place = centres(covered)
    value = np.full(len(covered), np.nan)
    for t in np.flatnonzero(visible).tolist():
        others = [u for lag in LAGS for u in (t - lag, t + lag) if 0 <= u < len(covered) and visible[u]]
        if not others:
            continue
        moved = [shifted(covered[u], *np.rint(place[t] - place[u]).astype(int)) for u in others]
        expected = uniform_filter(np.mean(moved, axis=0, dtype=np.float32) / np.float32(255), 3)
        value[t] = _soft_iou(covered[t] / np.float32(255), _posterior(expected, chances[t][bins[t]]))
    return value


def shifted(image: NDArray[np.uint8], dy: int, dx: int) -> NDArray[np.uint8]:
    """Move an image (h, w), filling with 0."""
    height, width = image.shape
    moved = np.zeros_like(image)
    if abs(dy) < height and abs(dx) < width:
        moved[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = image[
            max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
        ]
    return moved


def _posterior(expected: NDArray[np.float32], chance: FloatArray) -> FloatArray:
    shape: FloatArray = np.clip(expected, 1 - _CERTAIN, _CERTAIN, dtype=np.float64)
    color: FloatArray = np.clip(chance, 1 - _CERTAIN, _CERTAIN)
    both, neither = shape * color, (1 - shape) * (1 - color)
    posterior: FloatArray = both / (both + neither)
    return posterior


def _soft_iou(mask: NDArray[np.float32], posterior: FloatArray) -> float:
    union = np.maximum(mask, np.where(posterior > _NEGLIGIBLE, posterior, 0)).sum()
    return float(np.minimum(mask, posterior).sum() / union)


def centres(covered: NDArray[np.uint8]) -> FloatArray:
    """Give the (T, 2) centroids, y then x, NaN for an empty mask."""
    rows, columns = covered.sum(axis=2, dtype=np.float64), covered.sum(axis=1, dtype=np.float64)
    total = rows.sum(axis=1)
    total[total == 0] = np.nan
    y, x = (s @ np.arange(s.shape[1]) / total for s in (rows, columns))
    return np.stack([y, x], axis=1)


def aligned_iou(a: RLEMask, b: RLEMask, offset: FloatArray) -> float:
    """Compute the IoU of a mask with another that is moved by (dx, dy) px; 0 where one is empty."""
    if np.isnan(offset).any():
        return 0.0
    dx, dy = np.rint(offset).astype(int).tolist()
    moved = b.shift((dy, dx)) if dx or dy else b
    shared = (a & moved).area()
    return float(shared / (a.area() + moved.area() - shared))
