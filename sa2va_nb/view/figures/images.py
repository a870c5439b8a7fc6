"""Pictures side by side, pixel by pixel."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sa2va_nb.view.figures.axes import new_figure

_WIDTH_IN = 9.0
_TITLE_IN = 0.34


def plot_images(images: Mapping[str, NDArray[Any]], *, columns: int = 4) -> Figure:
    """Draw pictures side by side, each under its title; every pixel of theirs is seen as a square.

    Args:
        images: by title; (H, W, 3) uint8 RGB, (H, W) uint8 from black to white, or (H, W) bool or floats from 0 to
            1, any sizes.
        columns: how many in a row, at most.

    Returns:
        The figure; not registered with pyplot, so a notebook shows it once: as a cell's last expression.

    Raises:
        TypeError: if they have no titles.
        ValueError: if there is no picture, or ``columns`` is less than 1.
    """
    if not isinstance(images, Mapping):
        raise TypeError(f"images must be pictures by their titles, a dict, got {type(images).__name__}")
    if not images or columns < 1:
        raise ValueError(f"at least one picture and one column are needed, got {len(images)} and {columns}")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    cell_in = _WIDTH_IN / max(columns, 2)
    tallest = max(image.shape[0] / image.shape[1] for image in images.values())
    figure = new_figure(columns * cell_in, rows * (cell_in * tallest + _TITLE_IN))
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, (title, image) in zip(axes.flat, images.items(), strict=False):
        white = 255 if image.dtype == np.uint8 else 1
        ax.imshow(image, cmap="gray", vmin=0, vmax=white, interpolation="nearest")
        ax.set_title(title, fontsize="small", pad=3)
    return figure
