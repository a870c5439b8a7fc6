import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.analysis.seen import seen_frames
from sa2va_nb.media.cut import Cut
from sa2va_nb.media.encode import write_video
from tests.clips import rectangle, textured_clip
from tests.standin import StandIn

FRAMES = 12
CODEC = 5  # of 255; small patches of any colour suffer most from half-size chroma


@dataclass
class Bright:
    """An engine of a user's own: what is bright, in each frame that it gets."""

    usd_per_s: float = 0.0
    fail_first: bool = False
    name: str = "bright"
    settings: dict = field(default_factory=dict)
    quoted: list = field(default_factory=list)
    given: list = field(default_factory=list)

    def quote(self, request):
        self.quoted.append(request.video.duration_s)
        return self.usd_per_s * request.video.duration_s

    def run(self, request, workspace):
        self.given.append(request)
        if self.fail_first and len(self.given) == 1:
            workspace.save(status="submitted", request_id="kept")
            raise sa.ModelError("the service is down")
        path = workspace.write_mask_video(0, (image.mean(-1) > 100 for image in request.video))
        return sa.Response("<p> bright things </p> [SEG]", (sa.MaskFile(path),))


def segment(tmp_path, first_frames=(), *, engine=None, **options):
    clip = tmp_path / "clip.mp4"
    if not clip.exists():
        textured_clip(clip, frames=FRAMES)
    options = {"runs_dir": tmp_path / "runs", "progress": False, **options}
    return sa.segment(clip, "the light", engine=engine or Bright(), first_frames=first_frames, **options)


def record_of(seg) -> dict:
    return json.loads((Path(seg.run["folder"]) / "run.json").read_text())


def difference(a, b) -> float:
    return float(np.abs(a.astype(int) - b).mean())


def test_the_engine_is_given_the_chosen_frames_and_then_the_whole_clip(tmp_path):
    engine = Bright()
    seg = segment(tmp_path, [4, 9], engine=engine)
    (given,) = engine.given
    sent = list(given.video)

    assert len(sent) == 2 + FRAMES
    for image, frame in zip(sent, [4, 9, *range(FRAMES)], strict=True):
        by_difference = [difference(image, seg.video[other]) for other in range(FRAMES)]
        assert int(np.argmin(by_difference)) == frame
        assert by_difference[frame] < CODEC
    assert given.video_url is None


def test_the_masks_are_those_of_the_clips_own_frames(tmp_path):
    plain, seg = segment(tmp_path), segment(tmp_path, [4, 9])

    assert seg.frame.tolist() == plain.frame.tolist() == list(range(FRAMES))
    np.testing.assert_array_equal(seg.time_s, plain.time_s)
    assert seg.video.path == plain.video.path
    ours, theirs = np.asarray(seg[0].masks), np.asarray(plain[0].masks)
    assert (ours == theirs).mean() > 0.95
    assert (ours[2:] == theirs[:-2]).mean() < 0.9  # where the frames put in were counted
    assert "frames 4, 9 were put in front of the clip; the masks they got there are left out" in seg.notes


def test_the_motion_engine_works_on_such_a_clip(tmp_path):
    moves = rectangle(frames=20, step=2)
    ground = np.random.default_rng(0).integers(90, 110, (48, 64, 3), dtype=np.uint8)
    images = (np.where(mask[..., None], np.uint8(230), ground) for mask in moves)
    clip = write_video(tmp_path / "moving.mp4", images, 24)
    seg = sa.segment(clip, "it", engine="motion", first_frames=[10], runs_dir=tmp_path, progress=False)

    assert len(record_of(seg)["sampled_frames"]) == 1 + len(moves)
    assert seg.frame.tolist() == list(range(len(moves)))
    found = np.asarray(seg[0].masks)
    assert (found & moves).sum() / (found | moves).sum() > 0.8


def test_they_are_part_of_the_request_and_of_its_record(tmp_path):
    engine = Bright()
    plain = segment(tmp_path, engine=engine)
    first = segment(tmp_path, np.array([4, 9]), engine=engine)
    segment(tmp_path, (4, 9), engine=engine)
    segment(tmp_path, [4], engine=engine)
    segment(tmp_path, None, engine=engine)

    assert [list(given.first_frames) for given in engine.given] == [[], [4, 9], [4]]
    assert record_of(first)["request"]["first_frames"] == [4, 9]
    assert "first_frames" not in record_of(plain)["request"]


