"""Figures of a frame table: areas over time, paths over an image."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from sa2va_nb.view.figures.axes import check_columns, line, new_axes, say, style
from sa2va_nb.view.figures.labels import label_ends, legend_columns, names_in

FloatArray = NDArray[np.float64]

_DIRECT_LABELS = 8  # more lines than this are told apart by a legend
_TRACKS_WIDTH_IN = 7.0


def plot_area(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Plot each object's area over time; a line breaks where its object is absent.

    Args:
        table: from ``measure``.
        ax: axes to draw on; new ones by default.

    Returns:
        The axes; one line an object, in the order of the table, NaN where absent. The x axis counts
        frames where the table knows no times.

    Raises:
        ValueError: if the table lacks a column.
    """
    check_columns(table, ("object", "phrase", "frame", "time_s", "visible", "area_px"))
    ax = new_axes(7.0, 3.2) if ax is None else ax
    timed = bool(table["time_s"].notna().all())
    lines = []
    for index, name in names_in(table).items():
        rows = table[table["object"] == index]
        along = rows["time_s" if timed else "frame"].to_numpy(float)
        area = rows["area_px"].where(rows["visible"]).to_numpy(float)
        lines.append(line(ax, along, area, label=name, **style(index)))
    ax.set(xlabel="time (s)" if timed else "frame", ylabel="area (px)")
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    if table["frame"].nunique() == 1:
        ax.set_xticks(table["time_s" if timed else "frame"].unique())
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    if not lines:
        say(ax, "no objects")
    elif len(lines) > _DIRECT_LABELS:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small")
    else:
        label_ends(ax, lines)
    return ax


def plot_tracks(
    table: pd.DataFrame, *, image: NDArray[np.uint8] | None = None, ax: Axes | None = None
) -> Axes:
    """Plot the paths of the objects' centroids: a ring where each starts, a disk where it ends.

    A dotted line leads across the frames in which the object is absent.

    Args:
        table: from ``measure``; rows in the order of frames.
        image: (H, W, 3) uint8 to draw on, such as ``seg.video[0]``.
        ax: axes to draw on; new ones by default.

    Returns:
        The axes, in pixels, y downwards; the first line of each object is its path, NaN where absent.

    Raises:
        ValueError: if the table lacks a column.
    """
    check_columns(table, ("object", "phrase", "x", "y", "x0", "y0", "x1", "y1"))
    names = names_in(table)
    ncols = legend_columns([*names.values(), "start", "end"], _TRACKS_WIDTH_IN)
    if ax is None:
        height = _TRACKS_WIDTH_IN * min(_aspect(table, image), 1.2)
        ax = new_axes(_TRACKS_WIDTH_IN, height + 0.4 + 0.25 * -(-(len(names) + 2) // ncols))
    if image is not None:
        ax.imshow(image)
    paths = [
        _path(ax, table.loc[table["object"] == index, ["x", "y"]].to_numpy(float), name, style(index))
        for index, name in names.items()
    ]
    _frame_paths(ax, table, image)
    if paths:
        ends = [
            Line2D([], [], linestyle="", marker="o", color="0.5", markerfacecolor=face, label=label)
            for face, label in (("white", "start"), ("0.5", "end"))
        ]
        ax.legend(
            handles=paths + ends,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.13),
            ncols=ncols,
            frameon=False,
            fontsize="small",
        )
    return ax


def _path(ax: Axes, xy: FloatArray, name: str, look: dict[str, Any]) -> Line2D:
    """Draw one object's path, (T, 2), with a halo that shows it on any ground."""
    color, halo = look["color"], [withStroke(linewidth=3.6, foreground="white", alpha=0.8)]
    seen = np.flatnonzero(np.isfinite(xy[:, 0]))
    label = name if seen.size else f"{name} (never visible)"
    path = ax.plot(*xy.T, linewidth=1.8, label=label, path_effects=halo, **look)[0]
    for before, after in pairwise(seen):
        if after > before + 1:
            ax.plot(*xy[[before, after]].T, color=color, linewidth=1.2, linestyle=":", path_effects=halo)
    if seen.size:
        (x0, y0), (x1, y1) = xy[seen[[0, -1]]]
        ax.scatter(x0, y0, s=45, facecolor="white", edgecolor=color, linewidth=1.6, zorder=3)
        ax.scatter(x1, y1, s=55, facecolor=color, edgecolor="white", linewidth=1.0, zorder=4)
    return path


def _aspect(table: pd.DataFrame, image: NDArray[np.uint8] | None) -> float:
    """Give height over width of what will be shown."""
    if image is not None:
        return float(image.shape[0] / image.shape[1])
    aspect = (table["y1"].max() - table["y0"].min()) / (table["x1"].max() - table["x0"].min())
    return float(aspect) if np.isfinite(aspect) else 0.5


def _frame_paths(ax: Axes, table: pd.DataFrame, image: NDArray[np.uint8] | None) -> None:
    """Set limits and labels in pixels: the image's, or else those of all boxes."""
    ax.set_aspect("equal")
    ax.set(xlabel="x (px)", ylabel="y (px)")
    if image is not None:
        ax.set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))
        return
    ax.spines[["top", "right"]].set_visible(False)
    x0, y0, x1, y1 = table["x0"].min(), table["y0"].min(), table["x1"].max(), table["y1"].max()
    if np.isfinite(x0):
        ax.set(xlim=(x0 - 0.5, x1 - 0.5), ylim=(y1 - 0.5, y0 - 0.5))
    else:
        ax.invert_yaxis()
        say(ax, "no object is visible" if len(table) else "no objects")
