import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.media.encode import write_video
from sa2va_nb.sample import propagate

SIZE = (48, 96)
STEP = 2


def squares(*, frames: int = 20, hidden: range = range(0), jump: int = 0) -> np.ndarray:
    """Give (T, H, W) masks of a square that goes right, is hidden for a while, and comes out further on."""
    masks = np.zeros((frames, *SIZE), bool)
    for t in range(frames):
        if t not in hidden:
            left = 8 + STEP * t + (jump if hidden and t >= hidden.stop else 0)
            masks[t, 16:32, left : left + 16] = True
    return masks


def clip_of(path, masks) -> sa.Video:
    """Write red squares on a blue ground."""
    ground, square = np.array([30, 60, 200], np.uint8), np.array([220, 40, 30], np.uint8)
    write_video(path, (np.where(mask[..., None], square, ground) for mask in masks), 25, crf=8)
    return sa.Video(path)


def iou(a, b):
    return (a & b).sum() / max((a | b).sum(), 1)


def test_it_follows_what_moves_less_than_its_reach(tmp_path):
    masks = squares()
    found = np.asarray(propagate(clip_of(tmp_path / "a.mp4", masks), masks[0]))
    assert np.array_equal(found[0], masks[0])
    assert min(iou(a, b) for a, b in zip(found, masks, strict=True)) > 0.85


def test_it_never_looks_back(tmp_path):
    masks = squares()
    found = np.asarray(propagate(clip_of(tmp_path / "a.mp4", masks), masks[8], start=8))
    assert not found[:8].any()
    assert found[8:].any(axis=(1, 2)).all()


def test_what_comes_out_out_of_reach_is_lost_and_a_ghost_stays_unless_blanked(tmp_path):
    masks = squares(hidden=range(6, 14), jump=16)
    video = clip_of(tmp_path / "a.mp4", masks)
    blank, ghost = (np.asarray(propagate(video, masks[0], blank=which)) for which in (True, False))
    assert not blank[7:].any()
    assert ghost[7:].any(axis=(1, 2)).all()
    assert not (ghost[14:] & masks[14:]).any()


def test_what_comes_out_within_reach_is_found_again(tmp_path):
    masks = squares(hidden=range(6, 9))
    found = np.asarray(propagate(clip_of(tmp_path / "a.mp4", masks), masks[0]))
    assert not found[7].any()
    assert iou(found[-1], masks[-1]) > 0.85


@pytest.mark.parametrize(
    ("mask", "start", "message"),
    [
        (np.zeros(SIZE, bool), 0, "mask must mark something"),
        (np.ones((4, 4), bool), 0, "mask must mark something"),
        (squares()[0], 20, "start must be 0 to 19, got 20"),
    ],
)
def test_what_can_not_be_followed_is_the_callers_mistake(tmp_path, mask, start, message):
    video = clip_of(tmp_path / "a.mp4", squares())
    with pytest.raises(ValueError, match=message):
        propagate(video, mask, start=start)
