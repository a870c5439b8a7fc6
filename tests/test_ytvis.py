import numpy as np
import pytest

import sa2va_nb as sa
from tests.annotations import blobs, to_rle, write_json, ytvis


def load(tmp_path, data, **options):
    return sa.load_reference(write_json(tmp_path / "a.json", data), **options)


def test_each_annotation_is_an_object_with_its_masks(tmp_path):
    dog, ball = blobs(seed=1), blobs(seed=2)
    seg = load(tmp_path, ytvis(dog, ball))
    assert [item.phrase for item in seg] == ["dog", "ball"]
    assert np.array_equal(np.asarray(seg[0].masks), dog)
    assert np.array_equal(np.asarray(seg[1].masks), ball)
    assert seg.void is None


def test_frames_are_the_numbers_of_the_file_names(tmp_path):
    seg = load(tmp_path, ytvis(blobs(frames=4)))
    assert seg.frame.tolist() == [0, 5, 10, 15]
    assert seg.notes == ("frames 0, 5, 10 … 15, from the names of clip/00000.jpg … clip/00015.jpg",)


def test_polygons_are_read_beside_run_lengths(tmp_path):
    data = ytvis(blobs())
    data["annotations"][0]["segmentations"][2] = [[5, 5, 15, 5, 15, 15, 5, 15]]
    assert load(tmp_path, data)[0].masks.area_px[2] == 100


def test_a_crowd_beside_others_is_void(tmp_path):
    dog, crowd = blobs(seed=1), blobs(seed=2)
    data = ytvis(dog, crowd)
    data["annotations"][1]["iscrowd"] = 1
    seg = load(tmp_path, data)
    assert len(seg) == 1
    assert np.array_equal(np.asarray(seg.void), crowd)
    assert any("void" in note for note in seg.notes)


def test_one_of_several_videos_is_chosen_by_folder_or_id(tmp_path):
    data = ytvis(blobs(seed=1))
    data["videos"].append({**data["videos"][0], "id": 2, "file_names": [f"other/{t}.jpg" for t in range(3)]})
    data["annotations"].append({**data["annotations"][0], "id": 99, "video_id": 2, "category_id": 2})
    with pytest.raises(ValueError, match="describes 2 clips; say which with clip=: 'clip', 'other'"):
        load(tmp_path, data)
    assert load(tmp_path, data, clip="other")[0].phrase == "ball"
    assert load(tmp_path, data, clip=1)[0].phrase == "dog"
    with pytest.raises(ValueError, match="clip='cat' fits 0 of them"):
        load(tmp_path, data, clip="cat")


def test_an_object_without_any_mask_is_kept(tmp_path):
    data = ytvis(blobs())
    data["annotations"][0]["segmentations"] = [None] * 3
    assert load(tmp_path, data)[0].masks.area_px.tolist() == [0, 0, 0]


def damaged(change):
    data = ytvis(blobs(seed=1), blobs(seed=2))
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda d: d["annotations"][0].pop("segmentations") and None,
            "must have one a frame, 3, got NoneType",
        ),
        (lambda d: d["annotations"][0]["segmentations"].pop(), "must have one a frame, 3, got 2"),
        (lambda d: d["annotations"][0].update(video_id=8), "of video 8, which isn't there"),
        (lambda d: d["annotations"][0].update(id=11), "the id 11; ids must differ"),
        (lambda d: d["annotations"][0].update(category_id=[1]), "'category_id' of annotation 10"),
        (lambda d: d["videos"][0].update(height=10**9, width=10**9), "pixels a frame"),
        (lambda d: d["videos"][0].update(height=float("nan")), "must be a whole number"),
        (lambda d: d["videos"][0].update(height=29), "size of a mask must be that of the picture"),
        (lambda d: d["videos"][0].update(length=4), "has 3 file_names, but 'length' says 4"),
        (lambda d: d["videos"][0].update(file_names=[1, 2, 3]), "must be a list of texts"),
        (lambda d: d["videos"].append(d["videos"][0]), "two of the videos in a.json have the id 1"),
        (lambda d: d.update(videos={}), "'videos' in a.json must be a list of json objects"),
        (lambda d: d.update(annotations=None), "has no annotations"),
        (lambda d: d["categories"].append({"name": "x"}), "'id' of category 2"),
    ],
)
def test_json_of_the_wrong_shape_says_what_is_wrong(tmp_path, change, expected):
    with pytest.raises(sa.DecodeError, match=expected):
        load(tmp_path, damaged(change))


def test_names_out_of_order_are_refused(tmp_path):
    data = ytvis(blobs(), names=["b/2.jpg", "b/1.jpg", "b/3.jpg"])
    with pytest.raises(sa.AlignmentError, match="order of their numbers"):
        load(tmp_path, data)


def test_millions_of_frames_are_refused_before_they_are_made(tmp_path):
    data = ytvis(blobs())
    data["videos"][0] = {"id": 1, "height": 30, "width": 40, "length": 10**9}
    data["annotations"][0]["segmentations"] = [to_rle(blobs()[0])]
    with pytest.raises(sa.DecodeError, match="1,000,000,000 frames"):
        load(tmp_path, data)
