import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sa2va_nb.analysis.measure import measure
from sa2va_nb.analysis.tracks import tracks
from tests.scenes import mask_stacks, rectangles, segmentation

COLUMNS = [
    "object",
    "phrase",
    "first_frame",
    "last_frame",
    "frames_visible",
    "visible_frac",
    "gaps",
    "longest_gap",
    "area_mean_px",
    "area_std_px",
    "area_cv",
    "area_max_px",
    "path_px",
    "displacement_px",
    "straightness",
    "speed_mean_px_s",
    "speed_max_px_s",
    "iou_prev_mean",
]


def at(*corners: tuple[int, int] | None) -> np.ndarray:
    """A 4 x 2 rectangle with its first pixel at each (x, y), or nothing: (T, 30, 40)."""
    return rectangles([c and (c[0], c[1], c[0] + 4, c[1] + 2) for c in corners], size=(30, 40))


def row(*corners: tuple[int, int] | None, **timing: list) -> pd.Series:
    return tracks(segmentation(at(*corners), **timing)).iloc[0]


def test_columns_are_the_documented_ones_also_without_objects():
    full, empty = tracks(segmentation(at((0, 0)))), tracks(segmentation())

    assert list(full.columns) == COLUMNS
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_phrases_are_kept_and_none_stays_none():
    assert tracks(segmentation(at((0, 0)), at((1, 1)), phrases=["a", None]))["phrase"].tolist() == ["a", None]


def test_constant_speed_has_its_closed_form():
    track = row(*[(3 * t, 4 * t) for t in range(7)])

    assert track["path_px"] == pytest.approx(30)
    assert track["displacement_px"] == pytest.approx(30)
    assert track["straightness"] == pytest.approx(1)
    assert track["speed_mean_px_s"] == pytest.approx(5 * 25)
    assert track["speed_max_px_s"] == pytest.approx(5 * 25)
    assert (track["first_frame"], track["last_frame"], track["frames_visible"]) == (0, 6, 7)
    assert (track["area_mean_px"], track["area_std_px"], track["area_cv"], track["area_max_px"]) == (
        8,
        0,
        0,
        8,
    )


def test_there_and_back_has_no_displacement():
    track = row((0, 0), (6, 0), (0, 0))

    assert (track["path_px"], track["displacement_px"], track["straightness"]) == (12, 0, 0)


def test_a_thing_at_rest_has_no_straightness():
    track = row((5, 5), (5, 5), (5, 5))

    assert (track["path_px"], track["speed_mean_px_s"], track["iou_prev_mean"]) == (0, 0, 1)
    assert math.isnan(track["straightness"])


def test_gaps_are_bridged_by_a_straight_step_and_counted():
    track = row(None, (0, 0), None, (4, 0), None, None, (10, 0), (12, 0), None)

    assert (track["first_frame"], track["last_frame"]) == (1, 7)
    assert (track["frames_visible"], track["gaps"], track["longest_gap"]) == (4, 2, 2)
    assert track["visible_frac"] == pytest.approx(4 / 9)
    assert track["path_px"] == 12
    assert track["speed_mean_px_s"] == pytest.approx(12 / (6 / 25))
    assert track["speed_max_px_s"] == pytest.approx(2 * 25)


def test_speeds_come_from_true_times():
    track = row((0, 0), (6, 0), (12, 0), frame=[0, 1, 2], time_s=[0.0, 1.0, 4.0])

    assert track["speed_mean_px_s"] == pytest.approx(12 / 4)
    assert track["speed_max_px_s"] == pytest.approx(6)


def test_frames_are_those_of_the_source():
    track = row(None, (0, 0), (1, 0), frame=[5, 10, 20], time_s=[0.2, 0.4, 0.8])

    assert (track["first_frame"], track["last_frame"]) == (10, 20)


def test_one_visible_frame_has_a_path_but_no_speed():
    track = row(None, (3, 3), None)

    assert (track["path_px"], track["displacement_px"], track["gaps"], track["area_std_px"]) == (0, 0, 0, 0)
    assert math.isnan(track["speed_mean_px_s"])
    assert math.isnan(track["speed_max_px_s"])
    assert track["iou_prev_mean"] == 0  # it appears and it vanishes


