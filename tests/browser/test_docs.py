"""The documentation in Chromium, from files, with no network."""

import pytest

from tests.browser.harness import framed, wait_for_frame


@pytest.mark.parametrize("name", ["docs/index", "docs/scrubber"])
def test_a_scrubber_lives_in_a_page(page, docs_site, name):
    page.goto((docs_site / f"{name}.html").as_uri())
    frame = framed(page)
    wait_for_frame(frame, 0)
    frame.focus(".sv-slider")
    page.keyboard.press("ArrowRight")
    wait_for_frame(frame, 1)
    frame.click(".sv-phrase >> nth=1")
    assert frame.get_attribute(".sv-phrase >> nth=1", "aria-pressed") == "true"


@pytest.mark.parametrize("width", [390, 1366])
def test_no_page_is_wider_than_the_window(page, docs_site, width):
    page.set_viewport_size({"width": width, "height": 844})
    for file in sorted(docs_site.rglob("*.html")):
        if "_scrubbers" not in file.parts and file != docs_site / "index.html":  # which only leads on
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), file.name


def test_the_top_of_the_site_leads_to_its_first_page(page, docs_site):
    page.goto((docs_site / "index.html").as_uri())
    page.wait_for_url("**/docs/index.html")
    assert page.text_content("h1").startswith("sa2va_nb")
