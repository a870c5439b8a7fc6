"""The frame table: where each object is in each frame, and how large."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_choice, check_segmentations
from sa2va_nb.analysis.columns import ColumnGroup, column_groups
from sa2va_nb.analysis.means import divide
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

Columns = Literal["basic", "all"]

_BASIC_DTYPES = {
    "object": "int64",
    "phrase": "object",
    "frame": "int64",
    "time_s": "float64",
    "visible": "bool",
    "area_px": "int64",
    "area_frac": "float64",
    "x": "float64",
    "y": "float64",
    "x0": "float64",
    "y0": "float64",
    "x1": "float64",
    "y1": "float64",
    "touches_border": "bool",
    "iou_prev": "float64",
}


def measure(seg: Segmentation, *, columns: Columns = "basic") -> pd.DataFrame:
    """Measure every object in every frame.

    Where scikit-image's ``regionprops`` defines a value, it is that of the whole mask as one region.
    An object that is absent from a frame still has its row there: ``visible`` and ``touches_border`` are
    False, ``area_px``, ``area_frac``, ``components`` and ``holes`` are 0, all geometry is NaN.

    Args:
        seg: the objects and their frames.
        columns: ``"basic"``, or ``"all"`` for the shape and all else as well.

    Returns:
        One row an object and frame, ordered by object, then frame. Basic columns:

        - ``object``, ``phrase`` (None without one), ``frame`` (of the source), ``time_s`` (of that frame)
        - ``visible``: the mask is not empty
        - ``area_px``; ``area_frac``: its share of the image
        - ``x``, ``y``: centroid in px, pixel centres at integers
        - ``x0``, ``y0``, ``x1``, ``y1``: box in px, half-open, as floats because they can be NaN
        - ``touches_border``: the box reaches the image's edge
        - ``iou_prev``: intersection over union with the same object's previous mask; NaN in the first
          frame and where both masks are empty (0/0), 0 where just one of them is

        ``"all"`` adds the shape, see :func:`sa2va_nb.analysis.columns.shape.shapes`, and what the other modules
        of ``sa2va_nb.analysis.columns`` define.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ValueError: if ``columns`` is neither.

    >>> import numpy as np
    >>> masks = Masks.from_array(np.ones((2, 4, 5), bool))
    >>> seg = Segmentation((SegmentedObject(0, "all of it", masks),), np.arange(2), np.array([0, 0.04]))
    >>> measure(seg)[["object", "frame", "area_px", "x", "y", "x1", "iou_prev"]]
       object  frame  area_px    x    y   x1  iou_prev
    0       0      0       20  2.0  1.5  5.0       NaN
    1       0      1       20  2.0  1.5  5.0       1.0
    """
    check_segmentations(seg=seg)
    check_choice("columns", columns, Columns)
    groups = column_groups().values() if columns == "all" else ()
    dtypes = {**_BASIC_DTYPES, **{name: dtype for group in groups for name, dtype in group.dtypes.items()}}
    tables = [_object_table(item, seg, dtypes, groups) for item in seg.objects]
    if not tables:
        return table_of([], dtypes)
    return pd.concat(tables, ignore_index=True)


def centroids(masks: Masks) -> NDArray[np.float64]:
    """Give the (T, 2) centroids, x then y, in px with pixel centres at integers; NaN for an empty mask."""
    # float64 sums of whole numbers below 2**53: exact, where RLEMask.centroid rounds to float32.
    raw = [rle.moments() for rle in masks.rles]
    sums = np.array([(m["m10"], m["m01"]) for m in raw], np.float64).reshape(-1, 2)
    area = masks.area_px[:, None]
    return sums / np.where(area > 0, area, np.nan)


def _object_table(
    item: SegmentedObject, seg: Segmentation, dtypes: Mapping[str, str], groups: Iterable[ColumnGroup]
) -> pd.DataFrame:
    """Build the rows of one object."""
    values: dict[str, object] = {
        "object": item.index,
        "phrase": pd.Series([item.phrase] * len(seg.frame), dtype="object"),
        "frame": seg.frame,
        "time_s": seg.time_s,
        **_basic(item.masks),
    }
    for group in groups:
        values |= group.of(item.masks)
    return pd.DataFrame({name: values[name] for name in dtypes}, index=range(len(seg.frame))).astype(dtypes)


def _basic(masks: Masks) -> dict[str, NDArray[np.generic]]:
    """Measure position and size, each (T,), from the runs."""
    height, width = masks.size
    area = masks.area_px
    visible = area > 0
    x, y = centroids(masks).T
    boxes = np.array([rle.bbox() for rle in masks.rles], np.float64).reshape(-1, 4)  # x0, y0, w, h
    boxes[~visible] = np.nan
    x0, y0 = boxes[:, 0], boxes[:, 1]
    x1, y1 = x0 + boxes[:, 2], y0 + boxes[:, 3]
    return {
        "visible": visible,
        "area_px": area,
        "area_frac": area / max(height * width, 1),
        "x": x,
        "y": y,
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "touches_border": (x0 == 0) | (y0 == 0) | (x1 == width) | (y1 == height),
        "iou_prev": iou_prev(masks),
    }


def iou_prev(masks: Masks) -> NDArray[np.float64]:
    """Give the IoU of each mask with the one before it, (T,); NaN where both are empty, and in the first frame."""
    area = masks.area_px
    shared = np.array([(a & b).area() for a, b in pairwise(masks.rles)], np.int64)
    iou = np.full(len(masks), np.nan)
    iou[1:] = divide(shared, area[1:] + area[:-1] - shared)
    return iou
