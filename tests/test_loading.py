import numpy as np
import pytest

import sa2va_nb as sa
from tests.clips import mask_clip, rectangle, textured_clip

ANSWER = "<p> A box </p> [SEG] beside <p> a ball </p> [SEG] ."


def test_arrays_masks_and_files_give_the_same_segmentation(tmp_path):
    dense = rectangle()
    path = mask_clip(tmp_path / "m.mp4", dense)
    for form in (dense, sa.Masks.from_array(dense), path, str(path)):
        for masks in (form, [form]):
            seg = sa.load_masks(masks)
            assert seg[0].masks == sa.Masks.from_array(dense)
            np.testing.assert_array_equal(seg.frame, np.arange(12))


def test_times_come_from_the_video_else_from_the_mask_file_else_are_unknown(tmp_path):
    dense = rectangle()
    clip = textured_clip(tmp_path / "clip.mp4", fps=10)
    np.testing.assert_allclose(sa.load_masks(dense, video=clip).time_s, np.arange(12) / 10)
    mask_file = mask_clip(tmp_path / "m.mp4", dense, fps=20)
    np.testing.assert_allclose(sa.load_masks(mask_file).time_s, np.arange(12) / 20)
    assert np.isnan(sa.load_masks(dense).time_s).all()


def test_phrases_come_from_the_answer_in_order_and_can_be_overridden():
    masks = [rectangle(), rectangle(step=0)]
    assert [item.phrase for item in sa.load_masks(masks, answer=ANSWER)] == ["A box", "a ball"]
    named = sa.load_masks(masks, answer=ANSWER, phrases=["one", None])
    assert [item.phrase for item in named] == ["one", None]
    with pytest.raises(ValueError, match="each of the 2 objects, got 1"):
        sa.load_masks(masks, phrases=["one"])


def test_more_masks_than_seg_tokens_keep_no_phrase_and_are_noted():
    seg = sa.load_masks([rectangle()] * 3, answer=ANSWER)
    assert [item.phrase for item in seg] == ["A box", "a ball", None]
    assert "the answer has 2 [SEG] but 3 masks came; they were paired in order" in seg.notes


def test_fewer_masks_than_seg_tokens_are_noted_with_the_phrase_left_over():
    seg = sa.load_masks([rectangle()], answer=ANSWER)
    assert [item.phrase for item in seg] == ["A box"]
    assert "no mask came for 'a ball'" in seg.notes


def test_a_phrase_without_seg_is_noted():
    seg = sa.load_masks([rectangle()], answer="<p> A box </p> stands by <p> a ball </p> [SEG]")
    assert seg[0].phrase == "a ball"
    assert "the answer has no [SEG] for its phrase 'A box'" in seg.notes


def test_an_answer_without_masks_is_a_result(tmp_path):
    seg = sa.load_masks([], video=textured_clip(tmp_path / "clip.mp4"), answer="There is no dog.")
    assert len(seg) == 0
    assert seg.shape == (12, 48, 64)
    assert seg.notes == ()
    assert len(sa.measure(seg)) == 0


def test_the_caller_may_say_which_frames_the_masks_show(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", fps=10)
    seg = sa.load_masks(rectangle(frames=3), video=clip, frame=[2, 5, 11])
    assert seg.frame.tolist() == [2, 5, 11]
    np.testing.assert_allclose(seg.time_s, [0.2, 0.5, 1.1])
    with pytest.raises(ValueError, match="3 increasing source frames"):
        sa.load_masks(rectangle(frames=3), video=clip, frame=[2, 2, 11])
    with pytest.raises(ValueError, match="3 increasing source frames"):
        sa.load_masks(rectangle(frames=3), video=clip, frame=[])
    with pytest.raises(TypeError, match="whole numbers, got float64"):
        sa.load_masks(rectangle(frames=3), video=clip, frame=[2, 3, 4.5])
    with pytest.raises(ValueError, match="frame must be 0 to 11, got 12"):
        sa.load_masks(rectangle(frames=3), video=clip, frame=[2, 3, 12])


def test_arrays_of_another_length_than_the_video_need_frames(tmp_path):
    with pytest.raises(sa.AlignmentError, match="3 masks were given for a video of 12 frames"):
        sa.load_masks(rectangle(frames=3), video=textured_clip(tmp_path / "clip.mp4"))


def test_objects_with_different_frames_keep_what_they_share_and_say_so(tmp_path):
    rng = np.random.default_rng(0)
    dense = rng.random((40, 48, 64)) > 0.5
    clip = textured_clip(tmp_path / "clip.mp4", frames=40)
    whole = mask_clip(tmp_path / "whole.mp4", dense)
    cut = mask_clip(tmp_path / "cut.mp4", dense)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    seg = sa.load_masks([whole, cut], video=clip)
    assert 5 < len(seg.frame) < 35
    np.testing.assert_array_equal(np.asarray(seg[0].masks), np.asarray(seg[1].masks))
    assert any("cut off" in note for note in seg.notes)
    assert any("the frames" in note or "frames that all have" in note for note in seg.notes)


def test_masks_that_are_always_empty_are_noted():
    assert sa.load_masks(np.zeros((2, 4, 4), bool)).notes == (
        "the masks of object 0 are empty in every frame",
    )


def test_limits_can_be_raised_and_lowered(tmp_path):
    path = mask_clip(tmp_path / "m.mp4", rectangle())
    with pytest.raises(sa.DecodeError, match=r"limits=Limits\(max_frames=…\)"):
        sa.load_masks(path, limits=sa.Limits(max_frames=5))
    assert len(sa.load_masks(path, limits=sa.Limits(max_frames=12)).frame) == 12
