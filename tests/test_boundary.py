import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rlemasklib import RLEMask
from scipy import ndimage as ndi

from sa2va_nb.analysis.truth.bit_planes import tally
from sa2va_nb.analysis.truth.boundary import boundary_f, boundary_f_each, boundary_iou_each, boundary_scores
from tests.scenes import disk
from tests.test_evaluate import band_as_published, contour_as_published

SIZES = [(1, 1), (1, 37), (90, 1), (2, 500), (61, 63), (200, 211)]


def f_by_distance(a: np.ndarray, b: np.ndarray) -> float:
    """F by the Euclidean distance of each contour pixel to the other contour."""
    contours = contour_as_published(a), contour_as_published(b)
    if not (contours[0].any() and contours[1].any()):
        return float(not (contours[0].any() or contours[1].any()))
    reach = np.ceil(0.008 * np.hypot(*a.shape))
    precision, recall = (
        (ndi.distance_transform_edt(~other)[contour] <= reach).mean()
        for contour, other in (contours, contours[::-1])
    )
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def iou_of_bands(a: np.ndarray, b: np.ndarray) -> float:
    bands = band_as_published(a), band_as_published(b)
    union = (bands[0] | bands[1]).sum()
    return (bands[0] & bands[1]).sum() / union if union else 1.0


def encoded(masks: np.ndarray) -> list[RLEMask]:
    return [RLEMask.from_array(mask) for mask in masks]


@st.composite
def videos(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Two (T, H, W) stacks of all kinds: empty, full, one pixel, thin lines, noise, blobs at any border."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.sampled_from(SIZES))
    kinds = st.sampled_from(["empty", "full", "pixel", "row", "column", "noise", "blob"])
    stacks = [
        np.stack([one_mask(draw(kinds), size, rng) for _ in range(draw(st.just(11)))]) for _ in range(2)
    ]
    if draw(st.booleans()):
        stacks[1] = stacks[0] ^ (rng.random(stacks[0].shape) < 0.001)
    return stacks[0], stacks[1]


def one_mask(kind: str, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    mask = np.zeros(size, bool)
    y, x = rng.integers(size[0]), rng.integers(size[1])
    if kind == "noise":
        return rng.random(size) < 0.5
    if kind == "blob":
        return ndi.gaussian_filter(rng.random(size), 6) > 0.5
    places = {"full": ..., "pixel": (y, x), "row": y, "column": (slice(None), x)}
    if kind in places:
        mask[places[kind]] = True
    return mask


@settings(deadline=None, max_examples=60)  # other jobs may share the cores
@given(videos())
def test_many_pairs_at_once_score_as_the_published_definitions_say(stacks):
    a, b = (encoded(stack) for stack in stacks)
    f, iou = boundary_scores(a, b)

    assert f.tolist() == pytest.approx([f_by_distance(x, y) for x, y in zip(*stacks, strict=True)], abs=1e-12)
    assert iou.tolist() == pytest.approx(
        [iou_of_bands(x, y) for x, y in zip(*stacks, strict=True)], abs=1e-12
    )
    assert f.tolist() == boundary_f_each(a, b).tolist()
    assert iou.tolist() == boundary_iou_each(a, b).tolist()


@settings(deadline=None, max_examples=30)  # other jobs may share the cores
@given(videos())
def test_f_is_symmetric_and_the_same_for_the_image_turned_by_its_diagonal(stacks):
    a, b = (encoded(stack) for stack in stacks)
    turned = [encoded(stack.transpose(0, 2, 1)) for stack in stacks]

    assert boundary_f_each(a, b).tolist() == pytest.approx(boundary_f_each(b, a).tolist(), abs=1e-12)
    assert boundary_f_each(a, b).tolist() == pytest.approx(boundary_f_each(*turned).tolist(), abs=1e-12)


@pytest.mark.parametrize("size", [(480, 854), (1080, 1920), (1500, 1400)])
def test_a_pair_scores_the_same_alone_and_among_others(size):
    a = [disk(60, center=(x, 200), size=size) for x in range(0, size[1], 97)]
    b = [np.roll(mask, 11, axis=1) for mask in a]
    together = boundary_f_each(encoded(a), encoded(b))

    assert together.tolist() == [boundary_f(x, y) for x, y in zip(encoded(a), encoded(b), strict=True)]
    assert together.tolist() == pytest.approx(
        [f_by_distance(x, y) for x, y in zip(a, b, strict=True)], abs=1e-12
    )


@pytest.mark.parametrize(("gap", "expected"), [(8, 1.0), (9, 0.5), (10, 0.0)])
def test_lines_match_up_to_the_tolerance_and_not_beyond(gap, expected):
    masks = np.zeros((2, 480, 854), bool)
    # The contour of a line is 2 px wide, and the tolerance 8 px at this size.
    masks[0, :, 100] = masks[1, :, 100 + gap] = True

    assert boundary_f(*encoded(masks)) == pytest.approx(expected)


def test_no_pairs_have_no_scores():
    f, iou = boundary_scores([], [])

    assert f.shape == iou.shape == (0,)


@given(st.lists(st.integers(0, 3000), max_size=3), st.integers(0, 2**32))
@settings(deadline=None, max_examples=20)  # other jobs may share the cores
def test_the_tally_counts_each_bit(sizes, seed):
    rng = np.random.default_rng(seed)
    sets = [rng.integers(0, 256, 8 * size, np.uint8) for size in sizes]
    expected = [np.unpackbits(each[:, None], axis=-1, bitorder="little").sum(axis=0) for each in sets]

    counts = tally([each.view(np.uint64) for each in sets])

    assert counts.shape == (len(sizes), 8)
    assert counts.tolist() == [each.tolist() for each in expected]
