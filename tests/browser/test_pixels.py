"""What the browser paints is what Python draws, in every mode, at several frames.

tests/test_js.py compares the two without JPEG and to the bit; here the real canvas is read.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from sa2va_nb.view.painting.look import COMPARISONS
from sa2va_nb.view.painting.overlay import MODES
from sa2va_nb.view.widget.scrubber import Scrubber, scrub
from tests.browser.films import crowd, other_scene, scene
from tests.browser.harness import assert_same_picture, wait_for_frame

POSITIONS = (0, 10, 19, 24, 39)


def compare(page: Page, scrubber: Scrubber, folder: Path, looks: list[dict]) -> None:
    """Set traits on both sides; compare the pictures at five frames."""
    names = {name for look in looks for name in look}
    before = {name: getattr(scrubber, name) for name in names}
    for number, look in enumerate(looks):
        for name, value in (before | look).items():
            scrubber.set_trait(name, value)
        scrubber.frame = POSITIONS[0]
        page.goto(scrubber.to_html(folder / f"look-{number}.html").as_uri())
        for position in POSITIONS:
            page.fill(".sv-slider", str(position))
            wait_for_frame(page, position)
            assert_same_picture(page, scrubber.to_image(position))


def test_in_every_mode_with_and_without_lines(page, tmp_path):
    looks = [{"mode": mode, "boxes": i % 2 == 1, "trails": i % 3 == 1} for i, mode in enumerate(MODES)]
    compare(page, scrub(scene(tmp_path)), tmp_path, looks)


@pytest.mark.parametrize("mode", ["both", "spotlight"])
def test_with_one_selected_and_all_lines(page, tmp_path, mode):
    look = {"mode": mode, "selected": 1, "boxes": True, "trails": True, "opacity": 0.7}
    compare(page, scrub(scene(tmp_path)), tmp_path, [look])


def test_with_more_objects_than_colours_over_one_another(page, tmp_path):
    compare(page, scrub(crowd(tmp_path)), tmp_path, [{}, {"selected": 11, "boxes": True}])


@pytest.mark.parametrize("kind", ["reference", "compare"])
def test_in_every_way_of_comparing(page, tmp_path, kind):
    seg = scene(tmp_path)
    scrubber = scrub(seg, **{kind: other_scene(seg)})
    looks = [{"comparing": comparing, "split": 0.3, "trails": kind == "compare"} for comparing in COMPARISONS]
    looks.append({"comparing": "difference", "selected": 0, "mode": "mask"})
    looks[COMPARISONS.index("blink")]["split"] = 0.5
    page.emulate_media(reduced_motion="reduce")  # else A and B take turns
    compare(page, scrubber, tmp_path, looks)
