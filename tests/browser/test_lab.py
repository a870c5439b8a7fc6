"""The scrubber in a real JupyterLab, driven by a real kernel."""

import json
import time
from pathlib import Path

from sa2va_nb.view.widget.scrubber import scrub
from tests.browser.figures import open_and_close, page_memory
from tests.browser.films import FRAMES, scene
from tests.browser.harness import assert_same_picture, wait_for_frame
from tests.browser.nbpages import SETUP
from tests.browser.script import press, seen, watch
from tests.browser.servers import run_cell, run_cells

SHOW = """
scrubber = sa.scrub(seg)
scrubber.observe(lambda change: Path("frame.txt").write_text(str(change.new)), "frame")
scrubber
"""
FOLLOW = "scrubber.frame, scrubber.opacity, scrubber.boxes = 20, 0.25, True"
LONG_FRAMES = 300
LONG = f"""
from tests.browser.films import long_scene
sa.scrub(long_scene(Path(), {LONG_FRAMES}))
"""
BUSY = """
import time
Path("busy").touch()
time.sleep(5)
Path("busy").unlink()
"""
LINKED = "sa.scrub(seg, clock=scrubber)"
CYCLES = 30
PLACE = """
import gc, json, threading
from IPython.display import display
from comm import get_comm_manager
from ipywidgets import Output
def tell(name):
    gc.collect()
    Path(name).write_text(json.dumps([len(get_comm_manager().comms), threading.active_count()]))
place = Output()
place
"""
OPEN = "with place:\n    shown = sa.scrub(seg)\n    display(shown)"
CLOSE = "shown.close(); place.clear_output(); shown = None"


def wait_for_text(path: Path, text: str) -> None:
    end = time.monotonic() + 15
    while not (path.exists() and path.read_text() == text):
        assert time.monotonic() < end, f"{path.name} never said {text}"
        time.sleep(0.05)


def test_a_key_steps_on_and_python_and_the_browser_agree(large_page, lab):
    lab.open(large_page, "agree.ipynb", SETUP, SHOW, FOLLOW)
    run_cell(large_page, 0)
    run_cell(large_page, 1)
    wait_for_frame(large_page, 0)
    expected = scrub(scene(lab.folder))
    assert_same_picture(large_page, expected.to_image(0))
    watch(large_page)
    for step in range(1, 11):
        press(large_page, "ArrowRight")
        wait_for_frame(large_page, step)
    assert seen(large_page) == [*range(1, 11)]
    wait_for_text(lab.folder / "frame.txt", "10")
    assert_same_picture(large_page, expected.to_image(10))

    press(large_page, "b", "b", "End")  # "b" would add a cell, did Jupyter hear it
    wait_for_frame(large_page, FRAMES - 1)
    wait_for_text(lab.folder / "frame.txt", str(FRAMES - 1))
    assert large_page.locator(".jp-Notebook .jp-CodeCell").count() == 3

    run_cell(large_page, 2)
    wait_for_frame(large_page, 20)
    expected.opacity, expected.boxes = 0.25, True
    assert_same_picture(large_page, expected.to_image(20))


def test_frames_come_while_the_kernel_is_busy_with_another_cell(large_page, lab):
    lab.open(large_page, "busy.ipynb", SETUP, LONG, BUSY)
    run_cell(large_page, 0)
    run_cell(large_page, 1)
    wait_for_frame(large_page, 0)
    run_cells(large_page, below=1)
    while not (lab.folder / "busy").exists():
        large_page.wait_for_timeout(20)
    press(large_page, "End")
    wait_for_frame(large_page, LONG_FRAMES - 1)
    assert (lab.folder / "busy").exists()


def test_linked_scrubbers_move_together(large_page, lab):
    lab.open(large_page, "linked.ipynb", SETUP, SHOW, LINKED)
    run_cells(large_page)
    large_page.locator(".sa2va-scrubber[data-ready='true']").nth(1).wait_for()
    for moved, key, frame in ((0, "ArrowRight", 1), (1, "End", FRAMES - 1), (0, "ArrowLeft", FRAMES - 2)):
        large_page.locator(".sv-picture").nth(moved).focus()
        large_page.keyboard.press(key)
        for index in range(2):
            place = large_page.locator(".sa2va-scrubber").nth(index)
            place.locator(f"xpath=self::*[@data-frame='{frame}']").wait_for(state="attached", timeout=10_000)


def test_nothing_is_left_of_closed_scrubbers(large_page, lab):
    cells = [SETUP, PLACE, OPEN, CLOSE, "tell('before')", "tell('after')", "1", "2"]
    lab.open(large_page, "cycles.ipynb", *cells)

    def growth(cells: tuple[int, int], count: int, *, shown: bool = True) -> dict[str, float]:
        """What grows in the page at each cycle; cells without any widget leave something, too."""
        before = page_memory(large_page)
        open_and_close(large_page, cells, count, shown=shown)
        return {name: (value - before[name]) / count for name, value in page_memory(large_page).items()}

    for cell in (0, 1):
        run_cell(large_page, cell)
    growth((2, 3), 3)  # what is loaded once is loaded
    bare = growth((6, 7), 10, shown=False)
    run_cell(large_page, 4)
    grown = growth((2, 3), CYCLES)
    run_cell(large_page, 5)
    told = [json.loads((lab.folder / name).read_text()) for name in ("before", "after")]
    assert told[0] == told[1], "comms, threads"
    assert grown["listeners"] - bare["listeners"] < 40  # a scrubber has 80, and 370 nodes
    assert grown["nodes"] - bare["nodes"] < 150
