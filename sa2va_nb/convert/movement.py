"""Boxes and centroids as a dataset of movement."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.frame_table import measured_table, object_names
from sa2va_nb.extras import import_extra
from sa2va_nb.segmentation import Segmentation

if TYPE_CHECKING:
    import xarray

_NEEDED = ("object", "phrase", "frame", "time_s", "area_px", "x", "y", "x0", "y0", "x1", "y1")


def to_movement(seg_or_table: Segmentation | pd.DataFrame, *, fps: float | None = None) -> "xarray.Dataset":
    """Give movement's dataset of bounding boxes, for its kinematics, filters and plots.

    Args:
        seg_or_table: the objects, or their table from ``measure``.
        fps: the source's frames a second, which makes time ``frame / fps`` seconds; None leaves time in source
            frames, as these are exact where times are uneven.

    Returns:
        Dimensions time, space (x, y), individuals. ``position`` is the box's centre and ``shape`` its width and
        height, in px with pixel centres at integers; ``confidence`` is NaN, as nothing tells it. Added to it:
        ``centroid`` of the mask (time, space, individuals), ``area_px`` (time, individuals), and ``time_s`` along
        time. An absent object is NaN. Individuals are called as their phrases; where these are missing or not
        different, with the object's index.

    Raises:
        TypeError: if the argument is neither.
        ValueError: if the table lacks a column, has no rows, or has an object twice in a frame.
        ImportError: without movement; the message names the command.
    """
    load_bboxes = import_extra("movement.io.load_bboxes", "movement")
    table = measured_table(seg_or_table, _NEEDED)
    if table.empty:
        raise ValueError("movement's datasets hold at least one individual, and there is no object")
    frame = np.sort(table["frame"].unique()).astype(np.int64)
    objects = np.sort(table["object"].unique())

    def grid(name: str) -> NDArray[np.float64]:
        """(T, N) of a column."""
        wide = table.pivot(index="frame", columns="object", values=name).reindex(index=frame, columns=objects)
        return wide.to_numpy(np.float64)

    x0, y0, x1, y1 = (grid(name) for name in ("x0", "y0", "x1", "y1"))
    data: xarray.Dataset = load_bboxes.from_numpy(
        position_array=np.stack([(x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2], axis=1),  # half-open, so one less
        shape_array=np.stack([x1 - x0, y1 - y0], axis=1),
        individual_names=_names(table),
        frame_array=frame[:, None],
        fps=fps,
        source_software="sa2va_nb",
    )
    time_s = table.groupby("frame")["time_s"].first().reindex(frame).to_numpy(np.float64)
    return data.assign(
        centroid=(("time", "space", "individuals"), np.stack([grid("x"), grid("y")], axis=1)),
        area_px=(("time", "individuals"), grid("area_px")),
    ).assign_coords(time_s=("time", time_s))


def _names(table: pd.DataFrame) -> list[str]:
    """Give each object a name of its own, in their order."""
    names = object_names(table)
    shared = Counter(names.values())
    return [f"{name} ({index})" if shared[name] > 1 else name for index, name in names.items()]
