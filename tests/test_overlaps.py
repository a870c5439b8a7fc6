import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from pycocotools import mask as coco

from sa2va_nb.analysis.overlaps import overlaps
from tests.scenes import mask_stacks, rectangles, segmentation

COLUMNS = ["object_a", "object_b", "frame", "overlap_px", "iou", "containment", "distance_px"]


def pair(a: tuple[int, int, int, int] | None, b: tuple[int, int, int, int] | None) -> pd.Series:
    return overlaps(segmentation(rectangles([a], size=(20, 30)), rectangles([b], size=(20, 30)))).iloc[0]


def test_two_rectangles_have_their_closed_form():
    row = pair((0, 0, 10, 4), (6, 0, 16, 8))

    assert row["overlap_px"] == 16
    assert row["iou"] == 16 / (40 + 80 - 16)
    assert row["containment"] == 16 / 40
    assert row["distance_px"] == pytest.approx(math.hypot(6, 2))


def test_a_mask_inside_another_is_contained_wholly():
    assert pair((2, 2, 4, 4), (0, 0, 10, 10))["containment"] == 1


@pytest.mark.parametrize(("a", "b"), [((0, 0, 2, 2), None), (None, (0, 0, 2, 2))])
def test_one_absent_object_has_no_overlap_and_no_distance(a, b):
    row = pair(a, b)

    assert (row["overlap_px"], row["iou"]) == (0, 0)
    assert math.isnan(row["containment"])
    assert math.isnan(row["distance_px"])


def test_two_absent_objects_leave_all_but_the_count_undefined():
    row = pair(None, None)

    assert row["overlap_px"] == 0
    assert row[["iou", "containment", "distance_px"]].isna().all()


def test_every_pair_has_a_row_in_every_frame():
    stack = np.ones((2, 3, 3), bool)
    table = overlaps(segmentation(stack, stack, stack, frame=[4, 9]))

    assert list(table.columns) == COLUMNS
    assert table[["object_a", "object_b", "frame"]].to_numpy().tolist() == [
        [0, 1, 4],
        [0, 1, 9],
        [0, 2, 4],
        [0, 2, 9],
        [1, 2, 4],
        [1, 2, 9],
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_without_a_pair_the_table_is_empty_and_typed(count):
    stack = np.ones((2, 3, 3), bool)
    full = overlaps(segmentation(stack, stack))
    empty = overlaps(segmentation(*[stack] * count))

    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(frames=(2, 2)))
def test_iou_is_that_of_pycocotools_and_symmetric(stack):
    a, b = stack[:1], stack[1:]
    row = overlaps(segmentation(a, b)).iloc[0]
    mirrored = overlaps(segmentation(b, a)).iloc[0]

    assert row[COLUMNS[3:]].equals(mirrored[COLUMNS[3:]])
    if stack.any():
        first, second = (coco.encode(np.asfortranarray(mask, np.uint8)) for mask in stack)
        if stack[1].any():
            assert row["iou"] == pytest.approx(coco.iou([first], [second], [0])[0, 0], abs=1e-12)


def test_many_objects_whose_boxes_meet_or_not_share_what_their_pixels_say():
    draw = np.random.default_rng(4)
    stacks = np.zeros((40, 3, 24, 32), bool)
    for mask in stacks.reshape(-1, 24, 32):
        x, y, w, h = draw.integers(0, (30, 22, 9, 9))  # some are empty, many only touch
        mask[y : y + h, x : x + w] = draw.random(mask[y : y + h, x : x + w].shape) < 0.7
    table = overlaps(segmentation(*stacks))

    first, second = stacks[table["object_a"], table["frame"]], stacks[table["object_b"], table["frame"]]
    shared, union = (first & second).sum(axis=(1, 2)), (first | second).sum(axis=(1, 2))
    assert len(table) == 40 * 39 // 2 * 3
    assert 0 < np.count_nonzero(shared) < len(table) / 2
    assert table["overlap_px"].tolist() == shared.tolist()
    np.testing.assert_array_equal(table["iou"], np.where(union > 0, shared / np.maximum(union, 1), np.nan))
