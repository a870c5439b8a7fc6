"""Shows how far a call is: a small panel in a notebook, a status line in a terminal."""

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

_LOG_LINES = 200  # kept in the panel; the run folder holds them all
_LOG_STYLE = "max-height:8em;overflow:auto;font:12px/1.5 monospace;opacity:.75"
_MARKS = {
    "done": ("✓", "#2e7d32"),
    "kept": ("✓", "#2e7d32"),
    "failed": ("✗", "#c62828"),
    "interrupted": ("■", "#b26a00"),
}


class Display(Protocol):
    """Where progress goes."""

    def __call__(self, stage: str, message: str = "", fraction: float | None = None) -> None:
        """Show a step: its word, a sentence, and the share done if anybody knows."""


@contextmanager
def progress_display(*, shown: bool) -> Iterator[Display]:
    """Give a display fit for where the code runs; quiet when not ``shown``."""
    if not shown:
        yield _quiet
    elif in_notebook():
        yield NotebookPanel()
    else:
        with _terminal_status() as display:
            yield display


def _quiet(stage: str, message: str = "", fraction: float | None = None) -> None:
    """Show nothing."""


def in_notebook() -> bool:
    """Tell whether a Jupyter kernel runs this; looks only at what is imported already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


@contextmanager
def _terminal_status() -> Iterator[Display]:
    """Show a status line on stderr while a terminal is there, and a line for each message."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    with console.status("") as status:

        def show(stage: str, message: str = "", fraction: float | None = None) -> None:
            share = "" if fraction is None else f" {fraction:.0%}"
            if stage in ("log", *_MARKS) or (fraction is None and not console.is_terminal):
                console.print(Text(f"{stage}: {message}", style="dim"))
            status.update(Text(f"{stage}{share} {message}"))

        yield show


class NotebookPanel:
    """An ipywidgets panel: the step with its bar, and the service's log lines below."""

    def __init__(self) -> None:
        """Make the panel and put it under the running cell."""
        import ipywidgets as widgets
        from IPython.display import display

        self._lines: list[str] = []
        self._step = widgets.HTML()
        self._log = widgets.HTML()
        box: Any = widgets.VBox([self._step, self._log])
        box.add_class("sa2va-nb-progress")
        display(box)  # type: ignore[no-untyped-call]  # IPython leaves it untyped

    def __call__(self, stage: str, message: str = "", fraction: float | None = None) -> None:
        """Show a step; ``stage="log"`` adds a line below instead."""
        text = html.escape(message)  # from the service: text, never markup
        if stage == "log":
            self._lines = [*self._lines, text][-_LOG_LINES:]
            self._log.value = f"<div style='{_LOG_STYLE}'>{'<br>'.join(self._lines)}</div>"
        else:
            self._step.value = (
                f"<div style='display:flex;gap:.75em;align-items:center;line-height:1.4'>{_bar(stage, fraction)}"
                f"<b>{html.escape(stage)}</b><span style='overflow-wrap:anywhere'>{text}</span></div>"
            )


def _bar(stage: str, fraction: float | None) -> str:
    """A mark for an end, a bar for what is under way; one that runs to and fro where nobody knows how far it is."""
    if stage in _MARKS:
        return f"<span style='font-weight:700;color:{_MARKS[stage][1]}'>{_MARKS[stage][0]}</span>"
    value = "" if fraction is None else f" value='{fraction:.3f}'"
    return f"<progress max='1'{value} style='width:10em'></progress>"
