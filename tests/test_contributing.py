"""Follows CONTRIBUTING to the letter, in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = [block.split("\n", 1) for block in PAGE.split("\n```")[1:-1:2]]
FILES = {mark.removeprefix("python "): body + "\n" for mark, body in BLOCKS if mark.startswith("python ")}
NOT_COPIED = (
    ".git",
    "node_modules",
    "build",
    "dist",
    "sa2va_runs",
    ".venv",
    "*_cache",
    "__pycache__",
    ".hypothesis",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone") / "sa2va_nb"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    for name, body in FILES.items():
        assert not (folder / name).exists()
        (folder / name).write_text(body, encoding="utf-8")
    yield folder
    shutil.rmtree(folder)  # it holds the tests' own secrets, which are looked for in all that tests leave


def run(folder, *command):
    tools = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_measure_is_in_the_table_and_in_the_documentation(copy):
    (commands,) = (body.splitlines() for mark, body in BLOCKS if mark == "bash")
    tests, table, docs = (run(copy, "bash", "-c", command) for command in commands)
    assert "6 passed" in tests
    assert re.search(r"the red ball +0 +0\.\d+", table)
    assert "0 broken links" in docs
    page = (copy / "build/docs/docs/reference/tables.html").read_text(encoding="utf-8")
    assert "sa2va_nb.analysis.columns.extent.extent" in page
    assert "the area over that of the box" in page


def test_the_example_engine_segments(copy):
    (example,) = (body for mark, body in BLOCKS if mark == "python")
    shown = run(
        copy, sys.executable, "-c", f"{example}\nprint(seg['what is bright'].masks.area_px.max() > 0)"
    )
    assert shown.strip() == "True"


def test_the_example_format_is_read_and_written(copy):
    table = copy / "sa2va_nb/formats/catalogue.py"
    text = table.read_text(encoding="utf-8")
    text = re.sub(r"^(from sa2va_nb.formats import .*)$", r"\1, letters", text, count=1, flags=re.MULTILINE)
    table.write_text(
        re.sub(r"^\)$", "    letters.FORMAT,\n)", text, count=1, flags=re.MULTILINE), encoding="utf-8"
    )
    assert "1 passed" in run(copy, sys.executable, "-m", "pytest", "--no-cov", "-q", "tests/test_letters.py")


def test_the_examples_are_free_of_lint(copy):
    files = [name for name in FILES if name.startswith(("sa2va_nb/", "tests/"))]
    for command in (["ruff", "check", *files], ["ruff", "format", "--check", *files], ["mypy"]):
        run(copy, sys.executable, "-m", *command)


def test_its_gate_is_the_one_of_the_readme():
    assert 'python -m pip install -e ".[test]" && python -m pytest' in PAGE
