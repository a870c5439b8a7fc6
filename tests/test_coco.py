import json

import numpy as np
import pytest
from pycocotools.coco import COCO

import sa2va_nb as sa
from tests.annotations import blobs, coco, write_json

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools


def load(tmp_path, data, **options):
    return sa.load_reference(write_json(tmp_path / "a.json", data), **options)


def test_images_are_frames_and_tracks_are_objects(tmp_path):
    dog, ball = blobs(seed=1), blobs(seed=2)
    seg = load(tmp_path, coco(dog, ball))
    assert [item.phrase for item in seg] == ["dog", "ball"]
    assert np.array_equal(np.asarray(seg[0].masks), dog)
    assert np.array_equal(np.asarray(seg[1].masks), ball)
    assert seg.frame.tolist() == [0, 1, 2]
    assert "objects are told apart by track_id" in seg.notes


def test_masks_are_those_that_pycocotools_reads_from_the_same_file(tmp_path, capsys):
    data = coco(blobs(seed=1), blobs(seed=2))
    data["annotations"][0]["segmentation"] = [[3.5, 2.25, 20.1, 4, 11, 25.75], [30, 20, 38, 20, 38, 28]]
    path = write_json(tmp_path / "a.json", data)
    official, seg = COCO(str(path)), sa.load_reference(path)
    for row in official.loadAnns(official.getAnnIds()):
        mask = seg[row["track_id"] - 7].masks[row["image_id"] - 100]
        assert np.array_equal(mask, official.annToMask(row) > 0)


def test_without_tracks_a_category_is_an_object_and_that_is_noted(tmp_path):
    one, two, ball = blobs(seed=1), blobs(seed=3), blobs(seed=2)
    seg = load(tmp_path, coco(one, ball, two, tracked=False))
    assert [item.phrase for item in seg] == ["dog", "ball"]
    assert np.array_equal(np.asarray(seg[0].masks), one | two)
    assert any("the same category is taken as one object" in note for note in seg.notes)
    assert any("2 further masks" in note for note in seg.notes)


def test_a_crowd_beside_others_is_void_and_crowds_alone_are_objects(tmp_path):
    data = coco(blobs(seed=1), blobs(seed=2))
    for row in data["annotations"]:
        row["iscrowd"] = int(row["track_id"] == 8)
    seg = load(tmp_path, data)
    assert len(seg) == 1
    assert np.array_equal(np.asarray(seg.void), blobs(seed=2))
    for row in data["annotations"]:
        row["iscrowd"] = 1
    assert len(load(tmp_path, data)) == 2


def test_frames_are_in_the_order_of_their_numbers_whatever_the_order_of_the_images(tmp_path):
    dog = blobs(frames=4)
    data = coco(dog)
    data["images"].reverse()
    assert np.array_equal(np.asarray(load(tmp_path, data)[0].masks), dog)
    for place, image in enumerate(data["images"]):
        image["frame_id"] = 40 - 10 * place
    seg = load(tmp_path, data)
    assert seg.frame.tolist() == [10, 20, 30, 40]
    assert np.array_equal(np.asarray(seg[0].masks), dog)
    assert seg.notes[-1] == "frames 10, 20, 30 … 40, from frame_id"


def test_images_without_names_are_frames_in_their_order(tmp_path):
    data = coco(blobs())
    for image in data["images"]:
        del image["file_name"]
    assert load(tmp_path, data).notes[-1] == "frames 0 to 2, from the order of the images"


def test_one_of_several_folders_is_chosen(tmp_path):
    data, other = coco(blobs(seed=1), folder="train/a"), coco(blobs(seed=2), folder="train/b")
    for row in other["images"]:
        row["id"] += 50
    for row in other["annotations"]:
        row.update(id=row["id"] + 50, image_id=row["image_id"] + 50)
    both = {key: data[key] + (other[key] if key != "categories" else []) for key in data}
    with pytest.raises(ValueError, match="2 clips; say which with clip=: 'train/a', 'train/b'"):
        load(tmp_path, both)
    assert np.array_equal(np.asarray(load(tmp_path, both, clip="b")[0].masks), blobs(seed=2))


def test_one_of_several_videos_is_chosen(tmp_path):
    data = coco(blobs(seed=1))
    data["videos"] = [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]
    for row in data["images"]:
        row.update(video_id=2)
    assert len(load(tmp_path, data, clip="y")) == 1
    with pytest.raises(sa.DecodeError, match="no images of clip 'x'"):
        load(tmp_path, data, clip="x")


def test_images_without_annotations_are_a_reference_without_objects(tmp_path):
    data = coco(blobs())
    data["annotations"] = []
    seg = load(tmp_path, data)
    assert len(seg) == 0
    assert len(seg.frame) == 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["images"][0].pop("height"), "'height' of image 100 in a.json must be a whole number"),
        (lambda d: d["images"][0].pop("id"), "'id' of image 0"),
        (lambda d: d["images"].append(d["images"][0]), "two of the images in a.json have the id 100"),
        (lambda d: d["annotations"].append(d["annotations"][0]), "ids must differ"),
        (lambda d: d["annotations"][0].update(image_id=5), "of image 5, which isn't there"),
        (lambda d: d["annotations"][0].update(image_id=[5]), "'image_id' of annotation 0"),
        (lambda d: d["annotations"][0].update(category_id={}), "'category_id' of annotation 0"),
        (lambda d: d["annotations"][0].update(segmentation={}), "size of a mask"),
        (lambda d: d.update(images=[1]), "'images' in a.json must be a list of json objects"),
        (lambda d: d.update(images=[], annotations=[]), "describes no images"),
        (lambda d: [row.update(width=10**6, height=10**6) for row in d["images"]], "pixels a frame"),
    ],
)
def test_json_of_the_wrong_shape_says_what_is_wrong(tmp_path, change, expected):
    data = coco(blobs())
    change(data)
    with pytest.raises(sa.DecodeError, match=expected):
        load(tmp_path, data)


@pytest.mark.parametrize("video", [[], {}, [None], True, 0.5])
def test_a_track_of_no_video_that_could_be_is_damage(tmp_path, video):
    sa.save_masks(sa.load_masks([np.ones((2, 3, 4), bool)]), tmp_path / "a.json", format="coco")
    data = json.loads((tmp_path / "a.json").read_text())
    data["tracks"][0]["video_id"] = video
    with pytest.raises(
        sa.DecodeError, match=r"'video_id' of track 1 in a\.json must be a whole number or a text"
    ):
        load(tmp_path, data)


def test_images_that_are_no_frames_of_one_clip_are_refused(tmp_path):
    data = coco(blobs())
    data["images"][1]["width"] = 41
    with pytest.raises(sa.AlignmentError, match="40x30 and 41x30"):
        load(tmp_path, data)
    data = coco(blobs())
    for image in data["images"]:
        image["frame_index"] = 3
    with pytest.raises(sa.AlignmentError, match=r"two images of a\.json are frame 3"):
        load(tmp_path, data)


def test_too_many_objects_are_refused(tmp_path):
    data = coco(blobs())
    row = data["annotations"][0]
    data["annotations"] = [{**row, "id": i, "track_id": i} for i in range(2001)]
    with pytest.raises(sa.DecodeError, match="2001 objects in one clip"):
        load(tmp_path, data)
