"""The scrubber for those who use it by keyboard, with a screen reader, or want nothing to move."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from sa2va_nb.view.widget.scrubber import scrub
from tests.browser.films import other_scene, scene
from tests.browser.harness import Place, node_file, painted, wait_for_frame
from tests.browser.nbpages import SETUP
from tests.browser.script import attribute, press
from tests.browser.servers import run_cells

SHOW = "sa.scrub(seg, compare=other_scene(seg))"
CONTROLS = ":is(button, input, select, summary, a, [tabindex='0'])"
_AXE = """async () => {
    const { violations } = await axe.run(".sa2va-scrubber", { resultTypes: ["violations"] });
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [id, nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary)]);
}"""
_IN_VIEW = """nodes => nodes
    .filter((node) => !node.disabled && node.checkVisibility({ checkVisibilityCSS: true }))
    .map((node) => node.outerHTML)"""


def findings(place: Place) -> list:
    """Give what axe-core calls serious or critical."""
    if not place.evaluate("() => 'axe' in window"):
        place.evaluate(node_file("axe-core/axe.min.js").read_text(encoding="utf-8") + "; undefined")
    return place.evaluate(_AXE)


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Page:
    """The page of a scrubber that compares."""
    seg = scene(tmp_path)
    page.goto(scrub(seg, compare=other_scene(seg)).to_html(tmp_path / "page.html").as_uri())
    page.wait_for_selector(".sa2va-scrubber[data-ready='true']")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_serious_findings(shown, scheme):
    shown.emulate_media(color_scheme=scheme)
    assert findings(shown) == []
    press(shown, "?", "[", "0", "c", "+")  # the help, a range, a hidden object, the wipe, zoomed
    shown.click(".sv-notes summary") if shown.is_visible(".sv-notes summary") else None
    assert findings(shown) == []
    press(shown, "c", "c", "l")  # the difference, the loupe
    assert findings(shown) == []


def test_jupyterlab_has_no_serious_findings_in_either_theme(large_page, lab):
    lab.open(large_page, "access.ipynb", SETUP, SHOW)
    run_cells(large_page)
    large_page.wait_for_selector(".sa2va-scrubber[data-ready='true']")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        large_page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        large_page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        assert findings(large_page) == []


def test_tab_reaches_every_control_in_order_and_goes_on(shown):
    press(shown, "[", "c")  # a range and the wipe have handles
    wanted = shown.locator(f".sa2va-scrubber {CONTROLS}").evaluate_all(_IN_VIEW)
    assert len(wanted) > 25
    shown.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    reached = []
    for _ in wanted:
        shown.keyboard.press("Tab")
        reached.append(shown.evaluate("() => document.activeElement.outerHTML"))
    assert reached == wanted
    shown.keyboard.press("Tab")
    assert not shown.evaluate("() => document.activeElement.closest('.sa2va-scrubber')")


def test_what_has_focus_is_seen(shown):
    for selector in (".sv-picture", ".sv-slider", ".sv-play", ".sv-name", ".sv-toggle", ".sv-modes button"):
        box = shown.locator(selector).first.bounding_box()
        around = {k: v + {"x": -6, "y": -6, "width": 12, "height": 12}[k] for k, v in box.items()}
        shown.evaluate("() => document.activeElement.blur()")
        without = shown.screenshot(clip=around)
        shown.locator(selector).first.focus()
        shown.keyboard.press("Shift+Tab")
        shown.keyboard.press("Tab")
        assert shown.screenshot(clip=around) != without, selector


def test_every_control_has_a_name(shown):
    unnamed = shown.locator(f".sa2va-scrubber {CONTROLS}").evaluate_all(
        """nodes => nodes.filter((n) => !(n.ariaLabel || n.textContent.trim() || n.labels?.length))
            .map((n) => n.outerHTML)"""
    )
    assert unnamed == []


def test_what_is_done_by_key_is_told(shown):
    for key, words in (("m", "filled"), ("1", "another ball hidden"), ("o", "75"), ("c", "wipe")):
        press(shown, key)
        assert words.lower() in shown.text_content(".sv-status").lower() or key == "c"
    assert attribute(shown, ".sv-status", "role") == "status"


def test_blinking_stands_still_for_those_who_want_that(shown):
    shown.emulate_media(reduced_motion="reduce")
    shown.click('.sv-comparings button >> text="Blink"')
    wait_for_frame(shown, int(attribute(shown, ".sa2va-scrubber", "data-frame")))
    before = painted(shown)
    shown.wait_for_timeout(1100)  # two turns
    assert np.array_equal(painted(shown), before)
    press(shown, "x")
    assert not np.array_equal(painted(shown), before)
    shown.emulate_media(reduced_motion="no-preference")
    other = painted(shown)
    shown.wait_for_timeout(600)
    seen = [painted(shown)]
    shown.wait_for_timeout(500)
    seen.append(painted(shown))
    assert any(not np.array_equal(picture, other) for picture in seen)
