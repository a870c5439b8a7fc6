"""Names of objects in figures: short, distinct, and written where they don't collide."""

from collections import Counter
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from numpy.typing import NDArray

_LABEL_CHARS = 34
_LABEL_STEP = 0.075  # of the axes' height, between the middles of two labels


def names_in(table: pd.DataFrame) -> dict[int, str]:
    """Name each object of a table."""
    first = table.drop_duplicates("object").sort_values("object")
    return distinct(
        {
            int(index): phrase if isinstance(phrase, str) and phrase else f"object {index}"
            for index, phrase in zip(first["object"], first["phrase"], strict=True)
        }
    )


def distinct(names: Mapping[int, str]) -> dict[int, str]:
    """Shorten the names; number those that several objects share."""
    short = {index: _shorten(name) for index, name in names.items()}
    shared = Counter(short.values())
    return {index: f"{name} (#{index})" if shared[name] > 1 else name for index, name in short.items()}


def _shorten(name: str) -> str:
    """Cut a name to one short line that matplotlib takes as it stands."""
    words = " ".join(name.split()).lstrip("_") or "…"  # a leading _ hides a label from legends
    short = words if len(words) <= _LABEL_CHARS else words[: _LABEL_CHARS - 1].rstrip() + "…"
    return short.replace("$", r"\$")  # a bare one starts mathematics


def legend_columns(names: Sequence[str], width_in: float) -> int:
    """Give how many names fit beside each other in small print."""
    longest = max((len(name) for name in names), default=1)
    return max(1, min(len(names), int(width_in / (0.45 + 0.075 * longest))))


def label_ends(ax: Axes, lines: Sequence[Line2D]) -> None:
    """Write each line's name to the right of the axes, level with its last value, without collisions."""
    low, high = ax.get_ylim()
    ends = [_last(np.asarray(line.get_ydata(), float)) for line in lines]
    level = np.array([(end - low) / (high - low) if np.isfinite(end) else 0.0 for end in ends])
    order = np.argsort(level, kind="stable")
    placed = level[order]
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + _LABEL_STEP)
    for i in reversed(range(len(placed))):  # what was pushed over the top comes down again
        placed[i] = min(placed[i], 1.0 - (len(placed) - 1 - i) * _LABEL_STEP)
    for line, height, end in zip((lines[k] for k in order), placed, (ends[k] for k in order), strict=True):
        ax.text(
            1.015,
            height,
            str(line.get_label()) + ("" if np.isfinite(end) else " (never visible)"),
            color=_legible(str(line.get_color())),
            transform=ax.transAxes,
            va="center",
            fontsize="small",
        )


def _last(values: NDArray[np.float64]) -> float:
    """Give the last value that is a number, or NaN."""
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if finite.size else float("nan")


def _legible(color: str) -> tuple[float, float, float]:
    """Move a colour towards that of the text, so that small print of it can be read on the ground."""
    text = to_rgb(mpl.rcParams["text.color"])
    red, green, blue = (0.6 * own + 0.4 * other for own, other in zip(to_rgb(color), text, strict=True))
    return red, green, blue
