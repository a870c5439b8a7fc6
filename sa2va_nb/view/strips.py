"""Filmstrips: chosen frames with the objects' masks over them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.axes import new_figure
from sa2va_nb.view.colors import hex_color, rgb_color
from sa2va_nb.view.frames import display_size, ground, image_at, masks_at
from sa2va_nb.view.labels import distinct, legend_columns
from sa2va_nb.view.overlay import overlay

_STRIP_COLUMNS = 6
_STRIP_WIDTH_IN = 10.0
_STRIP_CELL_PX = 480  # wide, at most: sharp at 200 dots an inch


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
    figure = new_figure(columns * cell, rows * (cell * size[0] / size[1] + 0.28) + legend)
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
