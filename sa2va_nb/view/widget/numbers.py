"""The numbers that a view shows of each object in each frame."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.painting.scores import pair_ious

FloatArray = NDArray[np.float64]

_AREAS = ("area_px", "area_frac")
_SCORE = {"none": None, "reference": "J", "compare": "iou"}


def column_names(scene: Scene, table: pd.DataFrame | None) -> list[str]:
    """Name the numbers shown: the areas, the score against B, then the table's own.

    Raises:
        ValueError: if the table has no ``object`` or ``frame``, or two rows for one object and frame.
        TypeError: if it is no table.
    """
    score = _SCORE[scene.kind]
    own = [*_AREAS, *([score] if score else [])]
    return own + [name for name in _table_columns(table) if name not in own]


def shown_numbers(scene: Scene, table: pd.DataFrame | None) -> NDArray[np.float32]:
    """Collect the numbers of every object; what the table has, it has from there.

    Args:
        scene: K + L objects at T positions.
        table: a frame table of A with ``object``, ``frame`` and any columns, such as ``measure(seg)``; or None.

    Returns:
        (columns, K + L, T) in the order of ``column_names``; NaN where nobody knows.
    """
    names = column_names(scene, table)
    known = dict(zip(_AREAS, _areas(scene), strict=True))
    score = _SCORE[scene.kind]
    rows = {} if table is None else _from_table(scene.seg, table)
    if score and score not in rows:
        known[score] = _both_sides(scene, pair_ious(scene))
    unknown = np.full((scene.count, scene.length), np.nan)
    values = np.array([known.get(name, unknown) for name in names], np.float32)
    for at, name in enumerate(names):
        if name in rows:
            values[at, : len(scene.seg)] = rows[name]
    return values


def centroids(scene: Scene, positions: Iterable[int] | None = None) -> NDArray[np.float32]:
    """Find the centroid of each mask, in pixels of the view whose centres are integers.

    Returns:
        (2, K + L, positions) x and y; NaN where the object is absent. Every position where None is given.
    """
    at = range(scene.length) if positions is None else list(positions)
    found = np.full((2, scene.count, len(at)), np.nan)
    for k, (item, own) in enumerate(_lanes(scene)):
        height, width = item.masks.size
        for column, position in enumerate(at):
            rle = item.masks.rles[own[position]]
            if own[position] >= 0 and rle.any():
                found[:, k, column] = rle.centroid()
        scale = np.array([[scene.size[1] / width], [scene.size[0] / height]])
        found[:, k] = (found[:, k] + 0.5) * scale - 0.5
    return found.astype(np.float32)


def _lanes(scene: Scene) -> list[tuple[SegmentedObject, NDArray[np.int64]]]:
    """Give each object, and (T,) the position of its masks at each position of the scene, or -1."""
    everywhere = np.arange(scene.length)
    return [
        *((item, everywhere) for item in scene.seg),
        *((item, scene.other_at) for item in scene.other or ()),
    ]


def _areas(scene: Scene) -> tuple[FloatArray, FloatArray]:
    """(K + L, T) pixels, and the share of the image."""
    area = np.full((2, scene.count, scene.length), np.nan)
    for k, (item, own) in enumerate(_lanes(scene)):
        known = own >= 0
        area[0, k, known] = item.masks.area_px[own[known]]
        area[1, k] = area[0, k] / max(1, item.masks.size[0] * item.masks.size[1])
    return area[0], area[1]


def _both_sides(scene: Scene, ious: FloatArray) -> FloatArray:
    """(K + L, T) the IoU of each pair (pairs, T) at both of its objects; NaN for those without a partner."""
    score = np.full((scene.count, scene.length), np.nan)
    for (a, b), iou in zip(scene.pairs, ious, strict=True):
        score[a] = score[len(scene.seg) + b] = iou
    return score


def _table_columns(table: pd.DataFrame | None) -> list[str]:
    return [] if table is None else [str(name) for name in _keyed(table)]


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    """The table's numbers by object and frame."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table must be a DataFrame such as sa.measure(seg) gives, got {type(table).__name__}"
        )
    missing = {"object", "frame"} - set(table.columns)
    if missing:
        raise ValueError(
            f"table must be a frame table with the columns object and frame, as sa.measure(seg) gives it; "
            f"it lacks {', '.join(sorted(missing))}"
        )
    for name in ("object", "frame"):
        if len(table) and not pd.api.types.is_integer_dtype(table[name]):
            raise ValueError(
                f"table's {name} must hold whole numbers, got {table[name].dtype}; convert it with astype(int)"
            )
    keyed = table.set_index(["object", "frame"])
    if keyed.index.has_duplicates:
        raise ValueError(
            f"table must have one row for each object and frame, got {int(keyed.index.duplicated().sum())} more; "
            "pass the table of one segmentation"
        )
    return keyed.select_dtypes(["number", "bool", "boolean"]).drop(columns="time_s", errors="ignore")


def _from_table(seg: Segmentation, table: pd.DataFrame) -> dict[str, FloatArray]:
    wanted = pd.MultiIndex.from_product([range(len(seg)), seg.frame.tolist()], names=["object", "frame"])
    rows = _keyed(table).reindex(wanted)
    shape = (len(seg), len(seg.frame))
    return {str(name): rows[name].to_numpy(np.float64, na_value=np.nan).reshape(shape) for name in rows}
