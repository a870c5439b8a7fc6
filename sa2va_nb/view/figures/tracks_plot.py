"""The figure of the objects' paths, over an image."""

from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sa2va_nb.analysis.units import column_in, scale_of, unit_of, words_for
from sa2va_nb.view.figures.axes import (
    check_columns,
    line_in,
    marker,
    new_axes,
    over_time,
    say,
    style,
    width_or,
)
from sa2va_nb.view.figures.labels import legend_below, legend_rows, name_of
from sa2va_nb.view.figures.text import names_in

FloatArray = NDArray[np.float64]
Image = NDArray[np.uint8]

_WIDTH_IN = 7.0
_LEFT_LINES, _BELOW_LINES = 4.0, 5.2  # of small print: what the axes' numbers and labels take
_SIDES = ("x0", "y0", "x1", "y1")


def plot_tracks(table: pd.DataFrame, *, image: Image | None = None, ax: Axes | None = None) -> Axes:
    """Plot the paths of the objects' centroids: an open mark where each starts, a full one where it ends.

    A dotted line leads across the frames in which the object is absent.

    Args:
        table: from ``measure``, or what ``to_units`` gave of it.
        image: (H, W, 3) uint8 to draw on: a frame, such as ``seg.video[0]``, or ``mean_image(seg.video)``.
            If it has more or fewer pixels than the masks, it is laid where they are.
        ax: axes to draw on; new ones by default.

    Returns:
        The axes, in the table's unit, y downwards; the first line of each object is its path, NaN where
        absent.

    Raises:
        TypeError: if it is no table.
        ValueError: if the table lacks a column, or has an object twice in a frame.
    """
    unit = check_columns(table, ("object", "phrase", "frame", "x", "y", *_SIDES))
    table = over_time(table)
    names = names_in(table)
    limits = _box_limits(table, unit) if image is None else _image_limits(table, image)
    if ax is None:
        ax = _axes_for(limits, [*names.values(), "start", "end"])
    if image is not None:
        left, right, bottom, top = limits
        ax.imshow(image, extent=(left, right, bottom, top))
    places = table[[column_in("x", unit), column_in("y", unit)]]
    paths = [
        _path(ax, places[table["object"] == index].to_numpy(float), index, name)
        for index, name in names.items()
    ]
    ax.set_aspect("equal")
    ax.set(xlabel=f"x ({words_for(unit)})", ylabel=f"y ({words_for(unit)})")
    if image is None:
        ax.spines[["top", "right"]].set_visible(False)
    if np.isfinite(limits).all():
        ax.set(xlim=limits[:2], ylim=limits[2:])
    else:
        ax.invert_yaxis()
        say(ax, "no object is visible" if len(table) else "no objects")
    if paths:
        keys = [Line2D([], [], marker=marker(index), **style(index)) for index in names]
        legend_below(ax, keys + _end_keys(), [name_of(path) for path in paths] + ["start", "end"])
    return ax


def _path(ax: Axes, xy: FloatArray, index: int, name: str) -> Line2D:
    """Draw one object's path, (T, 2), with a halo that shows it on any ground."""
    look = style(index)
    width, size = look["linewidth"], mpl.rcParams["lines.markersize"]
    halo = [withStroke(linewidth=2 * width, foreground="white", alpha=0.8)]
    path = ax.plot(*xy.T, label=name, path_effects=halo, **look)[0]
    seen = np.flatnonzero(np.isfinite(xy[:, 0]))
    for before, after in pairwise(seen):
        if after > before + 1:
            gap = {"color": look["color"], "linewidth": 0.7 * width, "linestyle": ":"}
            ax.plot(*xy[[before, after]].T, path_effects=halo, **gap)
    if seen.size:
        mark = {"marker": marker(index), "s": (1.2 * size) ** 2, "linewidth": 0.8 * width}
        for place, face in zip(xy[seen[[0, -1]]], ("white", look["color"]), strict=True):
            ax.scatter(*place, facecolor=face, edgecolor=look["color"], zorder=3, path_effects=halo, **mark)
    return path


def _end_keys() -> list[Line2D]:
    return [
        Line2D([], [], linestyle="", marker="o", color="0.5", markerfacecolor=face)
        for face in ("white", "0.5")
    ]


def _axes_for(limits: tuple[float, ...], names: list[str]) -> Axes:
    """Make axes of the shape of what will be shown, with room for a legend below."""
    left, right, bottom, top = limits
    aspect = (bottom - top) / (right - left) if right > left else np.nan
    width = width_or(_WIDTH_IN)
    picture = width - _LEFT_LINES * line_in()
    height = picture * (min(float(aspect), 1.2) if np.isfinite(aspect) else 0.5)
    return new_axes(width, height + line_in(_BELOW_LINES + legend_rows(names, width)))


def _box_limits(table: pd.DataFrame, unit: str) -> tuple[float, float, float, float]:
    """Give (left, right, bottom, top) of all boxes; NaN where nothing is visible."""
    x0, y0, x1, y1 = (table[column_in(name, unit)] for name in _SIDES)
    half = 0.5 / scale_of(table)  # the boxes' origin is the pixel's corner, the axes' its centre
    return (x0.min() - half, x1.max() - half, y1.max() - half, y0.min() - half)


def _image_limits(table: pd.DataFrame, image: Image) -> tuple[float, float, float, float]:
    """Give (left, right, bottom, top) of an image, whose pixels may be larger or smaller than the masks'."""
    height, width = image.shape[:2]
    side = 1.0  # of the image's pixel, in the masks' pixels
    scale = scale_of(table)
    area = column_in("area_px", unit_of(table))
    seen = table[table[area] > 0] if {area, "area_frac"} <= {*table.columns} else table.head(0)
    if len(seen):
        mask_px = round(seen[area].iloc[0] * scale**2 / seen["area_frac"].iloc[0])
        side = (mask_px / (height * width)) ** 0.5
    left, right, bottom, top = -0.5, width * side - 0.5, height * side - 0.5, -0.5
    return (left / scale, right / scale, bottom / scale, top / scale)
