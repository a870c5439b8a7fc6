from math import hypot

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sa2va_nb.analysis.agreement.agreement import agreement
from sa2va_nb.analysis.agreement.compare import compare
from sa2va_nb.analysis.instances.events import instance_events
from sa2va_nb.analysis.measure import measure
from sa2va_nb.analysis.overlaps import overlaps
from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.analysis.tracks import tracks
from sa2va_nb.analysis.units import column_in, to_units, unit_of, words_for
from tests.scenes import mask_stacks, rectangles, segmentation

PX_PER_CM = 12.8
SIZE = (200, 300)


def box_going_right(*, step: int = 5, down: int = 0, frames: int = 11) -> np.ndarray:
    """A box of 64 x 32 px: 5 x 2.5 cm at 12.8 px a cm."""
    boxes = [(10 + step * t, 40 + down * t, 74 + step * t, 72 + down * t) for t in range(frames)]
    return rectangles(boxes, size=SIZE)


def close(found: object, expected: float) -> None:
    np.testing.assert_allclose(np.asarray(found, float), expected, rtol=1e-9, atol=0)


def test_areas_lengths_and_speeds_of_a_rendered_scene_are_right_to_1e_9():
    seg = segmentation(box_going_right(step=8, down=6), box_going_right(step=0, down=0))
    frames = to_units(measure(seg, columns="all"), PX_PER_CM, unit="cm")
    objects = to_units(tracks(seg), PX_PER_CM, unit="cm")
    pairs = to_units(overlaps(seg), PX_PER_CM, unit="cm")
    moving = frames[frames["object"] == 0]

    close(moving["area_cm2"], 5 * 2.5)
    close(moving["x1_cm"] - moving["x0_cm"], 5)
    close(moving["y1_cm"] - moving["y0_cm"], 2.5)
    close(moving["x_cm"], (10 + 8 * np.arange(11) + 31.5) / PX_PER_CM)
    close(moving["y_cm"], (40 + 6 * np.arange(11) + 15.5) / PX_PER_CM)
    close(moving["perimeter_cm"], 2 * (63 + 31) / PX_PER_CM)  # through the outer pixels' centres
    close(moving["major_axis_cm"], 4 * np.sqrt((64**2 - 1) / 12) / PX_PER_CM)
    close(objects["area_mean_cm2"], 12.5)
    close(objects["area_max_cm2"], 12.5)
    close(objects["path_cm"], np.array([100, 0]) / PX_PER_CM)
    close(objects["displacement_cm"], np.array([100, 0]) / PX_PER_CM)
    close(objects["speed_mean_cm_s"], np.array([100, 0]) / PX_PER_CM / 0.4)
    close(objects["speed_max_cm_s"], np.array([250, 0]) / PX_PER_CM)
    close(pairs["distance_cm"], hypot(8, 6) * np.arange(11) / PX_PER_CM)
    close(pairs.loc[1, "overlap_cm2"], 56 * 26 / PX_PER_CM**2)


@settings(deadline=None, max_examples=40)
@given(mask_stacks(), st.integers(1, 4))
def test_a_picture_of_more_pixels_and_a_scale_that_says_so_give_the_same(stack, finer):
    fine = stack.repeat(finer, axis=1).repeat(finer, axis=2)
    coarse_table = to_units(measure(segmentation(stack)), 1, unit="cm")
    fine_table = to_units(measure(segmentation(fine)), finer, unit="cm")

    for name in ("area_cm2", "area_frac", "x0_cm", "y0_cm", "x1_cm", "y1_cm", "iou_prev"):
        np.testing.assert_allclose(fine_table[name], coarse_table[name], rtol=1e-12)
    half = 0.5 - 0.5 / finer  # from the corner pixel's centre to that of the finer one
    np.testing.assert_allclose(fine_table["x_cm"] - half, coarse_table["x_cm"], atol=1e-12)
    coarse_track = to_units(tracks(segmentation(stack)), 1, unit="cm")
    fine_track = to_units(tracks(segmentation(fine)), finer, unit="cm")
    for name in ("path_cm", "displacement_cm", "speed_mean_cm_s", "speed_max_cm_s", "area_std_cm2"):
        np.testing.assert_allclose(fine_track[name], coarse_track[name], rtol=1e-9, atol=1e-9)


