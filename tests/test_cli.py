import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import sa2va_nb as sa
from sa2va_nb.cli import app
from tests.annotations import write_json, ytvis
from tests.clips import rectangle, textured_clip


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
    for command in (
        "demo",
        "segment",
        "open",
        "measure",
        "evaluate",
        "quality",
        "report",
        "export",
        "runs",
        "resume",
    ):
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


def test_measure_gives_physical_units_by_a_scale(run):
    folder, name, _ = run
    shown = call("measure", folder / name, "--px-per-unit", 4, "--unit", "cm", "--csv")
    expected = sa.measure(sa.open_run(folder / name))
    np.testing.assert_allclose(
        pd.read_csv(io.StringIO(shown.stdout))["area_cm2"], expected["area_px"] / 16, rtol=1e-9
    )
    refused = call("measure", folder / name, "--unit", "cm")
    assert refused.exit_code == 1
    assert "px_per_unit and unit belong together" in refused.stderr


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
        (("open", "nothing", "--runs-dir", "here"), "nor one of that name in here"),
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


def test_demo_does_the_whole_job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("demo", "--quiet")
    assert done.exit_code == 0, done.output
    assert "mean J 0." in done.stdout
    assert len(pd.read_csv("sa2va_demo/frames.csv")) > 100
    assert f"sa2va-nb runs {Path('sa2va_demo/runs')} lists it" in done.stdout
    empty = call("runs")
    assert empty.stderr == f"no runs in sa2va_runs; there are some in {Path('sa2va_demo/runs')}\n"
    assert call("runs", "sa2va_demo").stderr.startswith("no runs in sa2va_demo")
    assert call("runs", "sa2va_demo/runs").stderr == ""
    assert (tmp_path / "sa2va_demo" / "report.html").stat().st_size > 100_000


