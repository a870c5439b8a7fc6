import pytest

import sa2va_nb as sa
from sa2va_nb.calling.estimates import estimate
from tests.clips import textured_clip
from tests.engines import Bright
from tests.standin import StandIn

SECONDS = 0.5  # 12 frames at 24 a second


def clip_of(tmp_path):
    path = tmp_path / "clip.mp4"
    return path if path.exists() else textured_clip(path)


def test_the_price_is_told_before_anything_is_sent_or_made(standin: StandIn, tmp_path):
    told = estimate(clip_of(tmp_path), endpoint="4b", runs_dir=tmp_path / "runs")
    assert told.seconds == pytest.approx(SECONDS)
    assert told.cost_usd == told.price_usd == pytest.approx(0.04 * SECONDS)
    assert told.paid_by is None
    assert standin.journal == []
    assert not (tmp_path / "runs").exists()
    text = repr(told)
    assert text.startswith("Estimate: clip.mp4, 0.5 s, fal 4b: $0.0200")
    assert "unverified" in text
    assert "no earlier run was looked for" in text


def test_an_answer_that_is_there_costs_nothing_more(standin: StandIn, tmp_path):
    clip, options = clip_of(tmp_path), {"engine": sa.FalEngine(poll_s=0.01), "runs_dir": tmp_path / "runs"}
    seg = sa.segment(clip, "the bed", progress=False, **options)
    told = estimate(clip, "the bed", **options)
    assert (told.cost_usd, told.paid_by) == (0, sa.runs(tmp_path / "runs")["run"][0])
    assert told.price_usd == pytest.approx(0.04)
    assert seg.run["folder"].endswith(told.paid_by)
    assert f"paid for by run {told.paid_by}" in repr(told)
    for change in ({"reuse": False}, {"num_frames_to_sample": 8}, {"endpoint": "4b"}):
        assert estimate(clip, "the bed", **{**options, **change}).cost_usd > 0
    assert len(standin.jobs) == 1


def test_an_answer_on_its_way_is_paid_for(tmp_path):
    engine = Bright(fail_first=True, price_usd=4.0)
    with pytest.raises(sa.ModelError):
        sa.segment(clip_of(tmp_path), "light", engine=engine, runs_dir=tmp_path / "runs", progress=False)
    told = estimate(clip_of(tmp_path), "light", engine=engine, runs_dir=tmp_path / "runs")
    assert (told.cost_usd, told.price_usd) == (0, 4)


def test_without_a_key_the_price_is_told_and_that_one_is_needed(tmp_path, monkeypatch):
    for name in ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    told = estimate(clip_of(tmp_path), runs_dir=tmp_path / "runs")
    assert told.cost_usd == pytest.approx(0.08 * SECONDS)
    assert "no key was found, and the call needs one" in told.assumes


def test_an_engine_without_a_price_is_free_and_assumes_nothing(tmp_path):
    told = estimate(clip_of(tmp_path), "what moves", engine="motion", runs_dir=tmp_path / "runs")
    assert (told.cost_usd, told.assumes) == (0, ())
    assert repr(told) == "Estimate: clip.mp4, 0.5 s, motion: $0.00"


def test_frames_put_in_front_are_priced(tmp_path):
    plain, more = (
        estimate(clip_of(tmp_path), first_frames=frames, runs_dir=tmp_path / "runs")
        for frames in (None, (3, 5))
    )
    assert more.seconds > plain.seconds


def test_few_frames_are_cautioned_against(tmp_path):
    told = estimate(clip_of(tmp_path), num_frames_to_sample=3, runs_dir=tmp_path / "runs")
    assert any("names 5 as the fewest" in note for note in told.assumes)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"endpoint": "8b/image"}, "segments images"),
        ({"num_frames_to_sample": 101}, "1 to 100, got 101"),
        ({"prompt": ""}, "prompt must say"),
        ({"engine": "sam"}, "got 'sam'"),
    ],
)
def test_what_segment_would_refuse_is_refused(tmp_path, options, expected):
    with pytest.raises(ValueError, match=expected):
        estimate(clip_of(tmp_path), runs_dir=tmp_path / "runs", **options)


def test_a_dry_run_of_a_batch_tells_price_and_what_is_paid_for_and_calls_nothing(tmp_path):
    engine = Bright(price_usd=2.0)
    clip, options = clip_of(tmp_path), {"engine": engine, "runs_dir": tmp_path / "runs", "progress": False}
    sa.segment(clip, "one", **options)
    jobs = [
        (clip, "one"),
        (clip, "two"),
        (clip, "two"),
        (tmp_path / "missing.mp4", "three"),
        {"video": clip, "prompt": "one", "reuse": False},
    ]
    told = sa.segment_many(jobs, dry_run=True, **options)
    assert engine.asked == ["one"]
    assert (told.cost_usd, told.n_paid, told.n_failed) == (4, 1, 1)  # the same thing is asked for twice
    assert told.table["cost_usd"].tolist()[:3] == [0, 2, 2]
    assert told.table["prompt"].tolist() == ["one", "two", "two", "three", "one"]
    assert told.table["error"][3].startswith("DecodeError: ")
    assert isinstance(told.jobs[3], sa.DecodeError)
    assert repr(told).startswith(
        "Estimates: $4.00 for 5 jobs: 3 to be made, 1 paid for already, 1 can't be made"
    )
    assert len(sa.runs(tmp_path / "runs")) == 1


def test_a_dry_run_of_nothing_costs_nothing():
    told = sa.segment_many([], dry_run=True)
    assert (told.cost_usd, len(told.table)) == (0, 0)
