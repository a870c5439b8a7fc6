"""Figures of a segmentation: areas over time, paths over an image, a filmstrip."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.colors import PALETTE, hex_color, rgb_color
from sa2va_nb.view.frames import display_size, ground, image_at, masks_at
from sa2va_nb.view.labels import distinct, label_ends, legend_columns, names_in
from sa2va_nb.view.overlay import overlay

FloatArray = NDArray[np.float64]

_DIRECT_LABELS = 8  # more lines than this are told apart by a legend
_TRACKS_WIDTH_IN = 7.0
_STRIP_COLUMNS = 6
_STRIP_WIDTH_IN = 10.0
_STRIP_CELL_PX = 480  # wide, at most: sharp at 200 dots an inch


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
    _check(table, ("object", "phrase", "frame", "time_s", "visible", "area_px"))
    ax = _new_axes(7.0, 3.2) if ax is None else ax
    timed = bool(table["time_s"].notna().all())
    lines = []
    for index, name in names_in(table).items():
        rows = table[table["object"] == index]
        along = rows["time_s" if timed else "frame"].to_numpy(float)
        area = rows["area_px"].where(rows["visible"]).to_numpy(float)
        lines.append(_line(ax, along, area, label=name, **_style(index)))
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
        _say(ax, "no objects")
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
    _check(table, ("object", "phrase", "x", "y", "x0", "y0", "x1", "y1"))
    names = names_in(table)
    ncols = legend_columns([*names.values(), "start", "end"], _TRACKS_WIDTH_IN)
    if ax is None:
        height = _TRACKS_WIDTH_IN * min(_aspect(table, image), 1.2)
        ax = _new_axes(_TRACKS_WIDTH_IN, height + 0.4 + 0.25 * -(-(len(names) + 2) // ncols))
    if image is not None:
        ax.imshow(image)
    paths = [
        _path(ax, table.loc[table["object"] == index, ["x", "y"]].to_numpy(float), name, _style(index))
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


def plot_strip(
    seg: Segmentation, *, n: int = 6, frames: Sequence[int] | None = None, opacity: float = 0.5
) -> Figure:
    """Draw a filmstrip: some frames with the objects' masks over them.

    Args:
        seg: what was segmented; without its video the masks stand on a plain ground.
        n: how many frames, evenly spaced from the first to the last.
        frames: source frames to draw instead.
        opacity: of the masks, 0 to 1.

    Returns:
        The figure. It isn't registered with pyplot, so a notebook shows it once: as a cell's last
        expression or through ``display``.

    Raises:
        ValueError: if ``n`` is less than 1, a frame has no masks, there is no frame at all, or the opacity is
            out of range.
    """
    chosen = _chosen(seg, n, frames)
    size = display_size(seg, _STRIP_CELL_PX)
    columns = min(len(chosen), _STRIP_COLUMNS if size[1] >= size[0] else 2 * _STRIP_COLUMNS)
    rows = -(-len(chosen) // columns)
    cell = _STRIP_WIDTH_IN / max(columns, 3)  # inches
    names = distinct({item.index: item.name for item in seg})
    ncols = legend_columns(list(names.values()), columns * cell)
    legend = 0.25 * -(-len(names) // ncols)
    figure = _new_figure(columns * cell, rows * (cell * size[0] / size[1] + 0.28) + legend)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    colors = [rgb_color(item.index) for item in seg]
    for ax, t in zip(axes.flat, chosen, strict=False):
        image = image_at(seg, t, size)
        ground_or_image = ground(size) if image is None else image
        ax.imshow(overlay(ground_or_image, masks_at(seg, t, size), colors=colors, opacity=opacity))
        time = f" · {seg.time_s[t]:.2f} s" if np.isfinite(seg.time_s[t]) else ""
        ax.set_title(f"frame {seg.frame[t]}{time}", fontsize="small", pad=3)
    if names:
        figure.legend(
            handles=[Patch(color=hex_color(index), label=name) for index, name in names.items()],
            loc="outside lower center",
            ncols=ncols,
            frameon=False,
            fontsize="small",
        )
    return figure


def _new_axes(width_in: float, height_in: float) -> Axes:
    """Make a pyplot figure with one axes."""
    import matplotlib.pyplot as plt  # chooses the screen, so not before something is drawn

    ax: Axes = plt.subplots(figsize=(width_in, height_in), layout="constrained")[1]
    return ax


def _new_figure(width_in: float, height_in: float) -> Figure:
    """Make a figure that pyplot will not show by itself."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width_in, height_in), layout="constrained")
    plt.close(figure)
    return figure


def _check(table: pd.DataFrame, needed: Sequence[str]) -> None:
    if missing := [name for name in needed if name not in table.columns]:
        raise ValueError(f"the table lacks {', '.join(missing)}; pass what measure() gave")


def _chosen(seg: Segmentation, n: int, frames: Sequence[int] | None) -> list[int]:
    """Give the positions of the frames to draw."""
    if not len(seg.frame):
        raise ValueError("a strip needs at least one frame, got a segmentation without any")
    if frames is None:
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        positions = np.linspace(0, len(seg.frame) - 1, min(n, len(seg.frame)))
        return [int(t) for t in np.round(positions)]
    position = {int(frame): t for t, frame in enumerate(seg.frame)}
    unknown = [frame for frame in frames if int(frame) not in position]
    if unknown or not len(frames):
        raise ValueError(
            f"frames must be source frames that have masks ({seg.frame[0]} to {seg.frame[-1]}, "
            f"{len(seg.frame)} in all), got {unknown or 'none'}"
        )
    return [position[int(frame)] for frame in frames]


def _line(ax: Axes, x: FloatArray, y: FloatArray, **style: Any) -> Line2D:
    """Draw a line with a dot wherever one value stands between two gaps, which a line would not show."""
    there = np.concatenate([[False], np.isfinite(y), [False]])
    alone = np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])
    return ax.plot(x, y, linewidth=1.8, marker="o", markersize=3.5, markevery=alone.tolist(), **style)[0]


def _style(index: int) -> dict[str, Any]:
    """Give an object's colour, and dashes once the colours come round again."""
    return {"color": hex_color(index), "linestyle": "-" if index < len(PALETTE) else "--"}


def _path(ax: Axes, xy: FloatArray, name: str, style: dict[str, Any]) -> Line2D:
    """Draw one object's path, (T, 2), with a halo that shows it on any ground."""
    color, halo = style["color"], [withStroke(linewidth=3.6, foreground="white", alpha=0.8)]
    seen = np.flatnonzero(np.isfinite(xy[:, 0]))
    label = name if seen.size else f"{name} (never visible)"
    path = ax.plot(*xy.T, linewidth=1.8, label=label, path_effects=halo, **style)[0]
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
        _say(ax, "no object is visible" if len(table) else "no objects")


def _say(ax: Axes, words: str) -> None:
    """Write in the middle of empty axes."""
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color="0.5")
