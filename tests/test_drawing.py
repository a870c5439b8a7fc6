from collections.abc import Callable

import numpy as np
import pytest

from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.painting.colors import GROUND, rgb_color
from sa2va_nb.view.painting.difference import difference
from sa2va_nb.view.painting.overlay import MODES, overlay
from sa2va_nb.view.widget.scrubber import Scrubber, scrub
from tests.clips import rectangle, textured_clip
from tests.scenes import segmentation

AGREE, ONLY_A, ONLY_B, MIXED = (0x92, 0xDA, 0xDD), (0xE7, 0x63, 0), (0x83, 0x2D, 0xB6), (0xBD, 0x1F, 0x01)
SIZE = (48, 64)


def box(x0: int, x1: int, y0: int = 10, y1: int = 20) -> np.ndarray:
    """Twelve frames of a still box."""
    stack = np.zeros((12, *SIZE), bool)
    stack[:, y0:y1, x0:x1] = True
    return stack


def filmed(folder, *stacks: np.ndarray, frame: list[int] | None = None, names: str = "") -> Segmentation:
    video = Video(textured_clip(folder / "clip.mp4"))
    frames = np.arange(12) if frame is None else np.array(frame)
    seg = segmentation(*(s[: len(frames)] for s in stacks), phrases=[*names] or None)
    return Segmentation(seg.objects, frames, video.time_s[frames], video)


def pairs(folder, kind: str = "compare", **options) -> Scrubber:
    """A's x and y beside B's x, moved, and a z that A has not; y has no partner."""
    ours = filmed(folder, box(5, 25), box(40, 50), names="xy")
    theirs = filmed(folder, box(15, 35), box(5, 15, 30, 40), names="xz")
    return scrub(ours, **{kind: theirs}, **options)


def grey(image: np.ndarray) -> np.ndarray:
    return np.repeat((image @ np.array([77, 150, 29]) + 128)[..., None] >> 8, 3, axis=2)


def blended(image: np.ndarray, color, strength: float = 0.5) -> np.ndarray:
    return np.rint(image * (1 - strength) + np.array(color, float) * strength)


@pytest.mark.parametrize("mode", MODES)
def test_one_segmentation_is_drawn_as_an_overlay(tmp_path, mode):
    seg = filmed(tmp_path, box(5, 25), box(20, 50))
    scrubber = scrub(seg)
    scrubber.mode, scrubber.opacity, scrubber.selected, scrubber.boxes = mode, 0.25, 1, True
    expected = overlay(
        seg.video[7],
        [item.masks[7] for item in seg],
        colors=[rgb_color(0), rgb_color(1)],
        mode=mode,
        opacity=0.25,
        selected=1,
        boxes=True,
    )
    assert (scrubber.to_image(7) == expected).all()
    assert scrubber.frame == 0


def test_hidden_objects_are_left_out_and_colours_are_those_set(tmp_path):
    seg = filmed(tmp_path, box(5, 25), box(20, 50))
    scrubber = scrub(seg)
    scrubber.visible, scrubber.colors, scrubber.mode, scrubber.frame = [1], ["#000000", "#ff0000"], "mask", 3
    assert (scrubber.to_image()[box(20, 50)[0]] == (255, 0, 0)).all()
    assert (scrubber.to_image()[~box(20, 50)[0]] == GROUND).all()


def test_a_trail_shows_the_last_second(tmp_path):
    stack = np.array([np.roll(box(0, 4)[0], t, axis=1) for t in range(40)])
    seg = segmentation(stack, time_s=np.arange(40) / 10)
    scrubber = scrub(seg)
    scrubber.trails, scrubber.mode, scrubber.opacity = True, "fill", 0.0
    drawn = (scrubber.to_image(30) == rgb_color(0)).all(axis=2)
    assert np.flatnonzero(drawn[15]).tolist() == [*range(30 - 10 + 2, 30 + 2 + 1)]  # centroids at x + 1.5


def test_side_by_side_shows_each_with_its_own_masks(tmp_path):
    scrubber = pairs(tmp_path)
    assert scrubber.comparing == "side"
    drawn, image = scrubber.to_image(4), scrubber.segmentation.video[4]
    assert drawn.shape == (48, 128, 3)
    ours = overlay(image, [box(5, 25)[0], box(40, 50)[0]], colors=[rgb_color(0), rgb_color(1)])
    theirs = overlay(image, [box(15, 35)[0], box(5, 15, 30, 40)[0]], colors=[rgb_color(0), rgb_color(2)])
    assert (drawn[:, :64] == ours).all()
    assert (drawn[:, 64:] == theirs).all()


def test_what_is_hidden_or_dimmed_on_one_side_is_so_on_the_other(tmp_path):
    scrubber = pairs(tmp_path)
    image = scrubber.segmentation.video[0]
    scrubber.visible = [1]
    third = [rgb_color(2)]
    assert (scrubber.to_image()[:, 64:] == overlay(image, [box(5, 15, 30, 40)[0]], colors=third)).all()
    scrubber.visible, scrubber.selected = [0, 1], 0
    masks = [box(15, 35)[0], box(5, 15, 30, 40)[0]]
    expected = overlay(image, masks, colors=[rgb_color(0), *third], selected=0)
    assert (scrubber.to_image()[:, 64:] == expected).all()
    scrubber.selected = 1  # has no partner
    expected = overlay(image, masks, colors=[rgb_color(0), *third], selected=-1)
    assert (scrubber.to_image()[:, 64:] == expected).all()


