"""The figure of a line across the picture over time: a kymograph."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.units import scale_or_pixels, words_for
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.axes import line_in, new_axes, width_or
from sa2va_nb.view.figures.labels import legend_below, legend_rows
from sa2va_nb.view.figures.text import distinct
from sa2va_nb.view.painting.colors import hex_color, rgb_color
from sa2va_nb.view.painting.frames import Image, ground
from sa2va_nb.view.painting.overlay import overlay

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Point = tuple[float, float]

_WIDTH_IN = 7.0
_ASPECT = 0.5
_FINEST = 4  # columns a frame, at most, where the times between frames differ


class _Line(NamedTuple):
    """The pixels along a line: x and y (L,), how long it is from the first to the last, what it is called."""

    x: IntArray
    y: IntArray
    length_px: float
    label: str


def plot_kymograph(
    seg: Segmentation,
    *,
    row: int | None = None,
    column: int | None = None,
    line: tuple[Point, Point] | None = None,
    opacity: float = 0.6,
    px_per_unit: float | None = None,
    unit: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a line across the picture over time, the objects in their colours: what moves along it slants.

    The slope is the speed along the line. Each column is one frame's line, as wide as its time: it reaches
    half way to the frames before and after it.

    Args:
        seg: what was segmented; without its video the masks stand on a plain ground.
        row: y of a horizontal line, in the masks' pixels.
        column: x of a vertical line.
        line: ((x, y), (x, y)) from where to where any other line goes. Without a row, column and line it is
            the row on which the objects have the most pixels in all frames together.
        opacity: of the masks, 0 to 1.
        px_per_unit: how many pixels a unit is long, with ``unit``, for an axis in physical units.
        unit: such as ``"cm"``, see ``to_units``.
        ax: axes to draw on; new ones by default.

    Returns:
        The axes: time along x, or frames where times are unknown or the same; the place on the line along y, downwards
        for a column as in the picture; a legend of the objects on the line.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ValueError: if more than one line is given, or one that leaves the picture, there is no frame, the
            opacity is out of range, or only one of ``px_per_unit`` and ``unit`` is given, or a wrong one.
        Sa2VAError: if the video can't be read.
    """
    check_segmentations(seg=seg)
    scale, unit = scale_or_pixels(px_per_unit, unit)
    if not all(seg.shape):
        raise ValueError(f"a kymograph needs at least one frame, of some size, got (T, H, W) = {seg.shape}")
    across = _choose(seg, row, column, line)
    masks = [_along(item.masks, across) for item in seg]  # (L, T) each
    shown = [item for item, mask in zip(seg, masks, strict=True) if mask.any()]
    names = distinct({item.index: item.name for item in shown})
    if ax is None:
        width = width_or(_WIDTH_IN)
        ax = new_axes(width, _ASPECT * width + line_in(legend_rows([*names.values()], width) if names else 0))
    timed = bool(np.all(np.diff(seg.time_s) > 0) and np.isfinite(seg.time_s).all())
    columns, left, right = _columns(seg.time_s if timed else seg.frame.astype(np.float64))
    low, high = (end / scale for end in (-0.5, across.length_px + 0.5))
    colors = [rgb_color(item.index) for item in seg]
    image = overlay(_pictures(seg, across), masks, colors=colors, opacity=opacity, mode="fill")
    ax.imshow(image[:, columns], extent=(left, right, low, high), origin="lower", aspect="auto")
    if column is not None:
        ax.invert_yaxis()
    ax.set(xlabel="time (s)" if timed else "frame", ylabel=f"{across.label} ({words_for(unit)})")
    if names:
        patches = [Patch(color=hex_color(index)) for index in names]
        legend_below(ax, patches, [*names.values()])
    return ax


def _choose(
    seg: Segmentation, row: int | None, column: int | None, line: tuple[Point, Point] | None
) -> _Line:
    """Give the pixels of the line that was asked for."""
    if sum(one is not None for one in (row, column, line)) > 1:
        raise ValueError("give one of row, column and line")
    _, height, width = seg.shape
    if line is not None:
        ends = np.array(line, np.float64)  # (2, 2)
        if ends.shape != (2, 2):
            raise ValueError(f"line must be ((x, y), (x, y)), got {line!r}")
        label = "along the line"
    elif column is not None:
        ends, label = np.array([[column, 0], [column, height - 1]], np.float64), "y"
    else:
        y = _busiest_row(seg) if row is None else row
        ends, label = np.array([[0, y], [width - 1, y]], np.float64), "x"
    if not (np.isfinite(ends).all() and (ends >= 0).all() and (ends <= (width - 1, height - 1)).all()):
        raise ValueError(
            f"the line must lie in the picture, x from 0 to {width - 1} and y from 0 to {height - 1}, got "
            f"{ends.tolist()}"
        )
    length = float(np.hypot(*(ends[1] - ends[0])))
    count = int(np.ceil(length)) + 1
    x, y_along = np.linspace(ends[0], ends[1], count).round().astype(np.int64).T
    return _Line(x, y_along, length, label)


def _busiest_row(seg: Segmentation) -> int:
    """Give the row on which the objects have the most pixels; the middle one where they have none."""
    _, height, _ = seg.shape
    pixels = np.zeros(height, np.int64)
    for item in seg:
        for mask in item.masks:
            pixels += mask.sum(axis=1)
    return int(pixels.argmax()) if pixels.any() else height // 2


def _columns(along: FloatArray) -> tuple[IntArray, float, float]:
    """Lay frames out evenly over their times (T,): which frame each column shows, and the outer edges."""
    if len(along) == 1:
        return np.zeros(1, np.int64), float(along[0]) - 0.5, float(along[0]) + 0.5
    steps = np.diff(along)
    count = min(round((along[-1] - along[0]) / float(steps.min())) + 1, _FINEST * len(along))
    places = np.linspace(along[0], along[-1], count)
    columns = np.searchsorted((along[1:] + along[:-1]) / 2, places)
    half = (along[-1] - along[0]) / (count - 1) / 2
    return columns, float(along[0] - half), float(along[-1] + half)


def _along(masks: Masks, across: _Line) -> NDArray[np.bool_]:
    """Give one object's mask along the line at every frame, (L, T)."""
    return np.ascontiguousarray(np.array([mask[across.y, across.x] for mask in masks]).T)


def _pictures(seg: Segmentation, across: _Line) -> Image:
    """Read the line's pixels from every frame of the video, (L, T, 3); plain ground without one."""
    if seg.video is None:
        return ground((len(across.x), len(seg.frame)))
    _, height, width = seg.shape
    full_height, full_width = seg.video.shape[1:3]
    x = (2 * across.x + 1) * full_width // (2 * width)
    y = (2 * across.y + 1) * full_height // (2 * height)
    return np.stack([seg.video[int(frame)][y, x] for frame in seg.frame], axis=1)
