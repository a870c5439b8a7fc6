from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from sa2va_nb.analysis.agreement.agreement import agreement
from sa2va_nb.analysis.agreement.compare import compare
from sa2va_nb.errors import AlignmentError
from tests.agreements import auroc, study
from tests.scenes import rectangles, segmentation
from tests.shared import shared_data

SIZE = (40, 80)


def square(x: int, y: int = 5, *, frames: int = 4) -> np.ndarray:
    return rectangles([(x, y, x + 10, y + 10)] * frames, size=SIZE)


def test_runs_that_are_equal_agree_in_everything():
    seg = segmentation(square(5), square(40), phrases=["a dog", "a ball"])
    result = agreement([seg, seg, seg])

    assert result.objects["phrase"].tolist() == ["a dog", "a ball"]
    figures = ["pairwise_iou_mean", "pairwise_iou_min", "consensus_iou_mean"]
    assert (result.objects[figures] == 1).all(axis=None)
    assert (result.frames[["pairwise_iou", "consensus_iou"]] == 1).all(axis=None)
    assert [item.masks for item in result.consensus] == [item.masks for item in seg]
    assert result.runs["agreement"].tolist() == [1, 1, 1]
    assert result.notes == ()


def test_the_one_that_is_shifted_is_the_odd_one_out():
    same, shifted = segmentation(square(0)), segmentation(square(5))
    result = agreement([same, shifted, same, same], names=["a", "b", "c", "d"])

    assert result.runs["run"].tolist()[0] == "b"
    # The three have IoU 1 with two others and 1/3 with the shifted one.
    assert result.runs["agreement"].tolist() == pytest.approx([1 / 3, *[(1 + 1 + 1 / 3) / 3] * 3])
    assert result.runs["consensus_iou"].tolist() == pytest.approx([1 / 3, 1, 1, 1])
    assert result.objects.loc[0, "pairwise_iou_mean"] == pytest.approx((3 * 1 + 3 / 3) / 6)
    assert result.objects.loc[0, "consensus_iou_mean"] == pytest.approx((3 + 1 / 3) / 4)
    assert result.consensus[0].masks == same[0].masks
    assert result.pairs.query("run_a == 'a' and run_b == 'b'")["iou"].tolist() == pytest.approx([1 / 3])


def test_the_consensus_is_the_majority_of_every_pixel():
    runs = [segmentation(square(x)) for x in (0, 4, 8)]
    np.testing.assert_array_equal(np.asarray(agreement(runs).consensus[0].masks), square(4))


def test_the_consensus_of_two_is_what_both_show():
    result = agreement([segmentation(square(0)), segmentation(square(5))])
    np.testing.assert_array_equal(np.asarray(result.consensus[0].masks), square(0) & square(5))


@settings(deadline=None)  # other jobs may share the cores
@given(st.integers(2, 5).flatmap(lambda n: arrays(np.bool_, (n, 3, 4, 5))))
def test_figures_are_those_of_dense_masks(stacks):
    stacks[:, :, 0, 0] = True  # so that they are one object
    result = agreement([segmentation(stack) for stack in stacks])
    n = len(stacks)
    if len(result.objects) > 1:
        return  # they overlap too little to be one
    majority = stacks.sum(0) > n / 2
    iou = [[(a & b).sum((1, 2)) / (a | b).sum((1, 2)) for b in stacks] for a in stacks]
    pairwise = np.mean([iou[i][j] for i in range(n) for j in range(i)], axis=0)
    with_majority = np.mean([(a & majority).sum((1, 2)) / (a | majority).sum((1, 2)) for a in stacks], axis=0)

    np.testing.assert_array_equal(np.asarray(result.consensus[0].masks), majority)
    np.testing.assert_allclose(result.frames["pairwise_iou"], pairwise)
    np.testing.assert_allclose(result.frames["consensus_iou"], with_majority)


