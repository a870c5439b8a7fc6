import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sa2va_nb as sa
from tests.annotations import blobs, coco, sav, write_json, ytvis
from tests.clips import mask_clip, rectangle, textured_clip
from tests.encoders import iou
from tests.shared import shared_data


def pngs(folder, dense, start=0):
    folder.mkdir(exist_ok=True)
    for t, mask in enumerate(dense):
        Image.fromarray(mask.astype(np.uint8)).save(folder / f"{start + t:05d}.png")
    return folder


def every_form(tmp_path, dense):
    """Give the same (T, H, W) masks in every form that is exact."""
    np.save(tmp_path / "a.npy", dense)
    np.savez(tmp_path / "a.npz", masks=dense[None])
    rles = sa.Masks.from_array(dense).to_coco_rle()
    return {
        "pngs": pngs(tmp_path / "pngs", dense),
        "npy": tmp_path / "a.npy",
        "npz": str(tmp_path / "a.npz"),
        "bool": dense,
        "labels": dense.astype(np.int32),
        "masks": sa.Masks.from_array(dense),
        "list of masks": [sa.Masks.from_array(dense)],
        "list of arrays": [dense],
        "segmentation": sa.load_masks(dense),
        "coco": write_json(tmp_path / "coco.json", coco(dense)),
        "ytvis": write_json(tmp_path / "ytvis.json", ytvis(dense, names=["0.jpg", "1.jpg", "2.jpg"])),
        "sav": write_json(tmp_path / "sav", sav(dense, frame_count=3, duration=1.0)),
        "run lengths": write_json(tmp_path / "rles.json", rles),
        "lists of run lengths": write_json(tmp_path / "lists.txt", [rles]),
        "named run lengths": write_json(tmp_path / "named.json", {"7": [*rles[:2], None]}),
    }


def test_every_form_of_the_same_masks_gives_the_same(tmp_path):
    for form, source in every_form(tmp_path, blobs()).items():
        seg = sa.load_reference(source)
        assert len(seg) == 1, form
        assert seg[0].masks == sa.Masks.from_array(blobs()), form
        assert seg.frame.tolist() == [0, 1, 2], form


def test_mask_videos_are_one_object_each_in_the_order_of_their_numbers(tmp_path):
    steps = {1: 0, 2: 1, 10: 2}
    for number, step in steps.items():
        mask_clip(tmp_path / f"output_{number}.mp4", rectangle(step=step))
    paths = [tmp_path / f"output_{number}.mp4" for number in steps]
    for source in (tmp_path, paths, tuple(map(str, paths))):
        seg = sa.load_reference(source)
        assert [iou(np.asarray(seg[i].masks), rectangle(step=i)) > 0.97 for i in range(3)] == [True] * 3
    assert len(sa.load_reference(paths[0])) == 1


