from dataclasses import dataclass, field

import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.studies.sweeps import sweep
from tests.clips import textured_clip
from tests.standin import StandIn

FRAMES = 12
SIZE = (48, 64)
COLUMNS = [
    *("run", "prompt", "control", "endpoint", "num_frames_to_sample", "status", "error", "n_objects"),
    *("visible_frac", "area_frac_mean", "correct", "agreement", "consistency", "quality", "estimate_usd"),
    *("cost_usd", "seconds", "reused"),
]


@dataclass
class Square:
    """An engine of a user's own: a square, which some words move, hide or make fail."""

    usd: float = 1.0
    name: str = "square"
    settings: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def quote(self, request):
        return self.usd

    def run(self, request, workspace):
        self.asked.append((request.prompt, request.endpoint, request.num_frames_to_sample))
        if "fail" in request.prompt:
            raise sa.ModelError("the service is down")
        n = request.num_frames_to_sample or len(request.video)
        frames = np.linspace(0, len(request.video) - 1, n).round().astype(int)
        workspace.save(sampled_frames=frames.tolist(), cost_usd=self.usd)
        if "nothing" in request.prompt:
            return sa.Response("There is none.", ())
        mask = np.zeros(SIZE, bool)
        left = 18 if "aside" in request.prompt else 8
        mask[8:28, left : left + 20] = True
        path = workspace.write_mask_video(0, [mask] * n)
        return sa.Response("<p> a square </p> [SEG]", (sa.MaskFile(path),))


def asked_of(tmp_path, prompts, *, engine=None, **options):
    clip = tmp_path / "clip.mp4"
    if not clip.exists():
        textured_clip(clip, frames=FRAMES)
    options = {"runs_dir": tmp_path / "runs", "progress": False, **options}
    return sweep(clip, prompts, engine=engine or Square(), **options)


def test_a_row_a_job_says_what_was_asked_and_what_came(tmp_path):
    result = asked_of(tmp_path, ["a square", "it"], controls=["a whale, nothing"])
    table = result.table

    assert list(table.columns) == COLUMNS
    assert table["run"].tolist() == ["a square", "it", "a whale, nothing"]
    assert table["control"].tolist() == [False, False, True]
    assert table["status"].tolist() == ["done"] * 3
    assert table["n_objects"].tolist() == [1, 1, 0]
    assert table["visible_frac"].tolist() == [1, 1, 0]
    assert table["area_frac_mean"].tolist() == pytest.approx([400 / (48 * 64)] * 2 + [0], rel=0.02)
    assert table["error"].tolist() == [None] * 3
    assert table["quality"].iloc[:2].between(0, 1).all()
    assert list(result.segmentations) == table["run"].tolist()
    assert result.segmentations["it"].run["request"]["prompt"] == "it"


def test_prompts_that_agree_and_the_odd_one_out_are_told(tmp_path):
    result = asked_of(tmp_path, ["one", "two", "aside", "three"], controls=["whale"])
    agreement = result.table.set_index("run")["agreement"]

    assert agreement.idxmin() == "aside"
    assert agreement["aside"] == pytest.approx(1 / 3, abs=0.02)
    assert np.isnan(agreement["whale"])
    assert result.agreement.runs["run"].iloc[0] == "aside"
    assert len(result.agreement.runs) == 4
    assert result.table.set_index("run")["consistency"]["one"] > 0.95


def test_controls_are_right_where_nothing_is_found_and_prompts_where_something_is(tmp_path):
    result = asked_of(tmp_path, ["one", "nothing here"], controls=["nothing there", "whale", "fail"])

    assert result.table["correct"].tolist()[:4] == [True, False, True, False]
    assert result.table["correct"].isna().tolist()[4]
    assert result.summary[["T_acc", "N_acc"]].tolist() == [0.5, 0.5]


def test_every_prompt_is_asked_in_every_way(tmp_path):
    engine = Square()
    result = asked_of(
        tmp_path,
        ["a", "b"],
        engine=engine,
        endpoints=("8b", "4b"),
        num_frames_to_sample=(4, None),
        concurrency=1,
    )
    assert sorted(engine.asked, key=str) == sorted(
        [(prompt, endpoint, n) for prompt in "ab" for endpoint in ("8b", "4b") for n in (4, None)], key=str
    )
    assert result.table["run"].tolist()[:4] == [
        "a · 8b · 4 frames",
        "a · 8b · all frames",
        "a · 4b · 4 frames",
        "a · 4b · all frames",
    ]
    # The same masks, so that the samples agree with the whole in the frames that they share.
    assert result.table["agreement"].min() > 0.98
    assert result.agreement.frames["frame"].tolist() == list(range(FRAMES))


def test_samples_of_other_frames_are_compared_in_the_same_frames_only(tmp_path):
    result = asked_of(tmp_path, ["a"], num_frames_to_sample=(4, 5))
    assert result.agreement.frames["frame"].tolist() == [0, 11]


def test_a_failure_stops_nothing_and_is_told(tmp_path):
    result = asked_of(tmp_path, ["a", "fail", "b"])

    assert result.table["status"].tolist() == ["done", "failed", "done"]
    assert result.table["error"].tolist() == [None, "ModelError: the service is down", None]
    assert list(result.segmentations) == ["a", "b"]
    assert result.summary[["jobs", "failed"]].tolist() == [3, 1]
    assert len(result.agreement.runs) == 2


