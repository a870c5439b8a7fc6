"""The object table: what each object did over the whole clip."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.frame_table import measured_table
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.segmentation import Segmentation

_DTYPES = {
    "object": "int64",
    "phrase": "object",
    "first_frame": "Int64",
    "last_frame": "Int64",
    "frames_visible": "int64",
    "visible_frac": "float64",
    "gaps": "int64",
    "longest_gap": "int64",
    "area_mean_px": "float64",
    "area_std_px": "float64",
    "area_cv": "float64",
    "area_max_px": "float64",
    "path_px": "float64",
    "displacement_px": "float64",
    "straightness": "float64",
    "speed_mean_px_s": "float64",
    "speed_max_px_s": "float64",
    "iou_prev_mean": "float64",
}
_NEEDED = ("object", "phrase", "frame", "time_s", "visible", "area_px", "x", "y", "iou_prev")


def tracks(seg_or_table: Segmentation | pd.DataFrame) -> pd.DataFrame:
    """Summarise each object's presence, size and motion.

    A step leads from one visible frame to the next visible one. Across a gap it is the straight line
    between the centroids on both sides, and takes the gap's time: the path is a lower bound there.

    Args:
        seg_or_table: the objects, or their table from ``measure``.

    Returns:
        One row an object:

        - ``object``, ``phrase``
        - ``first_frame``, ``last_frame``: source frames where it is first and last visible; <NA> if never
        - ``frames_visible``; ``visible_frac``: their share of all frames with a mask
        - ``gaps``: runs of frames without it between the first and the last; ``longest_gap``: the
          longest run, counted in frames that have a mask (0 without a gap)
        - ``area_mean_px``, ``area_std_px`` (population, divisor n), ``area_cv`` (std over mean),
          ``area_max_px``: over visible frames
        - ``path_px``: sum of the steps' lengths
        - ``displacement_px``: between the first and the last visible centroid
        - ``straightness``: displacement over path, 0 to 1; NaN where the path is 0
        - ``speed_mean_px_s``: path over the time from the first to the last visible frame;
          ``speed_max_px_s``: fastest step. Both from ``time_s``; NaN with fewer than two visible frames
        - ``iou_prev_mean``: over the frames where ``iou_prev`` is defined

        An object that is never visible has 0 frames and gaps, and NaN for everything else. Where a table's
        time, area or centroid is NaN or infinite, it is unknown, and NaN what it would be needed for.
        Lengths follow TrackMate's track features (Tinevez et al., Methods 115, 2017); its
        "confinement ratio" is the straightness.

    Raises:
        TypeError: if the argument is neither.
        ValueError: if the table lacks a column, or has an object twice in a frame.

    >>> table = pd.DataFrame({"object": 0, "phrase": "a dog", "frame": [0, 1, 2], "time_s": [0, 0.5, 1],
    ...     "visible": True, "area_px": 20, "x": [0., 3., 6.], "y": [0., 4., 8.], "iou_prev": [None, 0.5, 0.5]})
    >>> tracks(table)[["path_px", "straightness", "speed_mean_px_s", "iou_prev_mean"]]
       path_px  straightness  speed_mean_px_s  iou_prev_mean
    0     10.0           1.0             10.0            0.5
    """
    table = measured_table(seg_or_table, _NEEDED)
    rows = [_row(rows.sort_values("frame")) for _, rows in table.groupby("object", sort=True)]
    return table_of(rows, _DTYPES)


def _row(rows: pd.DataFrame) -> dict[str, object]:
    """Summarise the rows of one object, in the frames' order."""
    visible = rows["visible"].to_numpy(bool)
    shown = rows[visible]
    gaps = _gap_lengths(visible)
    return {
        "object": rows["object"].iloc[0],
        "phrase": rows["phrase"].iloc[0],
        "first_frame": shown["frame"].iloc[0] if len(shown) else pd.NA,
        "last_frame": shown["frame"].iloc[-1] if len(shown) else pd.NA,
        "frames_visible": len(shown),
        "visible_frac": len(shown) / len(rows),
        "gaps": len(gaps),
        "longest_gap": max(gaps, default=0),
        "iou_prev_mean": rows["iou_prev"].mean(),
        **_size(_known(shown["area_px"])),
        **_motion(_known(shown[["x", "y"]]), _known(shown["time_s"])),
    }


def _known(values: "pd.DataFrame | pd.Series[float]") -> NDArray[np.float64]:
    """Give numbers of a table, NaN where they are infinite."""
    numbers = values.to_numpy(np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _gap_lengths(visible: NDArray[np.bool_]) -> list[int]:
    """Give the lengths of the runs of False between the first and the last True of (T,)."""
    between = np.diff(np.flatnonzero(visible)) - 1
    return [int(length) for length in between if length]


def _size(area: NDArray[np.float64]) -> dict[str, float]:
    """Summarise the areas of the visible frames, (V,)."""
    if not len(area):
        return {}
    mean, std = float(area.mean()), float(area.std())
    return {"area_mean_px": mean, "area_std_px": std, "area_cv": std / mean, "area_max_px": float(area.max())}


def _motion(position: NDArray[np.float64], time_s: NDArray[np.float64]) -> dict[str, float]:
    """Summarise the centroids (V, 2) of the visible frames."""
    if not len(position):
        return {}
    steps = np.hypot(*np.diff(position, axis=0).T)
    path, displacement = float(steps.sum()), float(np.hypot(*(position[-1] - position[0])))
    motion = {"path_px": path, "displacement_px": displacement}
    if path > 0:
        motion["straightness"] = displacement / path
    if len(steps):
        elapsed_s = np.diff(time_s)
        if not np.any(elapsed_s <= 0):  # else there is no speed
            motion["speed_mean_px_s"] = path / float(time_s[-1] - time_s[0])
            motion["speed_max_px_s"] = float((steps / elapsed_s).max())
    return motion
