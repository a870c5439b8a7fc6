"""The pair table: how far two objects share pixels, and how far apart they are."""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.measure import centroids
from sa2va_nb.segmentation import Segmentation, SegmentedObject

_DTYPES = {
    "object_a": "int64",
    "object_b": "int64",
    "frame": "int64",
    "overlap_px": "int64",
    "iou": "float64",
    "containment": "float64",
    "distance_px": "float64",
}


def overlaps(seg: Segmentation) -> pd.DataFrame:
    """Compare every two objects in every frame.

    Objects are decoded independently of each other, so that masks may overlap.

    Args:
        seg: the objects and their frames.

    Returns:
        One row a pair (``object_a`` before ``object_b``) and frame, ordered by pair, then frame:

        - ``overlap_px``: pixels in both masks
        - ``iou``: overlap over union; 0 where one mask is empty, NaN where both are
        - ``containment``: overlap over the smaller area, 1 where one mask lies inside the other;
          NaN where a mask is empty
        - ``distance_px``: between the centroids; NaN where a mask is empty

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
    """
    check_segmentations(seg=seg)
    centroid = [centroids(item.masks) for item in seg.objects]  # (T, 2) each
    tables = [
        _pair_table(seg.objects[a], seg.objects[b], seg.frame, np.hypot(*(centroid[a] - centroid[b]).T))
        for a, b in combinations(range(len(seg)), 2)
    ]
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _DTYPES.items()})
    return pd.concat(tables, ignore_index=True)


def _pair_table(
    a: SegmentedObject, b: SegmentedObject, frame: NDArray[np.int64], distance: NDArray[np.float64]
) -> pd.DataFrame:
    """Build the rows of one pair."""
    area_a, area_b = a.masks.area_px, b.masks.area_px
    shared = np.array(
        [(one & other).area() for one, other in zip(a.masks.rles, b.masks.rles, strict=True)], np.int64
    )
    values = {
        "object_a": a.index,
        "object_b": b.index,
        "frame": frame,
        "overlap_px": shared,
        "iou": _ratio(shared, area_a + area_b - shared),
        "containment": _ratio(shared, np.minimum(area_a, area_b)),
        "distance_px": distance,
    }
    return pd.DataFrame(values, index=range(len(frame))).astype(_DTYPES)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide, with NaN for 0/0."""
    out = np.full(len(part), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out
