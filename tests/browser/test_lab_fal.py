"""The whole job in a real JupyterLab, with the real client, against the stand-in."""

import numpy as np

import sa2va_nb as sa
from sa2va_nb.view.painting.colors import rgb_color
from sa2va_nb.view.painting.frames import image_at, masks_at
from sa2va_nb.view.painting.overlay import overlay
from tests.browser.harness import painted, wait_for_frame
from tests.browser.servers import jupyter, run_cell, run_cells
from tests.clips import textured_clip

CALL = """
import sa2va_nb as sa
seg = sa.segment("clip.mp4", "Please segment the children.", runs_dir="runs")
seg
"""


def test_a_call_shows_its_logs_and_then_a_scrubber_that_follows_the_keys(browser, tmp_path, standin):
    textured_clip(tmp_path / "clip.mp4", frames=24, height=144, width=256)
    with jupyter(tmp_path) as lab:  # of its own: it must know the stand-in's addresses
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        lab.open(page, "call.ipynb", CALL)
        run_cells(page)
        page.wait_for_selector(".sa2va-nb-progress >> text=step 1 of", timeout=60_000)
        wait_for_frame(page, 0)
        progress = page.inner_text(".sa2va-nb-progress")
        assert "2 masks" in progress
        assert "Two children" in page.inner_text(".sa2va-scrubber")
        first = painted(page).astype(int)
        page.focus(".sa2va-scrubber input[type=range]")
        page.keyboard.press("ArrowRight")
        wait_for_frame(page, 1)
        second = painted(page).astype(int)
        page.close()
    assert len(standin.jobs) == 1
    seg = sa.open_run(sa.runs(tmp_path / "runs")["run"][0], runs_dir=tmp_path / "runs")
    size = first.shape[:2]
    for position, picture in enumerate((first, second)):
        expected = overlay(
            image_at(seg, position, size), masks_at(seg, position, size), colors=[rgb_color(0), rgb_color(1)]
        )
        assert np.abs(picture - expected).mean() < 6  # JPEG of coloured patches
    assert np.abs(first - second).mean() > 12  # a frame further is another picture


KEPT = """
%xmode Minimal
import sa2va_nb as sa
sa.segment("clip.mp4", "Please segment the children.", engine=sa.FalEngine(poll_s=0.05), runs_dir="runs")
"""
RESUMED = """
run = sa.runs("runs")["run"][0]
sa.resume(run, runs_dir="runs")
"""
CANCELLED = """
quick = sa.FalEngine(poll_s=0.05, cancel_on_interrupt=True)
sa.segment("clip.mp4", "Please segment the bed.", engine=quick, runs_dir="runs")
"""
ASKED_AGAIN = """
try:
    sa.resume(sa.runs("runs")["run"][1], runs_dir="runs", progress=False)
except sa.ModelError as error:
    print(error)
sa.segment("clip.mp4", "Please segment the bed.", engine=quick, runs_dir="runs")
"""


ACTIVE = ".jp-CodeCell.jp-mod-active"  # JupyterLab takes others, and what is out of sight, out of the page


def interrupt_while_queued(page, cell):
    """Run a cell whose job never begins, interrupt it as a user does, and give what is then said below it."""
    run_cell(page, cell, wait=False)
    output = page.locator(ACTIVE).locator(".jp-OutputArea").first
    output.locator(".sa2va-nb-progress", has_text="in the queue").wait_for(timeout=60_000)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    output.get_by_text("KeyboardInterrupt").first.wait_for(timeout=60_000)
    return output.locator(".sa2va-nb-progress").inner_text()


def test_an_interrupted_cell_says_what_is_left_and_the_next_one_ends_well(browser, tmp_path, standin):
    textured_clip(tmp_path / "clip.mp4", frames=24, height=144, width=256)
    standin.hold = True
    with jupyter(tmp_path) as lab:
        page = browser.new_page(viewport={"width": 1280, "height": 2200})
        lab.open(page, "call.ipynb", KEPT, RESUMED, CANCELLED, ASKED_AGAIN)

        told = interrupt_while_queued(page, 0)
        (kept,) = standin.jobs.values()
        assert not kept.cancelled
        assert f"Request {kept.id} is kept" in told
        assert "sa.resume(" in told
        assert "sa.cancel(" in told
        standin.hold = False
        run_cell(page, 1, wait=False)
        wait_for_frame(page, 0)
        assert len(standin.jobs) == 1

        standin.hold = True
        told = interrupt_while_queued(page, 2)
        _, cancelled = standin.jobs.values()
        assert cancelled.cancelled
        assert f"request {cancelled.id} is cancelled" in told
        standin.hold = False
        run_cell(page, 3, wait=False)
        ended = page.locator(ACTIVE)
        ended.locator(".sa2va-scrubber[data-ready='true']").wait_for(timeout=60_000)
        assert f"{cancelled.id} was cancelled; nothing comes of it" in ended.inner_text()
        page.close()
    assert len(standin.jobs) == 3
    assert sa.runs(tmp_path / "runs")["status"].tolist() == ["done", "cancelled", "done"]
    assert standin.count("POST v3.fal.media") == 1
