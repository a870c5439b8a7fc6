"""Texts of the model, the prompt and file names are shown as texts, wherever a scrubber is shown."""

import pytest
from playwright.sync_api import Page

from sa2va_nb.view.report.report import report
from sa2va_nb.view.widget.scrubber import scrub
from tests.browser.films import HOSTILE, HOSTILE_FILE, RIGHT_TO_LEFT, hostile_scene, hostile_table
from tests.browser.harness import Place, framed
from tests.browser.nbpages import SETUP, executed, serve_packages, write_page
from tests.browser.script import press, share_of
from tests.browser.servers import run_cells

SHOW = """
from tests.browser.films import hostile_scene, hostile_table
seg = hostile_scene(Path())
sa.scrub(seg, table=hostile_table(seg), embed=True)
"""
SHOW_STATIC = SHOW.replace(", embed=True)", ").static()")


def assert_harmless(place: Place, *, widest: int) -> None:
    """Everything that shows a text is looked at; nothing in it was run or became an element."""
    place.wait_for_selector(".sa2va-scrubber[data-ready='true']")
    root = place.locator(".sa2va-scrubber")
    assert place.text_content(".sv-name >> nth=0") == HOSTILE
    assert place.text_content(".sv-phrase >> nth=0") == HOSTILE
    assert HOSTILE in place.text_content(".sv-column")
    place.click(".sv-notes summary")
    assert HOSTILE in place.text_content(".sv-notes")
    place.hover(".sv-picture")  # the tooltip names what lies there
    columns = place.locator(".sv-picture").evaluate("canvas => canvas.width")
    getattr(place, "page", place).mouse.move(*share_of(place, ".sv-picture", 60 / columns, 0.5))
    assert HOSTILE in place.text_content(".sv-tip")
    press(place, "1", "n", "?")
    assert root.locator("script, img, x").count() == 0
    assert place.evaluate("() => window.harm") is None
    assert root.bounding_box()["width"] <= widest
    assert root.bounding_box()["height"] <= 1600
    assert root.evaluate("root => root.scrollWidth <= root.clientWidth + 1")


def test_in_the_report(page, tmp_path):
    seg = hostile_scene(tmp_path)
    page.goto(report(seg, tmp_path / "report.html").as_uri())
    page.wait_for_selector(".sa2va-scrubber[data-ready='true']")
    assert page.locator("main img").count() == 1  # the poster
    assert HOSTILE in page.text_content("h1")
    assert HOSTILE_FILE in page.text_content(".subtitle")
    assert RIGHT_TO_LEFT.strip() in page.text_content("table")
    assert page.evaluate("() => window.harm") is None
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("compared", [False, True])
def test_in_a_page(page, tmp_path, compared):
    seg = hostile_scene(tmp_path)
    other = hostile_scene(tmp_path) if compared else None
    scrubber = scrub(seg, table=hostile_table(seg), compare=other)
    page.goto(scrubber.to_html(tmp_path / "page.html").as_uri())
    assert_harmless(page, widest=900)


def test_in_converted_notebooks(large_page, tmp_path):
    notebook = executed(tmp_path, SETUP, SHOW, SHOW_STATIC)
    static = notebook.cells.pop()
    serve_packages(large_page)
    large_page.goto(write_page(notebook, tmp_path / "state.html").as_uri())
    assert_harmless(large_page, widest=1300)
    notebook.cells = [static]
    large_page.goto(write_page(notebook, tmp_path / "static.html").as_uri())
    assert_harmless(framed(large_page), widest=1300)
    assert_no_harm_around(large_page)


def test_in_jupyterlab(large_page, lab):
    lab.open(large_page, "hostile.ipynb", SETUP, SHOW)
    run_cells(large_page)
    assert_harmless(large_page, widest=1300)
    assert_no_harm_around(large_page)


def assert_no_harm_around(page: Page) -> None:
    assert page.evaluate("() => window.harm") is None
