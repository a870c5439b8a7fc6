import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.measure import regionprops

from sa2va_nb.analysis.measure import measure
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from tests.scenes import disk, mask_stacks, masks_2d, rectangles, segmentation
from tests.shared import shared_data

BASIC = [
    "object",
    "phrase",
    "frame",
    "time_s",
    "visible",
    "area_px",
    "area_frac",
    "x",
    "y",
    "x0",
    "y0",
    "x1",
    "y1",
    "touches_border",
    "iou_prev",
]
SHAPE = [
    "perimeter_px",
    "components",
    "largest_frac",
    "holes",
    "eccentricity",
    "orientation_rad",
    "major_axis_px",
    "minor_axis_px",
    "solidity",
]
GEOMETRY = [
    *[
        "x",
        "y",
        "x0",
        "y0",
        "x1",
        "y1",
        "perimeter_px",
        "largest_frac",
        "eccentricity",
        "orientation_rad",
        "major_axis_px",
    ],
    *["minor_axis_px", "solidity"],
]


def measured(mask: np.ndarray) -> pd.Series:
    return measure(segmentation(mask[None]), columns="all").iloc[0]


def assert_equals_regionprops(row: pd.Series, mask: np.ndarray) -> None:
    (region,) = regionprops(mask.astype(np.uint8))
    assert row["area_px"] == region.area
    assert (row["y"], row["x"]) == pytest.approx(region.centroid, abs=1e-9)
    assert (row["y0"], row["x0"], row["y1"], row["x1"]) == region.bbox
    assert row["perimeter_px"] == pytest.approx(region.perimeter, abs=1e-9)
    assert row["components"] - row["holes"] == region.euler_number
    assert row["major_axis_px"] == pytest.approx(region.axis_major_length, abs=1e-6)
    assert row["minor_axis_px"] == pytest.approx(region.axis_minor_length, abs=1e-6)
    assert row["eccentricity"] == pytest.approx(region.eccentricity, abs=1e-6)
    assert row["solidity"] == pytest.approx(region.solidity, abs=1e-12)
    if region.eccentricity > 1e-3:  # a round mask has no direction; rounding alone decides it there
        turn = (row["orientation_rad"] - region.orientation) % math.pi  # -pi/2 and pi/2 are one direction
        assert min(turn, math.pi - turn) < 1e-6


def test_columns_and_types_are_the_documented_ones():
    seg = segmentation(rectangles([(1, 1, 3, 3)], size=(5, 6)), phrases=["a dog"])
    basic, everything = measure(seg), measure(seg, columns="all")

    assert list(basic.columns) == BASIC
    assert [name for name in everything if name in BASIC + SHAPE] == BASIC + SHAPE
    assert basic.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["object", "frame", "area_px"], "int64"),
        **dict.fromkeys(["visible", "touches_border"], "bool"),
        **dict.fromkeys(["time_s", "area_frac", "x", "y", "x0", "y0", "x1", "y1", "iou_prev"], "float64"),
        "phrase": "object",
    }
    assert (basic["phrase"] == "a dog").all()


@pytest.mark.parametrize("columns", ["basic", "all"])
@pytest.mark.parametrize("frame", [[], [0, 1]])
def test_no_objects_gives_an_empty_table_of_the_same_columns_and_types(columns, frame):
    full = measure(segmentation(np.ones((1, 2, 2), bool)), columns=columns)
    empty = measure(segmentation(frame=frame), columns=columns)

    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_objects_in_no_frame_give_no_rows():
    assert len(measure(segmentation(np.ones((0, 2, 2), bool)), columns="all")) == 0


def test_unknown_columns_are_refused_with_the_choices():
    with pytest.raises(ValueError, match="columns must be one of 'basic', 'all', got 'shape'"):
        measure(segmentation(), columns="shape")


def test_a_rectangle_at_constant_speed_has_its_closed_form():
    steps = np.arange(10)
    boxes = [(2 + 3 * t, 4, 12 + 3 * t, 9) for t in range(10)]
    table = measure(segmentation(rectangles(boxes, size=(40, 60)), phrases=["box"]), columns="all")

    assert (table["area_px"] == 50).all()
    assert table["area_frac"].tolist() == [50 / 2400] * 10
    assert table["x"].tolist() == (6.5 + 3 * steps).tolist()
    assert (table["y"] == 6.0).all()
    assert table[["x0", "y0", "x1", "y1"]].to_numpy().tolist() == [list(map(float, box)) for box in boxes]
    assert table["time_s"].tolist() == (steps / 25).tolist()
    assert math.isnan(table["iou_prev"][0])
    assert table["iou_prev"][1:].tolist() == pytest.approx([35 / 65] * 9)
    assert not table["touches_border"].any()
    assert (table["perimeter_px"] == 2 * (9 + 4)).all()
    assert (table["solidity"] == 1).all()
    assert table["major_axis_px"].tolist() == pytest.approx([4 * math.sqrt((10**2 - 1) / 12)] * 10)
    assert table["minor_axis_px"].tolist() == pytest.approx([4 * math.sqrt((5**2 - 1) / 12)] * 10)
    assert table["orientation_rad"].abs().tolist() == pytest.approx([math.pi / 2] * 10)


