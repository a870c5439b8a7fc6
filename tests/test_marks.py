import numpy as np
import pandas as pd
import pytest

from sa2va_nb.analysis.instances.split import split_instances
from sa2va_nb.opening.loading import load_masks
from sa2va_nb.view.widget.marks import flag_marks, meeting_marks, presence_marks
from sa2va_nb.view.widget.scrubber import scrub
from tests.clips import rectangle
from tests.scenes import rectangles, segmentation
from tests.widgets import ask


def seen_in(frames: list[int], count: int) -> np.ndarray:
    stack = rectangle(frames=count, step=0)
    stack[[t for t in range(count) if t not in frames]] = False
    return stack


def events(*stacks: np.ndarray) -> list[tuple[int, int, str]]:
    return [(mark["object"], mark["first"], mark["text"]) for mark in presence_marks(segmentation(*stacks))]


def test_objects_appear_leave_and_return():
    assert events(seen_in([2, 3, 6, 7, 9], 10)) == [
        (0, 2, "appears"),
        (0, 4, "leaves"),
        (0, 6, "returns"),
        (0, 8, "leaves"),
        (0, 9, "returns"),
    ]


def test_what_is_there_from_the_first_frame_to_the_last_has_no_events():
    assert events(seen_in([0, 1, 2], 3), seen_in([], 3)) == []
    assert events(seen_in([0, 2], 3)) == [(0, 1, "leaves"), (0, 2, "returns")]


def test_a_flag_marks_the_stretch_of_frames_that_have_it():
    seg = segmentation(rectangle(frames=5), rectangle(frames=5), frame=[0, 2, 4, 6, 8])
    table = pd.DataFrame(
        {
            "object": [1, 0, 0, 0, 0, 1, 1],
            "frame": [8, 0, 2, 4, 8, 0, 5],
            "flags": ["jump", "jump", "jump; tiny", "tiny", "jump", "", "no such frame"],
        }
    )
    assert flag_marks(seg, table) == [
        {"object": 0, "first": 0, "last": 1, "kind": "flag", "text": "jump"},
        {"object": 0, "first": 1, "last": 2, "kind": "flag", "text": "tiny"},
        {"object": 0, "first": 4, "last": 4, "kind": "flag", "text": "jump"},
        {"object": 1, "first": 4, "last": 4, "kind": "flag", "text": "jump"},
    ]


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, "", " ; "])
def test_no_flag_is_no_mark(nothing):
    seg = segmentation(rectangle(frames=1))
    assert flag_marks(seg, pd.DataFrame({"object": [0], "frame": [0], "flags": [nothing]})) == []


def two_that_meet() -> np.ndarray:
    """Two squares that touch in frames 6 to 8 of 15."""
    gap = [12, 10, 8, 6, 4, 2, 0, 0, 0, 2, 4, 6, 8, 10, 12]
    size = (20, 60)
    return rectangles([(20, 5, 30, 15)] * 15, size=size) | rectangles(
        [(30 + dx, 5, 38 + dx, 15) for dx in gap], size=size
    )


def test_instances_that_meet_are_marked_at_both():
    seg = split_instances(load_masks([two_that_meet()], phrases=["two boxes"]))
    assert [(m["object"], m["first"], m["text"]) for m in meeting_marks(seg)] == [
        (0, 6, "meets two boxes #2"),
        (1, 6, "meets two boxes #1"),
        (0, 9, "parts from two boxes #2"),
        (1, 9, "parts from two boxes #1"),
    ]


def test_meetings_come_with_the_numbers_and_an_embedded_scrubber_has_them_at_once():
    seg = split_instances(load_masks([two_that_meet()], phrases=["two boxes"]))
    scrubber = scrub(seg)
    assert scrubber._clip["marks"] == []
    [(content, _)] = ask(scrubber, {"type": "numbers"})
    assert content["marks"] == meeting_marks(seg)
    assert scrub(seg, embed=True)._clip["marks"] == meeting_marks(seg)


def test_objects_that_are_no_instances_do_not_meet():
    assert meeting_marks(segmentation(rectangle(), rectangle())) == []