@pytest.mark.parametrize(("split", "at"), [(0.0, 0), (0.25, 16), (0.5, 32), (1.0, 64)])
def test_a_wipe_shows_one_left_and_the_other_right_of_a_white_line(tmp_path, split, at):
    scrubber = pairs(tmp_path)
    both = scrubber.to_image()
    scrubber.comparing, scrubber.split = "wipe", split
    drawn = scrubber.to_image()
    line = slice(at, at + 1)
    assert (drawn[:, :at] == both[:, :at]).all()
    assert (drawn[:, at + 1 :] == both[:, 64 + at + 1 :]).all()
    assert (drawn[:, line] == 255).all()


@pytest.mark.parametrize("way", ["off", "blink"])
def test_off_and_blink_show_the_first(tmp_path, way):
    scrubber = pairs(tmp_path)
    both = scrubber.to_image()
    scrubber.comparing = way
    assert (scrubber.to_image() == both[:, :64]).all()


def colors_of(scrubber: Scrubber) -> Callable[[int, int], tuple | None]:
    """Say which of the four colours a pixel of the first frame has, over the picture in grey."""
    drawn = scrubber.to_image()
    looks = {
        color: blended(grey(scrubber.segmentation.video[0]), color)
        for color in (AGREE, ONLY_A, ONLY_B, MIXED)
    }
    return lambda x, y: next((c for c, look in looks.items() if (look[y, x] == drawn[y, x]).all()), None)


def test_the_difference_says_of_each_pixel_whose_it_is(tmp_path):
    scrubber = pairs(tmp_path, "reference")
    assert scrubber.comparing == "difference"
    at = colors_of(scrubber)
    assert [at(6, 15), at(20, 15), at(30, 15)] == [ONLY_A, AGREE, ONLY_B]
    assert [at(45, 15), at(10, 35)] == [ONLY_A, ONLY_B]  # without a partner
    untouched = ~(box(5, 35) | box(40, 50) | box(5, 15, 30, 40))[0]
    assert (scrubber.to_image()[untouched] == grey(scrubber.segmentation.video[0])[untouched]).all()


def test_a_pixel_given_to_the_wrong_object_is_mixed(tmp_path):
    ours = filmed(tmp_path, box(5, 25), box(25, 45), names="xy")
    theirs = filmed(tmp_path, box(5, 15), box(15, 45), names="xy")
    scrubber = scrub(ours, reference=theirs)
    at = colors_of(scrubber)
    assert [at(10, 15), at(20, 15), at(40, 15)] == [AGREE, MIXED, AGREE]


def test_the_difference_of_a_selected_object_is_that_pairs_alone(tmp_path):
    scrubber = pairs(tmp_path, "reference")
    scrubber.selected = 0
    at = colors_of(scrubber)
    assert [at(6, 15), at(45, 15), at(10, 35)] == [ONLY_A, None, None]
    scrubber.visible = [1]
    assert (scrubber.to_image() == grey(scrubber.segmentation.video[0])).all()


def test_what_a_difference_says_is_the_same_over_things_of_every_colour():
    masks = box(5, 25)[:1], box(15, 35)[:1]
    luma = 100  # by ITU-R BT.601: .299 red, .587 green, .114 blue
    drawn = [
        difference(np.full((*SIZE, 3), color, np.uint8), *masks, opacity=0.5, mode="both")
        for color in ((luma, luma, luma), (0, 151, 100), (250, 0, 221))
    ]
    assert np.ptp(np.array(drawn, int), axis=0).max() <= 1
    assert [tuple(drawn[0][15, x]) for x in (6, 20, 30, 60)] == [
        *(tuple(np.rint((np.array(color) + luma) / 2).astype(int)) for color in (ONLY_A, AGREE, ONLY_B)),
        (luma, luma, luma),
    ]


def test_the_difference_without_the_picture_is_solid(tmp_path):
    scrubber = pairs(tmp_path, "reference")
    scrubber.mode, scrubber.opacity = "mask", 0.1
    drawn = scrubber.to_image()
    assert [tuple(drawn[15, x]) for x in (6, 20, 30, 60)] == [ONLY_A, AGREE, ONLY_B, GROUND]


@pytest.mark.parametrize("way", ["side", "wipe", "difference"])
def test_where_the_other_has_no_masks_nothing_is_made_up(tmp_path, way):
    ours = filmed(tmp_path, box(5, 25))
    theirs = filmed(tmp_path, box(5, 25), frame=[0, 4, 8])
    scrubber = scrub(ours, reference=theirs)
    scrubber.frame, scrubber.comparing = 2, "off"
    alone, image = scrubber.to_image(), ours.video[2]
    scrubber.comparing = way
    drawn = scrubber.to_image()
    if way == "side":
        assert (drawn == np.concatenate([alone, image], axis=1)).all()
    elif way == "wipe":
        assert (drawn[:, :32] == alone[:, :32]).all()
        assert (drawn[:, 33:] == image[:, 33:]).all()
    else:
        assert (drawn == alone).all()


def test_a_smaller_view_shows_the_picture_shrunk(tmp_path):
    seg = filmed(tmp_path, box(0, 0))
    drawn = scrub(seg, width=32).to_image(5)
    mean = seg.video[5].reshape(24, 2, 32, 2, 3).mean(axis=(1, 3))  # of two by two pixels
    assert drawn.shape == (24, 32, 3)
    assert np.abs(drawn - mean).mean() < 8


def test_without_a_video_masks_lie_on_plain_ground():
    scrubber = scrub(segmentation(rectangle()))
    drawn = scrubber.to_image(5)
    assert (drawn[~rectangle()[5]] == GROUND).all()


def test_a_comparison_starts_where_the_two_differ_most(tmp_path):
    moved = np.array([np.roll(box(20, 30)[0], (0, 1, 5, 2)[t], axis=1) for t in range(4)])
    still = box(20, 30)[:4]
    assert scrub(segmentation(still), compare=segmentation(moved)).frame == 2
    assert scrub(segmentation(still), reference=segmentation(moved)).frame == 0
