"""The whole job in a real JupyterLab, with the real client, against the stand-in."""

import numpy as np

import sa2va_nb as sa
from sa2va_nb.view.painting.colors import rgb_color
from sa2va_nb.view.painting.frames import image_at, masks_at
from sa2va_nb.view.painting.overlay import overlay
from tests.browser.harness import painted, wait_for_frame
from tests.browser.servers import jupyter, run_cells
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
