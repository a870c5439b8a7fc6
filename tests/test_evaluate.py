import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rlemasklib import RLEMask
from scipy import ndimage as ndi
from skimage.morphology import disk as disk_element

from sa2va_nb.analysis.truth.boundary import boundary_f, boundary_iou
from sa2va_nb.analysis.truth.evaluate import evaluate
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.media.decode import decode_masks
from sa2va_nb.opening.reference import load_reference
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from tests.scenes import disk, rectangles, segmentation
from tests.shared import shared_data

SEQUENCES = ["bmx-trees", "camel", "car-shadow", "dog", "drift-straight", "libby"]
STATISTICS = ("mean", "recall", "decay")
FIGURES = ["J_mean", "J_recall", "J_decay", "F_mean", "F_recall", "F_decay", "JF_mean", "boundary_iou_mean"]
PIXELS = ["precision_mean", "recall_mean"]
PRESENCE = ["tp_frames", "fp_frames", "fn_frames", "tn_frames"]


def official(name: str, sequence: str) -> dict:
    return json.loads(shared_data(f"davis/{name}.json").read_text())[sequence]


def square(x: int, y: int = 5, *, frames: int = 4) -> np.ndarray:
    return rectangles([(x, y, x + 10, y + 10)] * frames, size=(40, 80))


def contour_as_published(mask: np.ndarray) -> np.ndarray:
    """DAVIS' seg2bmap, written out."""
    e, s, se = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
    e[:, :-1] = mask[:, 1:]
    s[:-1, :] = mask[1:, :]
    se[:-1, :-1] = mask[1:, 1:]
    b = (mask ^ e) | (mask ^ s) | (mask ^ se)
    b[-1, :] = mask[-1, :] ^ e[-1, :]
    b[:, -1] = mask[:, -1] ^ s[:, -1]
    b[-1, -1] = 0
    return b


def f_as_published(a: np.ndarray, b: np.ndarray) -> float:
    """DAVIS' f_measure, by dilating the whole images."""
    contour_a, contour_b = contour_as_published(a), contour_as_published(b)
    element = disk_element(int(np.ceil(0.008 * np.linalg.norm(a.shape))))
    matched_a = contour_a & ndi.binary_dilation(contour_b, element)
    matched_b = contour_b & ndi.binary_dilation(contour_a, element)
    n_a, n_b = contour_a.sum(), contour_b.sum()
    if n_a == 0 or n_b == 0:
        return float(n_a == n_b)
    precision, recall = matched_a.sum() / n_a, matched_b.sum() / n_b
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def band_as_published(mask: np.ndarray) -> np.ndarray:
    """Boundary IoU's mask_to_boundary, by repeated 3x3 erosion with background outside."""
    times = max(1, round(0.02 * math.hypot(*mask.shape)))
    return mask & ~ndi.binary_erosion(mask, np.ones((3, 3)), iterations=times)


