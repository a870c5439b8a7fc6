"""Centroids as the table that trackpy takes."""

import pandas as pd

from sa2va_nb.analysis.frame_table import measured_table
from sa2va_nb.segmentation import Segmentation

_NEEDED = ("object", "phrase", "frame", "visible", "area_px", "x", "y")


def to_trackpy(seg_or_table: Segmentation | pd.DataFrame) -> pd.DataFrame:
    """Give the table of trackpy, for its mean squared displacements, drift and plots.

    Args:
        seg_or_table: the objects, or their table from ``measure``.

    Returns:
        A row a visible mask, ordered by frame: ``y``, ``x`` (centroid in px, as trackpy has them), ``frame`` (of
        the source), ``particle`` (the object's index), ``area_px``, ``phrase``. Absent objects have no row, as
        trackpy expects. It needs no trackpy.

    Raises:
        TypeError: if the argument is neither.
        ValueError: if the table lacks a column, or has an object twice in a frame.
    """
    table = measured_table(seg_or_table, _NEEDED)
    seen = table[table["visible"].astype(bool)].sort_values(["frame", "object"], kind="stable")
    return seen.rename(columns={"object": "particle"})[
        ["y", "x", "frame", "particle", "area_px", "phrase"]
    ].reset_index(drop=True)
