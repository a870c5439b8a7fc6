"""Shows how far many calls are: a table in a notebook or a terminal."""

import html
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sa2va_nb.view.status.progress import Display, in_notebook

_MOST_ROWS = 24  # of thousands of jobs, those are shown that say most
_ENDS = ("done", "kept", "failed", "not begun")
_INTEREST = ("failed", "done", "kept", "waiting", "not begun")  # what is under way comes before them
_COLUMNS = ("", "video", "prompt", "state", "", "s", "US$")
_BREAKS = ("normal", *2 * ["break-word"], "normal", "anywhere", *2 * ["normal"])  # where words of a column do
_TEXT = 60  # characters of a text in a cell


@dataclass
class _Row:
    video: str
    prompt: str
    stage: str = "waiting"
    message: str = ""
    fraction: float | None = None
    started: float | None = None
    ended: float | None = None
    cost_usd: float | None = None

    @property
    def seconds(self) -> float | None:
        if self.started is None:
            return None
        return (time.monotonic() if self.ended is None else self.ended) - self.started


class Board:
    """The state of many jobs, which their threads write and the one that shows it reads."""

    def __init__(self, jobs: Sequence[tuple[str, str]]) -> None:
        """Start with all (video, prompt) jobs waiting."""
        self._rows = [_Row(video, prompt) for video, prompt in jobs]
        self._lock = threading.Lock()
        self._interrupted = False
        self._began = time.monotonic()

    def display(self, index: int) -> Display:
        """Give where the progress of a job goes."""

        def show(stage: str, message: str = "", fraction: float | None = None) -> None:
            if stage == "log":
                return
            with self._lock:
                row, now = self._rows[index], time.monotonic()
                row.started = now if row.started is None else row.started
                row.stage, row.message, row.fraction = stage, message, fraction
                row.ended = now if stage in _ENDS else None

        return show

    def charge(self, index: int, cost_usd: float | None) -> None:
        """Say what a job's run cost; one whose answer was there costs nothing now."""
        with self._lock:
            row = self._rows[index]
            row.cost_usd = 0.0 if row.stage == "kept" else cost_usd

    def interrupt(self) -> None:
        """Say that no further job is begun."""
        with self._lock:
            self._interrupted = True
            for row in self._rows:
                if row.stage == "waiting":
                    row.stage = "not begun"

    def head(self) -> str:
        """Sum up: how many jobs are in which state, for how long, and what they cost."""
        with self._lock:
            counts = Counter(
                row.stage if row.stage in (*_ENDS, "waiting") else "running" for row in self._rows
            )
            cost_usd = sum(row.cost_usd or 0.0 for row in self._rows)
        shown = [f"{counts[state]} {state}" for state in ("waiting", "running", *_ENDS) if counts[state]]
        seconds = time.monotonic() - self._began
        head = f"{' · '.join(shown) or 'no jobs'} · {seconds:.0f} s · ${cost_usd:.2f}"
        if not self._interrupted:
            return head
        left = f"{counts['running']} still run and are kept when they end; " if counts["running"] else ""
        return f"{head}. Interrupted: {left}the same call goes on from here, and pays for nothing twice"

    def table(self) -> tuple[list[tuple[str, ...]], int]:
        """Give the cells of the rows that say most, in the jobs' order, and how many are left out."""
        with self._lock:
            order = sorted(range(len(self._rows)), key=self._interest)[:_MOST_ROWS]
            rows = [(str(index + 1), *_cells(self._rows[index])) for index in sorted(order)]
        return rows, len(self._rows) - len(rows)

    def ended(self) -> dict[int, str]:
        """Give a line for each job that has ended."""
        with self._lock:
            return {
                index: f"{index + 1} of {len(self._rows)} {row.stage}: {row.video}: {row.message}"
                for index, row in enumerate(self._rows)
                if row.ended is not None
            }

    def _interest(self, index: int) -> tuple[int, float]:
        row = self._rows[index]
        rank = _INTEREST.index(row.stage) + 1 if row.stage in _INTEREST else 0
        return rank, index if row.ended is None else -row.ended  # of those that ended, the latest


def _cells(row: _Row) -> tuple[str, ...]:
    share = "" if row.fraction is None or row.ended is not None else f" {row.fraction:.0%}"
    seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
    cost = "" if row.cost_usd is None else f"{row.cost_usd:.2f}"
    return row.video, _clip(row.prompt), f"{row.stage}{share}", row.message, seconds, cost


def _clip(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"


@contextmanager
def show_board(board: Board, *, shown: bool) -> Iterator[Callable[[], None]]:
    """Show a board where the code runs; gives what brings it up to date, to be called from this thread."""
    if not shown:
        yield lambda: None
    elif in_notebook():
        yield _in_cell(board)
    else:
        with _in_terminal(board) as refresh:
            yield refresh


def _in_cell(board: Board) -> Callable[[], None]:
    import ipywidgets as widgets
    from IPython.display import display

    page = widgets.HTML(board_html(board))
    page.add_class("sa2va-nb-progress")
    display(page)  # type: ignore[no-untyped-call]  # IPython leaves it untyped

    def refresh() -> None:
        page.value = board_html(board)

    return refresh


def board_html(board: Board) -> str:
    """Write a board as HTML; all texts as text."""
    rows, n_left_out = board.table()
    head = "".join(
        f"<th style='text-align:left;padding:0 .75em 0 0;overflow-wrap:normal'>{column}</th>"
        for column in _COLUMNS
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='padding:0 .75em 0 0;vertical-align:top;overflow-wrap:{breaks}'>{html.escape(cell)}</td>"
            for cell, breaks in zip(row, _BREAKS, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    more = f"<div style='opacity:.75'>and {n_left_out} more</div>" if n_left_out else ""
    return (
        f"<div style='line-height:1.4'><b>{html.escape(board.head())}</b>"
        f"<div style='max-height:24em;overflow:auto'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{more}</div>"
    )


@contextmanager
def _in_terminal(board: Board) -> Iterator[Callable[[], None]]:
    """Show a live table in a terminal, and elsewhere a line for each job that ends."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    told: set[int] = set()

    def drawn() -> Group:
        rows, n_left_out = board.table()
        table = Table(*_COLUMNS, box=None)
        for row in rows:
            table.add_row(*map(Text, row))
        return Group(table, Text(f"and {n_left_out} more" if n_left_out else ""), Text(board.head(), "bold"))

    def tell() -> None:
        lines = board.ended()
        for index in sorted(lines.keys() - told):
            console.print(Text(lines[index]), soft_wrap=True)
        told.update(lines)

    if console.is_terminal:
        with Live(drawn(), console=console, auto_refresh=False) as live:
            yield lambda: live.update(drawn(), refresh=True)
    else:
        try:
            yield tell
        finally:
            console.print(Text(board.head()), soft_wrap=True)
