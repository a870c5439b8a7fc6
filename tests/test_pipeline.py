import asyncio
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

import sa2va_nb as sa
from tests.clips import audio_only, mask_clip, no_frames, textured_clip
from tests.engines import Bright
from tests.shared import shared_data


def segment(tmp_path, prompt="Please segment the light.", *, engine=None, **options):
    clip = tmp_path / "clip.mp4"
    if not clip.exists():
        textured_clip(clip)
    return sa.segment(
        clip, prompt, engine=engine or Bright(), runs_dir=tmp_path / "runs", progress=False, **options
    )


def test_a_call_becomes_a_run_folder_becomes_a_segmentation(tmp_path):
    seg = segment(tmp_path)
    expected = np.stack([image.mean(-1) > 100 for image in seg.video])
    agreement = (np.asarray(seg[0].masks) == expected).mean()
    assert agreement > 0.95
    assert seg["bright"].phrase == "bright things"
    assert seg.answer.text == "bright things"
    assert seg.notes == ("only brightness",)
    assert seg.run["status"] == "done"
    assert seg.run["request"]["prompt"] == "Please segment the light."


def test_the_same_request_is_answered_from_its_run_folder(tmp_path):
    engine = Bright()
    first = segment(tmp_path, engine=engine)
    moved = tmp_path / "renamed.mp4"
    (tmp_path / "clip.mp4").rename(moved)
    again = sa.segment(
        moved, "Please segment the light.", engine=engine, runs_dir=tmp_path / "runs", progress=False
    )
    assert len(engine.asked) == 1
    assert again.run["folder"] == first.run["folder"]
    assert again.video.path == moved


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "Something else."},
        {"num_frames_to_sample": 6},
        {"engine": Bright(level=50)},
        {"endpoint": "4b"},
        {"reuse": False},
    ],
    ids=str,
)
def test_another_request_is_a_call_of_its_own(tmp_path, change):
    first = segment(tmp_path)
    assert segment(tmp_path, **change).run["folder"] != first.run["folder"]
    assert len(sa.runs(tmp_path / "runs")) == 2


def test_sampled_frames_are_mapped_to_the_source(tmp_path):
    seg = segment(tmp_path, num_frames_to_sample=4)
    assert seg.frame.tolist() == [0, 4, 7, 11]
    np.testing.assert_allclose(seg.time_s, np.array([0, 4, 7, 11]) / 24, atol=1e-6)


def test_a_run_opens_again_without_its_engine(tmp_path):
    seg = segment(tmp_path)
    opened = sa.open_run(seg.run["folder"])
    assert opened[0].masks == seg[0].masks
    assert opened.video.path == seg.video.path
    (tmp_path / "clip.mp4").unlink()
    blind = sa.open_run(seg.run["folder"])
    assert blind.video is None
    assert any("'clip.mp4' is not at hand" in note for note in blind.notes)
    assert blind[0].masks == seg[0].masks


def test_a_bundle_opens_anywhere_video_included(tmp_path):
    seg = segment(tmp_path)
    bundle = sa.save_bundle(seg, tmp_path / "lesson.zip")
    (tmp_path / "clip.mp4").unlink()
    opened = sa.open_run(bundle)
    assert opened[0].masks == seg[0].masks
    assert opened.video.shape == (12, 48, 64, 3)
    assert str(tmp_path) not in str(opened.run["video"])


def test_only_a_run_can_be_bundled(tmp_path):
    with pytest.raises(ValueError, match="came from a run"):
        sa.save_bundle(sa.load_masks(np.ones((1, 4, 4), bool)), tmp_path / "x.zip")


def test_a_call_above_the_callers_limit_is_refused_before_anything_is_made(tmp_path):
    engine = Bright(price_usd=4.0)
    with pytest.raises(sa.BudgetError, match=r"estimated at \$4.00, more than max_cost_usd=1"):
        segment(tmp_path, engine=engine, max_cost_usd=1)
    assert engine.asked == []
    assert len(sa.runs(tmp_path / "runs")) == 0


