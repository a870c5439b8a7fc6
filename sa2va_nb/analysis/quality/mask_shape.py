"""Parts of quality that a single mask shows by its shape alone."""

from collections.abc import Callable
from math import ceil, hypot

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rlemasklib import RLEMask
from scipy.ndimage import gaussian_filter

from sa2va_nb.analysis.means import mean_known
from sa2va_nb.masks import Masks

FloatArray = NDArray[np.float64]

SMOOTH_SIGMA = 0.01  # of the image's diagonal
FINE_SIGMA = 3.0  # cells: a blur as wide as that needs no finer grid


def largest_frac(masks: Masks) -> FloatArray:
    """Give the share of each mask that its largest 8-connected region holds: (T,)."""
    return _over_visible(masks, lambda rle: _largest(rle) / rle.area())


def smoothness(masks: Masks) -> FloatArray:
    """Give the IoU of each mask with itself, blurred by 1 % of the image's diagonal and cut at a half: (T,).

    The image's edge is no contour: beyond it the mask goes on.
    """
    sigma = SMOOTH_SIGMA * hypot(*masks.size)
    return _over_visible(masks, lambda rle: _smoothness(rle, sigma))


def area_steady(masks: Masks) -> FloatArray:
    """Give exp(-|Δ log area|), the smaller area over the larger, averaged over the masks before and after: (T,).

    NaN where the mask is empty, or both neighbours are.
    """
    area = np.where(masks.area_px > 0, masks.area_px, np.nan)
    ratio = np.minimum(area[1:], area[:-1]) / np.maximum(area[1:], area[:-1])
    sides = np.stack([np.concatenate([[np.nan], ratio]), np.concatenate([ratio, [np.nan]])])[:, : len(area)]
    return mean_known(sides, axis=0)


def border_frac(masks: Masks) -> FloatArray:
    """Give the share of each mask's outline that is cut by the image's edge: (T,).

    Pixels of the mask in the image's outermost rows and columns, over those of its contour (pixels with a
    4-neighbour outside the mask or the image).
    """
    return _over_visible(masks, _border)


def holes_frac(masks: Masks) -> FloatArray:
    """Give the share of each mask's filled outline that is holes: (T,)."""
    return _over_visible(masks, lambda rle: 1 - rle.area() / (rle.area() + holes(rle).area()))


def holes(rle: RLEMask) -> RLEMask:
    """Give the background that a mask encloses: what no 4-connected way leads out of, nor off the image."""
    x, y, width, height = rle.bbox().astype(int).tolist()
    if not width:
        return rle.copy()
    outside_and_holes = rle.crop((x, y, width, height)).pad(1, 1, 1, 1).complement()
    enclosed = [
        part
        for part in outside_and_holes.connected_components(connectivity=4)
        if tuple(part.bbox()) != (0, 0, width + 2, height + 2)
    ]
    rows, columns = rle.shape
    inner = RLEMask.union([RLEMask.zeros((height + 2, width + 2)), *enclosed]).crop((1, 1, width, height))
    return inner.pad(y, rows - y - height, x, columns - x - width)


def overlap_frac(masks: Masks, others: list[Masks]) -> FloatArray:
    """Give the share of each mask that lies in another object's mask as well: (T,)."""
    share = np.full(len(masks), np.nan)
    for t, rle in enumerate(masks.rles):
        if area := rle.area():
            rest = RLEMask.union([RLEMask.zeros(masks.size), *(other.rles[t] for other in others)])
            share[t] = (rle & rest).area() / area
    return share


def _over_visible(masks: Masks, value: Callable[[RLEMask], float]) -> FloatArray:
    """Compute a value for each mask, NaN for an empty one: (T,)."""
    return np.array([value(rle) if rle.area() else np.nan for rle in masks.rles], np.float64)


def _largest(rle: RLEMask) -> int:
    areas, _, _ = rle.connected_component_stats(connectivity=8)
    return int(areas.max())


def _smoothness(rle: RLEMask, sigma: float) -> float:
    step = max(1, int(sigma / FINE_SIGMA))
    reach = ceil(4 * sigma)
    height, width = rle.shape
    x, y, w, h = rle.bbox().astype(int).tolist()
    left, top = max(x - reach, 0), max(y - reach, 0)
    box = (left, top, min(x + w + reach, width) - left, min(y + h + reach, height) - top)
    image = Image.fromarray(rle.crop(box).to_array(fg_value=255, order="C"))
    share = np.asarray(image.reduce(step), np.float32) / 255
    blurred = gaussian_filter(share, sigma / step, mode="nearest") > 0.5
    return float(np.minimum(share, blurred).sum() / np.maximum(share, blurred).sum())


def _border(rle: RLEMask) -> float:
    height, width = rle.shape
    padded = rle.pad(1, 1, 1, 1)
    contour = (padded - padded.erode3x3(connectivity=4)).area()
    inner = rle.crop((1, 1, width - 2, height - 2)).area() if min(height, width) > 2 else 0
    return float((rle.area() - inner) / contour)