def test_many_jobs_may_each_have_their_own(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", frames=FRAMES)
    engine = Bright()
    sa.segment_many(
        [(clip, "a"), {"video": clip, "prompt": "b", "first_frames": [7]}],
        engine=engine,
        first_frames=[3],
        concurrency=1,
        runs_dir=tmp_path / "runs",
        progress=False,
    )
    assert [list(given.first_frames) for given in engine.given] == [[3], [7]]


def test_what_is_priced_is_what_is_sent(tmp_path):
    engine = Bright(usd_per_s=1.0)
    segment(tmp_path, [1, 2, 3], engine=engine)
    assert engine.quoted == pytest.approx([(3 + FRAMES) / 24] * len(engine.quoted))
    with pytest.raises(sa.BudgetError):
        segment(tmp_path, [1], engine=engine, max_cost_usd=FRAMES / 24)


def test_resume_goes_on_with_the_same_clip(tmp_path):
    engine = Bright(fail_first=True)
    with pytest.raises(sa.ModelError, match="down"):
        segment(tmp_path, [5], engine=engine)
    (name,) = sa.runs(tmp_path / "runs")["run"]
    seg = sa.resume(name, engine=engine, runs_dir=tmp_path / "runs", progress=False)

    assert len(engine.given[1].video) == 1 + FRAMES
    assert seg.frame.tolist() == list(range(FRAMES))


def test_a_run_opens_again_without_its_clip(tmp_path):
    seg = segment(tmp_path, [4, 9])
    bundle = sa.save_bundle(seg, tmp_path / "lesson.zip")
    (tmp_path / "clip.mp4").unlink()

    for opened in (sa.open_run(seg.run["folder"]), sa.open_run(bundle)):
        assert opened.frame.tolist() == seg.frame.tolist()
        np.testing.assert_allclose(opened.time_s, seg.time_s, atol=1e-6)
        assert opened[0].masks == seg[0].masks


@pytest.mark.parametrize("shape", ["same", "sampled", "rounded"])
def test_the_service_is_sent_the_cut_and_its_masks_are_mapped_back(standin: StandIn, tmp_path, shape):
    standin.shape = shape
    seg = segment(tmp_path, [6, 11], engine=sa.FalEngine(poll_s=0.01))
    (upload,) = [call for call in standin.journal if call.path == "/files/upload"]
    with av.open(io.BytesIO(upload.body), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == 2 + FRAMES

    assert seg.frame.tolist() == list(range(FRAMES))
    assert seg.shape == (FRAMES, 48, 64)
    assert seen_frames(seg).tolist() == [0, 1, 2, 6, 11]


def test_masks_of_samples_of_the_cut_are_mapped_to_the_clips_frames(standin: StandIn, tmp_path):
    textured_clip(tmp_path / "clip.mp4", frames=40)
    plain = segment(tmp_path, engine=sa.FalEngine(poll_s=0.01))
    standin.shape = "sampled"  # 32 of the 42 frames
    seg = segment(tmp_path, [20, 30], engine=sa.FalEngine(poll_s=0.01))

    assert 30 <= len(seg.frame) <= 31
    assert seg.frame[0] <= 1
    assert seg.frame[-1] == 39
    same = [
        (np.asarray(item.masks)[seg.frame] == np.asarray(other.masks)).mean()
        for item, other in zip(plain, seg, strict=True)
    ]
    assert min(same) > 0.9
    assert any("32 mask frames were mapped to 42 source frames" in note for note in seg.notes)


def test_a_clip_with_an_address_is_uploaded_as_its_cut(standin: StandIn, tmp_path):
    url = "https://files.example.org/dog.mp4"
    standin.files[url] = textured_clip(tmp_path / "dog.mp4", frames=FRAMES).read_bytes()
    seg = sa.segment(
        url,
        "a dog",
        engine=sa.FalEngine(poll_s=0.01),
        first_frames=[3],
        runs_dir=tmp_path / "runs",
        progress=False,
    )
    (job,) = standin.jobs.values()
    assert job.arguments["video_url"] != url
    assert seg.frame.tolist() == list(range(FRAMES))


@pytest.mark.parametrize(
    ("first_frames", "error", "expected"),
    [
        ([0, 1, 2, 3, 4, 5], ValueError, "1 to 5 source frames, increasing"),
        ([3, 3], ValueError, "increasing, got"),
        ([5, 2], ValueError, "increasing, got"),
        ([-1], ValueError, r"0 to 11, got \[-1\]"),
        ([12], ValueError, r"0 to 11, got \[12\]"),
        ([1.5], TypeError, "whole numbers"),
        ([True], TypeError, "whole numbers"),
    ],
    ids=str,
)
def test_frames_that_cant_be_put_in_are_refused_before_anything_is_made(
    tmp_path, first_frames, error, expected
):
    with pytest.raises(error, match=expected):
        segment(tmp_path, first_frames)
    assert not (tmp_path / "runs").exists()


def test_samples_would_pass_over_them(tmp_path):
    with pytest.raises(ValueError, match=r"needs every frame.*num_frames_to_sample=8, leave it out"):
        segment(tmp_path, [4], num_frames_to_sample=8)


def test_a_cut_reads_as_its_file_will(tmp_path):
    video = sa.Video(textured_clip(tmp_path / "clip.mp4", frames=FRAMES))
    cut = Cut(video, [4, 9])
    written = cut.write(tmp_path / "cut.mp4")

    assert written.shape == cut.shape == (2 + FRAMES, 48, 64, 3)
    np.testing.assert_allclose(written.time_s, cut.time_s, atol=1e-6)
    assert written.duration_s == pytest.approx(cut.duration_s)
    for i in (0, 1, 2, FRAMES + 1):
        np.testing.assert_array_equal(cut[i], list(cut)[i])
        assert difference(cut[i], written[i]) < CODEC
    with pytest.raises(IndexError, match="0 to 13, got 14"):
        cut[14]


@pytest.mark.parametrize("first_frames", ["4", [-1], [2**40], [[4]], {"a": 1}, [1.5]], ids=str)
def test_a_damaged_record_of_them_is_a_run_error(tmp_path, first_frames):
    seg = segment(tmp_path, [4])
    record = record_of(seg)
    record["request"]["first_frames"] = first_frames
    (Path(seg.run["folder"]) / "run.json").write_text(json.dumps(record))
    with pytest.raises(sa.RunError, match="'request' must be"):
        sa.open_run(seg.run["folder"])