def test_the_same_call_goes_on_where_a_failed_one_left_a_paid_request(tmp_path):
    engine = Bright(fail_first=True)
    with pytest.raises(sa.ModelError, match="down"):
        segment(tmp_path, engine=engine)
    assert sa.runs(tmp_path / "runs")["status"].tolist() == ["submitted"]
    segment(tmp_path, engine=engine)
    assert sa.runs(tmp_path / "runs")["status"].tolist() == ["done"]


def test_going_on_with_a_paid_request_asks_for_no_budget(tmp_path):
    engine = Bright(fail_first=True, price_usd=4.0)
    with pytest.raises(sa.ModelError, match="down"):
        segment(tmp_path, engine=engine)
    assert len(segment(tmp_path, engine=engine, max_cost_usd=1)) == 1


def test_the_same_call_at_the_same_time_is_made_once(tmp_path):
    engine = Bright()
    clip = textured_clip(tmp_path / "clip.mp4")
    results = sa.segment_many(
        [(clip, "light")] * 4, concurrency=4, engine=engine, runs_dir=tmp_path / "runs", progress=False
    )
    assert len(engine.asked) == 1
    assert len({seg.run["folder"] for seg in results}) == 1


def test_a_finished_run_is_given_before_a_newer_doubtful_one(tmp_path):
    first = segment(tmp_path)
    with pytest.raises(sa.ModelError):
        segment(tmp_path, engine=Bright(fail_first=True), reuse=False)
    assert segment(tmp_path).run["folder"] == first.run["folder"]


def test_a_lost_mask_video_is_made_again_by_resume(tmp_path):
    seg = segment(tmp_path)
    folder = tmp_path / "runs" / sa.runs(tmp_path / "runs")["run"][0]
    (folder / "masks" / "000.mp4").unlink()
    with pytest.raises(sa.RunError, match=r"masks/000\.mp4 is missing; sa\.resume"):
        segment(tmp_path)
    again = sa.resume(folder, engine=Bright(), progress=False)
    assert again[0].masks == seg[0].masks


def test_resume_refuses_another_video_than_the_runs(tmp_path):
    with pytest.raises(sa.ModelError):
        segment(tmp_path, engine=Bright(fail_first=True))
    clip = tmp_path / "clip.mp4"
    data = bytearray(clip.read_bytes())
    data[-1] ^= 1
    clip.write_bytes(data)
    name = sa.runs(tmp_path / "runs")["run"][0]
    with pytest.raises(sa.RunError, match="no longer the video of run"):
        sa.resume(name, engine=Bright(), runs_dir=tmp_path / "runs", progress=False)


def test_another_video_of_the_same_size_in_the_sources_place_is_not_shown(tmp_path):
    seg = segment(tmp_path)
    clip = tmp_path / "clip.mp4"
    data = clip.read_bytes()
    clip.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    blind = sa.open_run(seg.run["folder"])
    assert blind.video is None
    (note,) = [note for note in blind.notes if "not at hand" in note]
    assert f"{clip} is no longer the video of run" in note
    clip.write_bytes(data)  # the content is back, at another time
    assert sa.open_run(seg.run["folder"]).video.path == clip