def test_two_runs_agree_as_far_as_comparing_them_says():
    a = segmentation(square(5), square(40), square(60, 25))
    b = segmentation(square(42), square(7))
    result = agreement([a, b])

    assert result.pairs["iou"].tolist() == [pytest.approx(compare(a, b).summary["iou_mean"])]
    assert result.runs["agreement"].tolist() == pytest.approx(result.pairs["iou"].tolist() * 2)


def test_an_object_that_one_run_lacks_counts_nothing_in_common_there():
    both = segmentation(square(5), square(40), phrases=["a dog", "a ball"])
    result = agreement([both, both, segmentation(square(5), phrases=["the dog"])])

    assert result.objects[["phrase", "runs"]].to_numpy().tolist() == [["a dog", 3], ["a ball", 2]]
    assert result.objects["pairwise_iou_mean"].tolist() == pytest.approx([1, 1 / 3])
    assert len(result.consensus) == 2
    worst = result.runs.iloc[0]
    assert worst[["run", "objects", "missing", "extra"]].tolist() == ["run 2", 1, 1, 0]
    assert worst["agreement"] == pytest.approx(0.5)
    assert result.frames.query("object == 1")["runs_visible"].tolist() == [2] * 4


def test_what_few_runs_have_is_listed_but_not_in_the_consensus():
    plain = segmentation(square(5), phrases=["a dog"])
    result = agreement([segmentation(square(50), square(5), phrases=["a cat", "a dog"]), plain, plain])

    assert [item.phrase for item in result.consensus] == ["a dog"]
    assert result.objects[["phrase", "runs", "in_consensus"]].to_numpy().tolist() == [
        ["a dog", 3, True],
        ["a cat", 1, False],
    ]
    assert result.runs.iloc[0][["run", "missing", "extra"]].tolist() == ["run 0", 0, 1]
    assert (result.frames.query("object == 1")["consensus_px"] == 0).all()


def test_objects_are_found_again_whatever_their_order_and_words():
    a = segmentation(square(5), square(40), phrases=["one", "two"])
    b = segmentation(square(41), square(6), phrases=["one", None])
    result = agreement([a, a, b])

    assert result.objects["runs"].tolist() == [3, 3]
    assert result.objects["phrase"].tolist() == ["one", "two"]
    assert result.objects["pairwise_iou_min"].min() > 0.8


def test_things_of_one_phrase_are_numbered_in_the_consensus_only():
    ducks = segmentation(square(5), square(40), phrases=["a duck", "a duck"])
    crumb = segmentation(square(5), square(40), square(60), phrases=["a duck"] * 3)
    result = agreement([ducks, ducks, crumb])

    assert [item.phrase for item in result.consensus] == ["a duck #1", "a duck #2"]
    assert result.objects["phrase"].tolist() == ["a duck #1", "a duck #2", "a duck"]
    assert result.consensus["a duck #2"].masks.area_px.tolist() == ducks[1].masks.area_px.tolist()
    one = segmentation(square(5), phrases=["a duck"])
    assert agreement([one, one]).consensus[0].phrase == "a duck"


def test_neighbours_whose_edges_touch_are_two_things():
    result = agreement([segmentation(square(0)), segmentation(square(9))])
    assert result.objects["runs"].tolist() == [1, 1]
    assert len(result.consensus) == 0
    assert result.runs["agreement"].tolist() == [0, 0]


def test_a_chain_of_neighbours_is_not_one_thing():
    result = agreement([segmentation(square(x)) for x in (0, 7, 15)])
    assert result.objects["runs"].tolist() == [2, 1]


def test_a_run_of_few_frames_shows_the_same_thing_in_them():
    result = agreement([segmentation(square(5, frames=20)), segmentation(square(5, frames=1), frame=[7])] * 2)
    assert result.objects["runs"].tolist() == [4]


def test_a_run_that_lacks_an_object_says_nothing_on_frames_that_it_lacks_too():
    both = segmentation(square(5, frames=5), square(40, frames=5))
    result = agreement([both, both, segmentation(square(5, frames=2), frame=[0, 4])])
    expected = [1 / 3, 1, 1, 1, 1 / 3]
    assert result.frames.query("object == 1")["pairwise_iou"].tolist() == pytest.approx(expected)