def pngs(folder, dense):
    folder.mkdir(parents=True)
    for t, mask in enumerate(dense):
        Image.fromarray(mask.astype(np.uint8)).save(folder / f"{t:05d}.png")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Write results and truth of two clips: one perfect, one of which a half is missed."""
    folder = tmp_path_factory.mktemp("scores")
    for name, by in (("dog", 0), ("cat_1", 8)):
        pngs(folder / "results" / name, np.roll(rectangle(), by, axis=2))
        pngs(folder / "truth" / name, rectangle())
    return folder / "results", folder / "truth"


def test_evaluate_prints_a_row_an_object_of_one_result(run, results):
    predicted, truth = results
    done = call("evaluate", predicted / "cat_1", truth / "cat_1", "--json")
    (row,) = json.loads(done.stdout)
    assert row["J_mean"] == pytest.approx(1 / 3)
    assert row["object"] == 0
    assert "compared in 12 frames that both have; match=order" in done.stderr
    assert "note: frames 0 to 11, from the names of 00000.png … 00011.png" in done.stderr


def test_text_has_the_columns_that_fit_and_hold_something(run, results):
    predicted, truth = results
    done = call("evaluate", predicted / "cat_1", truth / "cat_1")
    head, _ = done.stdout.splitlines()
    assert head.split()[:5] == [
        "object",
        "reference",
        "JF_mean",
        "J_mean",
        "F_mean",
    ]  # nothing has a phrase here
    assert done.stderr.startswith("mean over objects: J 0.333, ")
    folder, name, _ = run
    head, row, _ = call("runs", folder).stdout.splitlines()
    assert head.split() == ["run", "engine", "video", "prompt", "status", "seconds", "cost_usd"]
    assert name in row


def test_masks_of_another_tool_are_measured_and_reported(results, tmp_path):
    masks, clip = results[0] / "dog", textured_clip(tmp_path / "clip.mp4")
    rows = json.loads(call("measure", masks, "--json").stdout)
    assert [row["frame"] for row in rows] == list(range(12))
    done = call("report", masks, tmp_path / "dog.html", "--video", clip)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "dog.html").stat().st_size > 100_000
    assert "holds 2 results" in call("report", results[0], tmp_path / "all.html").stderr


def test_evaluate_takes_a_run_and_a_bundle(run, tmp_path):
    folder, name, rows = run
    seg = sa.open_run(folder / name)
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps([item.masks.to_coco_rle() for item in seg]))
    frames = tmp_path / "truth.npz"
    np.savez(frames, masks=np.stack([np.asarray(item.masks) for item in seg]), frame=seg.frame)
    bundle = sa.save_bundle(seg, tmp_path / "lesson.zip")
    for given in ((folder / name,), (bundle,), (name, "--runs-dir", folder)):
        found = json.loads(call("evaluate", given[0], frames, *given[1:], "--json").stdout)
        assert [row["J_mean"] for row in found] == [1] * len(rows)


def test_evaluate_of_folders_prints_the_clips_and_the_mean_over_objects(results):
    done = call("evaluate", *results, "--json")
    rows = json.loads(done.stdout)
    assert [row["clip"] for row in rows] == ["cat_1", "dog", "all"]
    assert [row["J_mean"] for row in rows] == pytest.approx([1 / 3, 1, 2 / 3])
    assert "means over objects; n = 2 objects in 2 results; frames=all, match=order" in done.stderr
    assert len(json.loads(call("evaluate", *results, "--per-object", "--json").stdout)) == 2


def test_evaluate_of_several_runs_has_a_row_each(results):
    predicted, truth = results
    done = call("evaluate", predicted / "dog", predicted / "cat_1", truth, "--csv")
    assert done.exit_code == 0
    assert [line.split(",")[1] for line in done.stdout.splitlines()] == ["clip", "dog", "cat_1", "all"]


def test_tables_come_as_markdown_and_latex(results):
    markdown = call("evaluate", *results, "--format", "markdown").stdout
    assert r"| cat\_1 | 1 | 12 | " in markdown
    assert markdown.splitlines()[-1].startswith("means over objects; n = 2")
    latex = call("evaluate", *results, "--format", "latex", "--frames", "davis").stdout
    assert r"cat\_1 & 1 & 10 & " in latex
    assert latex.splitlines()[-1].startswith("% means over objects; n = 2 objects in 2 results; frames=davis")


def test_what_is_left_out_is_told_and_the_end_is_1(results, tmp_path):
    _, truth = results
    pngs(tmp_path / "more" / "dog", rectangle())
    pngs(tmp_path / "more" / "bird", rectangle())
    done = call("evaluate", tmp_path / "more", truth, "--csv")
    assert done.exit_code == 1
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["clip", "dog", "all"]
    assert "left out: " in done.stderr
    assert "no reference called bird" in done.stderr
    assert "cat_1: there is no result for this reference" in done.stderr


def test_formats_exclude_each_other(results):
    done = call("evaluate", *results, "--format", "latex", "--csv")
    assert done.exit_code == 1
    assert "exclude each other" in done.stderr


def test_a_clip_of_a_json_is_chosen(results, tmp_path):
    predicted, _ = results
    tracks = ytvis(rectangle(), names=[f"dog/{t:05d}.jpg" for t in range(12)], height=48, width=64)
    tracks["videos"].append({**tracks["videos"][0], "id": 2, "file_names": [f"x/{t}.jpg" for t in range(12)]})
    truth = write_json(tmp_path / "truth.json", tracks)
    assert "say which with clip=" in call("evaluate", predicted / "dog", truth).stderr
    (row,) = json.loads(call("evaluate", predicted / "dog", truth, "--clip", "dog", "--json").stdout)
    assert row["J_mean"] == 1
    assert row["reference_phrase"] == "dog"


def test_quality_prints_the_frames_of_one_result_and_the_clips_of_several(results, tmp_path):
    predicted, _ = results
    frames = json.loads(call("quality", predicted / "dog", "--json").stdout)
    assert [row["frame"] for row in frames] == list(range(12))
    rows = json.loads(call("quality", predicted, "--json").stdout)
    assert [row["clip"] for row in rows] == ["cat_1", "dog", "all"]
    assert rows[1]["score_mean"] == pytest.approx(np.mean([row["score"] for row in frames]))
    shown = call("quality", predicted / "dog")
    text = shown.stdout.splitlines()
    assert text[0].split() == ["object", "phrase", "n_frames", "score_mean", "score_min", "flagged_frac"]
    assert float(text[1].split()[-3]) == pytest.approx(np.mean([row["score"] for row in frames]), rel=1e-5)
    assert len(text) < 12
    assert max(map(len, text)) <= 80
    assert "every frame: --csv" in shown.stderr
    clip = textured_clip(tmp_path / "dog.mp4")
    seen = json.loads(call("quality", predicted / "dog", "--videos", clip, "--json").stdout)
    assert frames[3]["picture_iou"] is None
    assert seen[3]["picture_iou"] is not None


def test_quality_of_one_result_shows_its_worst_moments(tmp_path):
    masks = np.zeros((20, 48, 64), bool)
    masks[:, 10:30, 10:30] = True
    masks[9] = False
    pngs(tmp_path / "dog", masks)
    pngs(tmp_path / "cat", np.delete(masks, 9, axis=0))
    _, _, _, head, worst = call("quality", tmp_path / "dog").stdout.splitlines()
    assert head.split()[-3:] == ["last_frame", "score", "flags"]
    assert worst.split()[2] == "9"
    assert "missing for 1 frame" in worst
    assert call("quality", tmp_path / "cat").stdout.endswith("\n\nno suspects\n")
    assert call("quality", tmp_path / "cat", "--format", "latex").stdout.endswith("% no suspects\n")


def test_results_that_can_not_be_judged_are_some_lines(tmp_path):
    for k in range(40):
        (tmp_path / "odd" / f"clip_{k:02}").mkdir(parents=True)
    pngs(tmp_path / "truth", np.ones((2, 4, 6), bool))
    done = call("evaluate", tmp_path / "odd", tmp_path / "truth")
    first, *reasons, last = done.stderr.splitlines()
    assert (done.exit_code, first, last) == (1, "error: nothing could be judged:", "  and 37 more")
    assert [f"clip_0{k}" in reason for k, reason in enumerate(reasons)] == [True] * 3


def test_runs_ends_with_the_totals(run):
    folder, _, _ = run
    shown = call("runs", "--runs-dir", folder)
    assert shown.stdout.splitlines()[-1].startswith("1 runs: 1 done, 0 failed, 0 open. Spent $0.00")
    assert "Spent" in call("runs", "--runs-dir", folder, "--json").stderr
    assert call("runs", folder).stdout == shown.stdout
    assert "give the folder once" in call("runs", folder, "--runs-dir", folder).stderr


def test_estimate_tells_the_price(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4")
    shown = call("estimate", clip, "--runs-dir", tmp_path / "runs").stdout
    assert shown.startswith("Estimate: clip.mp4, 0.5 s, fal 8b: $0.0400")


def test_segment_keeps_to_the_budget(tmp_path, standin):
    clip = textured_clip(tmp_path / "clip.mp4")
    done = call("segment", clip, "a dog", "--budget-usd", 0.01, "--runs-dir", tmp_path / "runs", "-q")
    assert done.exit_code == 1
    assert "budget of $0.0100" in done.stderr
    assert standin.journal == []


def test_export_writes_masks_that_come_back_and_says_what_is_lost(run, tmp_path):
    folder, name, _ = run
    done = call("export", name, tmp_path / "masks.json", "--format", "coco", "--runs-dir", folder)
    assert (done.exit_code, done.stdout.strip(), done.stderr) == (0, str(tmp_path / "masks.json"), "")
    seg, back = sa.open_run(name, runs_dir=folder), sa.load_reference(tmp_path / "masks.json")
    assert [item.phrase for item in back] == [item.phrase for item in seg]
    assert all(a.masks == b.masks for a, b in zip(seg, back, strict=True))
    done = call("export", tmp_path / "masks.json", tmp_path / "masks.txt")  # from one format to another
    assert done.exit_code == 0
    assert "not kept: the phrases" in done.stderr.splitlines()


def test_export_writes_the_frame_table_that_reads_back(run, tmp_path):
    folder, name, _ = run
    expected = sa.measure(sa.open_run(name, runs_dir=folder))
    for file in ("frames.csv", "frames.parquet"):
        assert call("export", name, tmp_path / file, "--runs-dir", folder).exit_code == 0
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "frames.csv"), expected, check_dtype=False)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "frames.parquet"), expected, check_dtype=False)


@pytest.mark.parametrize(("file", "more"), [("film.webp", ()), ("film.mp4", ("--format", "film"))])
def test_export_writes_a_film(run, tmp_path, file, more):
    folder, name, _ = run
    done = call("export", name, tmp_path / file, "--runs-dir", folder, *more)
    assert done.exit_code == 0, done.output
    assert (tmp_path / file).stat().st_size > 10_000


def test_export_says_what_it_needs_and_replaces_only_if_asked(run, tmp_path):
    folder, name, _ = run
    (tmp_path / "masks.npz").write_text("mine")
    there = call("export", name, tmp_path / "masks.npz", "--runs-dir", folder)
    assert (there.exit_code, "--overwrite replaces it" in there.stderr) == (1, True)
    assert call("export", name, tmp_path / "masks.npz", "--runs-dir", folder, "--overwrite").exit_code == 0
    for path, words in (("a.mp4", "say --format film, or mp4"), ("a.json", "say --format coco, ")):
        assert words in call("export", name, tmp_path / path, "--runs-dir", folder).stderr
    odd = call("export", name, tmp_path / "a.xlsx", "--format", "table", "--runs-dir", folder)
    assert "must end in .csv or .parquet" in odd.stderr


def test_a_folder_of_runs_that_is_not_there_is_said(tmp_path):
    done = call("runs", tmp_path / "typo")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no folder" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["frames.csv", "frames.parquet"])
def test_export_makes_folders_and_leaves_nothing_half_written(run, tmp_path, file):
    folder, name, _ = run
    assert call("export", name, tmp_path / "new" / "deep" / file, "--runs-dir", folder).exit_code == 0
    assert [path.name for path in (tmp_path / "new" / "deep").iterdir()] == [file]
    (tmp_path / file).mkdir()  # what can't be replaced
    assert call("export", name, tmp_path / file, "--runs-dir", folder, "--overwrite").exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, "new"])
