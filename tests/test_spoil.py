import numpy as np
import pytest

from sa2va_nb.masks import Masks
from sa2va_nb.sample import spoil, surprise_clip
from sa2va_nb.sample.spoil import KINDS
from sa2va_nb.sample.surprises import BURSTS, GREEN_FRAMES, N_FRAMES, OPEN_FRAMES
from sa2va_nb.segmentation import Segmentation, SegmentedObject

T, H, W, RADIUS = 12, 120, 200, 20


def disk(x: int) -> np.ndarray:
    rows, columns = np.ogrid[:H, :W]
    return (rows - 60) ** 2 + (columns - x) ** 2 <= RADIUS**2


def two_disks() -> Segmentation:
    stacks = [np.stack([disk(start + t) for t in range(T)]) for start in (50, 130)]
    objects = [SegmentedObject(i, f"disk {i}", Masks.from_array(stack)) for i, stack in enumerate(stacks)]
    return Segmentation(tuple(objects), np.arange(T), np.arange(T) / 25)


@pytest.mark.parametrize("kind", KINDS)
def test_every_defect_changes_just_the_masks_it_names(kind):
    right = two_disks()
    wrong = spoil(right, [("disk 0", kind, 4, 7)])
    changed = np.array(
        [
            (np.asarray(a.masks) != np.asarray(b.masks)).any(axis=(1, 2))
            for a, b in zip(right, wrong, strict=True)
        ]
    )
    assert np.flatnonzero(changed[0]).tolist() == [4, 5, 6, 7]
    assert changed[1].any() == (kind == "swapped")


@pytest.mark.parametrize(
    ("kind", "share"),
    [("eroded", 0.64), ("dilated", 1.44), ("holed", 0.8775), ("halved", 0.5), ("shifted", 1), ("dropped", 0)],
)
def test_the_area_left_is_that_of_the_closed_form(kind, share):
    right = two_disks()
    wrong = spoil(right, [("disk 0", kind, 4, 4)])
    assert wrong[0].masks.area_px[4] == pytest.approx(share * right[0].masks.area_px[4], rel=0.06)


def test_a_frozen_mask_is_the_one_before():
    wrong = spoil(two_disks(), [("disk 0", "frozen", 4, 7)])
    assert all(np.array_equal(wrong[0].masks[t], disk(53)) for t in range(3, 8))


def test_swapping_twice_changes_nothing():
    right = two_disks()
    again = spoil(right, [("disk 0", "swapped", 2, 5), ("disk 0", "swapped", 2, 5)])
    assert all(
        np.array_equal(np.asarray(a.masks), np.asarray(b.masks)) for a, b in zip(right, again, strict=True)
    )


def test_an_unknown_defect_object_or_frame_is_the_callers_mistake():
    with pytest.raises(ValueError, match="must be one of eroded"):
        spoil(two_disks(), [("disk 0", "melted", 0, 1)])
    with pytest.raises(ValueError, match="got 90 to 95"):
        spoil(two_disks(), [("disk 0", "eroded", 90, 95)])
    with pytest.raises(KeyError):
        spoil(two_disks(), [("cat", "eroded", 0, 1)])


def test_the_surprises_happen_in_the_frames_that_are_named(tmp_path):
    _, truth = surprise_clip(tmp_path)
    bubble, lamp, umbrella = (item.masks for item in truth)
    assert truth.shape == (N_FRAMES, 360, 640)
    assert (bubble.area_px > 0).tolist() == [t < BURSTS for t in range(N_FRAMES)]
    assert umbrella.area_px == pytest.approx(
        [np.pi * 56 * (56 if t in OPEN_FRAMES else 14) for t in range(N_FRAMES)], rel=0.02
    )
    red, green, _ = np.transpose([truth.video[t][lamp[t]].mean(axis=0) for t in range(N_FRAMES)])
    assert (green > red).tolist() == [t in GREEN_FRAMES for t in range(N_FRAMES)]
