import sys
from math import sqrt

import numpy as np
import pytest

from sa2va_nb.analysis.truth.multi_object import evaluate_tracks
from sa2va_nb.opening.reference import load_reference
from sa2va_nb.segmentation import Segmentation
from tests.scenes import rectangles, segmentation
from tests.shared import shared_data

FRAMES = 10
EXTRA = "the tracking extra is not installed"


def square(x: int, *, size: int = 10, frames: int = FRAMES) -> np.ndarray:
    return rectangles([(x, 5, x + size, 5 + size)] * frames, size=(40, 80))


def two() -> Segmentation:
    return segmentation(square(5), square(40))


def test_perfect_objects_score_one():
    pytest.importorskip("trackers", reason=EXTRA)
    result = evaluate_tracks(two(), two())

    assert result.drop("IDSW").tolist() == pytest.approx([1] * 9)
    assert result["IDSW"] == 0
    assert result.attrs["notes"] == ()


def test_identities_swapped_half_way_score_as_worked_out_by_hand():
    pytest.importorskip("trackers", reason=EXTRA)
    a, b, half = square(5), square(40), FRAMES // 2
    swapped = segmentation(np.concatenate([a[:half], b[half:]]), np.concatenate([b[:half], a[half:]]))
    result = evaluate_tracks(swapped, two())

    # Every object is found, and shares half of its frames with its pair: T/2 of 3T/2.
    assert result["DetA"] == pytest.approx(1)
    assert result["AssA"] == pytest.approx(1 / 3)
    assert result["HOTA"] == pytest.approx(sqrt(1 / 3))
    assert result["IDF1"] == pytest.approx(1 / 2)
    assert result["IDSW"] == 2
    assert result["MOTA"] == pytest.approx(1 - 2 / (2 * FRAMES))


def test_an_object_found_at_a_known_overlap_counts_up_to_that_threshold():
    pytest.importorskip("trackers", reason=EXTRA)
    # 10x10 in 10x16: IoU 0.625, above the twelve thresholds .05 … .60 of nineteen.
    wide = rectangles([(5, 5, 21, 15)] * FRAMES, size=(40, 80))
    result = evaluate_tracks(segmentation(square(5)), segmentation(wide))

    assert result["HOTA"] == pytest.approx(12 / 19)
    assert result["MOTP"] == pytest.approx(0.625)


def test_a_ghost_and_a_missed_object_cost_detection_only():
    pytest.importorskip("trackers", reason=EXTRA)
    ghost = evaluate_tracks(two(), segmentation(square(5)))
    missed = evaluate_tracks(segmentation(square(5)), two())

    for result in (ghost, missed):
        assert result["DetA"] == pytest.approx(1 / 2)
        assert result["AssA"] == pytest.approx(1)
        assert result["IDF1"] == pytest.approx(2 / 3)
    assert (ghost["MOTA"], missed["MOTA"]) == (0, 0.5)


def test_nothing_to_find_and_nothing_found_is_undefined():
    pytest.importorskip("trackers", reason=EXTRA)
    absent = segmentation(np.zeros((FRAMES, 40, 80), bool))

    assert evaluate_tracks(absent, absent).isna().all()
    assert evaluate_tracks(segmentation(frame=range(FRAMES)), two())["HOTA"] == 0


def test_it_says_in_which_frames_it_judged():
    pytest.importorskip("trackers", reason=EXTRA)
    few = segmentation(square(5, frames=3), square(40, frames=3), frame=[0, 4, 8])
    result = evaluate_tracks(two(), few)

    assert result["HOTA"] == pytest.approx(1)
    assert "judged in the 3 frames that both have, of 10" in result.attrs["notes"][0]


def test_a_real_method_is_best_at_its_own_masks():
    pytest.importorskip("trackers", reason=EXTRA)
    seg = load_reference(shared_data("davis/dog/osvos"))
    truth = load_reference(shared_data("davis/dog/gt"))

    assert evaluate_tracks(seg, seg)["HOTA"] == pytest.approx(1)
    assert 0 < evaluate_tracks(seg, truth)["HOTA"] < 1


def test_without_the_library_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "trackers.eval", None)
    with pytest.raises(ImportError, match=r"pip install 'sa2va_nb\[tracking\]'"):
        evaluate_tracks(two(), two())


def test_another_size_is_refused_unless_asked_for():
    pytest.importorskip("trackers", reason=EXTRA)
    small = segmentation(*(np.stack([np.asarray(m)[::2, ::2] for m in x.masks]) for x in two()))
    with pytest.raises(ValueError, match="resize must be one of 'reference'"):
        evaluate_tracks(small, two(), resize="both")

    assert evaluate_tracks(small, two(), resize="reference")["HOTA"] > 0.6
