"""Puts the names of lines where they don't collide: at the lines' ends, or below the axes."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from sa2va_nb.view.figures.text import width_in

_DIRECT_LABELS = 8  # more lines than this are told apart by a legend
_BESIDE = 0.34  # of the figure's width is what labels beside the axes may take
_ROOM = 0.92  # of the figure's width is what a legend below may take
_KEY_EM = 4.0  # what a legend's key and the spaces take, in sizes of its text


def legend_columns(names: Sequence[str], figure_in: float) -> int:
    """Give how many names fit beside each other, in small print, in a figure of a width."""
    return max(1, min(len(names), int(_ROOM * figure_in / max(map(_entry_in, names), default=1.0))))


def legend_rows(names: Sequence[str], figure_in: float) -> int:
    """Give how many rows a legend below the axes has."""
    return -(-len(names) // legend_columns(names, figure_in))


def fit_beside(names: Sequence[str], figure_in: float) -> bool:
    """Say whether names can stand at the ends of their lines: they are few, and leave room for the data."""
    return len(names) <= _DIRECT_LABELS and max(map(_entry_in, names), default=0) <= _BESIDE * figure_in


def label_lines(ax: Axes, lines: Sequence[Line2D], marks: Sequence[Line2D] = ()) -> None:
    """Name each line at its end; below the axes if they are many or there is no room. Explain marks below."""
    names = [name_of(line) for line in lines]
    beside = fit_beside(names, ax.figure.bbox.width / ax.figure.dpi)
    if beside:
        _label_ends(ax, lines, names)
    if below := [*marks] if beside else [*lines, *marks]:
        legend_below(ax, below, [name_of(handle) for handle in below])


def legend_below(ax: Axes, handles: Sequence[Artist], names: Sequence[str]) -> Legend:
    """Put a legend below the axes and their labels."""
    place = ax.get_subplotspec()
    beside = 1 if place is None else place.get_geometry()[1]  # that many axes share the figure's width
    down = ScaledTranslation(0, -4.0 * mpl.rcParams["font.size"] / 72, ax.figure.dpi_scale_trans)
    return ax.legend(
        handles,
        names,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=ax.transAxes + down,
        ncols=legend_columns(names, ax.figure.bbox.width / ax.figure.dpi / beside),
        frameon=False,
        fontsize="small",
        borderaxespad=0,
        handlelength=1.8,
        columnspacing=1.4,
    )


def _entry_in(name: str) -> float:
    """Give the width of a legend's entry, with its key and the space to the next."""
    return width_in(name) + _KEY_EM * FontProperties(size="small").get_size_in_points() / 72


def name_of(line: Line2D) -> str:
    """Give a line's name, and say so where an object's line shows nothing."""
    y = np.asarray(line.get_ydata(), float)
    return str(line.get_label()) + (" (never visible)" if len(y) and not np.isfinite(y).any() else "")


def _label_ends(ax: Axes, lines: Sequence[Line2D], names: Sequence[str]) -> None:
    """Write each line's name to the right of the axes, level with its last value, without collisions."""
    low, high = ax.get_ylim()
    ends = [_last(np.asarray(line.get_ydata(), float)) for line in lines]
    level = np.array([(end - low) / (high - low) if np.isfinite(end) else 0.0 for end in ends])
    order = np.argsort(level, kind="stable")
    height_pt = 72 * ax.bbox.height / ax.figure.dpi
    placed = _spread(level[order], step=1.5 * FontProperties(size="small").get_size_in_points() / height_pt)
    for k, height in zip(order, placed, strict=True):
        # A legend of one, for its key: text in the line's colour is hard to read.
        label = Legend(
            ax,
            [lines[k]],
            [names[k]],
            loc="center left",
            bbox_to_anchor=(1.0, height),
            fontsize="small",
            frameon=False,
            borderpad=0,
            borderaxespad=0.6,
            handlelength=1.8,
        )
        label.set_clip_on(False)  # else it isn't given room
        ax.add_artist(label)


def _spread(level: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Move sorted levels (n,), 0 to 1, so that each is ``step`` above the one before."""
    placed = level.copy()
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + step)
    for i in reversed(range(len(placed))):  # what was pushed over the top comes down again
        placed[i] = min(placed[i], 1.0 - (len(placed) - 1 - i) * step)
    return placed


def _last(values: NDArray[np.float64]) -> float:
    """Give the last value that is a number, or NaN."""
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if finite.size else float("nan")