def test_an_absent_object_keeps_its_row_with_zero_area_and_no_geometry():
    boxes = [(0, 0, 2, 2), None, None, (0, 0, 2, 2)]
    table = measure(segmentation(rectangles(boxes, size=(4, 4))), columns="all")
    absent = table.iloc[1:3]

    assert table["visible"].tolist() == [True, False, False, True]
    assert not absent["touches_border"].any()
    assert (absent[["area_px", "area_frac", "components", "holes"]] == 0).all(axis=None)
    assert absent[GEOMETRY].isna().all(axis=None)
    assert table["iou_prev"].tolist() == pytest.approx([math.nan, 0.0, math.nan, 0.0], nan_ok=True)


@pytest.mark.parametrize(
    ("box", "touches"),
    [
        ((1, 1, 7, 4), False),
        ((0, 1, 7, 4), True),
        ((1, 0, 7, 4), True),
        ((1, 1, 8, 4), True),
        ((1, 1, 7, 5), True),
    ],
)
def test_touching_each_border_is_seen(box, touches):
    assert measured(rectangles([box], size=(5, 8))[0])["touches_border"] == touches


def test_rows_are_sorted_by_object_then_frame_with_source_frames_and_times():
    stack = np.ones((2, 3, 3), bool)
    table = measure(segmentation(stack, stack, frame=[3, 10], time_s=[0.1, 0.7], phrases=[None, "b"]))

    assert table["object"].tolist() == [0, 0, 1, 1]
    assert table["frame"].tolist() == [3, 10, 3, 10]
    assert table["time_s"].tolist() == [0.1, 0.7, 0.1, 0.7]
    assert table["phrase"].tolist() == [None, None, "b", "b"]


@settings(deadline=None)  # other jobs may share the cores
@given(masks_2d().filter(np.any))
def test_any_mask_has_regionprops_values(mask):
    assert_equals_regionprops(measured(mask), mask)


@pytest.mark.parametrize(
    "mask",
    [
        np.ones((1, 1), bool),
        np.ones((1, 7), bool),
        np.ones((7, 1), bool),
        np.eye(6, dtype=bool),
        np.fliplr(np.eye(6, dtype=bool)),
        np.pad(np.ones((1, 1), bool), ((900, 100), (1800, 100))),
        np.array([[1, 0, 0, 0, 1]], bool),
        disk(9, center=(12, 12), size=(25, 25)) & ~disk(4, center=(12, 12), size=(25, 25)),
        np.indices((9, 9)).sum(0) % 2 == 0,
    ],
    ids=["pixel", "row", "column", "diagonal", "antidiagonal", "far pixel", "two", "ring", "chessboard"],
)
def test_thin_and_pierced_masks_have_regionprops_values(mask):
    assert_equals_regionprops(measured(mask), mask)


@pytest.mark.parametrize("sequence", ["bmx-trees", "drift-straight", "dog"])
def test_real_masks_have_regionprops_values(sequence):
    files = sorted(shared_data(f"davis/{sequence}/osvos").glob("*.png"))[::10]
    stack = np.stack([np.asarray(Image.open(file)) == 1 for file in files])
    table = measure(segmentation(stack), columns="all")

    assert table["visible"].any()
    for (_, row), mask in zip(table.iterrows(), stack, strict=True):
        if mask.any():
            assert_equals_regionprops(row, mask)


def test_a_ring_and_a_speck_are_two_components_with_one_hole():
    ring = disk(9, center=(12, 12), size=(30, 30)) & ~disk(4, center=(12, 12), size=(30, 30))
    ring[28, 28] = True
    row = measured(ring)

    assert (row["components"], row["holes"]) == (2, 1)
    assert row["largest_frac"] == (ring.sum() - 1) / ring.sum()


def test_components_touching_at_a_corner_are_one():
    assert measured(np.eye(2, dtype=bool))["components"] == 1


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(side=(1, 8)), st.integers(1, 9), st.integers(1, 9))
def test_a_shift_moves_position_only(stack, down, right):
    pad = np.pad(stack, ((0, 0), (1, 10), (1, 10)))
    before = measure(segmentation(pad), columns="all")
    after = measure(segmentation(np.roll(pad, (down, right), axis=(1, 2))), columns="all")

    moved = before.copy()
    moved[["x", "x0", "x1"]] += right
    moved[["y", "y0", "y1"]] += down
    borders = ["touches_border"]  # the padding keeps the first off the border, not the second
    pd.testing.assert_frame_equal(
        after.drop(columns=borders), moved.drop(columns=borders), rtol=1e-12, atol=1e-12
    )


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(side=(1, 8)))
def test_areas_and_iou_are_those_of_the_dense_stack(stack):
    table = measure(segmentation(stack))

    assert table["area_px"].tolist() == stack.sum((1, 2)).tolist()
    for t in range(1, len(stack)):
        union = (stack[t] | stack[t - 1]).sum()
        expected = (stack[t] & stack[t - 1]).sum() / union if union else math.nan
        assert table["iou_prev"][t] == pytest.approx(expected, nan_ok=True)


def test_measuring_never_makes_the_dense_stack():
    one = Masks.from_array(disk(100, center=(960, 540), size=(1080, 1920))[None]).rles[0]
    item = SegmentedObject(0, None, Masks([one] * 300, (1080, 1920)))
    seg = Segmentation((item,), np.arange(300), np.arange(300) / 25)
    tracemalloc.start()
    try:
        measure(seg, columns="all")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 6 * 1080 * 1920  # bytes; the stack would take 300 images
