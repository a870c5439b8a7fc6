"""Masks carried along by the picture's motion."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from sa2va_nb.analysis.means import divide
from sa2va_nb.analysis.quality.evidence import Evidence

FloatArray = NDArray[np.float64]

MARGIN = 12  # cells around both masks in which motion is estimated
SIDE = 2  # cells, at least: a line has no gradient across it


def flow_iou(e: Evidence) -> FloatArray:
    """Compute each mask's mean IoU with the masks before and after, moved by dense optical flow: (T,).

    Of two masks in a row the earlier is carried to the later's frame, and both get that IoU. The flow is
    scikit-image's TV-L1 (Zach, Pock, Bischof, 2007) on the small grid, near the masks. NaN
    without a picture or in one that is a single line of cells, where the mask is empty, or both neighbours are.
    """
    total, count = np.zeros(len(e)), np.zeros(len(e), np.int64)
    if e.seen is not None and min(e.covered.shape[1:]) >= SIDE:
        for t, later in pairwise(range(len(e))):
            if e.visible[t] and e.visible[later]:
                total[[t, later]] += _carried_iou(e.covered[t : later + 1], e.seen.luma[t : later + 1])
                count[[t, later]] += 1
    return divide(total, count)


def _carried_iou(covered: NDArray[np.uint8], luma: NDArray[np.uint8]) -> float:
    """Compare the second of two masks with the first, carried to the second's frame: (2, h, w) each."""
    from skimage.registration import optical_flow_tvl1

    rows, columns = np.nonzero(covered.any(axis=0))
    box = np.s_[
        max(rows.min() - MARGIN, 0) : rows.max() + MARGIN + 1,
        max(columns.min() - MARGIN, 0) : columns.max() + MARGIN + 1,
    ]
    (earlier, later), (first, second) = covered[:, *box] / 255.0, luma[:, *box] / 255.0
    motion = optical_flow_tvl1(second, first, num_warp=3, num_iter=8)
    grid = np.indices(earlier.shape, np.float64)
    carried = map_coordinates(earlier, grid + motion, order=1)
    return float(np.minimum(carried, later).sum() / np.maximum(carried, later).sum())
