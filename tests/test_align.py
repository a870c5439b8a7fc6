import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sa2va_nb import AlignmentError, Masks
from sa2va_nb.media.align import align_frames, align_size


def times(count, fps):
    return np.arange(count) / fps


def test_as_many_mask_frames_as_source_frames_are_one_to_one():
    alignment = align_frames(times(50, 12), times(50, 24), n_declared=50)
    np.testing.assert_array_equal(alignment.frame, np.arange(50))
    assert alignment.notes == ()


def test_a_lower_rate_over_the_same_span_is_mapped_by_time():
    alignment = align_frames(times(25, 12), times(50, 24), n_declared=25)
    np.testing.assert_array_equal(alignment.frame, np.arange(0, 50, 2))
    assert "presentation time (12 against 24 fps)" in alignment.notes[0]


def test_a_variable_rate_is_mapped_by_true_times():
    source = np.cumsum(np.r_[0, np.where(np.arange(99) % 3, 0.02, 0.06)])
    masks = source[::4]
    np.testing.assert_array_equal(align_frames(masks, source, n_declared=25).frame, np.arange(0, 100, 4))


def test_a_higher_rate_keeps_one_mask_a_source_frame():
    alignment = align_frames(times(100, 48), times(50, 24), n_declared=100)
    np.testing.assert_array_equal(alignment.frame, np.arange(50))
    np.testing.assert_allclose(times(100, 48)[alignment.kept], times(50, 24), atol=1 / 48)


def test_asked_samples_at_the_source_rate_are_spread_evenly():
    alignment = align_frames(times(10, 24), times(100, 24), n_declared=10, n_sampled=10)
    np.testing.assert_array_equal(alignment.frame, np.arange(0, 100, 11))
    assert "10 samples spread evenly" in alignment.notes[0]


def test_a_short_mask_video_at_the_source_rate_starts_at_the_start():
    alignment = align_frames(times(48, 24), times(50, 24), n_declared=48)
    np.testing.assert_array_equal(alignment.frame, np.arange(48))
    assert "end of the clip has no masks" in alignment.notes[0]


def test_a_file_cut_off_keeps_the_frames_it_would_have_had():
    alignment = align_frames(times(20, 24), times(50, 24), n_declared=50)
    np.testing.assert_array_equal(alignment.frame, np.arange(20))


def test_what_fits_nowhere_is_an_error_that_says_how_to_go_on():
    with pytest.raises(AlignmentError, match=r"load_masks\(…, frame="):
        align_frames(times(80, 24), times(50, 24), n_declared=80)


@given(st.integers(2, 300), st.integers(2, 300), st.sampled_from([10, 24, 29.97, 60]))
def test_whatever_is_inferred_is_increasing_and_inside_the_source(n_masks, n_source, fps):
    span = n_source / fps
    alignment = align_frames(np.arange(n_masks) * span / n_masks, times(n_source, fps), n_declared=n_masks)
    assert (np.diff(alignment.frame) > 0).all()
    assert (np.diff(alignment.kept) > 0).all()
    assert 0 <= alignment.frame[0] <= alignment.frame[-1] < n_source


def test_a_writers_rounding_is_scaled_back_and_noted():
    dense = np.zeros((2, 480, 864), bool)
    dense[:, 100:200, 300:500] = True
    masks, notes = align_size(Masks.from_array(dense), (480, 854))
    assert masks.shape == (2, 480, 854)
    assert masks.area_px[0] == pytest.approx(100 * 200 * 854 / 864, rel=0.01)
    assert notes == ("masks of 864x480 were scaled to the source's 854x480",)


def test_masks_of_the_right_size_are_left_alone():
    masks = Masks.from_array(np.ones((1, 4, 6), bool))
    assert align_size(masks, (4, 6)) == (masks, ())


def test_an_unrelated_size_is_an_error():
    with pytest.raises(AlignmentError, match="masks are 100x100 but the source is 160x90"):
        align_size(Masks.from_array(np.ones((1, 100, 100), bool)), (90, 160))
