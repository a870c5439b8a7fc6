"""Axes and lines that every figure is made of."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sa2va_nb.view.painting.colors import PALETTE, hex_color

FloatArray = NDArray[np.float64]


def new_axes(width_in: float, height_in: float) -> Axes:
    """Make a pyplot figure with one axes."""
    import matplotlib.pyplot as plt  # chooses the screen, so not before something is drawn

    ax: Axes = plt.subplots(figsize=(width_in, height_in), layout="constrained")[1]
    return ax


def new_figure(width_in: float, height_in: float) -> Figure:
    """Make a figure that pyplot will not show by itself."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width_in, height_in), layout="constrained")
    plt.close(figure)
    return figure


def check_columns(table: pd.DataFrame, needed: Sequence[str], source: str = "measure()") -> None:
    """Refuse a table that lacks a column."""
    if missing := [name for name in needed if name not in table.columns]:
        raise ValueError(f"the table lacks {', '.join(missing)}; pass what {source} gave")


def line(ax: Axes, x: FloatArray, y: FloatArray, **look: Any) -> Line2D:
    """Draw a line with a dot wherever one value stands between two gaps, which a line would not show."""
    there = np.concatenate([[False], np.isfinite(y), [False]])
    alone = np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])
    return ax.plot(x, y, linewidth=1.8, marker="o", markersize=3.5, markevery=alone.tolist(), **look)[0]


def style(index: int) -> dict[str, Any]:
    """Give an object's colour, and dashes once the colours come round again."""
    return {"color": hex_color(index), "linestyle": "-" if index < len(PALETTE) else "--"}


def say(ax: Axes, words: str) -> None:
    """Write in the middle of empty axes."""
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color="0.5")
