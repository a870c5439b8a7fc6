import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sa2va_nb.analysis.agreement.compare import compare
from sa2va_nb.analysis.agreement.matching import match_objects
from sa2va_nb.analysis.moments import Moment, worst_moments
from sa2va_nb.analysis.truth.boundary import boundary_f
from sa2va_nb.errors import AlignmentError
from sa2va_nb.opening.reference import load_reference
from tests.scenes import rectangles, segmentation
from tests.shared import shared_data

SIZE = (40, 80)


def square(x: int, y: int = 5, *, frames: int = 4) -> np.ndarray:
    return rectangles([(x, y, x + 10, y + 10)] * frames, size=SIZE)


def dips(heights: list[int]) -> np.ndarray:
    """A 10 x 10 square of which in given frames only so many rows are left."""
    return rectangles([(5, 5, 15, 5 + height) for height in heights], size=SIZE)


def test_a_square_that_is_shifted_by_half_has_an_iou_of_a_third():
    result = compare(segmentation(square(0)), segmentation(square(5)))

    assert result.frames["iou"].tolist() == [pytest.approx(1 / 3)] * 4
    assert result.frames["differing_px"].tolist() == [100] * 4
    assert result.frames["area_a_px"].tolist() == result.frames["area_b_px"].tolist() == [100] * 4
    assert result.objects.loc[0, "agree_frac"] == 0
    assert result.summary["differing_frac"] == pytest.approx(100 / (40 * 80))


def test_what_is_compared_with_itself_agrees_in_everything():
    seg = segmentation(square(5), square(40), phrases=["a", None])
    result = compare(seg, seg, columns="all")

    assert result.matches["by"].tolist() == ["phrase", "overlap"]
    assert (result.frames[["iou", "F"]] == 1).all(axis=None)
    assert result.objects[["agree_frac", "F_mean"]].to_numpy().tolist() == [[1, 1]] * 2
    assert result.disagreement().max() == 0
    assert len(result.moments()) == 0
    assert result.notes == ()


@pytest.mark.parametrize("sequence", ["camel", "libby"])
def test_ious_with_the_truth_are_the_official_figures(sequence):
    official = json.loads(shared_data("davis/official_rvos.json").read_text())[sequence]["j"]
    truth = load_reference(shared_data(f"davis/{sequence}/gt"))
    result = compare(truth, load_reference(shared_data(f"davis/{sequence}/rvos")), match="overlap")

    # Where both are empty, the official figure is 1, and here there is none.
    assert result.frames["iou"].fillna(1).tolist() == pytest.approx(official, abs=1e-9)


@settings(deadline=None)  # other jobs may share the cores
@given(arrays(np.bool_, (2, 3, 4, 5)))
def test_figures_are_those_of_dense_masks_and_the_same_from_either_side(stacks):
    a, b = (segmentation(stack, phrases=["it"]) for stack in stacks)
    result, back = compare(a, b), compare(b, a)
    union = (stacks[0] | stacks[1]).sum((1, 2))
    expected = (stacks[0] & stacks[1]).sum((1, 2)) / np.where(union > 0, union, np.nan)

    np.testing.assert_allclose(result.frames["iou"], expected)
    np.testing.assert_allclose(result.disagreement(), (stacks[0] ^ stacks[1]).mean(0))
    np.testing.assert_array_equal(result.frames["iou"], back.frames["iou"])
    np.testing.assert_array_equal(result.disagreement(0), back.disagreement(0))


def test_contours_agree_as_boundary_f_says():
    a, b = segmentation(square(5)), segmentation(square(6, 7))
    expected = boundary_f(a[0].masks.rles[0], b[0].masks.rles[0])

    assert compare(a, b, columns="all").objects.loc[0, "F_mean"] == pytest.approx(expected)


def test_equal_phrases_are_paired_first_and_the_rest_by_overlap():
    a = segmentation(square(5), square(40), square(60), phrases=["Dog", "cat", None])
    b = segmentation(square(41), square(60), square(20), phrases=["a cat", None, "dog "])

    assert match_objects(a, b) == [(0, 2), (1, 0), (2, 1)]
    assert compare(a, b).matches["by"].tolist() == ["phrase", "overlap", "overlap"]


def test_a_phrase_that_two_objects_share_pairs_nothing():
    a = segmentation(square(5), square(40), phrases=["child", "child"])
    b = segmentation(square(41), square(4), phrases=["child", "Child"])
    assert match_objects(a, b) == [(0, 1), (1, 0)]


