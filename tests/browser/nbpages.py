"""Pages that nbconvert makes of a notebook with a scrubber in it."""

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Page, Route

from tests.browser.harness import node_file
from tests.browser.servers import ROOT

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
import sa2va_nb as sa
from tests.browser.films import other_scene, scene
seg = scene(Path())
"""
# What a page with saved widgets loads from the network, and the files of the same packages.
_PACKAGES = {
    r"/require(\.min)?\.js$": "requirejs/require.js",
    r"/html-manager@[^/]+/dist/embed-amd\.js$": "@jupyter-widgets/html-manager/dist/embed-amd.js",
    r"/anywidget@[^/]+/dist/index(\.js)?$": "anywidget/dist/index.js",
}


def executed(folder: Path, *cells: str) -> nbformat.NotebookNode:
    """Run cells in a kernel in a folder; give the notebook as it is saved, widget state included."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def write_page(notebook: nbformat.NotebookNode, path: Path) -> Path:
    """Convert a notebook with nbconvert."""
    path.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return path


def serve_packages(page: Page) -> list[str]:
    """Answer what a page asks the network for from installed packages; give the list of what it asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        address = route.request.url
        asked.append(address)
        for pattern, file in _PACKAGES.items():
            if re.search(pattern, address):
                return route.fulfill(path=node_file(file), content_type="text/javascript")
        return route.abort()

    page.route(re.compile(r"^https?://"), answer)
    return asked
