import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import sa2va_nb as sa
from sa2va_nb.cli import app
from tests.clips import textured_clip


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    clip, _ = sa.sample_clip()
    done = call(
        "segment",
        clip,
        "What moves?",
        "--engine",
        "motion",
        "--frames",
        12,
        "--runs-dir",
        folder,
        "-q",
        "--json",
    )
    assert done.exit_code == 0, done.output
    (name,) = sa.runs(folder)["run"]
    return folder, name, json.loads(done.stdout)


def test_help_teaches_each_command():
    assert "needs no key and no network" in call("--help").stdout
    for command in ("demo", "segment", "open", "measure", "evaluate", "report", "runs", "resume"):
        shown = call(command, "--help").stdout
        assert f"sa2va-nb {command}" in shown.split("Example")[1], command


def test_the_version_is_the_packages():
    assert call("--version").stdout.strip() == sa.__version__


def test_segment_prints_a_row_an_object(run):
    _, _, rows = run
    assert len(rows) >= 3
    assert rows[0]["phrase"].startswith("moving object")


def test_open_describes_the_run_in_words(run):
    folder, name, _ = run
    shown = call("open", name, "--runs-dir", folder).stdout
    assert "moving object 1" in shown
    assert "note: " in shown
    assert str(folder / name) in shown


def test_measure_prints_the_frame_table(run):
    folder, name, _ = run
    shown = call("measure", folder / name, "--csv")
    (folder / "frames.csv").write_text(shown.stdout)
    table = pd.read_csv(folder / "frames.csv")
    expected = sa.measure(sa.open_run(folder / name))
    assert table.columns.tolist() == expected.columns.tolist()
    assert table["area_px"].tolist() == expected["area_px"].tolist()
    assert "solidity" in call("measure", folder / name, "--columns", "all", "--csv").stdout


def test_runs_is_the_ledger(run):
    folder, name, _ = run
    (row,) = json.loads(call("runs", "--runs-dir", folder, "--json").stdout)
    assert (row["run"], row["status"], row["prompt"]) == (name, "done", "What moves?")


def test_report_writes_the_page(run):
    folder, name, _ = run
    assert call("report", folder / name, folder / "page.html").exit_code == 0
    assert (folder / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_resume_of_a_finished_run_opens_it(run):
    folder, name, rows = run
    assert json.loads(call("resume", name, "--runs-dir", folder, "--json", "-q").stdout) == rows


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("open", "nothing"), "expected a run folder"),
        (("segment", "missing.mp4", "a dog"), "there is no file at missing.mp4"),
        (("runs", "--csv", "--json"), "exclude each other"),
        (("evaluate", "nothing", "nowhere"), "nowhere"),
    ],
)
def test_errors_are_words_and_not_tracebacks(arguments, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert expected in done.stderr
    assert "Traceback" not in done.output


def test_without_a_key_segment_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("FAL_KEY", raising=False)
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    clip = textured_clip(tmp_path / "clip.mp4")
    done = call("segment", clip, "a dog", "--runs-dir", tmp_path / "runs", "-q")
    assert done.exit_code == 1
    assert "FAL_KEY" in done.stderr
    assert 'engine="motion"' in done.stderr
    assert not (tmp_path / "runs").exists()


def test_what_steers_a_terminal_is_not_printed(tmp_path, monkeypatch):
    from sa2va_nb.cli import _printable

    assert _printable("a\x1b[31mred\x07\u202e") == "a [31mred  "


def test_demo_does_the_whole_job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("demo", "--quiet")
    assert done.exit_code == 0, done.output
    assert "mean J 0." in done.stdout
    assert len(pd.read_csv("sa2va_demo/frames.csv")) > 100
    assert (tmp_path / "sa2va_demo" / "report.html").stat().st_size > 100_000
