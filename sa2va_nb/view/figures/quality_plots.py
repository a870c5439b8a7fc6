"""Figures of mask quality: the score over time, the worst moments."""

import textwrap
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_count, check_segmentations
from sa2va_nb.analysis.quality.suspects import suspects
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.axes import (
    check_columns,
    clear_ground,
    line_in,
    new_figure,
    over_time,
    say,
    style,
    time_column,
    width_or,
)
from sa2va_nb.view.figures.text import chars_in, drawable, escape, names_in, shorten
from sa2va_nb.view.painting.colors import rgb_color
from sa2va_nb.view.painting.frames import display_size, masks_at, picture_at
from sa2va_nb.view.painting.overlay import overlay

_WIDTH_IN = 9.0
_LANE_IN = (0.3, 0.8)  # high, at least and at most
_LANES_IN = 5.0  # high are all of them, if they can be
_SUSPECT_COLUMNS = 3
_SHEET_PX = 1280  # wide, at most, are the frames that are cut out of
_AROUND = 2.0  # times the mask's box is what is shown of the frame
_LEAST = 0.3  # of the frame is shown at least
_NAME_CHARS = 24
_MARGIN_CHARS = 2  # of a line stay free
_SOURCE = "quality()"
_Row = dict[Any, Any]


def plot_quality(quality: pd.DataFrame, *, n: int = 6) -> Figure:
    """Plot each object's score over time, with the flagged frames and the worst moments.

    Args:
        quality: from ``quality``.
        n: how many moments are numbered in the lanes and listed in words below, worst first.

    Returns:
        The figure: a lane an object, score 0 to 1, a tick at the foot of each flagged frame. The x axis
        counts frames where the table knows no times. It isn't registered with pyplot: a notebook shows it
        as a cell's last expression or through ``display``.

    Raises:
        TypeError: if it is no table, or ``n`` no whole number.
        ValueError: if the table lacks a column or has an object twice in a frame, or ``n`` is negative.
    """
    check_columns(quality, ("object", "phrase", "frame", "time_s", "score", "flags"), _SOURCE)
    check_count("n", n, least=0)
    quality = over_time(quality)
    names = names_in(quality)
    moments = suspects(quality, n) if n and names else quality.head(0)
    width = width_or(_WIDTH_IN)
    lines = _moment_lines(moments, names, chars_in(width) - _MARGIN_CHARS)
    lane_in = float(np.clip(_LANES_IN / max(1, len(names)), *_LANE_IN)) + line_in(1.8)
    lanes_in = max(1, len(names)) * lane_in
    figure = new_figure(width, lanes_in + line_in(3.2 + 1.15 * sum(map(len, lines))))
    if not names:
        say(figure.subplots(), "no objects")
        return figure
    along, x_label = time_column(quality)
    lanes = figure.subplots(len(names), sharex=True, squeeze=False)[:, 0]
    for ax, (index, name) in zip(lanes, names.items(), strict=True):
        _draw_lane(ax, quality[quality["object"] == index], along, index)
        ax.set_title(name, loc="left", fontsize="small", pad=3)
        for number, moment in enumerate(_rows(moments), 1):
            if moment["object"] == index:
                _number(ax, moment[along], moment["score"], number)
    lanes[-1].set_xlabel(x_label)
    figure.supylabel("score", fontsize="medium")
    if lines:
        figure.supxlabel("\n".join(chain.from_iterable(lines)), x=0.02, ha="left", fontsize="small")
    return figure


