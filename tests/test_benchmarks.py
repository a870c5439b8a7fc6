import sys

import numpy as np
import pytest

from tests.benchmarks.__main__ import PLANS, report
from tests.benchmarks.clips import SIZES, blobs, mask_videos
from tests.benchmarks.judged import RENDERED, judged_clip
from tests.benchmarks.overhead import bare, measure_overhead, ours
from tests.benchmarks.turns import missing, run_apart
from tests.benchmarks.ways import (
    FLOOR,
    OFFICIAL,
    OUR_J_AND_F,
    OUR_JUDGEMENT,
    OUR_SHAPES,
    OURS,
    OURS_WITH_TRACKS,
    REGIONPROPS,
    SKIMAGE_SHAPES,
)
from tests.clips import textured_clip


def test_every_way_finds_the_same_and_those_not_installed_are_named(tmp_path):
    text = "".join(report(PLANS["smoke"], tmp_path))

    for way in {way for case in PLANS["smoke"] for way in case.ways}:
        left_out = f"Left out: {way.name}, because {', '.join(missing(way))} is not installed" in text
        assert left_out == bool(missing(way))
        assert left_out != (f"| {way.name} |" in text)
    for way in (FLOOR, OURS, REGIONPROPS, OUR_SHAPES, SKIMAGE_SHAPES):
        assert not missing(way), "what the tests install anyway"


def test_a_way_that_fails_says_why(tmp_path):
    with pytest.raises(RuntimeError, match=r"sa2va_nb failed:[\s\S]*no file at"):
        run_apart(OURS, [tmp_path / "none.mp4"], tmp_path / "none.mp4")


def test_the_judges_give_every_frame_the_same_figures(tmp_path):
    pytest.importorskip("cv2", reason="the official formulas need OpenCV, of the benchmark extra")
    clip = [judged_clip(tmp_path, RENDERED, "480p", frames=10)]
    tables = [way.run(way.prepare(clip)) for way in (OUR_J_AND_F, OUR_JUDGEMENT, OFFICIAL)]

    assert 0.5 < tables[0].mean() < 1
    for table in tables[1:]:
        np.testing.assert_allclose(table, tables[0], rtol=0, atol=1e-12)


def test_the_clips_hold_objects_of_the_size_of_real_ones():
    shares = [np.mean([mask.mean() for mask in blobs(SIZES["480p"], 12, seed=seed)]) for seed in range(8)]

    assert 0.1 < shares[0] < 0.2
    assert all(0.02 < share < 0.15 for share in shares[1:])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak memory from /proc")
def test_masks_are_decoded_measured_and_tracked_without_ever_being_dense(tmp_path):
    (warm_up,) = mask_videos(tmp_path, "tiny", objects=1, frames=8)
    short, long = (mask_videos(tmp_path, "1080p", objects=2, frames=frames) for frames in (10, 60))
    few, many = (run_apart(OURS_WITH_TRACKS, paths, warm_up).peak_mb for paths in (short, long))

    image_mb = 1080 * 1920 / 1e6
    assert many < 400
    assert many - few < 0.25 * 100 * image_mb  # 100 masks more, at a quarter of a byte a pixel


def test_a_call_asks_the_service_once_more_than_the_bare_client_does(standin, tmp_path):
    standin.queue_polls = standin.run_polls = 0
    clip = textured_clip(tmp_path / "clip.mp4")
    bare(clip, tmp_path)
    n_bare = len(standin.journal)
    ours(clip, tmp_path)
    assert len(standin.journal) == 2 * n_bare + 1  # a look of its own, at the logs and the inference time
    kept = sorted(tmp_path.glob("runs/*/masks/*.mp4"))
    assert [path.read_bytes() for path in kept] == [(tmp_path / f"{k}.mp4").read_bytes() for k in (0, 1)]


def test_the_overhead_is_measured_in_turns(tmp_path):
    told = measure_overhead(tmp_path, 1, textured_clip(tmp_path / "clip.mp4"))
    in_all, files, alike = told.ratios
    assert in_all > files > 0
    assert in_all > alike > 0
    assert "1 rounds" in str(told)
