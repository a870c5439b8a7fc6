import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sa2va_nb.analysis.truth.evaluate import evaluate
from sa2va_nb.analysis.truth.presence import count_presence, target_accuracy
from tests.scenes import rectangles, segmentation

BOX = (2, 2, 8, 8)
YES, NO = np.array([False, True]), np.array([False, False])


def masks(*present: bool) -> np.ndarray:
    return rectangles([BOX if here else None for here in present], size=(12, 16))


def test_each_frame_is_found_missed_a_ghost_or_rightly_empty():
    ours, theirs = masks(True, True, False, False, False), masks(True, False, True, False, False)
    result = evaluate(segmentation(ours), segmentation(theirs))

    counts = result.objects.loc[0, ["tp_frames", "fp_frames", "fn_frames", "tn_frames"]].tolist()
    assert counts == [1, 1, 1, 2]
    assert result.frames["visible"].tolist() == [True, True, False, False, False]
    assert result.frames["reference_visible"].tolist() == [True, False, True, False, False]


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_the_four_counts_add_up_to_the_frames(seen):
    ours, theirs = np.array(seen, bool).reshape(-1, 2).T
    counts = count_presence(ours, theirs)

    assert sum(counts.values()) == len(seen)
    assert counts["tp_frames"] + counts["fn_frames"] == theirs.sum()
    assert counts["tp_frames"] + counts["fp_frames"] == ours.sum()


@pytest.mark.parametrize(
    ("pairs", "n_acc", "t_acc"),
    [
        ([(NO, NO)], 1, np.nan),
        ([(YES, NO)], 0, np.nan),
        ([(YES, YES)], np.nan, 1),
        ([(NO, YES)], np.nan, 0),
        ([(NO, NO), (YES, NO), (YES, NO), (YES, YES), (NO, YES)], 1 / 3, 1 / 2),
        ([], np.nan, np.nan),
    ],
)
def test_prompts_with_and_without_a_target_are_judged_apart(pairs, n_acc, t_acc):
    assert target_accuracy(pairs) == pytest.approx({"N_acc": n_acc, "T_acc": t_acc}, nan_ok=True)


def test_saying_that_nothing_is_there_is_right_where_nothing_is():
    nothing = segmentation(frame=range(3))
    right = evaluate(nothing, segmentation(masks(False, False, False)), match="union").summary
    wrong = evaluate(segmentation(masks(False, True, False)), nothing, match="union").summary

    assert (right["N_acc"], right["J_mean"], right["F_mean"]) == (1, 1, 1)
    assert (wrong["N_acc"], wrong["J_mean"]) == (0, pytest.approx(2 / 3))
    assert np.isnan(right["T_acc"])