def test_phrases_that_only_count_can_be_left_aside():
    a = segmentation(square(5), square(40), phrases=["object 1", "object 2"])
    b = segmentation(square(40), square(5), phrases=["object 1", "object 2"])

    assert compare(a, b).summary["iou_mean"] == 0
    assert compare(a, b, match="overlap").summary["iou_mean"] == 1


def test_the_pairing_has_the_highest_sum_of_overlaps():
    a = segmentation(square(10), square(16))
    b = segmentation(square(13), square(4))
    # Greedily 0 would take 0, which leaves 1 and 1 without a common pixel.
    assert match_objects(a, b) == [(0, 1), (1, 0)]


def test_objects_without_a_partner_count_nothing_in_common():
    a = segmentation(square(5), square(40), phrases=["a dog", "a ball"])
    appears = square(60)
    appears[:3] = False
    b = segmentation(appears, square(5), phrases=["a cat", "dog"])
    result = compare(a, b)

    assert result.matches["object_a"].tolist()[:2] == [0, 1]
    assert result.matches["object_b"].isna().tolist() == [False, True, False]
    assert result.matches["by"].tolist() == ["overlap", "none", "none"]
    assert result.matches["iou_mean"].tolist() == [1, 0, 0]
    assert result.notes == ("only the first has 'a ball'", "only the second has 'a cat'")
    lone = result.frames[result.frames["pair"] == 2]
    np.testing.assert_array_equal(lone["iou"], [np.nan, np.nan, np.nan, 0])
    assert lone["object"].isna().all()
    counts = ["frames", "only_a_frames", "only_b_frames"]
    assert result.objects[counts].to_numpy().tolist() == [[4, 0, 0], [4, 4, 0], [1, 0, 1]]
    assert result.summary[["objects_matched", "objects_only_a", "objects_only_b"]].tolist() == [1, 1, 1]


def test_disagreement_is_a_share_of_frames_of_one_pair_or_any():
    moves = square(5)
    moves[3] = square(20)[3]
    result = compare(segmentation(square(5), square(40)), segmentation(moves, square(41)))
    alone, other, every = result.disagreement(0), result.disagreement(1), result.disagreement()

    assert (alone[7, 7], alone[7, 25], alone[30, 30]) == (0.25, 0.25, 0)
    assert (other[7, 40], other[7, 45], other[7, 50]) == (1, 0, 1)
    np.testing.assert_array_equal(every, np.maximum(alone, other))
    with pytest.raises(IndexError, match="a row of matches, which has 2, got 2"):
        result.disagreement(2)


def test_moments_are_the_worst_first_and_each_but_once():
    heights = [10] * 20
    heights[3:8] = [8, 4, 2, 4, 8]
    heights[14:16] = [6, 6]
    moments = compare(segmentation(dips([10] * 20)), segmentation(dips(heights))).moments()

    columns = ["frame", "first_frame", "last_frame"]
    assert moments[columns].to_numpy().tolist() == [[5, 4, 6], [14, 14, 15]]
    assert moments["iou"].tolist() == pytest.approx([0.2, 0.6])
    assert moments["time_s"].tolist() == pytest.approx([0.2, 0.56])


def test_moments_of_several_objects_are_ranked_together_up_to_n():
    a = segmentation(square(5), square(40))
    b = segmentation(square(7), square(45))
    moments = compare(a, b).moments()

    assert moments["object_a"].tolist() == [1, 0]
    assert len(compare(a, b).moments(1)) == 1
    assert len(compare(a, b).moments(0)) == 0
    with pytest.raises(ValueError, match="n must be 0 or more, got"):
        compare(a, b).moments(-1)


def test_a_moment_ends_where_it_is_half_as_bad_and_takes_smaller_peaks_with_it():
    badness = np.array([0, 0.2, 0.6, 0.5, 0.9, 0.4, 0.1, 0.3, np.nan, 0.3])
    assert worst_moments(badness) == [Moment(4, 2, 4), Moment(7, 7, 7), Moment(9, 9, 9)]


def test_the_slope_of_a_worse_moment_belongs_to_no_other():
    assert worst_moments(np.array([0.25, 0.25, 0.375, 1])) == [Moment(3, 3, 3), Moment(0, 0, 1)]