def test_a_video_tells_the_times(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", frames=3, height=30, width=40, fps=10)
    for form, source in every_form(tmp_path, blobs()).items():
        seg = sa.load_reference(source, video=clip)
        np.testing.assert_allclose(seg.time_s, [0, 0.1, 0.2], err_msg=form)
        assert seg.video is not None


def test_masks_are_brought_to_the_size_of_the_video_with_their_void(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", frames=3, height=60, width=80)
    labels = blobs().astype(np.uint8)
    labels[:, -1] = 255
    seg = sa.load_reference(labels, video=clip)
    assert seg.shape == seg.void.shape == (3, 60, 80)
    assert "masks of 40x30 were scaled to the source's 80x60" in seg.notes


def test_frames_that_nothing_tells_are_not_guessed(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", frames=12, height=30, width=40)
    for form, source in every_form(tmp_path, blobs()).items():
        if form in ("npy", "npz", "bool", "labels", "masks", "run lengths", "named run lengths"):
            with pytest.raises(sa.AlignmentError, match="frame="):
                sa.load_reference(source, video=clip)
        seg = sa.load_reference(source, video=clip, frame=[2, 5, 11])
        assert seg.frame.tolist() == [2, 5, 11], form
        np.testing.assert_allclose(seg.time_s, np.array([2, 5, 11]) / 24, err_msg=form)


def test_where_frames_come_from_is_always_noted(tmp_path):
    forms = every_form(tmp_path, blobs())
    forms["mask video"] = mask_clip(tmp_path / "m.mp4", rectangle())
    for form in forms.keys() - {"segmentation"}:
        assert sa.load_reference(forms[form]).notes[-1].startswith("frames 0 to "), form
    assert sa.load_reference(forms["segmentation"]) is forms["segmentation"]


def test_frames_counted_from_one_do_not_fit_the_video_and_that_is_said(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", frames=3, height=30, width=40)
    with pytest.raises(
        sa.AlignmentError, match=r"frames 1 to 3, but the video only 0 to 2; .* counted from 1"
    ):
        sa.load_reference(pngs(tmp_path / "pngs", blobs(), start=1), video=clip)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [([0, 1], "each of the 3"), ([0, 1, 1], "increase"), ([-1, 0, 1], "from 0 up"), ([0.0, 1, 2], "float64")],
)
def test_frames_that_cannot_be_are_refused(frame, expected):
    with pytest.raises(ValueError, match=expected):
        sa.load_reference(blobs(), frame=frame)


def test_objects_are_chosen_by_index_or_phrase_and_renamed(tmp_path):
    path = write_json(tmp_path / "a.json", ytvis(blobs(seed=1), blobs(seed=2), blobs(seed=3)))
    seg = sa.load_reference(path, objects=[2, "ball"])
    assert [item.index for item in seg] == [0, 1]
    assert seg[0].masks == sa.Masks.from_array(blobs(seed=3))
    assert seg.notes[-1] == "objects 2, 1 of 3 were chosen"
    assert sa.load_reference(path, objects="ball")[0].phrase == "ball"
    assert [item.phrase for item in sa.load_reference(path, phrases=["a", None, "c"])] == ["a", None, "c"]
    for wrong in ([5], "dog", ["cat"]):
        with pytest.raises(ValueError, match="objects must be indices below 3 or phrases"):
            sa.load_reference(path, objects=wrong)
    with pytest.raises(ValueError, match="each of the 3 objects, got 1"):
        sa.load_reference(path, phrases=["a"])


def test_what_could_be_several_forms_is_refused(tmp_path):
    pngs(tmp_path / "both", blobs())
    mask_clip(tmp_path / "both" / "a.mp4", rectangle())
    with pytest.raises(ValueError, match=r"PNG masks .*, but holds videos, too"):
        sa.load_reference(tmp_path / "both")
    with pytest.raises(ValueError, match="single PNG; give the folder"):
        sa.load_reference(tmp_path / "both" / "00000.png")
    with pytest.raises(ValueError, match="single PNG; give the folder"):
        sa.load_reference([tmp_path / "both" / "00000.png"])
    with pytest.raises(ValueError, match="must hold mask videos"):
        sa.load_reference([tmp_path / "both"])
    with pytest.raises(ValueError, match="give a label array by itself"):
        sa.load_reference([np.arange(24).reshape(2, 3, 4)])


def test_what_is_no_form_is_refused_with_the_list_of_them(tmp_path):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "nowhere", tmp_path / "empty"):
        with pytest.raises(ValueError, match=r"COCO json; YouTube-VIS json; SA-V json; .* a Segmentation"):
            sa.load_reference(source)
    for source in (3, {"a": 1}, None):
        with pytest.raises(TypeError, match="a Segmentation; got"):
            sa.load_reference(source)
    for data in ({"a": 1}, [1, 2], [], [[1]], {"info": {}, "images": []}):
        with pytest.raises(ValueError, match=r"a\.json is json of no known form"):
            sa.load_reference(write_json(tmp_path / "a.json", data))


def test_a_clip_is_only_asked_for_where_there_can_be_several(tmp_path):
    forms = every_form(tmp_path, blobs())
    for form in forms.keys() - {"coco", "ytvis"}:
        with pytest.raises(ValueError, match="json"):
            sa.load_reference(forms[form], clip="dog")


@pytest.mark.parametrize("name", ["a.json", "a.npz", "a.npy", "a.mp4", "a"])
@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"PK\x03\x04", b'{"a": [', b"\x93NUMPY\x01\x00", b"[" * 100_000]
)
def test_damaged_files_of_any_name_are_errors_in_words(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(sa.DecodeError, match="a"):
        sa.load_reference(tmp_path / name)


def test_a_file_cut_off_anywhere_is_an_error_in_words(tmp_path):
    forms = every_form(tmp_path, blobs())
    for form in ("coco", "ytvis", "sav", "named run lengths", "npy", "npz"):
        whole = Path(forms[form]).read_bytes()
        for end in range(1, len(whole) - 1, max(1, len(whole) // 20)):
            (tmp_path / "cut").write_bytes(whole[:end])
            with pytest.raises((sa.DecodeError, ValueError)):
                sa.load_reference(tmp_path / "cut")


def values_for(value):
    """Give what could stand for a value of json that was tampered with."""
    return (None, -1, 10**30, float("nan"), "x", [], {}, [[]], True, [value], {"a": value})


def places_in(data, path=()):
    """Give the path of every value."""
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places_in(value, (*path, key))


@pytest.mark.parametrize("form", ["coco", "ytvis", "sav", "run lengths", "named run lengths"])
def test_json_with_any_value_exchanged_loads_or_is_an_error_in_words(tmp_path, form):
    text = every_form(tmp_path, blobs())[form].read_text()
    for place in places_in(json.loads(text)):
        for wrong in values_for(1):
            data = json.loads(text)
            if place:
                parent = data
                for key in place[:-1]:
                    parent = parent[key]
                parent[place[-1]] = wrong
            else:
                data = wrong
            try:
                seg = sa.load_reference(write_json(tmp_path / "changed.json", data))
            except (sa.Sa2VAError, ValueError, TypeError):
                continue
            assert seg.shape[0] == len(seg.frame) <= 3


def test_the_evaluation_of_real_masks_does_not_depend_on_the_form(tmp_path):
    folder = shared_data("davis/car-shadow")
    truth, seg = sa.load_reference(folder / "gt"), sa.load_reference(folder / "osvos")
    rles = [item.masks.to_coco_rle() for item in truth]
    again = sa.load_reference(write_json(tmp_path / "truth.json", rles))
    expected = sa.evaluate(seg, truth, match="union").frames
    assert sa.evaluate(seg, again, match="union").frames.equals(expected)