def test_all_else_stays_and_the_scale_is_recorded():
    table = measure(segmentation(box_going_right(), phrases=["a box"]), columns="all")
    before = table.copy()
    converted = to_units(table, 10, unit="mm")

    pd.testing.assert_frame_equal(table, before)
    kept = [name for name in table.columns if name in converted.columns]
    assert kept == [
        *("object", "phrase", "frame", "time_s", "visible", "area_frac", "touches_border", "iou_prev"),
        *("components", "largest_frac", "holes", "eccentricity", "orientation_rad", "solidity"),
    ]
    pd.testing.assert_frame_equal(converted[kept], table[kept])
    assert len(converted.columns) == len(table.columns) + 1
    assert (converted["px_per_mm"] == 10).all()
    assert (unit_of(table), unit_of(converted)) == ("px", "mm")


def test_absent_objects_stay_absent_and_tables_without_rows_are_converted_too():
    seg = segmentation(rectangles([None, (2, 2, 4, 4)], size=SIZE))
    table = to_units(measure(seg), 2, unit="cm")
    assert table["area_cm2"].tolist() == [0.0, 1.0]
    assert np.isnan(table.loc[0, "x_cm"])
    assert unit_of(to_units(measure(segmentation(frame=[0])), 2, unit="cm")) == "cm"


def test_every_pixel_column_of_the_packages_tables_is_known():
    a, b = segmentation(box_going_right()), segmentation(box_going_right(down=1))
    found, together = compare(a, b), agreement([a, b])
    tables = [measure(a, columns="all"), tracks(a), overlaps(segmentation(*[box_going_right()] * 2))]
    tables += [found.frames, found.moments(), together.frames]
    for table in tables:
        converted = to_units(table, 3, unit="m")
        assert [name for name in converted.columns if "px" in name.split("_")] == ["px_per_m"]
    for table in (quality(a), instance_events(a)):
        assert not [name for name in table.columns if "px" in name.split("_")]


def test_micrometres_are_typed_plainly_and_printed_right():
    table = to_units(measure(segmentation(box_going_right())), 4, unit="µm")
    assert {"area_um2", "x_um", "px_per_um"} <= set(table.columns)
    assert (words_for("um"), words_for("um", 2), words_for("cm", 2), words_for("px", 2)) == (
        *("µm", "µm²", "cm²", "px"),
    )
    assert (column_in("area_px", "px"), column_in("speed_max_px_s", "um")) == ("area_px", "speed_max_um_s")


@pytest.mark.parametrize("scale", [0, -3, float("nan"), float("inf"), np.float64("nan")])
def test_scales_that_are_none_are_refused(scale):
    with pytest.raises(ValueError, match="px_per_unit must be above 0 and finite, got"):
        to_units(measure(segmentation(box_going_right())), scale, unit="cm")


@pytest.mark.parametrize("scale", ["3", None, True, 3j])
def test_scales_that_are_no_numbers_are_refused(scale):
    with pytest.raises(TypeError, match="px_per_unit must be a number"):
        to_units(measure(segmentation(box_going_right())), scale, unit="cm")


def test_units_that_are_no_words_are_refused():
    table = measure(segmentation(box_going_right()))
    for unit in ("", "px", "cm²", "1 cm", "cm_s"):
        with pytest.raises(ValueError, match="unit must be a word"):
            to_units(table, 3, unit=unit)
    with pytest.raises(TypeError, match="unit must be a str"):
        to_units(table, 3, unit=None)


def test_tables_that_cannot_be_converted_are_refused():
    table = measure(segmentation(box_going_right()))
    with pytest.raises(ValueError, match="in cm already"):
        to_units(to_units(table, 3, unit="cm"), 3, unit="cm")
    with pytest.raises(ValueError, match="no lengths or areas in pixels, got object, score"):
        to_units(pd.DataFrame({"object": [0], "score": [1.0]}), 3, unit="cm")
    with pytest.raises(ValueError, match="tail_px could be areas or lengths"):
        to_units(table.assign(tail_px=3), 3, unit="cm")
    with pytest.raises(ValueError, match="columns in pixels and in cm"):
        to_units(table.assign(area_cm2=3), 3, unit="cm")
    with pytest.raises(ValueError, match="lacks area_px"):
        tracks(to_units(table, 3, unit="cm"))


@pytest.mark.parametrize("given", [None, [{"area_px": 1}], pd.Series([1.0], name="area_px")])
def test_what_is_no_table_is_a_type_error(given):
    with pytest.raises(TypeError, match=f"expected the table from measure.., got {type(given).__name__}"):
        to_units(given, 10, unit="cm")
