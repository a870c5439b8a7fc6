"""The figure of each object's area over time, with the events on it."""

from collections.abc import Iterator, Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from sa2va_nb.analysis.units import column_in, words_for
from sa2va_nb.view.figures.axes import (
    check_columns,
    clear_ground,
    line,
    line_in,
    new_axes,
    over_time,
    say,
    time_column,
    width_or,
)
from sa2va_nb.view.figures.labels import fit_beside, label_lines, legend_rows
from sa2va_nb.view.figures.text import names_in

FloatArray = NDArray[np.float64]

_WIDTH_IN = 7.0
_ASPECT = 0.46
_LEAST_IN = 1.7  # high

# Two arms that become one stem, and the reverse; none is the marker of an object.
_MARKS = {"birth": "+", "death": "x", "merge": "1", "split": "2"}
_GAP = "gap"


def plot_area(table: pd.DataFrame, *, events: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Plot each object's area over time; a line breaks where its object is absent.

    Args:
        table: from ``measure``, or that ``to_units`` gave of it.
        events: from ``instance_events``, to be marked on the lines: births, deaths (where the object was last
            visible), merges and splits (on both objects' lines), and gaps as dotted lines across them.
        ax: axes to draw on; new ones by default.

    Returns:
        The axes; the first lines are the objects', one each, in the order of the table, NaN where absent. The
        x axis counts frames where the table knows no times.

    Raises:
        TypeError: if one is no table.
        ValueError: if a table lacks a column or has an object twice in a frame, or the events are of other
            objects or frames.
    """
    unit = check_columns(table, ("object", "phrase", "frame", "time_s", "visible", "area_px"))
    table = over_time(table)
    names = names_in(table)
    if ax is None:
        ax = _axes_for([*names.values()])
    along, x_label = time_column(table)
    lines = {}
    for index, name in names.items():
        rows = table[table["object"] == index]
        area = rows[column_in("area_px", unit)].where(rows["visible"].astype(bool)).to_numpy(float)
        lines[index] = line(ax, rows[along].to_numpy(float), area, index=index, of=len(names), label=name)
    marks = [] if events is None else _mark(ax, events, table, lines)
    ax.set(xlabel=x_label, ylabel=f"area ({words_for(unit, 2)})")
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    if table["frame"].nunique() == 1:
        ax.set_xticks(table[along].unique())
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    clear_ground(ax)
    if lines:
        label_lines(ax, [*lines.values()], marks)
    else:
        say(ax, "no objects")
    return ax


def _axes_for(names: list[str]) -> Axes:
    """Make axes with room for a legend below, if the names need one."""
    width = width_or(_WIDTH_IN)
    rows = 0 if fit_beside(names, width) else legend_rows(names, width)
    return new_axes(width, max(_ASPECT * width, _LEAST_IN) + line_in(rows))


def _mark(ax: Axes, events: pd.DataFrame, table: pd.DataFrame, lines: Mapping[int, Line2D]) -> list[Line2D]:
    """Mark the events on the objects' lines; give what a legend explains them by."""
    check_columns(events, ("event", "frame", "object", "other"), "instance_events()")
    frames = table["frame"].unique()
    whose = {*events["object"], *events["other"].dropna()}
    if not (whose <= lines.keys() and events["frame"].isin(frames).all()):
        raise ValueError("the events are of objects or frames that the table lacks; measure the same objects")
    handles = []
    for kind, look in _MARKS.items():
        places = np.array([*_places(events[events["event"] == kind], table, lines)]).reshape(-1, 2)
        if len(places):
            handles.append(_symbols(ax, places, look, kind))
    gaps = events[events["event"] == _GAP]
    for index, frame in zip(gaps["object"], gaps["frame"], strict=True):
        _bridge(ax, lines[index], _position(table, index, frame))
    if len(gaps):
        handles.append(Line2D([], [], color="0.4", linestyle=":", label=_GAP))
    return handles


def _places(
    events: pd.DataFrame, table: pd.DataFrame, lines: Mapping[int, Line2D]
) -> Iterator[tuple[float, float]]:
    """Give where on the lines events of one kind are: those of two objects are on both."""
    columns = (events[name] for name in ("event", "object", "other", "frame"))
    for event, own, other, frame in zip(*columns, strict=True):
        for index in (own, other) if event in ("merge", "split") else (own,):
            x, y = _xy(lines[index])
            at = _position(table, index, frame) - (event == "death")  # then it is gone already
            yield float(x[at]), float(y[at])


def _xy(own: Line2D) -> tuple[FloatArray, FloatArray]:
    return np.asarray(own.get_xdata(), float), np.asarray(own.get_ydata(), float)


def _position(table: pd.DataFrame, index: int, frame: int) -> int:
    """Find a frame among an object's rows."""
    return int(np.flatnonzero(table.loc[table["object"] == index, "frame"] == frame)[0])


def _symbols(ax: Axes, places: FloatArray, look: str, kind: str) -> Line2D:
    """Draw symbols of one kind, with a halo in the ground's colour."""
    width = 1.1 * mpl.rcParams["lines.linewidth"]
    return ax.plot(
        *places.T,
        linestyle="",
        marker=look,
        label=kind,
        color=mpl.rcParams["text.color"],
        markersize=1.6 * mpl.rcParams["lines.markersize"],
        markeredgewidth=width,
        path_effects=[withStroke(linewidth=3 * width, foreground=mpl.rcParams["axes.facecolor"])],
        zorder=4,
    )[0]


def _bridge(ax: Axes, own: Line2D, at: int) -> None:
    """Lead an object's line across the gap that begins at a position."""
    x, y = _xy(own)
    seen = np.flatnonzero(np.isfinite(y))
    after = int(np.searchsorted(seen, at))
    ends = seen[after - 1 : after + 1]
    ax.plot(x[ends], y[ends], color=own.get_color(), linewidth=0.8 * own.get_linewidth(), linestyle=":")
