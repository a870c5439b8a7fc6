"""Runs the README's Python, in order, as a reader would paste it."""

from pathlib import Path

import matplotlib as mpl

from tests.clips import textured_clip

README = Path(__file__).parents[1] / "README.md"


def blocks(kind):
    """Give the fenced blocks that are marked with just these words."""
    fenced = README.read_text(encoding="utf-8").split("\n```")[1:-1:2]
    return [body for mark, body in (block.split("\n", 1) for block in fenced) if mark == kind]


def test_its_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    names = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert len(names["seg"]) >= 3
    assert (tmp_path / "report.html").stat().st_size > 100_000


def test_its_fal_example_runs_against_the_stand_in(tmp_path, monkeypatch, standin):
    monkeypatch.chdir(tmp_path)
    textured_clip(tmp_path / "my.mp4", frames=24)
    (block,) = blocks("python fal")
    names = {"sa": __import__("sa2va_nb")}
    lines = block.splitlines()
    exec(compile(lines[0], "README.md", "exec"), names)
    assert [item.phrase for item in names["mine"]] == ["Two children", "a bed"]
    assert len(standin.jobs) == 1


def test_its_two_commands_are_those_of_the_gate():
    install, test = blocks("")
    assert install.strip() == 'python -m pip install -e ".[lab]" && sa2va-nb demo'
    assert test.strip() == 'python -m pip install -e ".[test]" && python -m pytest'
    ci = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    assert test.strip().replace("install -e", "install -q -e") in ci