def test_a_never_visible_object_keeps_its_row():
    track = row(None, None)

    assert track["first_frame"] is pd.NA
    assert track["last_frame"] is pd.NA
    assert (track["frames_visible"], track["visible_frac"], track["gaps"], track["longest_gap"]) == (
        0,
        0,
        0,
        0,
    )
    assert track[COLUMNS[8:]].isna().all()


def test_unknown_times_leave_only_the_speeds_unknown():
    track = row((0, 0), (6, 0), frame=[0, 1], time_s=[math.nan, math.nan])

    assert track["path_px"] == 6
    assert math.isnan(track["speed_mean_px_s"])
    assert math.isnan(track["speed_max_px_s"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_in_a_table_is_unknown(value):
    table = measure(segmentation(at((0, 0), (6, 0), (12, 0))))
    lost = {"path_px", "displacement_px", "straightness", "speed_mean_px_s", "speed_max_px_s"}
    for column, unknown in [
        ("time_s", {"speed_mean_px_s", "speed_max_px_s"}),
        ("x", lost),
        ("area_px", {"area_mean_px", "area_std_px", "area_cv", "area_max_px"}),
    ]:
        track = tracks(
            table.assign(**{column: table[column].astype(float).where(table["frame"] < 2, value)})
        ).iloc[0]
        assert {name for name in COLUMNS[2:] if pd.isna(track[name])} == unknown


def test_area_statistics_are_over_visible_frames_with_the_population_deviation():
    stack = rectangles([(0, 0, 2, 2), None, (0, 0, 4, 2)], size=(5, 5))
    track = tracks(segmentation(stack)).iloc[0]

    assert (track["area_mean_px"], track["area_std_px"], track["area_max_px"]) == (6, 2, 8)
    assert track["area_cv"] == pytest.approx(1 / 3)


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(side=(1, 6)), st.integers(0, 99))
def test_a_table_gives_what_the_segmentation_gives_in_any_row_order(stack, seed):
    seg = segmentation(stack, np.roll(stack, 1, axis=2), phrases=["a", None])
    shuffled = measure(seg).sample(frac=1, random_state=seed)

    pd.testing.assert_frame_equal(tracks(shuffled), tracks(seg))


@settings(deadline=None)  # other jobs may share the cores
@given(mask_stacks(frames=(1, 6), side=(1, 6)))
def test_displacement_never_exceeds_the_path(stack):
    track = tracks(segmentation(stack)).iloc[0]

    if track["frames_visible"]:
        assert track["displacement_px"] <= track["path_px"] + 1e-9
        assert track["speed_max_px_s"] >= track["speed_mean_px_s"] - 1e-9 or track["frames_visible"] == 1
        assert track["last_frame"] - track["first_frame"] + 1 >= track["frames_visible"]


def test_a_table_that_lacks_columns_is_refused_by_name():
    table = measure(segmentation(at((0, 0)))).drop(columns=["x", "iou_prev"])
    with pytest.raises(ValueError, match="lacks x, iou_prev; pass what measure"):
        tracks(table)


def test_something_else_is_a_type_error():
    with pytest.raises(TypeError, match="expected a Segmentation or the table from measure"):
        tracks([1, 2])


def test_the_rows_of_several_runs_are_not_taken_for_one():
    table = measure(segmentation(at((0, 0), (1, 0))))
    with pytest.raises(ValueError, match="twice in a frame"):
        tracks(pd.concat([table, table]))


def test_what_was_read_as_text_or_is_missing_is_not_taken_for_true():
    table = measure(segmentation(at((0, 0), None, (4, 0))))
    as_text = table.assign(visible=table["visible"].astype(str))
    missing = table.assign(visible=pd.array([True, None, True], dtype="boolean"))
    for wrong in (as_text, missing):
        with pytest.raises(ValueError, match="visible must be True or False in every row"):
            tracks(wrong)
    for right in (table.astype({"visible": object}), table.astype({"visible": int}), table.convert_dtypes()):
        pd.testing.assert_frame_equal(tracks(right), tracks(table), check_dtype=False)
    assert tracks(table.set_index(["object", "frame"], drop=False)).equals(tracks(table))


def test_rows_of_no_object_are_refused_and_not_left_out():
    table = measure(segmentation(at((0, 0), (4, 0)), at((0, 0), (4, 0))))
    with pytest.raises(ValueError, match="rows without an object or a frame"):
        tracks(table.assign(object=[0, 0, None, None]))
