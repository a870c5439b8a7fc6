"""The documentation builds without a warning, is complete, and leads nowhere that isn't there."""

import re
import zlib

import nbformat
import pytest

import sa2va_nb as sa
from sa2va_nb.analysis import measure, overlaps, tracks
from sa2va_nb.analysis.columns import column_groups
from sa2va_nb.analysis.quality import quality
from sa2va_nb.analysis.truth import multi_object, table
from tests.docs.build import ROOT
from tests.docs.links import broken_links
from tests.docs.pages import move_out, run_living

MEASURES = ROOT / "docs/reference/measures.md"
COLUMNS = {
    "measure": [*measure._BASIC_DTYPES, *column_groups()["shape"].dtypes],
    "tracks": [*tracks._DTYPES],
    "overlaps": [*overlaps._DTYPES],
    "evaluate": [*table._FRAME_DTYPES, *table._FIGURES, *table._COUNTS, "N_acc", "T_acc"],
    "evaluate_tracks": multi_object._FIGURES,
    "quality": [*quality._DTYPES, "flow_iou", "flags"],
}


def inventory(site):
    """List the names that the site documents."""
    head, body = (site / "objects.inv").read_bytes().split(b"zlib.\n")
    assert b"version 2" in head
    return {line.split()[0] for line in zlib.decompress(body).decode().splitlines()}


def test_every_link_inside_leads_somewhere_and_nothing_is_loaded_from_the_network(docs_site):
    assert broken_links(docs_site) == []


def test_every_public_name_is_in_the_reference(docs_site):
    assert {f"sa2va_nb.{name}" for name in sa.__all__} - inventory(docs_site) == set()


def test_every_page_is_built(docs_site):
    pages = [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("notebooks/*.ipynb"),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
    ]
    built = [docs_site / page.relative_to(ROOT).with_suffix(".html") for page in pages]
    assert [page for page in built if not page.is_file()] == []
    assert "docs/index.html" in (docs_site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("function", COLUMNS)
def test_every_column_has_its_formula(function):
    text = MEASURES.read_text(encoding="utf-8")
    explained = set(
        re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*) \| [^|\s]", text, re.MULTILINE)))
    )
    assert set(COLUMNS[function]) - explained == set()


@pytest.mark.parametrize(
    ("tag", "wrong"),
    [
        ('<a href="gone.html">', "gone.html leads nowhere"),
        ('<a href="there.html#gone">', "there.html#gone leads nowhere"),
        ('<a href="#gone">', "#gone leads nowhere"),
        ('<img src="gone.png">', "gone.png leads nowhere"),
        ('<script src="https://example.org/x.js"></script>', "loads https://example.org/x.js"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "loads //example.org/x.css"),
    ],
)
def test_a_dead_link_is_found(tmp_path, tag, wrong):
    (tmp_path / "there.html").write_text('<p id="here">', encoding="utf-8")
    fine = '<a href="there.html#here"><a href="there.html"><a href="https://example.org"><a href="#">'
    (tmp_path / "page.html").write_text(fine + tag, encoding="utf-8")
    assert broken_links(tmp_path) == [f"page.html: {wrong}"]


def test_a_notebook_that_is_run_holds_a_scrubber_without_a_kernel(tmp_path):
    cell = "import sa2va_nb as sa\nsa.sample_clip()[1]"
    path = tmp_path / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), path)
    (output,) = run_living(path).cells[0].outputs
    shown = move_out(output["data"]["text/html"], tmp_path, "../")
    assert re.fullmatch(
        r'<iframe class="living" [^<>]*src="\.\./_scrubbers/\w+\.html"[^<>]*></iframe>', shown
    )
    (page,) = tmp_path.glob("*.html")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
