from dataclasses import replace

import numpy as np
import pytest

from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from tests.clips import textured_clip
from tests.scenes import segmentation

STACK = np.ones((2, 3, 4), bool)


def named(*phrases: str | None) -> Segmentation:
    return segmentation(*[STACK] * len(phrases), phrases=phrases)


def test_objects_are_found_by_index_and_phrase():
    seg = named("Two children", "a bed", None)

    assert len(seg) == 3
    assert [item.index for item in seg] == [0, 1, 2]
    assert seg[1] is seg.objects[1]
    assert seg[-1].phrase is None
    assert seg[np.int64(0)].phrase == "Two children"
    assert seg["a bed"].index == 1
    assert seg["CHILDREN"].index == 0


def test_an_equal_phrase_wins_over_one_that_holds_the_words():
    assert named("a dog bed", "a dog")["a dog"].index == 1


def test_words_that_fit_several_objects_are_refused_with_their_indices():
    with pytest.raises(KeyError, match="fits objects 0, 2; ask by index"):
        named("a red car", "a dog", "a blue car")["car"]


@pytest.mark.parametrize("words", ["cat", "", " "])
def test_words_that_fit_no_object_are_refused_with_the_phrases(words):
    with pytest.raises(KeyError, match=r"no object's phrase holds .*'a bed'"):
        named("a bed")[words]


def test_a_key_of_another_type_is_a_type_error():
    with pytest.raises(TypeError, match="by its index or phrase, got float"):
        named("a bed")[1.0]


def test_an_object_without_a_phrase_is_named_by_its_index():
    assert [item.name for item in named("a bed", None)] == ["a bed", "object 1"]


def test_no_objects_is_a_valid_result():
    seg = segmentation(frame=[0, 1, 2])

    assert len(seg) == 0
    assert list(seg) == []
    assert seg.shape == (3, 0, 0)
    assert "no objects" in repr(seg)


@pytest.mark.parametrize(
    ("frame", "time_s"), [([0, 1], [0.0]), ([1, 1], [0.0, 0.1]), ([3, 1], [0.0, 0.1]), ([0], [0.0, 0.1])]
)
def test_frames_must_increase_and_have_a_time_each(frame, time_s):
    with pytest.raises(
        AlignmentError, match="increasing source frame indices from 0 on with one time_s each"
    ):
        Segmentation((), np.array(frame), np.array(time_s))


def test_masks_lie_within_their_video(tmp_path):
    video = Video(textured_clip(tmp_path / "clip.mp4"))
    frame = np.arange(len(video))
    assert len(Segmentation((), frame, video.time_s, video).frame) == 12
    with pytest.raises(AlignmentError, match="the masks reach frame 12, but the video has 12 frames"):
        Segmentation((), frame + 1, video.time_s, video)


@pytest.mark.parametrize("other", [np.ones((3, 3, 4), bool), np.ones((2, 4, 3), bool)])
def test_objects_must_have_the_same_frames_and_size(other):
    items = (
        SegmentedObject(0, None, Masks.from_array(STACK)),
        SegmentedObject(1, None, Masks.from_array(other)),
    )
    with pytest.raises(AlignmentError, match="every object must have 2 masks of one size"):
        Segmentation(items, np.arange(2), np.arange(2) / 25)


def test_repr_names_the_objects():
    assert repr(named("a bed", None)) == "Segmentation(2 in 2 frames of 4x3: 'a bed', 'object 1')"


def test_a_phrase_is_text_or_none():
    with pytest.raises(TypeError, match="a phrase must be a str or None, got 3"):
        SegmentedObject(0, 3, Masks.from_array(np.ones((1, 2, 2), bool)))


@pytest.mark.parametrize(
    "run",
    [
        {"folder": 3},
        {"folder": "a\0b"},
        {"request": None},
        {"request": {"prompt": 3}},
        {"request": {"num_frames_to_sample": 4}},
        {"video": {"frames": 3}},
        {"app": 3},
        {"cost_usd": "2"},
        {"cost_usd": float("nan")},
        {"masks": [{"file": 3}]},
    ],
    ids=str,
)
def test_a_run_made_by_hand_must_have_the_form_of_a_record(run):
    with pytest.raises(ValueError, match="run must be the record of a run: '"):
        replace(named("a dog"), run=run)


@pytest.mark.parametrize("run", [None, "a run", 3, ["a"]], ids=str)
def test_a_run_is_a_record_and_no_other_thing(run):
    with pytest.raises(TypeError, match="run must be the record of a run, got"):
        replace(named("a dog"), run=run)


@pytest.mark.parametrize(
    ("time_s", "says"),
    [
        ([0.0, 0.2, 0.1], r"must not go back, got 0.1 s for mask frame 2 after 0.2 s for 1"),
        ([3.0, np.nan, 1.0], r"must not go back, got 1 s for mask frame 2 after 3 s for 0"),
        ([0.0, 1.0, np.inf], "some are infinite"),
        ([0.0, 1.0, 1e300], r"or beyond 1e\+15"),
    ],
)
def test_times_that_can_not_be_are_refused(time_s, says):
    with pytest.raises(AlignmentError, match=says):
        Segmentation((), np.arange(3), np.array(time_s))


@pytest.mark.parametrize("time_s", [[np.nan] * 3, [np.nan, 0.5, 1.0], [0.5, 0.5, 0.5], [-1.0, 0.0, 1.0]])
def test_times_may_be_unknown_equal_or_before_zero(time_s):
    assert len(Segmentation((), np.arange(3), np.array(time_s)).time_s) == 3


@pytest.mark.parametrize(
    ("frame", "time_s", "says"),
    [
        ([0, 1], np.arange(2.0), "frame must be a NumPy array, .* got list"),
        (np.arange(2.0), np.arange(2.0), r"frame must be \(T,\) whole numbers, got \(2,\) of float64"),
        (np.array([False, True]), np.arange(2.0), "of bool"),
        (np.arange(2), None, "time_s must be a NumPy array, .* got NoneType"),
        (np.arange(2), np.array(["0", "1"]), r"time_s must be \(T,\) seconds, got \(2,\) of <U1"),
        (np.arange(2), np.zeros((2, 1)), r"time_s must be \(T,\) seconds, got \(2, 1\)"),
    ],
)
def test_frames_and_times_of_another_kind_are_type_errors(frame, time_s, says):
    with pytest.raises(TypeError, match=says):
        Segmentation((), frame, time_s)


@pytest.mark.parametrize("frame", [[1, 0], [0, 0], [-1, 0]])
def test_frames_that_do_not_increase_from_zero_on_are_refused(frame):
    with pytest.raises(AlignmentError, match="increasing source frame indices from 0 on"):
        Segmentation((), np.array(frame), np.arange(2.0))


def test_a_phrase_is_text_that_a_file_takes():
    pair, lone = "\ud83d\udc36", "a \ud800 dog"
    assert [item.phrase for item in named(pair, lone, "a dog")] == ["\N{DOG FACE}", "a \ufffd dog", "a dog"]


def test_objects_are_numbered_in_their_order():
    masks = Masks.from_array(np.ones((2, 3, 4), bool))
    items = tuple(SegmentedObject(index, None, masks) for index in (1, 0))
    with pytest.raises(ValueError, match=r"objects must be numbered 0 to 1, in order, got \[1, 0\]"):
        Segmentation(items, np.arange(2), np.zeros(2))
    assert SegmentedObject(0, "a\0b\ud800", masks).phrase == "a\ufffdb\ufffd"