@st.composite
def mask_pairs(draw: st.DrawFn) -> np.ndarray:
    """Two coarse masks, blown up so that contours lie several pixels apart: (2, H, W)."""
    shape = (2, draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    coarse = draw(arrays(np.bool_, shape))
    scale = draw(st.sampled_from([1, 7, 40]))
    return np.kron(coarse, np.ones((1, scale, scale), bool))


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_union_equals_the_official_figures(sequence):
    expected = official("official", sequence)
    reference = load_reference(shared_data(f"davis/{sequence}/gt"))
    seg = load_reference(shared_data(f"davis/{sequence}/osvos"))

    for rule in ("all", "davis"):
        result = evaluate(seg, reference, frames=rule, match="union")
        at = slice(None) if rule == "all" else slice(1, -1)
        assert result.frames["J"].tolist() == pytest.approx(expected["j"][at], abs=1e-9)
        assert result.frames["F"].tolist() == pytest.approx(expected["f"][at], abs=1e-9)
        for name in "JF":
            ours = [result.summary[f"{name}_{statistic}"] for statistic in STATISTICS]
            assert ours == pytest.approx(expected[rule][name], abs=1e-9)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_second_method_equals_the_official_figures(sequence):
    expected = official("official_rvos", sequence)
    reference = load_reference(shared_data(f"davis/{sequence}/gt"))
    frames = evaluate(load_reference(shared_data(f"davis/{sequence}/rvos")), reference).frames

    assert frames["J"].tolist() == pytest.approx(expected["j"], abs=1e-9)
    assert frames["F"].tolist() == pytest.approx(expected["f"], abs=1e-9)


@pytest.mark.parametrize("sequence", ["bmx-trees", "dog"])
def test_mask_videos_give_the_official_figures_within_the_codecs_error(sequence):
    expected = official("official", sequence)["all"]
    reference = load_reference(shared_data(f"davis/{sequence}/gt"))
    files = sorted(shared_data(f"davis/{sequence}/masks").glob("output_*.mp4"))
    items = tuple(SegmentedObject(i, None, decode_masks(file)) for i, file in enumerate(files))
    seg = Segmentation(items, reference.frame, reference.time_s)
    summary = evaluate(seg, reference, match="union").summary

    assert summary["J_mean"] == pytest.approx(expected["J"][0], abs=2e-3)
    assert summary["F_mean"] == pytest.approx(expected["F"][0], abs=4e-3)


@settings(deadline=None)  # other jobs may share the cores
@given(mask_pairs())
def test_f_is_that_of_the_published_formula_and_symmetric(pair):
    a, b = (RLEMask.from_array(mask) for mask in pair)

    assert boundary_f(a, b) == pytest.approx(f_as_published(*pair), abs=1e-12)
    assert boundary_f(a, b) == pytest.approx(boundary_f(b, a), abs=1e-12)


@settings(deadline=None)  # other jobs may share the cores
@given(mask_pairs())
def test_boundary_iou_is_that_of_the_published_formula(pair):
    a, b = (RLEMask.from_array(mask) for mask in pair)
    band_a, band_b = (band_as_published(mask) for mask in pair)
    union = (band_a | band_b).sum()

    assert boundary_iou(a, b) == pytest.approx((band_a & band_b).sum() / union if union else 1.0, abs=1e-12)


def test_boundary_iou_of_large_disks_is_below_their_iou():
    a, b = (RLEMask.from_array(disk(60, center=(x, 100), size=(200, 300))) for x in (140, 150))

    assert boundary_iou(a, b) < a.iou(b) < 1


def test_perfect_masks_score_one_everywhere():
    seg = segmentation(square(5), square(40), phrases=["a", None])
    result = evaluate(seg, seg)

    assert (result.frames[["J", "F", "JF", "boundary_iou"]] == 1).all(axis=None)
    assert result.objects[FIGURES].to_numpy().tolist() == [[1, 1, 0, 1, 1, 0, 1, 1]] * 2
    assert result.objects["phrase"].tolist() == ["a", None]
    assert result.objects["matched"].all()
    assert (result.objects[PIXELS] == 1).all(axis=None)
    assert result.protocol == {"frames": "all", "match": "order", "resize": "none"}
    assert result.notes == ()


def test_columns_are_the_documented_ones_also_without_objects():
    full = evaluate(segmentation(square(5)), segmentation(square(5)))
    empty = evaluate(segmentation(frame=range(4)), segmentation(frame=range(4)))

    scores = ["J", "F", "JF", "boundary_iou", "precision", "recall", "visible", "reference_visible"]
    assert list(full.frames.columns) == ["object", "frame", *scores]
    pairing = ["object", "phrase", "reference", "reference_phrase", "matched"]
    assert list(full.objects.columns) == pairing + FIGURES + PIXELS + PRESENCE
    assert full.frames.dtypes.equals(empty.frames.dtypes)
    assert full.objects.dtypes.equals(empty.objects.dtypes)
    assert list(full.summary.index) == list(empty.summary.index) == [*FIGURES, *PIXELS, "N_acc", "T_acc"]
    assert empty.summary.isna().all()


def test_both_absent_counts_as_right_and_one_absent_as_wrong():
    ours = rectangles([None, (0, 0, 5, 5), None], size=(20, 20))
    theirs = rectangles([None, None, (0, 0, 5, 5)], size=(20, 20))
    frames = evaluate(segmentation(ours), segmentation(theirs)).frames

    assert frames[["J", "F", "boundary_iou"]].to_numpy().tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]


def test_recall_counts_frames_above_a_half():
    ours = rectangles([(0, 0, 10, width) for width in (10, 6, 5, 4)], size=(20, 20))
    theirs = rectangles([(0, 0, 10, 10)] * 4, size=(20, 20))
    row = evaluate(segmentation(ours), segmentation(theirs)).objects.iloc[0]

    assert row["J_mean"] == pytest.approx((1 + 0.6 + 0.5 + 0.4) / 4)
    assert row["J_recall"] == 0.5


def test_decay_is_right_beyond_256_frames():
    good, half = (0, 0, 10, 10), (0, 0, 10, 5)
    ours = rectangles([good] * 300 + [half] * 300, size=(12, 12))
    theirs = rectangles([good] * 600, size=(12, 12))
    row = evaluate(segmentation(ours), segmentation(theirs)).objects.iloc[0]

    assert row["J_decay"] == pytest.approx(0.5)


