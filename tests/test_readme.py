"""Runs the Python of the README and of the pages in docs/, in order, as a reader would paste it."""

import re
from pathlib import Path

import matplotlib as mpl
import pytest

from tests.clips import textured_clip

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
LINKED = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page, kind):
    """Give the fenced blocks that are marked with just these words."""
    fenced = page.read_text(encoding="utf-8").split("\n```")[1:-1:2]
    return [body for mark, body in (block.split("\n", 1) for block in fenced) if mark == kind]


def run_blocks(page):
    """Run a page's examples in one namespace, which is given."""
    names = {}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)
    return names


@pytest.fixture(autouse=True)
def _aside(tmp_path, monkeypatch):
    """What an example writes goes into a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAL_KEY", raising=False)
    mpl.use("agg")


def test_its_examples_run(tmp_path):
    names = run_blocks(README)
    assert len(names["seg"]) >= 3
    assert (tmp_path / "report.html").stat().st_size > 100_000


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem
)
def test_examples_of_a_page_run(page):
    run_blocks(page)


def test_its_fal_example_runs_against_the_stand_in(tmp_path, standin):
    textured_clip(tmp_path / "my.mp4", frames=24)
    (block,) = blocks(README, "python fal")
    names = {"sa": __import__("sa2va_nb")}
    lines = block.splitlines()
    exec(compile(lines[0], "README.md", "exec"), names)
    assert [item.phrase for item in names["mine"]] == ["Two children", "a bed"]
    assert len(standin.jobs) == 1


def test_its_two_commands_are_those_of_the_gate():
    install, test = blocks(README, "")
    assert install.strip() == 'python -m pip install -e ".[lab]" && sa2va-nb demo'
    assert test.strip() == 'python -m pip install -e ".[test]" && python -m pytest'
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert test.strip().replace("install -e", "install -q -e") in ci


@pytest.mark.parametrize("page", [README, *ROOT.glob("docs/**/*.md")], ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page):
    local = [link for link in LINKED.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_pictures_are_small():
    sizes = [file.stat().st_size for file in (ROOT / "docs/images").glob("*.png")]
    assert max(sizes) < 200_000
    assert sum(sizes) < 1_500_000