def test_of_equally_bad_positions_the_heavier_is_the_worst():
    assert worst_moments(np.ones(4), weight=np.array([1, 1, 5, 1])) == [Moment(2, 0, 3)]
    assert worst_moments(np.ones(4)) == [Moment(0, 0, 3)]
    assert worst_moments(np.zeros(4)) == worst_moments(np.zeros(0)) == []


@settings(deadline=None)  # other jobs may share the cores
@given(arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 1)))
def test_moments_are_disjoint_ordered_and_hold_all_that_is_worst(badness):
    moments = worst_moments(badness)
    covered = [t for moment in moments for t in range(moment.first, moment.last + 1)]
    worst = [badness[moment.worst] for moment in moments]

    assert len(covered) == len(set(covered))
    assert worst == sorted(worst, reverse=True)
    assert all(badness[m.first : m.last + 1].max() == badness[m.worst] for m in moments)
    assert not len(badness) or badness.max() == max(worst, default=0)


def test_frames_that_only_one_has_are_left_out_and_told():
    every = segmentation(square(5, frames=9))
    some = segmentation(square(5, frames=3), frame=[0, 4, 8])
    result = compare(every, some)

    assert result.frames["frame"].tolist() == result.frames["frame_b"].tolist() == [0, 4, 8]
    assert result.summary["frames"] == 3
    assert result.notes == ("3 of 9 and 3 mask frames were paired by time",)


def test_rates_that_differ_are_compared_by_time():
    at_25 = segmentation(square(5, frames=5))
    at_10 = segmentation(square(5, frames=3), time_s=[0, 0.09, 0.18])
    result = compare(at_25, at_10)

    assert result.frames[["frame", "frame_b"]].to_numpy().tolist() == [[0, 0], [2, 1], [4, 2]]
    assert result.notes == ("3 of 5 and 3 mask frames were paired by time, up to 0.02 s apart",)
    assert compare(at_25, at_10, tolerance_s=0.015).frames["frame"].tolist() == [0, 2]


def test_no_common_moment_is_an_alignment_error_that_tells_both():
    late = segmentation(square(5), frame=range(100, 104))
    with pytest.raises(AlignmentError, match="frames 0 to 3 and frames 100 to 103"):
        compare(segmentation(square(5)), late)


def test_sizes_that_differ_are_an_error_unless_resizing_is_asked_for():
    large = segmentation(square(6, 6), phrases=["it"])
    small = segmentation(large[0].masks[0][None, ::2, ::2].repeat(4, axis=0), phrases=["it"])
    for call in (compare, match_objects):
        with pytest.raises(AlignmentError, match=r"80x40 and 40x20; compare\(…, resize=True\)"):
            call(large, small)
    result = compare(large, small, resize=True)

    assert result.summary["iou_mean"] == 1
    assert result.b.shape == large.shape
    assert result.notes == ("the second's masks were scaled from 40x20 to 80x40",)


def test_columns_are_the_documented_ones_also_without_objects():
    full = compare(segmentation(square(5)), segmentation(square(40)), columns="all")
    empty = compare(segmentation(frame=range(4)), segmentation(frame=range(4)), columns="all")

    assert list(full.frames.columns) == [
        *(
            "pair",
            "object",
            "frame",
            "frame_b",
            "time_s",
            "iou",
            "area_a_px",
            "area_b_px",
            "differing_px",
            "F",
        )
    ]
    for name in ("matches", "frames", "objects"):
        assert getattr(full, name).dtypes.equals(getattr(empty, name).dtypes)
    assert full.moments().dtypes.equals(empty.moments().dtypes)
    same = compare(segmentation(square(5)), segmentation(square(5)))
    assert same.moments().dtypes.equals(empty.moments().dtypes)
    assert full.summary.index.equals(empty.summary.index)
    assert empty.disagreement().shape == (0, 0)
    with pytest.raises(IndexError, match="a row of matches, which has 0, got 0"):
        empty.disagreement(0)


def test_nothing_against_something_is_all_disagreement():
    result = compare(segmentation(frame=range(4)), segmentation(square(5), phrases=["it"]))

    assert result.summary[["iou_mean", "agree_frac", "objects_only_b"]].tolist() == [0, 0, 1]
    assert result.disagreement()[7, 7] == 1


def test_other_things_are_refused():
    seg = segmentation(square(5))
    with pytest.raises(TypeError, match="b must be a Segmentation, got ndarray"):
        compare(seg, square(5))
    for choice in ({"match": "best"}, {"columns": "some"}):
        with pytest.raises(ValueError, match="must be one of '"):
            compare(seg, seg, **choice)
