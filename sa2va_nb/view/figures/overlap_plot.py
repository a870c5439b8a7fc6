"""The figure of how far every two objects overlap: a matrix."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_choice
from sa2va_nb.analysis.overlaps import overlaps
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.axes import check_columns, line_in, new_axes, say, width_or
from sa2va_nb.view.figures.text import distinct, width_in

FloatArray = NDArray[np.float64]
Value = Literal["iou", "containment"]

_LEAST_IN, _MOST_IN = 2.0, 7.0  # wide
_WORDS = {"iou": "mean IoU", "containment": "mean containment"}
_CELL_IN = 0.45  # at most
_CELL_EM = 2.6  # as wide as this many sizes of its text is a cell at least
_DARK = 0.55  # from here on numbers are white


def plot_overlaps(
    seg_or_table: Segmentation | pd.DataFrame, *, value: Value = "iou", ax: Axes | None = None
) -> Axes:
    """Plot how far every two objects overlap, as a matrix with the numbers in it.

    Args:
        seg_or_table: the objects, or their table from ``overlaps``, which knows no phrases.
        value: ``"iou"``, or ``"containment"``: 1 where the smaller of the two lies in the other.
        ax: axes to draw on; new ones by default.

    Returns:
        The axes: a cell a pair, with the mean over the frames in which the value is defined; a dash where it
        never is. That is, for the IoU, where neither is visible; for containment, where one isn't.

    Raises:
        ValueError: if ``value`` is another word, or the table lacks a column.
        TypeError: if the first argument is neither.
    """
    check_choice("value", value, Value)
    if isinstance(seg_or_table, Segmentation):
        table = overlaps(seg_or_table)
        names = distinct({item.index: f"{item.index}  {item.name}" for item in seg_or_table})
    elif isinstance(seg_or_table, pd.DataFrame):
        table = seg_or_table
        check_columns(table, ("object_a", "object_b", "iou", "containment"), "overlaps()")
        names = {int(k): f"object {k}" for k in np.unique(table[["object_a", "object_b"]])}
    else:
        raise TypeError(
            f"expected a Segmentation or the table of overlaps(), got {type(seg_or_table).__name__}"
        )
    if ax is None:
        ax = _axes_for([*names.values()])
    if table.empty:
        ax.axis("off")
        say(ax, "no two objects")
        return ax
    _draw(ax, _matrix(table, value, [*names]), names)
    ax.set_title(_WORDS[value], fontsize="medium", loc="left")
    return ax


def _axes_for(names: list[str]) -> Axes:
    longest = max(map(width_in, names), default=0.0) + line_in(2)
    width = width_or(float(np.clip(longest + len(names) * _CELL_IN, _LEAST_IN, _MOST_IN)))
    cell = min(_CELL_IN, (width - longest) / max(1, len(names)))
    return new_axes(width, max(1, len(names)) * cell + line_in(4))


def _matrix(table: pd.DataFrame, value: str, indices: list[int]) -> FloatArray:
    """Average each pair: (K, K), the first object's index along columns; NaN beyond the diagonal."""
    mean = table.groupby(["object_a", "object_b"], as_index=False)[value].mean()
    matrix = np.full((len(indices), len(indices)), np.nan)
    rows, columns = (np.searchsorted(indices, mean[name]) for name in ("object_b", "object_a"))
    matrix[rows, columns] = mean[value]
    return matrix


def _draw(ax: Axes, matrix: FloatArray, names: dict[int, str]) -> None:
    """Draw the cells below the diagonal; their numbers are as large as the cells allow."""
    size = len(matrix)
    ax.imshow(np.eye(size), cmap="Greys", vmin=0, vmax=8, alpha=np.eye(size))
    ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    cell_pt = 72 * min(ax.bbox.width, ax.bbox.height) / ax.figure.dpi / size
    points = min(FontProperties(size="small").get_size_in_points(), cell_pt / _CELL_EM)
    for row in range(size):
        for column in range(row):
            number = matrix[row, column]
            words = "–" if np.isnan(number) else "0" if number == 0 else f"{number:.2f}"
            color = "white" if number > _DARK else "0.15"
            ax.text(column, row, words, ha="center", va="center", color=color, fontsize=points)
    ax.set_xticks(range(size), [str(index) for index in names])
    ax.set_yticks(range(size), [*names.values()])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize="small")
