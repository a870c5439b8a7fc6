"""One script of behaviours wherever a scrubber is shown: pages, Jupyter applications, marimo."""

from pathlib import Path

import pytest

from sa2va_nb.view.report.report import report
from sa2va_nb.view.widget.scrubber import scrub
from tests.browser.films import other_scene, scene
from tests.browser.harness import framed
from tests.browser.nbpages import SETUP, executed, serve_packages, write_page
from tests.browser.script import behaves
from tests.browser.servers import marimo, run_cells

SHOW = "sa.scrub(seg, compare=other_scene(seg), embed=True)"
MARIMO = f"""
import marimo
app = marimo.App()

@app.cell
def _():
    {SETUP.strip().replace(chr(10), chr(10) + "    ")}
    return other_scene, sa, seg

@app.cell
def _(other_scene, sa, seg):
    sa.scrub(seg, compare=other_scene(seg))
    return
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """Notebooks as they are saved, as HTML pages: static.html and state.html."""
    folder = tmp_path_factory.mktemp("saved")
    notebook = executed(folder, SETUP, SHOW, "sa.scrub(seg, compare=other_scene(seg)).static()")
    static = notebook.cells.pop()
    write_page(notebook, folder / "state.html")
    notebook.cells = [static]
    del notebook.metadata["widgets"]
    write_page(notebook, folder / "static.html")
    return folder


def test_in_the_report(page, tmp_path):
    page.goto(report(scene(tmp_path), tmp_path / "report.html").as_uri())
    behaves(page)


def test_in_a_page_that_compares(page, tmp_path):
    seg = scene(tmp_path)
    page.goto(scrub(seg, compare=other_scene(seg)).to_html(tmp_path / "page.html").as_uri())
    behaves(page)


def test_in_a_frame_of_a_converted_notebook_offline(browser, saved):
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 1200})
    page = context.new_page()
    page.goto((saved / "static.html").as_uri())
    frame = framed(page)
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight"), "all of it is seen"
    behaves(frame)
    context.close()


def test_in_a_converted_notebook_from_the_saved_state(large_page, saved):
    asked = serve_packages(large_page)
    large_page.goto((saved / "state.html").as_uri())
    behaves(large_page)
    assert len([address for address in asked if "anywidget" in address]) == 1


def test_in_jupyterlab(large_page, lab):
    lab.open(large_page, "place.ipynb", SETUP, SHOW)
    run_cells(large_page)
    behaves(large_page)


def test_in_notebook_7(large_page, lab):
    lab.open_in_notebook_7(large_page, "place-7.ipynb", SETUP, SHOW)
    run_cells(large_page)
    behaves(large_page)


def test_in_marimo(large_page, tmp_path):
    pytest.importorskip("marimo", reason="marimo is not installed, and large: python -m pip install marimo")
    notebook = tmp_path / "look.py"
    notebook.write_text(MARIMO)
    with marimo(notebook) as address:
        large_page.goto(address)
        behaves(large_page)
