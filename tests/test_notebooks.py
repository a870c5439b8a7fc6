import json
import re

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, RAN, digest, execute, solutions, without_widgets, words
from tests.standin import StandIn

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def assert_quiet(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")


def assert_says_the_same(now: str, stored: str):
    """Compare words exactly and numbers nearly: versions of codecs and libraries may differ in the last digits."""
    shape = [re.sub(r"[\s.…-]+", " ", _NUMBER.sub("0", text)) for text in (now, stored)]
    assert shape[0] == shape[1]
    numbers = [[float(number) for number in _NUMBER.findall(text)] for text in (now, stored)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.05, abs=0.05)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_runs_without_a_key_and_says_what_is_stored(path, tmp_path, monkeypatch):
    monkeypatch.delenv("FAL_KEY", raising=False)
    stored = nbformat.read(path, as_version=4)
    notebook = without_widgets(execute(path, tmp_path, solve=True))
    assert_quiet(notebook)
    for now, before in zip(words(notebook), words(stored), strict=False):  # behind come the solutions
        assert_says_the_same(now, before)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_runs_with_the_hosted_engine(path, tmp_path, monkeypatch):
    with StandIn(queue_polls=0, run_polls=1) as standin:
        for name, value in standin.env().items():
            monkeypatch.setenv(name, value)
        notebook = execute(path, tmp_path, engine="fal")
    assert_quiet(notebook)
    assert standin.errors == []
    assert standin.jobs


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_stored_outputs_are_those_of_the_cells(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata[RAN] == digest(notebook), "stale: run python -m tests.notebooks"
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == [*range(1, len(counts) + 1)]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_reads_well_without_a_kernel(path):
    assert path.stat().st_size < 3_000_000
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 4
    assert "widget-view" not in json.dumps(outputs)
    said = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
    assert not [text for text in said if text.startswith(("<Axes", "[<", "array(["))], "end the cell with ;"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_asks_and_has_exercises_with_folded_solutions(path):
    notebook = nbformat.read(path, as_version=4)
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert "?" in first.source
    assert solutions(notebook)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_holds_no_path_of_the_machine_it_ran_on(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"/(?:tmp|home|root|Users)/|site-packages|C:\\\\", text) == []


def test_links_between_the_pages_lead_somewhere():
    for path in ALL:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                for target in re.findall(r"\]\(([^)#]+)", cell.source):
                    assert target.startswith("https://") or (path.parent / target).exists(), (
                        path.name,
                        target,
                    )


def test_a_price_is_not_taken_for_a_formula():
    for path in ALL:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                prose = _CODE.sub("", cell.source)
                assert prose.count("$") < 2, f"{path.name} shows as a formula what is between: {prose}"


def test_cells_call_and_show_and_define_nothing():
    for path in ALL:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                assert not any(
                    line.startswith(("def ", "class ", "for ", "while ")) for line in cell.source.splitlines()
                )