def test_an_untouched_source_is_known_by_its_time_without_being_read(tmp_path):
    seg = segment(tmp_path)
    record = json.loads((Path(seg.run["folder"]) / "run.json").read_text())
    stat = (tmp_path / "clip.mp4").stat()
    assert record["video"]["mtime_ns"] == stat.st_mtime_ns
    record["video"]["sha256"] = "0" * 64
    (Path(seg.run["folder"]) / "run.json").write_text(json.dumps(record))
    assert sa.open_run(seg.run["folder"]).video is not None
    os.utime(tmp_path / "clip.mp4", ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert sa.open_run(seg.run["folder"]).video is None


def test_a_mask_that_is_named_many_times_is_read_once(tmp_path, monkeypatch):
    seg = segment(tmp_path)
    file = Path(seg.run["folder"]) / "run.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "masks": record["masks"] * 1000}))
    started = time.process_time()
    many = sa.open_run(seg.run["folder"])
    assert len(many) == 1000
    assert time.process_time() - started < 5  # a decoder for each took half a minute
    assert many[999].masks == seg[0].masks


def test_an_engine_must_leave_its_files_in_the_run_folder(tmp_path):
    class Absent(Bright):
        def run(self, request, workspace):
            return sa.Response("[SEG]", (sa.MaskFile(workspace.folder / "masks" / "000.mp4"),))

    with pytest.raises(sa.RunError, match="no such file"):
        segment(tmp_path, engine=Absent())
    assert sa.runs(tmp_path / "runs")["status"].tolist() == ["failed"]


def test_what_a_model_can_say_can_be_kept(tmp_path):
    class Odd(Bright):
        def run(self, request, workspace):
            response = super().run(request, workspace)
            return sa.Response("<p> a \0 \ud83d thing </p> [SEG]", response.masks)

    seg = segment(tmp_path, engine=Odd())
    assert seg[0].phrase == "a \ufffd \ufffd thing"
    sa.report(seg, tmp_path / "odd.html")
    assert len(sa.runs(tmp_path / "runs")) == 1


def test_a_bundle_holds_no_address_of_the_video(tmp_path):
    bundle = sa.save_bundle(segment(tmp_path), tmp_path / "lesson.zip")
    video = sa.open_run(bundle).run["video"]
    assert (video["path"], video["url"]) == (None, None)


def test_resume_takes_the_engine_that_made_the_run_and_no_other(tmp_path):
    engine = Bright(fail_first=True, level=90)
    with pytest.raises(sa.ModelError, match="down"):
        segment(tmp_path, engine=engine)
    (name,) = sa.runs(tmp_path / "runs")["run"]
    with pytest.raises(ValueError, match=r"made by engine 'bright' with settings \{'level': 90\}"):
        sa.resume(name, engine=Bright(level=50), runs_dir=tmp_path / "runs", progress=False)
    assert len(sa.resume(name, engine=engine, runs_dir=tmp_path / "runs", progress=False)) == 1


def test_an_unfinished_run_says_how_to_go_on(tmp_path):
    with pytest.raises(sa.ModelError):
        segment(tmp_path, engine=Bright(fail_first=True))
    name = sa.runs(tmp_path / "runs")["run"][0]
    with pytest.raises(sa.RunError, match=rf"not finished .*sa\.resume\('{name}'\)"):
        sa.open_run(name, runs_dir=tmp_path / "runs")


@pytest.mark.parametrize(
    ("options", "error", "expected"),
    [
        ({"prompt": "  "}, ValueError, "prompt must say what to segment"),
        ({"prompt": "x" * 10_001}, ValueError, "at most 10000 characters, got 10001"),
        ({"prompt": 3}, TypeError, "prompt must be a str, got int"),
        ({"num_frames_to_sample": 250}, ValueError, "must be 1 to 100, got 250; leave it out"),
        ({"num_frames_to_sample": 0}, ValueError, "must be 1 to 100, got 0"),
        ({"num_frames_to_sample": 2.5}, TypeError, "whole number or None, got 2.5"),
        ({"prompt": "a\0b"}, ValueError, "NUL"),
        ({"max_cost_usd": float("nan")}, ValueError, "0 or more, got nan"),
        ({"max_cost_usd": "2"}, TypeError, "a number of US"),
        ({"engine": "sam"}, ValueError, "one of 'fal', 'motion' or an Engine, got 'sam'"),
        ({"engine": object()}, TypeError, "an Engine, got object"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_before_anything_is_made(tmp_path, options, error, expected):
    with pytest.raises(error, match=expected):
        segment(tmp_path, **options)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "make", [audio_only, no_frames, lambda path: path.write_text("text"), lambda path: None]
)
@pytest.mark.parametrize("engine", ["fal", "motion"])
def test_what_is_no_video_is_refused_before_anything_is_sent(tmp_path, make, engine):
    make(tmp_path / "film.mp4")
    with pytest.raises(sa.DecodeError, match=r"film\.mp4"):
        sa.segment(tmp_path / "film.mp4", "a dog", engine=engine, runs_dir=tmp_path / "runs", progress=False)
    assert not (tmp_path / "runs").exists()


def test_a_url_must_be_https(tmp_path):
    with pytest.raises((ValueError, sa.FetchError), match="https"):
        sa.segment("ftp://example.org/a.mp4", "a dog", engine=Bright(), runs_dir=tmp_path, progress=False)
    assert not list(tmp_path.glob("download-*"))


@pytest.mark.parametrize("call", [sa.segment, sa.estimate])
@pytest.mark.parametrize("place", ["file", "file/runs"])
def test_a_runs_folder_that_is_a_file_is_said_also_for_an_address(tmp_path, call, place):
    (tmp_path / "file").write_text("x")
    with pytest.raises(sa.RunError, match=r"runs_dir must be a folder|runs can't be kept in"):
        call("https://example.org/a.mp4", "a dog", runs_dir=tmp_path / place)


def test_without_blocking_other_tasks_go_on(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4")
    ticks = []

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0.001)

    async def main():
        ticking = asyncio.create_task(tick())
        seg = await sa.segment_async(
            clip, "light", engine=Bright(), runs_dir=tmp_path / "runs", progress=False
        )
        ticking.cancel()
        return seg

    assert len(asyncio.run(main())) == 1
    assert len(ticks) > 3


def test_many_jobs_keep_their_order_and_a_failure_stops_nothing(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4")
    results = sa.segment_many(
        [
            (clip, "one"),
            (tmp_path / "missing.mp4", "two"),
            {"video": clip, "prompt": "three", "reuse": False},
        ],
        engine=Bright(),
        runs_dir=tmp_path / "runs",
        progress=False,
    )
    assert [type(result).__name__ for result in results] == ["Segmentation", "DecodeError", "Segmentation"]
    assert [result.run["request"]["prompt"] for result in results[::2]] == ["one", "three"]


def test_a_job_of_another_form_is_refused_before_any_runs(tmp_path):
    engine = Bright()
    for job in (("only a video",), {"video": "a.mp4"}, {"video": "a.mp4", "prompt": "b", "colour": 1}):
        with pytest.raises(ValueError, match="a job must be"):
            sa.segment_many([job], engine=engine, runs_dir=tmp_path, progress=False)
    with pytest.raises(ValueError, match="whole number of at least 1"):
        sa.segment_many([], concurrency=0)
    assert engine.asked == []


def test_bedroom_from_the_first_line_to_the_tables(tmp_path):
    seg = sa.segment(
        shared_data("bedroom.mp4"),
        "Please segment the children.",
        engine="motion",
        num_frames_to_sample=24,
        runs_dir=tmp_path,
        progress=False,
    )
    assert len(seg) >= 1
    table = sa.measure(seg, columns="all")
    for item in seg:
        areas = table.loc[table["object"] == item.index, "area_px"].to_numpy()
        np.testing.assert_array_equal(areas, np.asarray(item.masks).sum((1, 2)))
    assert len(sa.tracks(table)) == len(seg)
    assert len(sa.overlaps(seg)) == len(seg) * (len(seg) - 1) // 2 * 24


def test_a_cut_mask_video_in_a_run_folder_is_noted_and_the_rest_is_there(tmp_path):
    seg = segment(tmp_path)
    file = tmp_path / "runs" / seg.run["folder"].rsplit("/", 1)[-1] / "masks" / "000.mp4"
    rng = np.random.default_rng(0)
    mask_clip(file, rng.random((12, 48, 64)) > 0.5)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    opened = sa.open_run(seg.run["folder"])
    assert 1 <= len(opened.frame) < 12
    assert any("frames can be decoded" in note for note in opened.notes)
