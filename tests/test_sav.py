import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask

import sa2va_nb as sa
from tests.annotations import blobs, sav, write_json
from tests.shared import shared_data

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools


def load(tmp_path, data, **options):
    return sa.load_reference(write_json(tmp_path / "a.json", data), **options)


def test_a_real_file_has_the_areas_that_pycocotools_finds():
    path = shared_data("sav_000001_manual.json")
    masklets = json.loads(path.read_text())["masklet"]
    seg = sa.load_reference(path)
    assert seg.shape == (121, 848, 480)
    official = np.array([coco_mask.area(row) for row in masklets])  # (T, K)
    assert np.array_equal(np.stack([item.masks.area_px for item in seg], axis=1), official)
    for t in (0, 60, 120):
        dense = coco_mask.decode(masklets[t]) > 0
        assert all(np.array_equal(item.masks[t], dense[..., k]) for k, item in enumerate(seg))


def test_a_real_file_has_its_own_count_of_visibility_changes():
    path = shared_data("sav_000001_manual.json")
    told = json.loads(path.read_text())["masklet_visibility_changes"]
    changes = [int(np.abs(np.diff(item.masks.area_px > 0)).sum()) for item in sa.load_reference(path)]
    assert changes[:3] == told[:3]
    assert changes[3] == 1  # it appears late, which the file doesn't count


def test_a_real_file_is_every_fourth_frame():
    seg = sa.load_reference(shared_data("sav_000001_manual.json"))
    assert np.array_equal(seg.frame, np.arange(0, 481, 4))
    np.testing.assert_allclose(seg.time_s, seg.frame / 24)
    assert seg.notes == ("frames 0, 4, 8 … 480: annotated at 6 of 24 fps",)


def test_masklets_are_objects_and_empty_or_missing_masks_are_absence(tmp_path):
    first, second = blobs(seed=1), blobs(seed=2)
    data = sav(first, second, frame_count=9, duration=0.375)
    data["masklet"][0][1] = None
    data["masklet"][1][1] = []
    data["masklet_id"] = [3, 8]
    seg = load(tmp_path, data)
    assert np.array_equal(np.asarray(seg[0].masks), first)
    assert seg[1].masks.area_px.tolist() == [0, 0, 0]
    assert seg.frame.tolist() == [0, 4, 8]
    assert "objects 0 to 1 are the masklets 3, 8" in seg.notes


@pytest.mark.parametrize(("frame_count", "step"), [(3, 1), (9, 4), (12, 4), (5, 2), (30, None), (2, None)])
def test_the_step_follows_from_the_number_of_frames(tmp_path, frame_count, step):
    data = sav(blobs(), frame_count=frame_count, duration=1.0)
    if step is None:
        with pytest.raises(sa.AlignmentError, match=f"3 annotated of {frame_count} frames"):
            load(tmp_path, data)
    else:
        assert load(tmp_path, data).frame.tolist() == [0, step, 2 * step]


def test_without_a_duration_times_are_unknown(tmp_path):
    for duration in (None, 0, -1, float("nan"), "20"):
        seg = load(tmp_path, sav(blobs(), frame_count=9, duration=1.0) | {"video_duration": duration})
        assert np.isnan(seg.time_s).all()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.update(masklet=3), "'masklet' in a.json must be a list of frames"),
        (lambda d: d["masklet"][1].pop(), "must have a mask for each masklet_id"),
        (lambda d: d.update(masklet_id=[4, 4]), "different whole numbers"),
        (lambda d: d.update(masklet_id=[[], {}]), "different whole numbers"),
        (lambda d: d.pop("video_height"), "'video_height' of a.json must be a whole number"),
        (lambda d: d.update(video_height=1e9, video_width=1e9), "pixels a frame"),
        (lambda d: d.update(video_frame_count=float("nan")), "'video_frame_count'"),
        (lambda d: d["masklet"][0][0].update(counts="x"), "masklet 0 in a.json are damaged"),
    ],
)
def test_json_of_the_wrong_shape_says_what_is_wrong(tmp_path, change, expected):
    data = sav(blobs(seed=1), blobs(seed=2), frame_count=9, duration=1.0)
    change(data)
    with pytest.raises(sa.DecodeError, match=expected):
        load(tmp_path, data)


def test_an_annotation_of_nothing_is_a_reference_without_objects(tmp_path):
    data = sav(blobs(), frame_count=9, duration=1.0) | {"masklet": [[], [], []], "masklet_id": []}
    assert len(load(tmp_path, data)) == 0


@pytest.mark.parametrize("frame", [(0, 2**20), (0, 999_999_999)])
def test_frames_far_apart_are_written_at_once(tmp_path, frame):
    seg = sa.load_masks([np.ones((2, 3, 4), bool)], frame=list(frame))
    saved = sa.save_masks(seg, tmp_path / "a.json", format="sav")
    assert sa.load_reference(saved.path).frame.tolist() == list(frame)


def test_every_step_that_has_a_number_of_source_frames_is_written(tmp_path):
    def written(n: int, step: int) -> bool:
        seg = sa.load_masks([np.ones((n, 1, 1), bool)], frame=np.arange(n) * step)
        path = tmp_path / f"{n} {step}.json"
        try:
            sa.save_masks(seg, path, format="sav")
        except ValueError:
            return False
        return sa.load_reference(path).frame.tolist() == seg.frame.tolist()

    found = {(n, step) for n in range(2, 9) for step in range(1, 12) if written(n, step)}
    assert {(n, step) for n, step in found if step in (1, 4)} == {
        (n, step) for n in range(2, 9) for step in (1, 4)
    }
    # 5 of 21 to 25 are every 5th, as no other step gives as many of 24
    assert (5, 5) in found