def plot_suspects(seg: Segmentation, moments: pd.DataFrame, *, columns: int = _SUSPECT_COLUMNS) -> Figure:
    """Draw a contact sheet of the worst moments, each with the words of its flags.

    Args:
        seg: what ``moments`` were found in; without its video the masks stand on a plain ground.
        moments: from ``suspects``.
        columns: how many pictures stand beside each other.

    Returns:
        The figure, a picture a moment: the part of the frame around the suspected object, with its mask
        alone; the whole frame where it is absent. Not registered with pyplot.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``, ``moments`` no table, or ``columns`` no whole number.
        ValueError: if the table lacks a column, names an object or frame that ``seg`` doesn't have, or
            ``columns`` is less than 1.
        Sa2VAError: if the video can't be read.
    """
    check_segmentations(seg=seg)
    check_columns(moments, ("object", "frame", "score", "flags"), "suspects()")
    check_count("columns", columns, least=1)
    if moments.empty:
        figure = new_figure(width_or(_WIDTH_IN), 1.0)
        say(figure.subplots(), "no suspects")
        figure.axes[0].axis("off")
        return figure
    size = display_size(seg, _SHEET_PX)
    rows = -(-len(moments) // columns)
    width = width_or(_WIDTH_IN)
    cell = width / columns  # inches
    captions = [_caption(seg, moment, chars_in(cell) - _MARGIN_CHARS) for moment in _rows(moments)]
    caption_in = line_in(0.6 + max(caption.count("\n") + 1 for caption in captions))
    figure = new_figure(width, rows * (cell * size[0] / size[1] + caption_in))
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, caption, moment in zip(axes.flat, captions, _rows(moments), strict=False):
        ax.imshow(_picture(seg, moment["object"], moment["frame"], size))
        ax.set_title(caption, fontsize="small", loc="left", pad=3)
    return figure


def _rows(moments: pd.DataFrame) -> list[_Row]:
    return moments.to_dict("records")


def _draw_lane(ax: Axes, rows: pd.DataFrame, along: str, index: int) -> None:
    """Draw one object's score, with a tick at the foot of each flagged frame."""
    x, score = rows[along].to_numpy(float), rows["score"].to_numpy(float)
    look = style(index)
    ax.plot(x, score, **look)
    ax.fill_between(x, score, color=look["color"], alpha=0.18, linewidth=0)
    flagged = rows["flags"].fillna("").to_numpy(str) != ""
    ax.plot(x[flagged], np.full(flagged.sum(), 0.04), "|", color="0.15", markersize=6, markeredgewidth=1.2)
    ax.set(ylim=(0, 1.04), yticks=(0, 0.5, 1))
    ax.margins(x=0.01)
    clear_ground(ax)
    ax.tick_params(labelsize="small")


def _number(ax: Axes, x: float, y: float, number: int) -> None:
    """Mark a moment by its number in a disk."""
    look = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": "0.15", "linewidth": 0.9}
    ax.annotate(
        str(number), (x, y), ha="center", va="center", fontsize="small", bbox=look, annotation_clip=False
    )


def _moment_lines(moments: pd.DataFrame, names: dict[int, str], chars: int) -> list[list[str]]:
    """Describe each moment in words, in lines of bounded length."""
    return [
        textwrap.wrap(
            f"{number}  {names[moment['object']]}, {_span(moment)}: score {moment['score']:.2f}"
            f"{_flag_words(moment['flags'], '; ')}",
            chars,
            subsequent_indent="     ",
        )
        for number, moment in enumerate(_rows(moments), 1)
    ]


def _span(moment: _Row) -> str:
    """Say which frames a moment takes."""
    first, last = moment["first_frame"], moment["last_frame"]
    return f"frame {first}" if first == last else f"frames {first}–{last}"


def _flag_words(flags: object, before: str) -> str:
    """Give the words of the flags, escaped for matplotlib, or nothing."""
    return before + escape(drawable(flags)) if isinstance(flags, str) and flags else ""


def _caption(seg: Segmentation, moment: _Row, chars: int) -> str:
    name = dict(enumerate(item.name for item in seg)).get(moment["object"])
    frame, score = moment["frame"], moment["score"]
    if name is None or frame not in seg.frame:
        raise ValueError(
            f"moments must come from suspects(quality(seg)) of this segmentation, got object "
            f"{moment['object']} in frame {frame}, which it doesn't have"
        )
    words = _flag_words(moment["flags"], "")
    lines = textwrap.wrap(words, chars)[:3]
    return "\n".join([f"frame {frame} · {shorten(name, _NAME_CHARS)} · {score:.2f}", *lines])


def _picture(seg: Segmentation, index: int, frame: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    position = int(np.searchsorted(seg.frame, frame))
    mask = masks_at(seg, position, size)[[index]]
    drawn = overlay(picture_at(seg, position, size), mask, colors=[rgb_color(index)])
    return drawn[_around(mask[0])]


def _around(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Give the part of the frame around a mask, of the frame's shape; all of it for an empty mask."""
    if not mask.any():
        return slice(None), slice(None)
    ends = [np.flatnonzero(mask.any(axis=axis))[[0, -1]] for axis in (1, 0)]
    spans = [(low + high + 1) / 2 for low, high in ends]  # the middle, rows then columns
    extent = max((high + 1 - low) / full for (low, high), full in zip(ends, mask.shape, strict=True))
    share = min(1.0, max(_LEAST, _AROUND * extent))
    cut = []
    for middle, full in zip(spans, mask.shape, strict=True):
        length = round(share * full)
        start = int(np.clip(round(middle - length / 2), 0, full - length))
        cut.append(slice(start, start + length))
    return cut[0], cut[1]
