import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sa2va_nb.analysis.timing import align_positions, describe_alignment, step_s
from tests.scenes import segmentation


def frames(frame, time_s=None):
    return segmentation(frame=list(frame), time_s=time_s)


def test_the_same_frames_are_paired_one_to_one():
    assert align_positions(frames(range(5)), frames(range(5))).tolist() == [0, 1, 2, 3, 4]


def test_samples_are_paired_with_the_frames_that_they_show():
    every, some = frames(range(10)), frames([0, 3, 6, 9])
    assert align_positions(some, every).tolist() == [0, 3, 6, 9]
    assert align_positions(every, some).tolist() == [0, -1, -1, 1, -1, -1, 2, -1, -1, 3]


def test_rates_that_differ_are_paired_by_the_nearest_time_whatever_the_frame_numbers():
    at_30 = frames(range(10), np.arange(10) / 30)
    at_12 = frames(range(4), np.arange(4) / 12)
    assert align_positions(at_12, at_30).tolist() == [0, 2, 5, 7]


def test_for_looking_a_position_may_show_for_several():
    every, some = frames(range(8)), frames([0, 3, 6])
    assert align_positions(every, some, unique=False).tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    assert align_positions(every, some, unique=False, tolerance_s=0.01).tolist() == [
        0,
        -1,
        -1,
        1,
        -1,
        -1,
        2,
        -1,
    ]


def test_without_times_equal_source_frames_are_paired():
    unknown = frames([0, 4, 8], [np.nan] * 3)
    assert align_positions(unknown, frames(range(7))).tolist() == [0, 4, -1]
    assert align_positions(frames(range(7)), unknown).tolist() == [0, -1, -1, -1, 1, -1, -1]


def test_what_lies_further_apart_than_half_the_coarser_step_is_not_paired():
    early, late = frames(range(3), [0.0, 0.1, 0.2]), frames(range(3), [0.25, 0.35, 0.45])
    assert align_positions(early, late).tolist() == [-1, -1, 0]
    assert align_positions(early, late, tolerance_s=0.04).tolist() == [-1, -1, -1]
    gap = frames(range(3), [0.0, 0.3, 0.4])
    assert align_positions(frames(range(2), [0.15, 0.4]), gap).tolist() == [-1, 2]


def test_single_frames_are_paired_if_they_are_the_same_moment():
    assert align_positions(frames([7], [0.5]), frames([3], [0.501])).tolist() == [0]
    assert align_positions(frames([7], [0.5]), frames([7], [0.6])).tolist() == [-1]


def test_nothing_has_no_partner():
    assert align_positions(frames([]), frames(range(3))).tolist() == []
    assert align_positions(frames(range(3)), frames([])).tolist() == [-1, -1, -1]


@pytest.mark.parametrize("tolerance_s", [-1, float("nan")])
def test_a_tolerance_that_is_none_is_refused(tolerance_s):
    with pytest.raises(ValueError, match="0 or more seconds"):
        align_positions(frames([0]), frames([0]), tolerance_s=tolerance_s)


def test_the_typical_step_is_the_median():
    assert step_s(frames(range(4), [0, 0.1, 0.2, 5])) == pytest.approx(0.1)
    assert step_s(frames([3])) == 0


moments = st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True).map(sorted)


@settings(deadline=None)  # other jobs may share the cores
@given(moments, moments)
def test_pairs_are_the_same_from_either_side_and_never_cross(one, other):
    a, b = (frames(range(len(each)), np.array(each) / 100) for each in (one, other))
    there, back = align_positions(a, b), align_positions(b, a)
    pairs = {(i, int(j)) for i, j in enumerate(there) if j >= 0}

    assert np.all(np.diff(there[there >= 0]) > 0)
    assert pairs == {(int(i), j) for j, i in enumerate(back) if i >= 0}


def test_how_frames_were_paired_is_told_unless_it_is_plain():
    a, b = frames(range(3)), frames(range(0, 5, 2), [0.0, 0.05, 0.1])
    assert describe_alignment(a, a, align_positions(a, a)) == []
    assert describe_alignment(a, b, align_positions(a, b)) == [
        "3 of 3 and 3 mask frames were paired by time, up to 0.02 s apart"
    ]
    unknown = frames(range(2), [np.nan] * 2)
    assert describe_alignment(a, unknown, align_positions(a, unknown)) == [
        "2 of 3 and 2 mask frames were paired by source frame"
    ]
