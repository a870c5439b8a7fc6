"""The figure that compares the ways in which a sweep asked."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sa2va_nb.analysis.arguments import check_count
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.axes import check_columns, line_in, new_figure, say, width_or
from sa2va_nb.view.figures.strips import moment
from sa2va_nb.view.figures.text import chars_in, drawable, escape, width_in
from sa2va_nb.view.painting.colors import rgb_color
from sa2va_nb.view.painting.frames import display_size, masks_at, picture_at
from sa2va_nb.view.painting.overlay import overlay

_WIDTH_IN = 10.0
_WORDS_SHARE, _BAR_SHARE = 0.26, 0.085  # of the width
_CELL_PX = 480  # wide, at most
_BARS = {"agreement": "agreement", "quality": "quality", "visible_frac": "visible"}
_COLUMNS = ("run", "control", "status", "error", "n_objects", "estimate_usd", "cost_usd", *_BARS)
_LINES = 4  # of a prompt or an error are shown, at most
_Row = dict[Any, Any]


class Asked(Protocol):
    """What a sweep gave, of which this is drawn."""

    @property
    def table(self) -> pd.DataFrame:
        """A row a job."""

    @property
    def segmentations(self) -> Mapping[str, Segmentation]:
        """Those of the jobs that are done, by the table's ``run``."""


def plot_sweep(sweep: Asked, *, n: int = 3) -> Figure:
    """Draw what each way of asking gave: some frames with the masks, and how they agree, beside each other.

    Args:
        sweep: from ``sweep``.
        n: how many frames a row, evenly spaced over the first run that is done; fewer where the figure is too
            narrow. Of the other runs those are drawn that are nearest.

    Returns:
        The figure, a row a job in the table's order: the prompt, the number of objects and the cost; pictures
        with the masks in the colours that the objects have in that run's scrubber; bars from 0 to 1 for
        ``agreement``, ``quality`` and the share of frames in which anything is visible, a dash where one isn't
        known. A failed job shows its error. Not registered with pyplot.

    Raises:
        TypeError: if it isn't what ``sweep`` gave, or ``n`` no whole number.
        ValueError: if ``n`` is less than 1 or the sweep's table lacks a column.
        Sa2VAError: if a video can't be read.
    """
    if not hasattr(sweep, "segmentations"):
        raise TypeError(f"expected what sweep() gave, got {type(sweep).__name__}")
    check_columns(sweep.table, _COLUMNS, "sweep().table")
    check_count("n", n, least=1)
    rows: list[_Row] = sweep.table.to_dict("records")
    width = width_or(_WIDTH_IN)
    if not rows:
        figure = new_figure(width, 1.0)
        say(figure.subplots(), "nothing was asked")
        return figure
    done = [sweep.segmentations.get(row["run"]) for row in rows]
    words_in = _WORDS_SHARE * width
    bar_in = max(_BAR_SHARE * width, *(1.2 * width_in(title) for title in _BARS.values()))
    pictures_in = width - words_in - len(_BARS) * bar_in
    wanted = _frames(done, n, pictures_in)
    cell_in = pictures_in / max(1, len(wanted))
    words = [_words(row, chars_in(words_in)) for row in rows]
    row_in = max(cell_in * _aspect(done), line_in(1 + max(text.count("\n") + 1 for text in words)))
    figure = new_figure(width, len(rows) * (row_in + line_in(0.5)) + line_in(1.5))
    figure.set_layout_engine("constrained")  # rows of words are as high as rows of pictures
    cells = max(1, len(wanted))
    ratios = [words_in, *[cell_in] * cells, *[bar_in] * len(_BARS)]
    grid = figure.add_gridspec(len(rows), len(ratios), width_ratios=ratios)
    titles: list[str] = []
    for k, (row, seg) in enumerate(zip(rows, done, strict=True)):
        _write(figure.add_subplot(grid[k, 0]), words[k])
        if seg is None or not len(seg.frame):
            _write(figure.add_subplot(grid[k, 1 : 1 + cells]), _why(row, chars_in(cells * cell_in)))
        else:
            axes = [figure.add_subplot(grid[k, 1 + at]) for at in range(cells)]
            titles = _draw(axes, seg, wanted, titles)
        for at, (name, title) in enumerate(_BARS.items(), 1 + cells):
            _bar(figure.add_subplot(grid[k, at]), float(row[name]), title if k == 0 else "")
    return figure


