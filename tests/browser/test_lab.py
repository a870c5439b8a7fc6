"""The scrubber in a real JupyterLab, driven by a real kernel."""

import time
from pathlib import Path

import numpy as np

from sa2va_nb.media.video import Video
from sa2va_nb.view.colors import rgb_color
from sa2va_nb.view.overlay import overlay
from tests.browser.harness import (
    chromium,
    jupyter_lab,
    open_notebook,
    painted,
    run_cells,
    wait_for_frame,
    write_notebook,
)
from tests.browser.test_page import FRAMES, HEIGHT, WIDTH, smooth_clip
from tests.clips import rectangle

SHOW = """
import numpy as np
import sa2va_nb as sa
seg = sa.load_masks([np.load("masks.npy")], video="clip.mp4", answer="<p> a box </p> [SEG] moves.")
scrubber = sa.scrub(seg)
scrubber.observe(lambda change: open("frame.txt", "w").write(str(change.new)), "frame")
scrubber
"""
FOLLOW = """
if scrubber.frame:
    scrubber.frame, scrubber.opacity = 20, 0.25
"""


def wait_for_text(path: Path, text: str) -> None:
    end = time.monotonic() + 15
    while not (path.exists() and path.read_text() == text):
        assert time.monotonic() < end, f"{path.name} never said {text}"
        time.sleep(0.05)


def test_a_key_steps_on_and_python_and_the_browser_agree(tmp_path):
    masks = rectangle(frames=FRAMES, height=HEIGHT, width=WIDTH, start=(90, 20), step=3)
    np.save(tmp_path / "masks.npy", masks)
    video = Video(smooth_clip(tmp_path / "clip.mp4").path)
    write_notebook(tmp_path / "look.ipynb", SHOW, FOLLOW)

    def assert_painted(frame: int, opacity: float) -> None:
        wait_for_frame(page, frame)
        expected = overlay(video[frame], [masks[frame]], colors=[rgb_color(0)], opacity=opacity)
        assert np.abs(painted(page).astype(int) - expected).max() <= 12

    with chromium() as browser, jupyter_lab(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        open_notebook(page, address, "look.ipynb")
        run_cells(page)
        assert_painted(0, 0.5)
        page.focus(".sv-picture")
        page.keyboard.press("ArrowRight")
        assert_painted(1, 0.5)
        wait_for_text(tmp_path / "frame.txt", "1")

        page.keyboard.press("b")  # would add a cell, did Jupyter hear it
        page.keyboard.press("End")
        assert_painted(FRAMES - 1, 0.5)
        wait_for_text(tmp_path / "frame.txt", str(FRAMES - 1))
        assert page.locator(".jp-Notebook .jp-CodeCell").count() == 2

        page.evaluate(
            """() => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = 1;
                return window.jupyterapp.commands.execute("notebook:run-cell");
            }"""
        )
        assert_painted(20, 0.25)
        assert complaints == []
