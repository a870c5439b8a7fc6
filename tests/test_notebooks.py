import json
import re

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, execute

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_runs_top_to_bottom_without_a_key(path, tmp_path, monkeypatch):
    monkeypatch.delenv("FAL_KEY", raising=False)
    notebook = execute(path, tmp_path)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_reads_well_without_a_kernel(path):
    assert path.stat().st_size < 2_000_000
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 4
    assert "widget-view" not in json.dumps(outputs)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_holds_no_path_of_the_machine_it_ran_on(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"/(?:tmp|home|root|Users)/|site-packages|C:\\\\", text) == []


def test_cells_call_and_show_and_define_nothing():
    for path in ALL:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                assert not any(
                    line.startswith(("def ", "class ", "for ", "while ")) for line in cell.source.splitlines()
                )