def test_the_order_of_the_runs_changes_nothing():
    runs = {
        "a": segmentation(square(0), square(40, 9), phrases=["x", "y"]),
        "b": segmentation(square(38, 8), square(3), square(60, 25), phrases=["y", "x", "z"]),
        "c": segmentation(square(2, 6), phrases=["x"]),
        "d": segmentation(square(41), square(4, 4), frame=[0, 1, 3, 5]),
    }
    results = [
        agreement([runs[name] for name in names], names=list(names))
        for names in permutations(runs, len(runs))
    ]
    first = results[0]
    for result in results[1:]:
        assert result.objects.equals(first.objects)
        np.testing.assert_allclose(result.frames, first.frames)
        assert [item.masks for item in result.consensus] == [item.masks for item in first.consensus]
        assert result.runs.round(12).equals(first.runs.round(12))


def test_a_run_votes_only_in_the_frames_that_it_has():
    every = segmentation(square(5, frames=9))
    wrong = segmentation(square(10, frames=9))
    some = segmentation(square(5, frames=3), frame=[0, 4, 8])
    result = agreement([every, wrong, some])

    assert result.frames["runs"].tolist() == [3, 2, 2, 2, 3, 2, 2, 2, 3]
    # Three votes in frames 0, 4, 8; elsewhere what both show.
    assert result.frames["consensus_px"].tolist() == [100, 50, 50, 50, 100, 50, 50, 50, 100]
    assert result.runs.set_index("run")["frames"].to_dict() == {"run 0": 9, "run 1": 9, "run 2": 3}
    assert result.notes == ("run 2: 3 of 9 and 3 mask frames were paired by time",)


def test_frames_that_only_one_run_has_are_left_out():
    result = agreement(
        [segmentation(square(5, frames=9)), segmentation(square(5, frames=3), frame=[0, 4, 8])]
    )
    assert result.frames["frame"].tolist() == result.consensus.frame.tolist() == [0, 4, 8]
    assert "6 frames that only one run has were left out" in result.notes


def test_frames_where_nobody_sees_it_count_for_nothing():
    appears = square(5)
    appears[:2] = False
    result = agreement([segmentation(appears), segmentation(appears)])

    np.testing.assert_array_equal(result.frames["pairwise_iou"], [np.nan, np.nan, 1, 1])
    assert result.objects.loc[0, ["frames", "pairwise_iou_mean"]].tolist() == [2, 1]


def test_runs_without_objects_have_nothing_to_agree_on():
    nothing = segmentation(frame=range(4))
    result = agreement([nothing, nothing])
    full = agreement([segmentation(square(5)), nothing])

    assert len(result.objects) == len(result.frames) == len(result.consensus) == 0
    assert result.runs["agreement"].isna().all()
    for name in ("objects", "frames", "runs", "pairs"):
        assert getattr(result, name).dtypes.equals(getattr(full, name).dtypes)
    assert full.runs["agreement"].tolist() == [0, 0]


def test_what_cant_agree_is_refused():
    seg = segmentation(square(5))
    with pytest.raises(ValueError, match="at least two runs to agree, got 1"):
        agreement([seg])
    with pytest.raises(TypeError, match="Segmentations only, got ValueError; leave out the jobs that failed"):
        agreement([seg, ValueError("no")])
    for names in (["a"], ["a", "a"]):
        with pytest.raises(ValueError, match="each of the 2 runs differently"):
            agreement([seg, seg], names=names)
    with pytest.raises(AlignmentError, match="of the same moments, got none"):
        agreement([seg, segmentation(square(5), frame=range(100, 104))])
    with pytest.raises(AlignmentError, match="80x40 and 8x4"):
        agreement([seg, segmentation(np.ones((4, 4, 8), bool))])


def test_agreement_of_two_real_methods_tells_their_true_quality():
    table = study(shared_data("davis"))
    bad = (table["J"] < 0.5).to_numpy()

    assert spearmanr(table["agreement"], table["J"]).statistic > 0.7
    assert auroc(table["agreement"].to_numpy(), bad) > 0.9
