"""Pictures side by side, pixel by pixel."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_count
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
        TypeError: if they have no titles, one is no picture, or ``columns`` no whole number.
        ValueError: if there is no picture, one has another shape or no pixel, or ``columns`` is less than 1.
    """
    if not isinstance(images, Mapping):
        raise TypeError(f"images must be pictures by their titles, a dict, got {type(images).__name__}")
    check_count("columns", columns, least=1)
    if not images:
        raise ValueError("at least one picture is needed, got none")
    for title, image in images.items():
        _check_picture(title, image)
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


def _check_picture(title: str, image: object) -> None:
    """Check that values are pixels of which the range is known."""
    kinds = (np.uint8, np.bool_, np.floating)
    if not isinstance(image, np.ndarray) or not any(np.issubdtype(image.dtype, kind) for kind in kinds):
        got = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise TypeError(
            f"a picture must be an array of uint8, bool, or floats from 0 to 1, got {got} for {title!r}"
        )
    if image.shape[2:] not in ((), (3,)) or image.ndim < 2 or not image.size:
        raise ValueError(f"a picture must be (H, W) or (H, W, 3), got {image.shape} for {title!r}")
