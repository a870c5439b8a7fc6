from dataclasses import replace

import numpy as np
import pytest

from sa2va_nb.analysis.seen import late_notes, seen_frames
from sa2va_nb.answer import parse_answer
from sa2va_nb.masks import Masks
from sa2va_nb.opening.assemble import MaskTrack, assemble
from tests.scenes import rectangles, segmentation

SA2VA = "fal-ai/sa2va/8b/video"


def appearing(*first: int, frames: int = 20, frame=None, phrases=None, **request):
    """Make a run by Sa2VA whose objects appear at given positions."""
    box = (2, 2, 8, 8)
    stacks = [rectangles([None] * t + [box] * (frames - t), size=(10, 10)) for t in first]
    seg = segmentation(*stacks, frame=range(frames) if frame is None else frame, phrases=phrases)
    return replace(
        seg, run={"app": SA2VA, "request": {"prompt": "it", **request}, "video": {"name": "a", "frames": 20}}
    )


def test_the_first_five_that_the_model_is_given_are_seen():
    assert seen_frames(appearing(0)).tolist() == [0, 1, 2, 3, 4]
    assert seen_frames(appearing(0, frames=3)).tolist() == [0, 1, 2]
    every_third = appearing(0, frames=7, frame=range(0, 20, 3), num_frames_to_sample=7)
    assert seen_frames(every_third).tolist() == [0, 3, 6, 9, 12]


def test_where_the_masks_are_more_than_the_samples_those_are_taken_as_evenly_spread():
    assert seen_frames(appearing(0, num_frames_to_sample=10)).tolist() == [0, 2, 4, 6, 8]
    assert seen_frames(appearing(0, num_frames_to_sample=3)).tolist() == [0, 10, 19]
    assert seen_frames(appearing(0, num_frames_to_sample=100)).tolist() == [0, 1, 2, 3, 4]


def test_an_answer_without_objects_tells_it_too():
    assert seen_frames(appearing(frames=20, num_frames_to_sample=10)).tolist() == [0, 2, 4, 6, 8]


def test_frames_put_in_front_are_seen_before_the_clips_own():
    assert seen_frames(appearing(0, first_frames=[3, 9, 12])).tolist() == [0, 1, 3, 9, 12]
    assert seen_frames(appearing(0, first_frames=[2, 4, 8, 12, 16])).tolist() == [2, 4, 8, 12, 16]


def test_masks_without_a_run_are_taken_for_sa2vas_and_those_of_another_model_are_not():
    assert seen_frames(replace(appearing(0), run={})).tolist() == [0, 1, 2, 3, 4]
    assert seen_frames(replace(appearing(0), run={"engine": "motion"})).tolist() == []


@pytest.mark.parametrize("frames", [10**30, -4, None, "many", True])
def test_a_damaged_count_of_frames_is_not_believed(frames):
    seg = appearing(0, num_frames_to_sample=2**31 - 1)
    seg = replace(seg, run={**seg.run, "video": {"name": "a", "frames": frames}})
    assert seen_frames(seg).tolist() == [0, 1, 2, 3, 4]


def test_an_object_that_first_appears_later_is_noted():
    (note,) = late_notes(appearing(0, 4, 5, phrases=["a dog", "a cat", "a ball"]))
    assert note.startswith(
        "'a ball' first appears in frame 5, but Sa2VA's language part is assumed to see no frame after 4 "
        "(the first 5 that the model is given)"
    )
    assert "first_frames=[12]" in note


def test_fewer_samples_reach_further():
    assert late_notes(appearing(3, frames=7, frame=range(0, 20, 3), num_frames_to_sample=7)) == []
    assert len(late_notes(appearing(6, frames=7, frame=range(0, 20, 3), num_frames_to_sample=7))) == 1


def test_what_is_never_there_or_no_run_of_sa2va_is_not_noted():
    assert late_notes(appearing(20)) == []
    assert late_notes(replace(appearing(9), run={})) == []
    assert late_notes(replace(appearing(9), run={"engine": "motion"})) == []


def test_the_note_is_among_those_of_the_segmentation():
    late = np.zeros((12, 4, 4), bool)
    late[8:] = True
    run = {"app": SA2VA, "request": {"prompt": "it"}, "video": {"name": "a.mp4"}}
    track = MaskTrack(Masks.from_array(late), None, 12)
    seg = assemble([track], answer=parse_answer("<p> a ball </p> [SEG]"), video=None, run=run)
    assert any("'a ball' first appears in frame 8" in note for note in seg.notes)
