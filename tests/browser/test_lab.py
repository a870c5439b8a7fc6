"""The scrubber in a real JupyterLab, driven by a real kernel."""

import time
from pathlib import Path

from sa2va_nb.view.widget.scrubber import scrub
from tests.browser.cycles import Cycles
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


def test_a_closed_scrubber_leaves_no_more_than_a_slider(large_page, lab):
    cycles = Cycles(large_page, lab, SETUP)
    for kind in ("slider", "scrubber"):
        cycles.run(kind, 3)  # what is loaded once is loaded
    slider = cycles.growth("slider", 10)
    before = cycles.kernel()
    scrubber = cycles.growth("scrubber", CYCLES)
    after = cycles.kernel()
    assert (after["comms"], after["threads"]) == (before["comms"], before["threads"])
    assert after["Python objects"] < before["Python objects"] + 100 * CYCLES  # a scrubber has thousands
    assert scrubber["listeners"] < slider["listeners"] + 20  # it has 80, and 370 nodes
    assert scrubber["nodes"] < slider["nodes"] + 50
    assert scrubber["page heap, MB"] < slider["page heap, MB"] + 0.1  # its module alone has 0.15 to 0.3
