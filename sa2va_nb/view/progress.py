"""Shows how far a call is: a small panel in a notebook, a status line in a terminal."""

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

_LOG_LINES = 200  # kept in the panel; the run folder holds them all


class Display(Protocol):
    """Where progress goes."""

    def __call__(self, stage: str, message: str = "", fraction: float | None = None) -> None:
        """Show a step: its word, a sentence, and the share done if anybody knows."""


@contextmanager
def progress_display(*, shown: bool) -> Iterator[Display]:
    """Give a display fit for where the code runs; quiet when not ``shown``."""
    if not shown:
        yield _quiet
    elif _in_notebook():
        yield NotebookPanel()
    else:
        with terminal_status() as display:
            yield display


def _quiet(stage: str, message: str = "", fraction: float | None = None) -> None:
    """Show nothing."""


def _in_notebook() -> bool:
    """Tell whether a Jupyter kernel runs this; looks only at what is imported already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


@contextmanager
def terminal_status() -> Iterator[Display]:
    """Show a status line on stderr while a terminal is there, and a line for each message."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    with console.status("") as status:

        def show(stage: str, message: str = "", fraction: float | None = None) -> None:
            share = "" if fraction is None else f" {fraction:.0%}"
            if stage == "log" or (fraction is None and not console.is_terminal):
                console.print(Text(f"{stage}: {message}", style="dim"))
            status.update(Text(f"{stage}{share} {message}"))

        yield show


class NotebookPanel:
    """An ipywidgets panel: the step, a bar, and the service's log lines."""

    def __init__(self) -> None:
        """Make the panel and put it under the running cell."""
        import ipywidgets as widgets
        from IPython.display import display

        self._lines: list[str] = []
        self._label = widgets.HTML()
        self._bar = widgets.FloatProgress(min=0, max=1, layout=widgets.Layout(width="180px", height="8px"))
        self._log = widgets.HTML()
        box: Any = widgets.VBox([widgets.HBox([self._bar, self._label]), self._log])
        box.add_class("sa2va-nb-progress")
        display(box)

    def __call__(self, stage: str, message: str = "", fraction: float | None = None) -> None:
        """Show a step; ``stage="log"`` adds a line below instead."""
        text = html.escape(message)  # from the service: text, never markup
        if stage == "log":
            self._lines = [*self._lines, text][-_LOG_LINES:]
            self._log.value = (
                "<div style='max-height:8em;overflow:auto;font:12px/1.5 monospace;opacity:.75'>"
                + "<br>".join(self._lines)
                + "</div>"
            )
            return
        self._label.value = f"<b>{html.escape(stage)}</b>&ensp;{text}"
        self._bar.value = fraction if fraction is not None else float(stage == "done")
        self._bar.bar_style = {"done": "success", "failed": "danger"}.get(stage, "info")
