"""The numbers that a view shows of each object in each frame."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.segmentation import Segmentation

_AREAS = ("area_px", "area_frac")


def shown_numbers(seg: Segmentation, table: pd.DataFrame | None) -> tuple[list[str], NDArray[np.float32]]:
    """Collect the numeric columns of a frame table; areas are counted from the masks where it has none.

    Args:
        seg: the segmentation shown, K objects in T frames.
        table: a frame table with ``object``, ``frame`` and any columns, such as ``measure(seg)``; or None.

    Returns:
        The columns' names, ``area_px`` and ``area_frac`` first, and their values (columns, K, T) float32,
        NaN where the table has no row or no number.

    Raises:
        ValueError: if the table has no ``object`` or ``frame``, or two rows for one object and frame.
    """
    columns = _areas(seg)
    if table is not None:
        columns |= _from_table(seg, table)
    return list(columns), np.stack([*columns.values()]).astype(np.float32)


def _areas(seg: Segmentation) -> dict[str, NDArray[np.float64]]:
    frames, height, width = seg.shape
    area = np.array([item.masks.area_px for item in seg], np.float64).reshape(len(seg), frames)  # (K, T)
    return dict(zip(_AREAS, (area, area / max(1, height * width)), strict=True))


def _from_table(seg: Segmentation, table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    missing = {"object", "frame"} - set(table.columns)
    if missing:
        raise ValueError(
            f"table must be a frame table with the columns object and frame, as sa.measure(seg) gives it; "
            f"it lacks {', '.join(sorted(missing))}"
        )
    keyed = table.set_index(["object", "frame"]).select_dtypes(["number", "bool", "boolean"])
    if keyed.index.has_duplicates:
        raise ValueError(
            f"table must have one row for each object and frame, got {int(keyed.index.duplicated().sum())} more; "
            "pass the table of one segmentation"
        )
    wanted = pd.MultiIndex.from_product([range(len(seg)), seg.frame.tolist()], names=["object", "frame"])
    rows = keyed.reindex(wanted).drop(columns="time_s", errors="ignore")
    shape = (len(seg), len(seg.frame))
    return {str(name): rows[name].to_numpy(np.float64, na_value=np.nan).reshape(shape) for name in rows}
