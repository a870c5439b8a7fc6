"""Shows widgets in JupyterLab and closes them, again and again, and measures what is left of them.

JupyterLab itself leaves something at each run of a cell, and something more for each widget whatever it is: what
a scrubber leaves is to be held against a plain slider of ipywidgets, in the same page.
"""

import json
from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.figures import Figures, page_memory
from tests.browser.servers import Lab, run_cell

_PLACE = """
import gc, json, threading
from pathlib import Path
import psutil
from comm import get_comm_manager
from IPython.display import display
from ipywidgets import IntSlider, Output
from tests.widgets import wait_until_still

def tell():
    wait_until_still()
    gc.collect()
    told = {"kernel, MB": psutil.Process().memory_info().rss / 1e6, "comms": len(get_comm_manager().comms),
        "threads": threading.active_count(), "Python objects": len(gc.get_objects())}
    Path("told").write_text(json.dumps(told))

place = Output()
place
"""
_CLOSE = "shown.close(); place.clear_output(); shown = None"
# A cell that shows something and one that closes it, and what is seen in between.
KINDS = {
    "scrubber": ("sa.scrub(seg)", ".sa2va-scrubber[data-ready='true']"),
    "slider": ("IntSlider()", ".widget-slider"),
    "nothing": ("None", None),
}


class Cycles:
    """A notebook that shows and closes widgets."""

    def __init__(self, page: Page, lab: Lab, *setup: str) -> None:
        """Open it; after the cells ``setup`` there are ``sa`` and a segmentation ``seg``."""
        self._page, self._lab = page, lab
        cells = [*setup, _PLACE, "tell()"]
        self._tell = len(cells) - 1
        self._at = {name: len(cells) + 2 * k for k, name in enumerate(KINDS)}
        for shown, selector in KINDS.values():
            cells += _pair(shown) if selector else ["1", "2"]
        lab.open(page, "cycles.ipynb", *cells)
        for cell in range(self._tell):
            run_cell(page, cell)

    def run(self, kind: str, count: int) -> None:
        """Show and close it so many times."""
        selector = KINDS[kind][1]
        for _ in range(count):
            run_cell(self._page, self._at[kind])
            if selector:  # a locator: the handle that wait_for_selector gives would keep the element
                self._page.locator(selector).wait_for(timeout=20_000)
            run_cell(self._page, self._at[kind] + 1)
            if selector:
                self._page.locator(selector).wait_for(state="detached", timeout=20_000)

    def growth(self, kind: str, count: int) -> Figures:
        """Show and close it so many times; give what grows in the page at each."""
        before = page_memory(self._page)
        self.run(kind, count)
        return {name: (value - before[name]) / count for name, value in page_memory(self._page).items()}

    def kernel(self) -> Figures:
        """Give what the kernel holds."""
        run_cell(self._page, self._tell)
        told: Figures = json.loads((self._lab.folder / "told").read_text())
        return told

    def kernels(self, kind: str, count: int, every: int) -> Iterator[tuple[int, Figures]]:
        """Show and close it so many times; give what the kernel holds every so often."""
        for done in range(every, count + 1, every):
            self.run(kind, every)
            yield done, self.kernel()


def _pair(shown: str) -> list[str]:
    return [f"with place:\n    shown = {shown}\n    display(shown)", _CLOSE]