def test_all_is_priced_before_anything_is_sent(tmp_path):
    engine = Square(usd=0.5)
    with pytest.raises(
        sa.BudgetError, match=r"these 3 calls are estimated at \$1.50 together.*nothing was sent"
    ):
        asked_of(tmp_path, ["a", "b"], controls=["c"], engine=engine, max_cost_usd=1.2)
    assert engine.asked == []
    assert not (tmp_path / "runs").exists()


def test_a_dry_run_sends_nothing(tmp_path):
    engine = Square(usd=0.5)
    result = asked_of(tmp_path, ["a", "b"], engine=engine, dry_run=True)

    assert engine.asked == []
    assert result.estimate_usd == 1
    assert result.table["status"].tolist() == ["planned"] * 2
    assert result.segmentations == {}
    assert result.agreement is None
    assert result.table.dtypes.equals(asked_of(tmp_path, ["a", "b"]).table.dtypes)


def test_what_was_paid_for_is_told_apart(tmp_path):
    engine = Square(usd=0.5)
    first = asked_of(tmp_path, ["a"], engine=engine)
    again = asked_of(tmp_path, ["a", "b"], engine=engine, max_cost_usd=0.5)

    assert first.summary[["reused", "spent_usd"]].tolist() == [0, 0.5]
    assert again.table["reused"].tolist() == [True, False]
    assert again.table["estimate_usd"].tolist() == [0, 0.5]
    assert again.table["cost_usd"].tolist() == [0.5, 0.5]
    assert again.summary[["estimate_usd", "spent_usd"]].tolist() == [0.5, 0.5]
    assert [prompt for prompt, _, _ in engine.asked] == ["a", "b"]
    plan = asked_of(tmp_path, ["a", "c"], engine=engine, dry_run=True)
    assert plan.table["status"].tolist() == ["kept", "planned"]
    assert asked_of(tmp_path, ["a"], engine=engine, reuse=False, dry_run=True).estimate_usd == 0.5


def test_frames_can_be_put_in_front_for_every_job(tmp_path):
    result = asked_of(tmp_path, ["a", "b"], first_frames=[5])
    assert all(seg.run["request"]["first_frames"] == [5] for seg in result.segmentations.values())


def test_the_motion_engine_sweeps_the_sample_clip(tmp_path):
    clip, _ = sa.sample_clip()
    result = sweep(
        clip,
        ["the ball", "whatever moves"],
        engine="motion",
        num_frames_to_sample=(18, 35),  # every second of the 35 is one of the 18
        runs_dir=tmp_path / "runs",
        progress=False,
    )
    assert result.table["status"].tolist() == ["done"] * 4
    assert (result.table["n_objects"] >= 2).all()
    assert result.estimate_usd == 0
    # It doesn't read the prompt: asked with the same frames, it finds the same.
    pairs = result.agreement.pairs.set_index(["run_a", "run_b"])["iou"]
    assert pairs["the ball · 35 frames", "whatever moves · 35 frames"] == 1
    assert pairs["the ball · 18 frames", "the ball · 35 frames"] < 1


def test_the_service_is_priced_asked_and_billed(standin: StandIn, tmp_path):
    options = {"engine": sa.FalEngine(poll_s=0.01), "endpoints": ("8b", "4b")}
    plan = asked_of(tmp_path, ["the bed"], dry_run=True, **options)
    assert standin.journal == []
    assert plan.table["estimate_usd"].tolist() == pytest.approx([0.04, 0.02])

    result = asked_of(tmp_path, ["the bed"], **options)
    assert result.table["cost_usd"].tolist() == pytest.approx([0.04, 0.02], abs=1e-6)
    assert result.table["agreement"].tolist() == [1, 1]


def test_without_a_key_the_price_is_told_and_each_job_says_what_is_missing(tmp_path, monkeypatch):
    for name in ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    plan = asked_of(tmp_path, ["the bed"], engine="fal", dry_run=True)
    result = asked_of(tmp_path, ["the bed"], engine="fal")

    assert plan.estimate_usd == pytest.approx(0.04)
    assert result.table["error"].tolist()[0].startswith("MissingKeyError: a fal key is needed")


@pytest.mark.parametrize(
    ("options", "error", "expected"),
    [
        ({"prompts": "a dog"}, TypeError, r"prompts must be a list or tuple, got 'a dog'; write \['a dog'\]"),
        ({"num_frames_to_sample": 8}, TypeError, "num_frames_to_sample must be a list"),
        ({"endpoints": "8b"}, TypeError, "endpoints must be a list"),
        ({"prompts": []}, ValueError, "must ask for something, got nothing in prompts and controls"),
        ({"prompts": ["a", "a"]}, ValueError, r"nothing twice, got \['a'\] more than once in prompts and"),
        ({"controls": ["a"]}, ValueError, "nothing twice"),
        ({"num_frames_to_sample": (8, 8)}, ValueError, "nothing twice"),
        ({"endpoints": ()}, ValueError, "must ask for something"),
        ({"prompts": [" "]}, ValueError, "must say what to segment"),
        ({"num_frames_to_sample": (0,)}, ValueError, "1 to 100, got 0"),
        ({"endpoints": ("70b",), "engine": sa.FalEngine()}, ValueError, "'8b', '4b', got '70b'"),
        ({"max_cost_usd": -1}, ValueError, "0 or more"),
        ({"concurrency": 0}, ValueError, "at least 1"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_before_anything_is_made(tmp_path, options, error, expected):
    with pytest.raises(error, match=expected):
        asked_of(tmp_path, **{"prompts": ["a"], **options})
    assert not (tmp_path / "runs").exists()
