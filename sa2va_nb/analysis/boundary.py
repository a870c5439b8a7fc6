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
    tolerance = ceil(F_TOLERANCE * hypot(*a.shape))
    row = bottom - top + tolerance  # so wide that a disk never reaches the contour of another row
    contour_a, contour_b = (_contour(_dense(rle.crop(box)), row) for rle in (a, b))
    n_a, n_b = len(contour_a), len(contour_b)
    if n_a == 0 or n_b == 0:
        return float(n_a == n_b)
    precision = _count_near(contour_a, contour_b, tolerance, row) / n_a
    recall = _count_near(contour_b, contour_a, tolerance, row) / n_b
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


def _contour(mask: BoolArray, row: int) -> NDArray[np.int64]:
    """List the pixels that differ from the one to the right, below, or diagonally below.

    Beyond the last row and column the mask is continued, as in DAVIS' ``seg2bmap``.

    Args:
        mask: (h, w) bool.
        row: how many indices a row of ``mask`` takes, at least w.

    Returns:
        (n,) flat indices, increasing.
    """
    contour = np.zeros_like(mask)
    across, down = mask[:, :-1] != mask[:, 1:], mask[:-1] != mask[1:]
    contour[:, :-1] = across
    contour[:-1] |= down
    contour[:-1, :-1] |= mask[:-1, :-1] != mask[1:, 1:]
    at: NDArray[np.int64] = np.flatnonzero(contour)
    at += at // mask.shape[1] * (row - mask.shape[1])
    return at


def _count_near(contour: NDArray[np.int64], other: NDArray[np.int64], radius: int, row: int) -> int:
    """Count the pixels of a contour that have one of the other within ``radius`` px.

    The disk is tried a row at a time, nearest rows first, and a pixel is dropped once it is matched.
    In a row, the other contour's first pixel from the disk's left edge on must not lie beyond the right.
    """
    other = np.append(other, np.iinfo(np.int64).max)
    unmatched = contour
    for dy in sorted(range(-radius, radius + 1), key=abs):
        reach = isqrt(radius * radius - dy * dy)
        at = unmatched + dy * row
        unmatched = unmatched[other[np.searchsorted(other, at - reach)] > at + reach]
        if not len(unmatched):
            break
    return len(contour) - len(unmatched)


def _dense(rle: RLEMask) -> BoolArray:
    """Decode to (w, h) bool, C-contiguous: the order of the runs; contour and disk don't mind the turn."""
    mask: BoolArray = rle.to_array(dtype=np.bool_, order="F").T
    return mask
