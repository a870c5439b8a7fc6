"""The scrubber's figures in a real JupyterLab: ``python -m tests.browser [steps] [long] [cycles]``.

Without a part, all of them, which takes some ten minutes on two cores. Nothing is asserted: figures of one machine
say little about another, so a classic slider whose picture the kernel draws is measured in the same run. Trust
the ratios.

- ``steps``: three objects in 200 frames of 960x540 (the shared ``bedroom.mp4``, else a made clip): from a key to the
  painted canvas, 60 keys in two seconds, playing at 30 fps, how long it takes to open, what is sent; then the same of
  the classic way.
- ``long``: 3,000 frames of 1920x1080: opening, steps, memory of the kernel and the page.
- ``cycles``: 500 times a scrubber is shown and closed: comms, threads, listeners, memory.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import figures
from tests.browser.films import long_scene
from tests.browser.harness import chromium
from tests.browser.servers import ROOT, Lab, jupyter, run_cell

_SHARED = ROOT.parent / "shared/data/bedroom.mp4"
_SETUP = f"""
import gc, json, os, sys, threading
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
import psutil
from comm import get_comm_manager
from IPython.display import display
from ipywidgets import Image, IntSlider, Output, VBox
import sa2va_nb as sa
from sa2va_nb.media.video import Video
from sa2va_nb.view.widget.wire import to_jpeg
from tests.browser.films import bars, long_scene

def tell(name, **more):
    gc.collect()
    memory = psutil.Process().memory_info().rss / 1e6
    counts = dict(comms=len(get_comm_manager().comms), threads=threading.active_count())
    Path(name).write_text(json.dumps({{"kernel, MB": memory}} | counts | more))
"""
_BEDROOM = f"seg = bars(Video({str(_SHARED)!r}))"
_MADE = "seg = long_scene(Path(), 200, (540, 960))"
_SHOW = "scrubber = sa.scrub(seg)\nscrubber"
_CLASSIC = """
drawn = sa.scrub(seg)
slider, picture = IntSlider(0, 0, len(seg.frame) - 1), Image(format="jpeg", width=640)
def draw(change):
    picture.value = to_jpeg(drawn.to_image(int(seg.frame[change.new])))
slider.observe(draw, "value")
picture.value = to_jpeg(drawn.to_image(0))
VBox([slider, picture])
"""
_PLACE = "place = Output()\nplace"
_OPEN = "with place:\n    shown = sa.scrub(seg)\n    display(shown)"
_CLOSE = "shown.close(); place.clear_output(); shown = None"


def steps(page: Page, lab: Lab) -> dict[str, figures.Figures]:
    """Measure stepping and playing, and the classic way."""
    wire = figures.Wire(page)
    lab.open(page, "steps.ipynb", _SETUP, _BEDROOM if _SHARED.exists() else _MADE, _SHOW, _CLASSIC)
    for cell in (0, 1):
        run_cell(page, cell)
    ours = figures.opening(page, wire, 2)
    figures.watch_keys(page, figures.SCRUBBER, ".sa2va-scrubber")
    ours |= figures.steps(page, 100)
    ours |= figures.burst(page, 60, 2)
    ours |= figures.playing(page, 5, 30)
    run_cell(page, 3)
    page.wait_for_selector(".widget-image")
    figures.watch_keys(page, ".widget-slider .noUi-handle", ".widget-image", "load")
    classic = figures.steps(page, 50)
    return {"scrubber": ours, "slider, image and kernel": classic | figures.burst(page, 60, 2)}


def long(page: Page, lab: Lab) -> dict[str, figures.Figures]:
    """Measure a long clip."""
    size = (1080, 1920)
    long_scene(lab.folder, 3000, size)  # so that the kernel needn't have the encoder's memory
    wire = figures.Wire(page)
    made = f"seg = long_scene(Path(), 3000, {size})"
    lab.open(page, "long.ipynb", _SETUP, made, "tell('before')", _SHOW, "tell('after')")
    for cell in (0, 1, 2):
        run_cell(page, cell)
    found = figures.opening(page, wire, 3)
    figures.watch_keys(page, figures.SCRUBBER, ".sa2va-scrubber")
    found |= figures.steps(page, 50)
    page.keyboard.press("End")
    page.wait_for_selector(".sa2va-scrubber[data-frame='2999']", timeout=60_000)
    page.wait_for_timeout(3000)
    run_cell(page, 4)
    found |= _kernel(lab, "before", "after") | figures.page_memory(page)
    return {"3,000 frames of 1080p": found}


def cycles(page: Page, lab: Lab, *, count: int) -> dict[str, figures.Figures]:
    """Measure what is left of scrubbers that were closed."""
    notebook = [_SETUP, _MADE, _PLACE, _OPEN, _CLOSE, "tell('before')", "tell('after')", "1", "2"]
    lab.open(page, "cycles.ipynb", *notebook)
    for cell in (0, 1, 2):
        run_cell(page, cell)
    figures.open_and_close(page, (3, 4), 10)  # what is loaded once is loaded
    run_cell(page, 5)
    before = figures.page_memory(page)
    figures.open_and_close(page, (3, 4), count)
    run_cell(page, 6)
    after = figures.page_memory(page)
    figures.open_and_close(page, (7, 8), count // 10, shown=False)
    bare = figures.page_memory(page)
    found: figures.Figures = {}
    for name in before:
        found[f"{name}, before"], found[f"{name}, after"] = before[name], after[name]
        found[f"{name}, a cycle"] = (after[name] - before[name]) / count
        found[f"{name}, a cycle of cells without a widget"] = (bare[name] - after[name]) / (count // 10)
    return {f"{count} times opened and closed": found | _kernel(lab, "before", "after")}


def _kernel(lab: Lab, *names: str) -> figures.Figures:
    told = {name: json.loads((lab.folder / name).read_text()) for name in names}
    return {f"{what}, {name}": value for name in names for what, value in told[name].items()}


def _lines(found: Mapping[str, figures.Figures]) -> list[str]:
    lines = []
    for title, values in found.items():
        lines += [
            "",
            title,
            *(f"  {name}: {round(v, 2) if isinstance(v, float) else v}" for name, v in values.items()),
        ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", help="what to measure: steps, long, cycles; all without one")
    parser.add_argument("--cycles", type=int, default=500, help="how often a scrubber is opened and closed")
    arguments = parser.parse_args()
    parts = {"steps": steps, "long": long, "cycles": partial(cycles, count=arguments.cycles)}
    asked = arguments.parts or [*parts]
    if unknown := {*asked} - {*parts}:
        parser.error(f"the parts are {', '.join(parts)}; got {', '.join(sorted(unknown))}")
    for name in asked:
        with tempfile.TemporaryDirectory() as folder, chromium() as browser, jupyter(Path(folder)) as lab:
            page = browser.new_page(viewport={"width": 1300, "height": 1400})
            sys.stdout.write("\n".join(_lines(parts[name](page, lab))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
