"""The scrubber's figures in a real JupyterLab: ``python -m tests.browser [steps] [long] [cycles]``.

Without a part, all of them, which takes some ten minutes on two cores. Nothing is asserted: figures of one machine
say little about another, so a classic slider whose picture the kernel draws is measured in the same run. Trust
the ratios.

- ``steps``: three objects in 200 frames of 960x540 (the shared ``bedroom.mp4``, else a made clip): from a key to the
  painted canvas, 60 keys in two seconds, playing at 30 fps, how long it takes to open, what is sent; then the same of
  the classic way.
- ``long``: 3,000 frames of 1920x1080: opening, steps, memory of the kernel and the page.
- ``cycles``: 500 times a scrubber is shown and closed: comms, threads, memory of the kernel after each fifty; and
  what a cycle leaves in the page, beside what JupyterLab leaves of a plain slider and of cells that show nothing.
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
from tests.browser.cycles import Cycles
from tests.browser.films import long_scene
from tests.browser.harness import chromium
from tests.browser.servers import ROOT, Lab, jupyter, run_cell

_SHARED = ROOT.parent / "shared/data/bedroom.mp4"
_SETUP = f"""
import gc, json, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
import psutil
from ipywidgets import Image, IntSlider, VBox
import sa2va_nb as sa
from sa2va_nb.media.video import Video
from sa2va_nb.view.widget.wire import to_jpeg
from tests.browser.films import bars, long_scene

def tell(name):
    gc.collect()
    Path(name).write_text(json.dumps({{"kernel, MB": psutil.Process().memory_info().rss / 1e6}}))
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
    """Measure what is left of scrubbers that were closed, and of sliders, and of cells that show nothing."""
    turns = Cycles(page, lab, _SETUP, _MADE)
    tenth = max(1, count // 10)
    turns.run("slider", 3)  # what is loaded once is loaded
    grown = {kind: turns.growth(kind, tenth) for kind in ("nothing", "slider")}
    turns.run("scrubber", tenth)
    told = {tenth: turns.kernel()}
    before = figures.page_memory(page)
    told |= {tenth + more: now for more, now in turns.kernels("scrubber", count - tenth, tenth)}
    after = figures.page_memory(page)
    grown["scrubber"] = {name: (after[name] - before[name]) / (count - tenth) for name in before}
    first, *_, last = told.values()
    kernel = {
        f"{what}, after {tenth} and after {count}": f"{first[what]:.5g}, {last[what]:.5g}" for what in first
    }
    sizes = [now["kernel, MB"] for now in told.values()]
    kernel["kernel grew, %"] = 100 * (sizes[-1] / sizes[0] - 1)
    kernel[f"kernel, MB, every {tenth}"] = ", ".join(f"{size:.0f}" for size in sizes)
    page_growth = {
        f"{name}, a cycle: scrubber, slider, nothing": ", ".join(
            f"{grown[kind][name]:.4g}" for kind in ("scrubber", "slider", "nothing")
        )
        for name in before
    }
    return {f"{count} times opened and closed": kernel | page_growth}


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
