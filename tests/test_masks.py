import json

import numpy as np
import pytest
from hypothesis import given, settings
from pycocotools import mask as coco
from rlemasklib import RLEMask

from sa2va_nb.masks import Masks
from tests.scenes import disk, mask_stacks


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(frames=(0, 4)))
def test_dense_stack_survives_encoding(stack):
    masks = Masks.from_array(stack)

    assert masks.shape == stack.shape
    assert np.array_equal(np.asarray(masks), stack)
    assert np.asarray(masks).dtype == np.bool_
    assert np.array_equal(masks.area_px, stack.sum((1, 2)))
    assert all(np.array_equal(mask, stack[t]) for t, mask in enumerate(masks))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own
@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks())
def test_coco_rle_is_that_of_pycocotools(stack):
    rles = Masks.from_array(stack).to_coco_rle()

    for rle, mask in zip(json.loads(json.dumps(rles)), stack, strict=True):
        theirs = coco.encode(np.asfortranarray(mask, np.uint8))
        assert rle["counts"].encode() == theirs["counts"]
        assert np.array_equal(coco.decode(rle), mask)


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks())
def test_coco_rle_round_trip_in_every_form(stack):
    masks = Masks.from_array(stack)
    compressed = masks.to_coco_rle()
    as_bytes = [{**rle, "counts": rle["counts"].encode()} for rle in compressed]
    as_lists = [{"size": list(m.size), "counts": r.counts.tolist()} for m in [masks] for r in m.rles]

    assert Masks.from_coco_rle(compressed) == masks
    assert Masks.from_coco_rle(as_bytes) == masks
    assert Masks.from_coco_rle(as_lists) == masks


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(frames=(2, 4)))
def test_area_and_iou_are_those_of_pycocotools(stack):
    masks = Masks.from_array(stack)
    theirs = [coco.encode(np.asfortranarray(mask, np.uint8)) for mask in stack]

    assert masks.area_px.tolist() == coco.area(theirs).tolist()
    if stack[0].any():  # both empty: 0/0, which the two libraries define differently
        iou = coco.iou([theirs[0]], [theirs[1]], [0])[0, 0]
        assert masks.rles[0].iou(masks.rles[1]) == pytest.approx(iou, abs=1e-12)


def test_indexing_gives_masks_and_slices():
    stack = np.stack([disk(r, center=(10, 9), size=(20, 30)) for r in range(5)])
    masks = Masks.from_array(stack)

    assert np.array_equal(masks[-1], stack[-1])
    assert np.array_equal(masks[np.int64(2)], stack[2])
    assert masks[1:4].shape == (3, 20, 30)
    assert masks[1:4] == Masks.from_array(stack[1:4])
    assert masks[5:].shape == (0, 20, 30)
    with pytest.raises(IndexError):
        masks[5]


def test_a_decoded_mask_may_be_written_to_without_changing_the_original():
    masks = Masks.from_array(np.ones((1, 3, 4), bool))
    masks[0][:] = False

    assert masks[0].all()


def test_integers_other_than_zero_are_foreground():
    assert Masks.from_array(np.array([[[0, 1, 255, -3]]])).area_px.tolist() == [3]


def test_equality_is_that_of_the_pixels():
    stack = np.zeros((2, 3, 4), bool)

    assert Masks.from_array(stack) == Masks.from_array(stack.astype(np.uint8))
    assert Masks.from_array(stack) != Masks.from_array(~stack)
    assert Masks.from_array(stack) != Masks.from_array(stack[:1])
    assert Masks.from_array(stack) != "masks"


def test_array_protocol_keeps_numpys_promises():
    masks = Masks.from_array(np.eye(3, dtype=bool)[None])

    assert np.asarray(masks, np.uint8).dtype == np.uint8
    with pytest.raises(ValueError, match="without copying"):
        np.array(masks, copy=False)


def test_encoded_disk_takes_a_small_part_of_the_dense_bytes():
    stack = np.stack([disk(200, center=(900, 500), size=(1080, 1920))] * 3)
    masks = Masks.from_array(stack)

    assert 0 < masks.nbytes < stack.nbytes / 500


@pytest.mark.parametrize("array", [np.zeros((3, 4), bool), np.zeros((1, 2, 3, 4), bool)])
def test_wrong_number_of_axes_is_refused(array):
    with pytest.raises(ValueError, match=r"array must be \(T, H, W\)"):
        Masks.from_array(array)


def test_probabilities_are_refused():
    with pytest.raises(TypeError, match="threshold it first"):
        Masks.from_array(np.full((1, 2, 2), 0.7))


def test_masks_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match=r"every mask must be \(4, 5\) \(H, W\), got \(5, 4\) at index 1"):
        Masks([RLEMask.zeros((4, 5)), RLEMask.zeros((5, 4))], (4, 5))


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [4, 5], "counts": [20, 5]},
        {"size": [4, 5], "counts": [-3, 23]},
        {"size": [4, 5], "counts": []},
        {"size": [4, 5], "counts": "zzzzzz"},
        {"size": [4, 5], "counts": ""},
        {"size": [4, 5], "counts": "é"},
        {"size": [4, 5], "counts": None},
        {"size": [4], "counts": [20]},
        {"size": [4, 5, 6], "counts": [20]},
        {"size": None, "counts": [20]},
        {"counts": [20]},
        {"size": [4, 5]},
        "20",
    ],
)
def test_broken_coco_rle_is_a_value_error_that_shows_it(rle):
    with pytest.raises(ValueError, match="coco_rle"):
        Masks.from_coco_rle([rle])


def test_coco_rle_of_no_frames_is_refused_for_want_of_a_size():
    with pytest.raises(ValueError, match="at least one coco_rle"):
        Masks.from_coco_rle([])


def test_repr_tells_frames_size_and_presence():
    masks = Masks.from_array(np.stack([np.ones((2, 3), bool), np.zeros((2, 3), bool)]))

    assert repr(masks) == "Masks(2 frames of 3x2, 1 not empty)"


def test_how_doubtful_masks_are_goes_with_them():
    dense = np.ones((3, 4, 5), bool)
    assert Masks.from_array(dense).grey_frac is None
    masks = Masks(Masks.from_array(dense).rles, (4, 5), grey_frac=[0.0, 0.5, 1.0])
    np.testing.assert_array_equal(masks[1:].grey_frac, [0.5, 1.0])
    assert masks == Masks.from_array(dense)
    with pytest.raises(ValueError, match="read-only"):
        masks.grey_frac[0] = 1
    with pytest.raises(ValueError, match=r"one value a mask, \(3,\), got \(2,\)"):
        Masks(masks.rles, (4, 5), grey_frac=[0, 1])