def test_one_frame_has_no_decay():
    seg = segmentation(square(5, frames=1))

    assert evaluate(seg, seg).objects.iloc[0]["J_decay"] == 0


def test_only_common_source_frames_count():
    ours = segmentation(square(5, frames=10), frame=range(10))
    theirs = segmentation(square(5, frames=4), frame=[0, 4, 8, 12])

    assert evaluate(ours, theirs).frames["frame"].tolist() == [0, 4, 8]
    assert evaluate(ours, theirs, frames="davis").frames["frame"].tolist() == [4]


def test_no_common_frame_is_an_alignment_error_that_tells_both():
    ours, theirs = segmentation(square(5)), segmentation(square(5), frame=[10, 11, 12, 13])
    with pytest.raises(AlignmentError, match="frames 0 to 3 and frames 10 to 13"):
        evaluate(ours, theirs)
    with pytest.raises(AlignmentError, match="no frames and frames 10 to 13"):
        evaluate(segmentation(square(5, frames=0)), theirs)


def test_different_sizes_are_an_alignment_error_that_tells_both():
    small = segmentation(np.ones((4, 20, 30), bool))
    with pytest.raises(AlignmentError, match="size, 80x40, got 30x20"):
        evaluate(small, segmentation(square(5)))


def test_davis_frames_need_three():
    seg = segmentation(square(5, frames=2))
    with pytest.raises(ValueError, match="leaves none of 2; use frames='all'"):
        evaluate(seg, seg, frames="davis")


@pytest.mark.parametrize("choice", [{"frames": "every"}, {"match": "best"}])
def test_unknown_choices_are_refused(choice):
    seg = segmentation(square(5))
    with pytest.raises(ValueError, match="must be one of '"):
        evaluate(seg, seg, **choice)


def test_order_needs_equal_counts_and_says_what_else_there_is():
    with pytest.raises(ValueError, match=r"as many objects as the reference's 2, got 1.*hungarian.*union"):
        evaluate(segmentation(square(5)), segmentation(square(5), square(40)))


def test_hungarian_pairs_objects_whatever_their_order():
    ours = segmentation(square(41), square(5, 20), square(6), phrases=["b", "c", "a"])
    theirs = segmentation(square(5), square(40), square(5, 20), phrases=["one", "two", "three"])
    objects = evaluate(ours, theirs, match="hungarian").objects

    assert objects[["object", "phrase", "reference", "reference_phrase"]].to_numpy().tolist() == [
        [0, "b", 1, "two"],
        [1, "c", 2, "three"],
        [2, "a", 0, "one"],
    ]
    assert objects["matched"].all()


def test_hungarian_leaves_out_what_is_too_many():
    ours = segmentation(square(60), square(5))
    result = evaluate(ours, segmentation(square(5)), match="hungarian")

    assert result.objects["object"].tolist() == [1]
    assert result.summary["JF_mean"] == 1


def test_hungarian_counts_a_missing_object_as_empty_masks():
    appears = square(40)
    appears[0] = False
    result = evaluate(segmentation(square(5)), segmentation(square(5), appears), match="hungarian")
    missing = result.objects[~result.objects["matched"]]

    assert missing[["object", "reference"]].to_numpy().tolist() == [[1, 1]]
    assert result.frames.query("object == 1")["J"].tolist() == [1, 0, 0, 0]
    assert result.summary["J_mean"] == pytest.approx((1 + 0.25) / 2)


@pytest.mark.parametrize("match", ["hungarian", "union"])
def test_finding_nothing_is_judged_against_the_reference(match):
    result = evaluate(segmentation(frame=range(4)), segmentation(square(5), square(40)), match=match)

    assert (result.frames["J"] == 0).all()
    assert len(result.objects) == (2 if match == "hungarian" else 1)


def test_union_is_blind_to_how_objects_are_cut():
    halves = segmentation(square(5) & (np.arange(80) < 9), square(5) & (np.arange(80) >= 7))
    result = evaluate(halves, segmentation(square(5)), match="union")

    assert result.summary["JF_mean"] == 1
    assert result.objects["phrase"].tolist() == [None]


def test_precision_and_recall_are_shares_of_pixels_and_undefined_without_any():
    ours = rectangles([(0, 0, 10, 10), None, (0, 0, 4, 4)], size=(20, 20))
    theirs = rectangles([(5, 0, 10, 10), (0, 0, 4, 4), None], size=(20, 20))
    result = evaluate(segmentation(ours), segmentation(theirs))

    assert result.frames["precision"].tolist() == pytest.approx([0.5, math.nan, 0], nan_ok=True)
    assert result.frames["recall"].tolist() == pytest.approx([1, 0, math.nan], nan_ok=True)
    assert result.objects.loc[0, PIXELS].tolist() == [0.25, 0.5]


