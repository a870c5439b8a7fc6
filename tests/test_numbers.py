import numpy as np
import pandas as pd
import pytest

from sa2va_nb.analysis.measure import measure
from sa2va_nb.view.widget.scrubber import scrub
from tests.clips import rectangle
from tests.scenes import rectangles, segmentation
from tests.widgets import shown_numbers, two_objects


def test_areas_are_counted_from_the_masks():
    shown = shown_numbers(scrub(two_objects()))
    assert list(shown) == ["area_px", "area_frac", "@x", "@y"]
    assert (shown["area_px"] == 12 * 16).all()
    assert shown["area_frac"] == pytest.approx(12 * 16 / (48 * 64))


def test_the_columns_of_a_table_are_shown_whatever_the_order_of_its_rows():
    seg = two_objects()
    table = measure(seg)
    shown = shown_numbers(scrub(seg, table=table.sample(frac=1, random_state=0)))
    expected = table.set_index(["object", "frame"])["x"].to_numpy().reshape(2, 12)
    assert shown["x"] == pytest.approx(expected)
    assert shown["area_px"][0, 0] == 192


def test_rows_that_a_table_lacks_are_unknown_not_zero():
    seg = two_objects()
    table = measure(seg)
    shown = shown_numbers(scrub(seg, table=table[table.frame != 3]))
    assert np.isnan(shown["x"][:, 3]).all()
    assert np.isfinite(shown["x"][:, 4]).all()


def test_a_table_changed_later_changes_nothing():
    seg = two_objects()
    table = measure(seg)
    scrubber = scrub(seg, table=table)
    table["later"], table["x"] = 1.0, 0.0
    shown = shown_numbers(scrubber)
    assert "later" not in shown
    assert (shown["x"] > 0).all()


def test_a_table_of_another_kind_is_refused():
    seg = two_objects()
    with pytest.raises(ValueError, match="it lacks frame"):
        scrub(seg, table=measure(seg).drop(columns="frame"))
    twice = pd.concat([measure(seg), measure(seg).head(1)])
    with pytest.raises(ValueError, match="one row for each object and frame, got 1 more"):
        scrub(seg, table=twice)


@pytest.mark.parametrize("width", [640, 32])
def test_centroids_are_those_of_the_masks_in_the_views_pixels(width):
    stack = rectangles([(10, 4, 20, 8), None, (0, 0, 1, 1)], size=(48, 64))
    shown = shown_numbers(scrub(segmentation(stack), width=width))
    scale = min(width, 64) / 64
    x, y = np.array([14.5, np.nan, 0]), np.array([5.5, np.nan, 0])
    assert shown["@x"][0] == pytest.approx((x + 0.5) * scale - 0.5, nan_ok=True)
    assert shown["@y"][0] == pytest.approx((y + 0.5) * scale - 0.5, nan_ok=True)


def test_the_other_side_has_numbers_of_its_own_where_it_has_masks():
    theirs = segmentation(rectangle(frames=2) & (np.arange(64) < 20), frame=[0, 2])
    seg = segmentation(rectangle(frames=4, step=0))
    scrubber = scrub(seg, reference=theirs, table=measure(seg))
    shown = shown_numbers(scrubber)
    assert list(shown)[:3] == ["area_px", "area_frac", "J"]
    assert shown["area_px"] == pytest.approx(np.array([[192] * 4, [120, np.nan, 96, np.nan]]), nan_ok=True)
    expected = [120 / 192, np.nan, 96 / 192, np.nan]
    assert shown["J"] == pytest.approx(np.array([expected, expected]), nan_ok=True)
    assert np.isnan(shown["x"][1]).all()
    assert np.isnan(shown["@x"][1]).tolist() == [False, True, False, True]


def test_an_object_without_a_partner_has_no_score():
    far = rectangle(frames=3, start=(30, 40), step=0)
    shown = shown_numbers(scrub(segmentation(rectangle(frames=3)), compare=segmentation(far)))
    assert np.isnan(shown["iou"]).all()


def test_a_score_in_the_table_is_the_one_shown():
    seg = segmentation(rectangle(frames=2))
    table = pd.DataFrame({"object": [0, 0], "frame": [0, 1], "J": [0.25, 0.75]})
    scrubber = scrub(seg, reference=seg, table=table)
    assert scrubber._clip["columns"] == ["area_px", "area_frac", "J"]
    assert shown_numbers(scrubber)["J"][0].tolist() == [0.25, 0.75]


@pytest.mark.parametrize("name", ["object", "frame"])
def test_a_table_whose_keys_are_no_whole_numbers_is_refused(name):
    seg = two_objects()
    with pytest.raises(ValueError, match=f"{name} must hold whole numbers"):
        scrub(seg, table=measure(seg).astype({name: str}))
