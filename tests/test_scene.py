from dataclasses import replace

import numpy as np
import pytest

from sa2va_nb.analysis.agreement.compare import compare
from sa2va_nb.masks import Masks
from sa2va_nb.opening.loading import load_masks
from sa2va_nb.view.painting.scene import make_scene
from sa2va_nb.view.painting.scores import most_different, pair_ious
from tests.clips import rectangle
from tests.scenes import segmentation


def test_a_reference_of_every_fourth_frame_is_shown_in_those_frames():
    seg = segmentation(rectangle(frames=12))
    reference = segmentation(rectangle(frames=3), frame=[0, 4, 8])
    scene = make_scene(seg, reference=reference)
    assert np.flatnonzero(scene.covered).tolist() == [0, 4, 8]
    assert scene.other_at[[0, 4, 8]].tolist() == [0, 1, 2]
    assert scene.notes == ("The reference has masks for 3 of these 12 frames",)


def test_of_a_segmentation_with_fewer_frames_the_nearest_are_shown():
    seg = segmentation(rectangle(frames=12))
    scene = make_scene(seg, compare=segmentation(rectangle(frames=3), frame=[0, 4, 8]))
    assert scene.other_at.tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, -1]
    assert np.flatnonzero(np.isfinite(pair_ious(scene)[0])).tolist() == [0, 4, 8]  # each is judged once
    assert scene.notes == (
        "The other segmentation has masks for 11 of these 12 frames",
        "The other segmentation has other frames: the nearest are shown, up to 0.08 s off",
    )


def test_frames_are_paired_by_time_where_it_is_known_and_else_by_number():
    seg = segmentation(rectangle(frames=4), time_s=[0, 0.1, 0.2, 0.3])
    other = segmentation(rectangle(frames=4), frame=[0, 2, 4, 6], time_s=[0.01, 0.11, 0.21, 0.31])
    assert make_scene(seg, compare=other).other_at.tolist() == [0, 1, 2, 3]
    untimed = replace(other, time_s=np.full(4, np.nan))
    assert make_scene(seg, compare=untimed).other_at.tolist() == [0, -1, 1, -1]


def test_a_reference_of_another_size_is_shown_at_the_views_size():
    seg = segmentation(rectangle(frames=2))
    large = rectangle(frames=2).repeat(2, axis=1).repeat(2, axis=2)
    scene = make_scene(seg, reference=segmentation(large))
    assert (scene.rles(1)[1].to_array() == rectangle(frames=2)[1]).all()
    assert pair_ious(scene).tolist() == [[1.0, 1.0]]
    assert "is 128x96, these masks are 64x48" in scene.notes[0]


def test_the_pairs_of_a_comparison_are_kept():
    left, right = rectangle(frames=3), rectangle(frames=3)[:, :, ::-1]
    a = segmentation(left, right, phrases=["thing 1", "thing 2"])
    b = segmentation(right, left, phrases=["thing 1", "thing 2"])
    assert make_scene(a, compare=b).partner == (0, 1)
    assert make_scene(a, compare=compare(a, b)).partner == (0, 1)
    assert make_scene(a, compare=compare(a, b, match="overlap")).partner == (1, 0)
    lonely = segmentation(rectangle(frames=3)[:, ::-1] & False, phrases=["thing 3"])
    assert make_scene(a, compare=compare(a, lonely)).partner == (None,)
    with pytest.raises(ValueError, match="compares another segmentation"):
        make_scene(b, compare=compare(a, b))


def test_one_thing_to_compare_with_is_enough():
    seg = segmentation(rectangle(frames=2))
    with pytest.raises(ValueError, match="give either reference= or compare=, not both"):
        make_scene(seg, reference=seg, compare=seg)
    with pytest.raises(TypeError, match="reference must be a Segmentation, got Masks"):
        make_scene(seg, reference=seg[0].masks)


def test_a_side_without_objects_has_nothing_to_pair():
    seg, nothing = segmentation(rectangle(frames=3)), segmentation(frame=[0, 1, 2])
    assert make_scene(seg, compare=nothing).count == 1
    assert make_scene(nothing, compare=seg).partner == (None,)
    assert most_different(make_scene(seg, compare=nothing)) == 0


def moved(by: list[int]) -> np.ndarray:
    """The rectangle's first frame, moved right by so many pixels in each frame."""
    return np.array([np.roll(rectangle(frames=1)[0], dx, axis=1) for dx in by])


def test_the_score_of_a_pair_is_its_intersection_over_union():
    scene = make_scene(segmentation(moved([0, 0, 0])), compare=segmentation(moved([0, 4, 8])))
    assert pair_ious(scene)[0] == pytest.approx([1, 12 / 20, 8 / 24])


def test_two_empty_masks_agree_and_a_frame_without_the_other_has_no_score():
    ours, theirs = moved([0, 0, 0, 0]), moved([0, 0, 0])
    ours[1] = theirs[1] = False
    scene = make_scene(segmentation(ours), reference=segmentation(theirs))
    assert pair_ious(scene)[0] == pytest.approx([1, 1, 1, np.nan], nan_ok=True)


def test_pixels_that_are_not_judged_do_not_count():
    ours, truth = moved([0, 4]), moved([0, 0])
    void = Masks.from_array(ours & ~truth)
    reference = replace(segmentation(truth), void=void)
    assert pair_ious(make_scene(segmentation(ours), reference=reference))[0] == pytest.approx([1, 12 / 16])


def test_the_most_different_frame_is_that_with_the_lowest_mean_over_what_is_seen():
    still = moved([0] * 5)
    one, other = moved([0, 2, 6, 0, 0]), moved([0, 4, 1, 0, 0])
    a = segmentation(still, still, phrases=["x", "y"])
    assert most_different(make_scene(a, compare=segmentation(one, other, phrases=["x", "y"]))) == 2
    gone = one.copy()
    gone[3] = False
    assert most_different(make_scene(a, compare=segmentation(gone, other, phrases=["x", "y"]))) == 3
    both_gone = still.copy()
    both_gone[3] = False
    lonely = make_scene(segmentation(both_gone), compare=segmentation(gone))
    assert most_different(lonely) == 2  # where neither is seen, nothing differs


def test_masks_without_times_or_a_video_can_be_compared():
    a = load_masks([rectangle(frames=3)])
    assert make_scene(a, compare=load_masks([rectangle(frames=3)])).covered.all()