@settings(deadline=None, max_examples=20)  # other jobs may share the cores
@given(st.integers(0, 2**32))
def test_void_pixels_count_on_neither_side(seed):
    rng = np.random.default_rng(seed)
    ours, theirs, void = rng.random((3, 3, 30, 40)) < 0.5
    reference = replace(segmentation(theirs), void=Masks.from_array(void))
    result = evaluate(segmentation(ours), reference)
    expected = evaluate(segmentation(ours & ~void), segmentation(theirs & ~void))

    assert result.frames.equals(expected.frames)
    assert "void pixels left out of both sides in 3 of 3 frames" in result.notes[0]


def test_void_of_the_masks_is_not_used_and_said_so():
    seg = replace(segmentation(square(5)), void=Masks.from_array(square(5)))
    result = evaluate(seg, segmentation(square(5)))

    assert result.summary["J_mean"] == 1
    assert "only the reference's are left out" in result.notes[0]


def test_frames_left_out_are_noted():
    ours, theirs = segmentation(square(5, frames=10)), segmentation(square(5), frame=[0, 4, 8, 12])

    assert evaluate(ours, theirs, frames="davis").notes == (
        "judged in the 3 frames that both have, of 10 with masks and 4 of the reference",
        "the first and the last common frame, 0 and 8, are left out",
    )


def test_masks_are_resized_only_when_asked_for_and_it_is_noted():
    half = segmentation(square(6, 6)[:, ::2, ::2])
    truth = segmentation(square(6, 6))
    with pytest.raises(AlignmentError, match="resize='reference' samples them at the nearest pixel"):
        evaluate(half, truth)
    result = evaluate(half, truth, resize="reference")

    assert result.summary["J_mean"] == 1
    assert result.notes == ("masks resized from 40x20 to 80x40, at the nearest pixel",)
    assert result.protocol["resize"] == "reference"


@settings(deadline=None)  # other jobs may share the cores
@given(st.tuples(*[st.integers(1, 30)] * 4))
def test_resizing_takes_the_pixel_that_the_centre_lies_in(sizes):
    height, width, to_height, to_width = sizes
    dense = np.random.default_rng(sum(sizes)).random((1, height, width)) < 0.5
    rows = [int((y + 0.5) * height / to_height + 1e-9) for y in range(to_height)]
    columns = [int((x + 0.5) * width / to_width + 1e-9) for x in range(to_width)]
    expected = dense[:, rows][:, :, columns]
    result = evaluate(segmentation(dense), segmentation(expected), resize="reference")

    assert result.frames["J"].tolist() == [1]


def test_a_stretched_mask_is_noted():
    notes = evaluate(
        segmentation(np.ones((4, 20, 30), bool)), segmentation(square(5)), resize="reference"
    ).notes

    assert "aspect ratio is not the reference's" in notes[1]


def test_an_unknown_resize_is_refused():
    with pytest.raises(ValueError, match="resize must be one of 'reference', got 'both'"):
        evaluate(segmentation(square(5)), segmentation(square(5)), resize="both")


def test_objects_without_a_partner_are_noted():
    two, one = segmentation(square(60), square(5), phrases=["cat", None]), segmentation(square(5))

    assert evaluate(two, one, match="hungarian").notes == (
        "without a partner in the reference, left out at no cost: object 0 ('cat')",
    )
    assert evaluate(one, two, match="hungarian").notes == (
        "of the reference, judged against empty masks: object 0 ('cat')",
    )
    assert "nothing was judged" in evaluate(one, segmentation(frame=range(4)), match="hungarian").notes[1]


def test_the_assignment_has_the_highest_sum_of_all():
    rng = np.random.default_rng(5)
    boxes = rng.integers(0, 50, (2, 5, 2))
    ours, theirs = (
        segmentation(*(rectangles([(x, y, x + 25, y + 25)] * 2, size=(80, 80)) for x, y in side))
        for side in boxes
    )
    best = evaluate(ours, theirs, match="hungarian").objects["JF_mean"].sum()
    orders = (
        sum(
            evaluate(
                segmentation(np.asarray(ours[i].masks)), segmentation(np.asarray(theirs[j].masks))
            ).summary["JF_mean"]
            for i, j in zip(order, range(5), strict=True)
        )
        for order in ([0, 1, 2, 3, 4], [1, 2, 3, 4, 0], [4, 3, 2, 1, 0], [2, 0, 1, 4, 3])
    )

    assert all(best >= total - 1e-12 for total in orders)
