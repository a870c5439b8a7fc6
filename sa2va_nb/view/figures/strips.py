"""Filmstrips: chosen frames with masks, or with their errors, over them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_count, check_segmentations, check_several
from sa2va_nb.analysis.units import PIXEL, scale_or_pixels
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.axes import line_in, new_figure, width_or
from sa2va_nb.view.figures.labels import legend_columns, legend_rows
from sa2va_nb.view.figures.scale_bar import draw_scale_bar
from sa2va_nb.view.figures.text import distinct, width_in
from sa2va_nb.view.painting.colors import hex_color, rgb_color
from sa2va_nb.view.painting.difference import AGREE, MIXED, ONLY_A, ONLY_B
from sa2va_nb.view.painting.drawing import draw
from sa2va_nb.view.painting.frames import Image, display_size, masks_at, picture_at
from sa2va_nb.view.painting.look import Look
from sa2va_nb.view.painting.overlay import overlay
from sa2va_nb.view.painting.scene import make_scene
from sa2va_nb.view.painting.scores import pair_ious

_STRIP_COLUMNS = 6
_ERROR_COLUMNS = 3
_STRIP_WIDTH_IN = 10.0
_STRIP_CELL_PX = 480  # wide, at most: sharp at 200 dots an inch
_ERRORS = ("right", "too much", "missed", "wrong object")  # as in web/words.js


def plot_strip(
    seg: Segmentation,
    *,
    n: int = 6,
    frames: Sequence[int] | None = None,
    opacity: float = 0.5,
    px_per_unit: float | None = None,
    unit: str | None = None,
) -> Figure:
    """Draw a filmstrip: some frames with the objects' masks over them.

    Args:
        seg: what was segmented; without its video the masks stand on a plain ground.
        n: how many frames, evenly spaced from the first to the last.
        frames: source frames to draw instead.
        opacity: of the masks, 0 to 1.
        px_per_unit: how many pixels of the masks a unit is long, with ``unit``, for a scale bar in the last picture.
        unit: such as ``"cm"``, see ``to_units``.

    Returns:
        The figure. It isn't registered with pyplot, so a notebook shows it once: as a cell's last
        expression or through ``display``.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``, ``n`` no whole number, or ``frames`` no list.
        ValueError: if ``n`` is less than 1, a frame has no masks, there is no frame at all, the opacity is
            out of range, or only one of ``px_per_unit`` and ``unit`` is given, or a wrong one.
        Sa2VAError: if the video can't be read.
    """
    check_segmentations(seg=seg)
    scale, unit = scale_or_pixels(px_per_unit, unit)
    chosen = _chosen(seg.frame, n, frames)
    size = display_size(seg, _STRIP_CELL_PX)
    colors = [rgb_color(item.index) for item in seg]
    names = distinct({item.index: item.name for item in seg})
    images = []
    for t in chosen:
        picture = picture_at(seg, t, size)
        images.append(overlay(picture, masks_at(seg, t, size), colors=colors, opacity=opacity))
    legend = {name: hex_color(index) for index, name in names.items()}
    figure = _sheet(images, [moment(seg, t) for t in chosen], legend)
    if unit != PIXEL:
        draw_scale_bar(figure.axes[len(chosen) - 1], images[0].shape[1], seg.shape[2] / scale, unit)
    return figure


def plot_errors(
    seg: Segmentation,
    reference: Segmentation,
    *,
    n: int = 6,
    frames: Sequence[int] | None = None,
    opacity: float = 0.6,
) -> Figure:
    """Draw error maps against ground truth: in chosen frames, what is right, too much, missed.

    Objects are paired by phrase, then overlap, as in ``scrub(seg, reference=…)``. A pixel that one object
    has too much of and another one misses belongs to the wrong object.

    Args:
        seg: what was segmented; without its video the masks stand on a plain ground.
        reference: ground truth, as from ``load_reference``.
        n: how many frames, evenly spaced among those that both have.
        frames: source frames to draw instead.
        opacity: of the masks, 0 to 1.

    Returns:
        The figure, with the mean J of the pairs above each frame; not registered with pyplot.

    Raises:
        ValueError: if ``n`` is less than 1, one of ``frames`` lacks masks on a side, or all do.
        TypeError: if either is no ``Segmentation``, ``n`` no whole number, or ``frames`` no list.
        Sa2VAError: if the video can't be read.
    """
    scene = make_scene(seg, reference=reference, width=_STRIP_CELL_PX)
    judged = np.flatnonzero(scene.covered)
    chosen = [int(judged[t]) for t in _chosen(seg.frame[judged], n, frames)]
    look = Look(
        [hex_color(item.index) for item in seg], range(len(seg)), opacity=opacity, comparing="difference"
    )
    j = pair_ious(scene)  # (pairs, T)
    titles = [moment(seg, t) + (f" · J {j[:, t].mean():.2f}" if len(j) else "") for t in chosen]
    legend = dict(zip(_ERRORS, (AGREE, ONLY_A, ONLY_B, MIXED), strict=True))
    if len(seg) < 2 and len(reference) < 2:
        legend.popitem()  # there is no other object
    colors = {name: f"#{bytes(color).hex()}" for name, color in legend.items()}
    return _sheet([draw(scene, t, look) for t in chosen], titles, colors, columns=_ERROR_COLUMNS)


def _sheet(
    images: Sequence[Image],
    titles: Sequence[str],
    legend: Mapping[str, str],
    *,
    columns: int = _STRIP_COLUMNS,
) -> Figure:
    """Lay pictures of one size out, with a title each, and name the colours below."""
    height, width = images[0].shape[:2]
    full = width_or(_STRIP_WIDTH_IN)
    room = int(full / (1.08 * max(map(width_in, titles))))  # titles beside each other
    columns = max(1, min(len(images), columns if width >= height else 2 * columns, room))
    rows = -(-len(images) // columns)
    columns = -(-len(images) // rows)  # 3 and 3, not 4 and 2
    cell = full / max(columns, min(3, room))  # inches
    ncols = legend_columns(list(legend), columns * cell)
    below = line_in(1.2 + legend_rows(list(legend), columns * cell)) if legend else 0.0
    figure = new_figure(columns * cell, rows * (cell * height / width + line_in(1.3)) + below)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, images, titles, strict=False):
        ax.imshow(image)
        ax.set_title(title, fontsize="small", pad=3)
    if legend:
        figure.legend(
            handles=[Patch(color=color, label=name) for name, color in legend.items()],
            loc="outside lower center",
            ncols=ncols,
            frameon=False,
            fontsize="small",
            handlelength=1.2,
            columnspacing=1.4,
        )
    return figure


def moment(seg: Segmentation, position: int) -> str:
    """Name a frame: its number and, where it is known, its time."""
    time = f" · {seg.time_s[position]:.2f} s" if np.isfinite(seg.time_s[position]) else ""
    return f"frame {seg.frame[position]}{time}"


def _chosen(having: NDArray[np.int64], n: int, frames: Sequence[int] | None) -> list[int]:
    """Give the positions, among the source frames that can be drawn, of those that are."""
    if not len(having):
        raise ValueError("a strip needs at least one frame with masks, got none")
    if frames is None:
        check_count("n", n, least=1)
        positions = np.linspace(0, len(having) - 1, min(n, len(having)))
        return [int(t) for t in np.round(positions)]
    check_several("frames", frames)
    position = {int(frame): t for t, frame in enumerate(having)}
    unknown = [frame for frame in frames if int(frame) not in position]
    if unknown or not len(frames):
        raise ValueError(
            f"frames must be source frames that have masks ({having[0]} to {having[-1]}, "
            f"{len(having)} in all), got {unknown or 'none'}"
        )
    return [position[int(frame)] for frame in frames]
