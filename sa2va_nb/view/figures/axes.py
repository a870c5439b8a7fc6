"""Axes and lines that every figure is made of."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_table
from sa2va_nb.analysis.frame_table import check_rows
from sa2va_nb.analysis.units import column_in, unit_of
from sa2va_nb.view.painting.colors import PALETTE, hex_color

FloatArray = NDArray[np.float64]

_MARKERS = "os^Dv<>PX*"  # tell the objects apart where colours don't, as in print without colour
_MARKS = 7  # of them on a line
_GRID = 0.25  # of matplotlib's own strength, so that the data stand out


def new_axes(width_in: float, height_in: float) -> Axes:
    """Make a pyplot figure with one axes."""
    import matplotlib.pyplot as plt  # chooses the screen, so not before something is drawn

    ax: Axes = plt.subplots(figsize=(width_in, height_in), layout="compressed")[1]
    return ax


def new_figure(width_in: float, height_in: float) -> Figure:
    """Make a figure that pyplot will not show by itself."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width_in, height_in), layout="compressed")
    plt.close(figure)
    return figure


def width_or(own_in: float) -> float:
    """Give the width that a style sets, such as ``figure_style``, or else a figure's own."""
    width, height = mpl.rcParams["figure.figsize"]
    is_set = [width, height] != [*mpl.rcParamsDefault["figure.figsize"]]
    return float(width) if is_set else own_in


def line_in(count: float = 1.0) -> float:
    """Give the height of lines of small print, in inches."""
    return float(count * 1.25 * mpl.rcParams["font.size"] / 72)


def check_columns(table: pd.DataFrame, needed: Sequence[str], source: str = "measure()") -> str:
    """Check a table's columns, of which those in pixels may be in physical units; give its unit.

    Raises:
        TypeError: if it is no table.
        ValueError: if it lacks a column.
    """
    check_table(table, (), source)
    unit = unit_of(table)
    check_table(table, [column_in(name, unit) for name in needed], source)
    return unit


def over_time(table: pd.DataFrame) -> pd.DataFrame:
    """Check that each object has one row a frame, and give the rows in the frames' order.

    Raises:
        ValueError: if ``check_rows`` refuses the table.
    """
    check_rows(table)
    return table.reset_index(drop=True).sort_values("frame")


def time_column(table: pd.DataFrame) -> tuple[str, str]:
    """Give the column to lay along the x axis, and its label: times, or frames where some are unknown."""
    return ("time_s", "time (s)") if table["time_s"].notna().all() else ("frame", "frame")


def clear_ground(ax: Axes) -> None:
    """Leave two spines, and faint lines behind the data to read values by."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", alpha=_GRID * mpl.rcParams["grid.alpha"], linewidth=0.6)
    ax.set_axisbelow(True)


def line(ax: Axes, x: FloatArray, y: FloatArray, *, index: int, of: int, **look: Any) -> Line2D:
    """Draw an object's line, one ``of`` several.

    A dot stands wherever one value stands between two gaps, which a line would not show. Several lines have
    markers, each its own, that don't lie above each other.
    """
    there = np.concatenate([[False], np.isfinite(y), [False]])
    marked = there[1:-1] & ~there[:-2] & ~there[2:]  # alone
    if of > 1:
        shown = np.flatnonzero(there[1:-1])
        step = max(1, len(shown) // _MARKS)
        marked[shown[(index * step // of) % step :: step]] = True
    shape = marker(index) if marked.any() else ""
    return ax.plot(x, y, **style(index), marker=shape, markevery=np.flatnonzero(marked).tolist(), **look)[0]


def style(index: int) -> dict[str, Any]:
    """Give an object's colour, and dashes once the colours come round again."""
    width = 1.2 * mpl.rcParams["lines.linewidth"]
    return {
        "color": hex_color(index),
        "linestyle": "-" if index < len(PALETTE) else "--",
        "linewidth": width,
        "markersize": 0.8 * mpl.rcParams["lines.markersize"],
        "markeredgewidth": 0,
    }


def marker(index: int) -> str:
    """Give an object's marker; beyond ten they come round again, as the colours do."""
    return _MARKERS[index % len(_MARKERS)]


def say(ax: Axes, words: str) -> None:
    """Write in the middle of empty axes."""
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color="0.5")
