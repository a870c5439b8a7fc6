"""The pair table: how far two objects share pixels, and how far apart they are."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.means import divide
from sa2va_nb.analysis.measure import centroids
from sa2va_nb.segmentation import Segmentation

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
    size = (len(seg), len(seg.frame))
    a, b = np.triu_indices(len(seg), 1)  # (P,) each, a pair each
    shared = _shared_px(seg, a, b)
    area = np.array([item.masks.area_px for item in seg.objects], np.int64).reshape(size)
    x, y = np.array([centroids(item.masks) for item in seg.objects]).reshape(*size, 2).transpose(2, 0, 1)
    values = {
        "object_a": np.repeat(a, size[1]),
        "object_b": np.repeat(b, size[1]),
        "frame": np.tile(seg.frame, len(a)),
        "overlap_px": shared.ravel(),
        "iou": divide(shared, area[a] + area[b] - shared).ravel(),
        "containment": divide(shared, np.minimum(area[a], area[b])).ravel(),
        "distance_px": np.hypot(x[a] - x[b], y[a] - y[b]).ravel(),
    }
    return pd.DataFrame(values).astype(_DTYPES)


def _shared_px(seg: Segmentation, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.int64]:
    """Count the pixels that both of each pair (P,) have: (P, T)."""
    shared = np.zeros((len(a), len(seg.frame)), np.int64)
    for t in range(len(seg.frame)):
        rles = [item.masks.rles[t] for item in seg.objects]
        x0, y0, w, h = np.array([rle.bbox() for rle in rles], np.int64).reshape(-1, 4).T  # (N,) each
        low, high = np.stack([x0, y0]), np.stack([x0 + w, y0 + h])
        # Most of many objects are far apart: only masks whose boxes meet are compared.
        near = ((low[:, a] < high[:, b]) & (low[:, b] < high[:, a])).all(axis=0)
        for pair in np.flatnonzero(near):
            shared[pair, t] = (rles[a[pair]] & rles[b[pair]]).area()
    return shared
