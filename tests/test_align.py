import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sa2va_nb import AlignmentError, Masks, load_masks
from sa2va_nb.media.align import align_frames, align_size
from sa2va_nb.media.orientation import Orientation
from tests.encoders import encode, iou, paint, shapes


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


@pytest.mark.parametrize(
    ("source_fps", "mask_fps", "every"), [(29.97, 15, 2), (23.976, 8, 3), (59.94, 20, 3)]
)
def test_a_rounded_rate_does_not_drift(source_fps, mask_fps, every):
    source = np.arange(18_000) / (source_fps / 29.97 * 30_000 / 1001)  # ten minutes at 29.97
    count = 18_000 // every
    alignment = align_frames(times(count, mask_fps), source, n_declared=count)
    np.testing.assert_array_equal(alignment.frame, np.arange(0, 18_000, every))


def test_a_rounded_rate_of_a_broken_ratio_does_not_drift():
    source = np.arange(9_000) * 1001 / 30_000
    alignment = align_frames(times(3_600, 12), source, n_declared=3_600)
    np.testing.assert_array_equal(np.diff(alignment.frame[::2]), 5)


def test_a_rate_that_is_no_simple_part_is_mapped_by_true_times():
    source = times(600, 30)
    masks = times(340, 17)  # 20 s at 17 fps: 17:30 has nothing to do with NTSC
    alignment = align_frames(masks, source, n_declared=340)
    assert np.abs(source[alignment.frame] - masks).max() <= 1 / 60 + 1e-9


def test_a_header_that_lies_is_seen_through_by_the_frames_that_are_there():
    alignment = align_frames(times(50, 24), times(50, 24), n_declared=999)
    np.testing.assert_array_equal(alignment.frame, np.arange(50))


def test_frames_lost_inside_the_file_leave_the_others_where_they_are():
    index = np.r_[0:20, 30:50]
    alignment = align_frames(times(50, 24)[index], times(50, 24), n_declared=50, index=index)
    np.testing.assert_array_equal(alignment.frame, index)
    sampled = align_frames(
        times(10, 24)[5:], times(100, 24), n_declared=10, n_sampled=10, index=np.arange(5, 10)
    )
    np.testing.assert_array_equal(sampled.frame, np.arange(0, 100, 11)[5:])


def test_masks_without_a_frame_are_aligned_to_nothing():
    alignment = align_frames(np.zeros(0), times(50, 24), n_declared=50)
    assert len(alignment.frame) == len(alignment.kept) == 0


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


def test_a_scaled_copy_keeps_the_shape_in_place():
    dense = np.zeros((1, 120, 160), bool)
    dense[:, 20:60, 40:100] = True
    masks, _ = align_size(
        Masks.from_array(
            dense,
        ),
        (240, 320),
    )
    expected = np.zeros((240, 320), bool)
    expected[40:120, 80:200] = True
    np.testing.assert_array_equal(masks[0], expected)
    back, _ = align_size(masks, (120, 160))
    np.testing.assert_array_equal(back[0], dense[0])


def test_masks_as_stored_are_turned_as_the_source_is_shown():
    dense = np.zeros((2, 48, 64), bool)
    dense[:, 5:20, 8:40] = True
    stored = Masks(Masks.from_array(dense).rles, (48, 64), grey_frac=[0.1, 0.2])
    for orientation, turns in ((Orientation(True, True, False), -1), (Orientation(True, False, True), 1)):
        masks, notes = align_size(stored, (64, 48), orientation=orientation)
        np.testing.assert_array_equal(np.asarray(masks), np.rot90(dense, turns, axes=(1, 2)))
        assert notes == (f"masks were {orientation}, as the source is for display",)
        assert masks.grey_frac.tolist() == [0.1, 0.2]


@given(st.booleans(), st.booleans(), st.booleans(), arrays(np.bool_, array_shapes(min_dims=2, max_dims=2)))
def test_runs_are_turned_as_pictures_are(transposed, flip_x, flip_y, mask):
    orientation = Orientation(transposed, flip_x, flip_y)
    turned = orientation.apply_to_runs(Masks.from_array(mask[None]).rles[0])
    np.testing.assert_array_equal(turned.to_array().astype(bool), orientation.apply(mask))


def test_a_turned_source_and_its_masks_meet(tmp_path):
    dense = shapes()
    video = encode(tmp_path / "video.mp4", paint(dense), rotation=90)
    upright = np.rot90(dense, axes=(1, 2))
    as_stored = encode(tmp_path / "stored.mp4", paint(dense))
    as_shown = encode(tmp_path / "shown.mp4", paint(upright))
    with_metadata = encode(tmp_path / "turned.mp4", paint(dense), rotation=90)
    for path in (as_stored, as_shown, with_metadata):
        seg = load_masks(path, video=video)
        assert iou(np.asarray(seg[0].masks), upright) > 0.99
        assert any("video.mp4 was turned by 90° counterclockwise" in note for note in seg.notes)
        assert seg[0].masks.grey_frac.shape == (12,)
