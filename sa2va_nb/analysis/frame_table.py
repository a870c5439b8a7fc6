"""What functions that take a frame table need of it."""

from collections.abc import Sequence

import pandas as pd

from sa2va_nb.analysis.arguments import check_table
from sa2va_nb.analysis.measure import measure
from sa2va_nb.segmentation import Segmentation


def measured_table(seg_or_table: Segmentation | pd.DataFrame, needed: Sequence[str]) -> pd.DataFrame:
    """Give the table of ``measure``, which has these columns.

    Raises:
        TypeError: if it is neither.
        ValueError: if the table lacks a column, or ``check_rows`` refuses it.
    """
    if isinstance(seg_or_table, Segmentation):
        table = measure(seg_or_table)
    elif isinstance(seg_or_table, pd.DataFrame):
        table = seg_or_table.reset_index(drop=True)  # columns may be in the index, too
    else:
        raise TypeError(
            f"expected a Segmentation or the table from measure(), got {type(seg_or_table).__name__}"
        )
    check_table(table, needed, "measure()")
    check_rows(table)
    return table


def check_rows(table: pd.DataFrame) -> None:
    """Refuse a frame table of which no sense can be made: rows of nobody, of two runs, or read as text.

    Raises:
        ValueError: if an object or frame is missing or twice there, or ``visible`` is neither True nor False.
    """
    if table[["object", "frame"]].isna().to_numpy().any():
        raise ValueError("the table has rows without an object or a frame; drop them: table.dropna(subset=…)")
    if "visible" in table.columns and not table["visible"].isin([True, False]).all():
        raise ValueError(
            f"visible must be True or False in every row, got {table['visible'].dtype}; read the table with "
            "its types, or leave out the rows where it is missing"
        )
    if table.duplicated(["object", "frame"]).any():
        raise ValueError(
            "the table has an object twice in a frame, as that of many runs has; give one run's rows at a "
            'time: for run, rows in table.groupby("run")'
        )


def object_names(table: pd.DataFrame) -> dict[int, str]:
    """Name each object by its index, increasing: its phrase, or "object 2" without one."""
    first = table.drop_duplicates("object").sort_values("object")
    return {
        int(index): phrase if isinstance(phrase, str) and phrase else f"object {index}"
        for index, phrase in zip(first["object"], first["phrase"], strict=True)
    }