def _frames(done: Sequence[Segmentation | None], n: int, room_in: float) -> list[int]:
    """Choose ``n`` source frames of the first run that has some, or as many as it has and titles leave room for."""
    for seg in done:
        if seg is not None and len(seg.frame):
            fit = int(room_in / (1.1 * width_in(moment(seg, len(seg.frame) - 1))))
            at = np.linspace(0, len(seg.frame) - 1, min(n, max(1, fit), len(seg.frame))).round().astype(int)
            return [int(frame) for frame in seg.frame[at]]
    return []


def _aspect(done: Sequence[Segmentation | None]) -> float:
    """Give height over width of the pictures; 0 without any."""
    sizes = [display_size(seg, _CELL_PX) for seg in done if seg is not None]
    return max((height / width for height, width in sizes), default=0.0)


def _words(row: _Row, chars: int) -> str:
    """Say what was asked, and what came of it."""
    prompt, *how = drawable(row["run"]).split(" · ")
    lines = textwrap.wrap(prompt, chars, max_lines=_LINES, placeholder="…")
    said = [*how, "control"] if row["control"] else how
    if row["status"] == "done":
        count = int(row["n_objects"])
        said.append("nothing found" if not count else f"{count} object{'s' * (count > 1)}")
        said += [f"${row['cost_usd']:.2f}"] if row["cost_usd"] > 0 else []
    return escape("\n".join([*lines, *textwrap.wrap(" · ".join(said), chars)]))


def _why(row: _Row, chars: int) -> str:
    """Say why there is no picture: the error, or that nothing was sent yet."""
    if row["status"] in ("planned", "kept"):
        words = "kept from an earlier run" if row["status"] == "kept" else "planned"
        cost = f" · ${row['estimate_usd']:.2f}" if row["estimate_usd"] > 0 else ""
        return escape(words + cost)
    words = row["error"] if isinstance(row["error"], str) else "no frame has masks"
    lines = textwrap.wrap(drawable(f"{row['status']} · {words}"), chars, max_lines=_LINES, placeholder="…")
    return escape("\n".join(lines))


def _write(ax: Axes, words: str) -> None:
    ax.axis("off")
    ax.text(0, 0.5, words, transform=ax.transAxes, va="center", fontsize="small", in_layout=False)


def _draw(axes: Sequence[Axes], seg: Segmentation, wanted: Sequence[int], above: list[str]) -> list[str]:
    """Draw the frames nearest to those wanted; give their titles, which show where those above differ."""
    at = [int(np.abs(seg.frame - frame).argmin()) for frame in wanted]
    titles = [moment(seg, t) for t in at]
    size = display_size(seg, _CELL_PX)
    colors = [rgb_color(item.index) for item in seg]
    for ax, t, title in zip(axes, at, titles, strict=True):
        ax.imshow(overlay(picture_at(seg, t, size), masks_at(seg, t, size), colors=colors))
        ax.axis("off")
        if titles != above:
            ax.set_title(title, fontsize="small", pad=3)
    return titles


def _bar(ax: Axes, value: float, title: str) -> None:
    """Draw a bar from 0 to 1 with its number above, or a dash for what isn't known."""
    known = bool(np.isfinite(value))
    ax.barh(0, 1, height=0.3, color="0.9")
    if known:
        ax.barh(0, value, height=0.3, color="0.35")
    ax.text(0, 0.28, f"{value:.2f}" if known else "–", fontsize="small", va="bottom")
    ax.set(xlim=(0, 1), ylim=(-1, 1))
    ax.axis("off")
    if title:
        ax.set_title(title, fontsize="small", loc="left", pad=3)
