"""How well the contours of two masks agree."""

from math import ceil, hypot, isqrt

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

BoolArray = NDArray[np.bool_]

F_TOLERANCE = 0.008  # of the image's diagonal; DAVIS' db_eval_boundary
BAND_WIDTH = 0.02  # of the image's diagonal; Cheng et al., arXiv:2103.16562


def boundary_f(a: RLEMask, b: RLEMask) -> float:
    """Compute DAVIS' contour accuracy F, the harmonic mean of boundary precision and recall.

    A contour pixel is matched if one of the other contour lies within ``ceil(0.008 · diagonal)`` px
    (Euclidean). Symmetric; 0 to 1; 1 where neither mask has a contour, 0 where one has not. A mask that
    fills the image has none: the image's edge is no contour.
    Source: Perazzi et al., CVPR 2016, as in the official ``davis2017-evaluation``.

    Args:
        a: one mask, (H, W).
        b: the other, of the same size.
    """
    top, bottom, left, right = _window(a, b)
    box = (left, top, right - left, bottom - top)
    contour_a, contour_b = _contour(_dense(a.crop(box))), _contour(_dense(b.crop(box)))
    n_a, n_b = int(np.count_nonzero(contour_a)), int(np.count_nonzero(contour_b))
    if n_a == 0 or n_b == 0:
        return float(n_a == n_b)
    tolerance = ceil(F_TOLERANCE * hypot(*a.shape))
    precision = _count_near(contour_a, contour_b, tolerance) / n_a
    recall = _count_near(contour_b, contour_a, tolerance) / n_b
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def boundary_iou(a: RLEMask, b: RLEMask) -> float:
    """Compute boundary IoU: the IoU of the bands inside both contours.

    A mask's band holds its pixels within ``round(0.02 · diagonal)`` px (at least 1) of its contour in
    the chessboard metric; the image's edge counts as contour. 0 to 1; 1 where both masks are empty.
    Source: Cheng et al., "Boundary IoU", CVPR 2021, arXiv:2103.16562, and its ``mask_to_boundary``.

    Args:
        a: one mask, (H, W).
        b: the other, of the same size.
    """
    width = max(1, round(BAND_WIDTH * hypot(*a.shape)))
    band_a, band_b = _band(a, width), _band(b, width)
    shared = (band_a & band_b).area()
    union = band_a.area() + band_b.area() - shared
    return shared / union if union else 1.0


def _band(rle: RLEMask, width: int) -> RLEMask:
    """Give the mask's pixels within ``width`` of its contour, with a background rim of 1 px."""
    padded = rle.pad(1, 1, 1, 1)
    return padded - padded.erode(kernel_shape="square", kernel_size=2 * width + 1)


def _window(a: RLEMask, b: RLEMask) -> tuple[int, int, int, int]:
    """Give rows top:bottom and columns left:right that hold both masks, with 1 px around in the image."""
    height, width = a.shape
    x, y, w, h = (a | b).bbox().astype(int).tolist()
    return max(y - 1, 0), min(y + h + 1, height), max(x - 1, 0), min(x + w + 1, width)


def _contour(mask: BoolArray) -> BoolArray:
    """Mark the pixels that differ from the one to the right, below, or diagonally below.

    Beyond the last row and column the mask is continued, as in DAVIS' ``seg2bmap``.
    """
    grown = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    right, below, diagonal = grown[:-1, 1:], grown[1:, :-1], grown[1:, 1:]
    contour: BoolArray = (mask != right) | (mask != below) | (mask != diagonal)
    return contour


def _count_near(contour: BoolArray, other: BoolArray, radius: int) -> int:
    """Count the pixels of a contour that have one of the other within ``radius`` px.

    The disk is tried a row at a time, nearest rows first, and a pixel is dropped once it is matched;
    a running count of the other contour tells whether a stretch of a row holds any of it.
    """
    count = np.zeros((other.shape[0] + 2 * radius) * (other.shape[1] + 2 * radius) + 1, np.int32)
    np.cumsum(np.pad(other, radius).ravel(), out=count[1:])
    row = other.shape[1] + 2 * radius
    ys, xs = np.nonzero(contour)
    open_ = (ys + radius) * row + xs + radius  # flat indices of pixels not matched yet
    for dy in sorted(range(-radius, radius + 1), key=abs):
        reach = isqrt(radius * radius - dy * dy)
        at = open_ + dy * row
        open_ = open_[count[at + reach + 1] == count[at - reach]]
    return len(ys) - len(open_)


def _dense(rle: RLEMask) -> BoolArray:
    """(h, w) bool, C-contiguous."""
    mask: BoolArray = rle.to_array(dtype=np.bool_, order="C")
    return mask
