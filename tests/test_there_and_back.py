"""A sample of the campaign; ``python -m tests.there_and_back`` runs it long."""

import numpy as np
import pytest

import sa2va_nb as sa
from tests.odd import odd_segmentation
from tests.there_and_back import FORMS, check_same, run_campaign


@pytest.mark.parametrize("form", FORMS)
def test_odd_segmentations_come_back_or_are_refused_in_words(form):
    outcomes, faults = run_campaign([form], first=100, count=10)
    assert faults == []
    assert outcomes[form, "kept"] >= 4  # it isn't all refused


def test_the_campaign_sees_a_pixel_a_time_and_a_phrase_that_are_lost():
    seg = sa.load_masks([np.ones((2, 3, 4), bool)], phrases=["a dog"], frame=[0, 1])
    check_same(seg, seg, "npz", "")
    for array in (np.ones((2, 3, 4), bool), np.zeros((2, 3, 4), bool)):
        array[0, 0, 0] = False
        other = sa.load_masks([array], phrases=["a dog"], frame=[0, 1])
        with pytest.raises(AssertionError, match="masks"):
            check_same(seg, other, "npz", "")
    with pytest.raises(AssertionError, match="phrases"):
        check_same(seg, sa.load_masks([np.ones((2, 3, 4), bool)], frame=[0, 1]), "npz", "")
    with pytest.raises(AssertionError, match="frames"):
        check_same(seg, sa.load_masks([np.ones((2, 3, 4), bool)], phrases=["a dog"], frame=[0, 2]), "npz", "")
    with pytest.raises(AssertionError, match="phrases not said"):
        check_same(seg, seg, "davis", "")


def test_what_is_drawn_is_odd_and_the_same_each_time():
    drawn = [odd_segmentation(np.random.default_rng(seed)) for seed in range(60)]
    assert {len(seg) for seg in drawn} >= {0, 1, 11}
    assert any(1 in seg.shape[1:] for seg in drawn)
    assert any(np.isnan(seg.time_s).any() and not np.isnan(seg.time_s).all() for seg in drawn)
    again = odd_segmentation(np.random.default_rng(7))
    assert [item.masks for item in again] == [item.masks for item in drawn[7]]
