import matplotlib.style
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from sa2va_nb.view.painting.colors import GROUND, PALETTE, hex_color, rgb_color
from sa2va_nb.view.painting.overlay import DIMMED, MODES, contour_px, overlay
from tests.scenes import disk

RED, BLUE, GREEN = (200, 10, 20), (20, 40, 240), (0, 255, 0)
MASKS = arrays(np.bool_, (3, 7, 9))
IMAGES = arrays(np.uint8, (7, 9, 3))


def grey(height: int = 40, width: int = 60, value: int = 100) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def rectangle(y0: int, y1: int, x0: int, x1: int, *, height: int = 40, width: int = 60) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def test_a_filled_mask_is_mixed_with_the_picture_by_opacity():
    mask = rectangle(5, 20, 10, 30)
    drawn = overlay(grey(), [mask], colors=[RED], opacity=0.25, mode="fill")
    assert (drawn[mask] == np.rint(0.75 * 100 + 0.25 * np.array(RED))).all()
    assert (drawn[~mask] == 100).all()


def test_the_contour_of_a_rectangle_is_a_ring_inside_it():
    mask = rectangle(100, 140, 200, 260, height=360, width=640)
    drawn = overlay(grey(360, 640), [mask], colors=[RED], mode="contour")
    ring = mask & ~rectangle(102, 138, 202, 258, height=360, width=640)
    assert ((drawn == RED).all(axis=2) == ring).all()
    assert (drawn[~ring] == 100).all()


def test_contours_grow_with_the_picture():
    assert [contour_px(width) for width in (20, 320, 640, 1920)] == [1, 1, 2, 6]


@given(mask=arrays(np.bool_, (9, 8)))
def test_the_contour_is_what_erosion_by_a_cross_takes_away(mask):
    drawn = overlay(grey(9, 8), [mask], colors=[RED], mode="contour")
    inside = ndimage.binary_erosion(mask, ndimage.generate_binary_structure(2, 1), border_value=0)
    assert ((drawn == RED).all(axis=2) == (mask & ~inside)).all()


def blended(image: np.ndarray, paint: np.ndarray, strength: np.ndarray | float) -> np.ndarray:
    return np.rint(image * (1 - strength) + np.asarray(paint, float) * strength)


@given(image=IMAGES, masks=MASKS, opacity=st.floats(0.01, 1))
def test_masks_that_share_a_pixel_take_turns_in_stripes(image, masks, opacity):
    colors = [RED, BLUE, GREEN]
    drawn = overlay(image, masks, colors=colors, opacity=opacity, mode="fill")
    for y, x in np.ndindex(7, 9):
        members = np.flatnonzero(masks[:, y, x])
        expected = image[y, x]
        if len(members):
            color = colors[members[((x + y) // 4) % len(members)]]
            expected = blended(image[y, x], color, opacity)
        assert (drawn[y, x] == expected).all()


@given(image=IMAGES, masks=MASKS)
def test_the_masks_alone_hide_the_picture(image, masks):
    drawn = overlay(image, masks, colors=[RED, BLUE, GREEN], mode="mask", opacity=0.1)
    assert (drawn[~masks.any(axis=0)] == GROUND).all()
    alone = masks[0] & ~masks[1] & ~masks[2]
    assert (drawn[alone] == RED).all()


def test_a_selected_object_alone_is_seen_where_two_overlap():
    a, b = rectangle(5, 25, 5, 25), rectangle(15, 35, 15, 35)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], opacity=0.5, mode="fill", selected=1)
    assert (drawn[a & ~b] == blended(grey()[0, 0], RED, 0.5 * DIMMED)).all()
    assert (drawn[b] == blended(grey()[0, 0], BLUE, 0.5)).all()


def test_a_dimmed_contour_does_not_cross_the_selected_one():
    a, b = rectangle(5, 25, 5, 25), rectangle(5, 25, 5, 25)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], mode="contour", selected=0)
    assert (drawn[5, 5:25] == RED).all()


@pytest.mark.parametrize(("mode", "veil"), [("spotlight", 0.7), ("cutout", 1.0)])
def test_a_veil_leaves_the_objects_as_they_are(mode, veil):
    a, b = rectangle(5, 25, 5, 25), rectangle(15, 35, 15, 35)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], mode=mode)
    assert (drawn[a | b] == 100).all()
    assert (drawn[~(a | b)] == blended(grey()[0, 0], GROUND, veil)).all()


@pytest.mark.parametrize(("mode", "veil"), [("spotlight", 0.7), ("cutout", 1.0)])
def test_a_veil_falls_on_what_is_not_selected(mode, veil):
    a, b = rectangle(5, 25, 5, 25), rectangle(15, 35, 15, 35)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], mode=mode, selected=0)
    assert (drawn[a] == 100).all()
    assert (drawn[b & ~a] == blended(grey()[0, 0], GROUND, veil * (1 - DIMMED))).all()


def test_beyond_ten_objects_contours_are_dashed():
    mask = rectangle(5, 25, 5, 35)
    whole, dashed = (
        (overlay(grey(), [mask], colors=[RED], mode="contour", dashed=[flag]) == RED).all(axis=2)
        for flag in (False, True)
    )
    y, x = np.mgrid[:40, :60]
    assert (dashed == (whole & ((x + y) // 4 % 2 == 0))).all()
    empty = np.zeros((40, 60), bool)
    many = overlay(grey(), [empty] * 10 + [mask], colors=[RED] * 11, mode="contour")
    assert ((many == RED).all(axis=2) == dashed).all()


def test_a_box_is_the_rim_of_the_smallest_box_around_a_mask():
    mask = disk(30, center=(300, 100), size=(360, 640))
    drawn = overlay(grey(360, 640), [mask], colors=[RED], opacity=0, mode="fill", boxes=True)
    rim = rectangle(70, 131, 270, 331, height=360, width=640)
    rim &= ~rectangle(72, 129, 272, 329, height=360, width=640)
    assert ((drawn == RED).all(axis=2) == rim).all()


def test_boxes_lie_over_contours_and_trails_over_boxes():
    mask, way = rectangle(10, 20, 10, 30), np.array([[20.0, 20.0], [5.0, 35.0]])
    colors = [RED]
    contour = overlay(grey(), [mask], colors=colors, mode="contour")
    with_box = overlay(grey(), [mask], colors=colors, mode="contour", boxes=True)
    assert (contour == with_box).all()  # a rectangle is its box
    two = overlay(
        grey(), [mask, mask], colors=[RED, BLUE], mode="contour", boxes=True, trails=[way, way[:, :0]]
    )
    assert (two[10, 12] == BLUE).all()
    assert (two[10, 20] == RED).all()


def test_a_trail_is_drawn_with_a_square_pen_from_point_to_point():
    way = np.array([[10.4, 14.6, np.nan, 30.0], [8.0, 8.0, np.nan, 20.0]], np.float32)
    nothing = np.zeros((40, 640), bool)
    drawn = overlay(grey(40, 640), [nothing], colors=[RED], mode="fill", trails=[way])
    line = rectangle(7, 10, 9, 17, width=640)
    expected = line | rectangle(19, 22, 29, 32, width=640)  # contours of two pixels, a pen of three
    assert ((drawn == RED).all(axis=2) == expected).all()


def test_an_object_that_was_never_seen_has_no_trail():
    way = np.full((2, 5), np.nan)
    drawn = overlay(grey(), [np.zeros((40, 60), bool)], colors=[RED], boxes=True, trails=[way])
    assert (drawn == 100).all()


@given(ends=arrays(np.float32, (2, 2), elements=st.floats(-20, 80, width=32)))
def test_a_trail_has_no_holes(ends):
    drawn = overlay(grey(64, 64), [np.zeros((64, 64), bool)], colors=[RED], mode="fill", trails=[ends])
    pen = (drawn == RED).all(axis=2)
    assert ndimage.label(pen, np.ones((3, 3)))[1] <= 1


def test_lines_show_on_a_veil_but_not_on_what_is_stronger():
    a, b = rectangle(5, 25, 5, 25), rectangle(15, 35, 15, 35)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], mode="cutout", selected=0, boxes=True)
    assert (drawn[34, 15:35] == blended(grey()[0, 0], BLUE, DIMMED)).all()
    assert (drawn[24, 5:25] == RED).all()


@pytest.mark.parametrize("mode", MODES)
def test_the_picture_given_stays_as_it_is(mode):
    image = grey()
    overlay(image, [rectangle(5, 20, 10, 30)], colors=[RED], mode=mode)
    assert (image == 100).all()


@pytest.mark.parametrize("mode", ["both", "fill", "contour"])
def test_without_masks_the_picture_is_unchanged(mode):
    assert (overlay(grey(), [], colors=[], mode=mode) == 100).all()
    assert (overlay(grey(), [np.zeros((40, 60), bool)], colors=[RED], mode=mode) == 100).all()


def test_hundreds_of_sets_of_overlapping_objects_keep_their_own_colours():
    masks = np.array([(np.arange(1024) >> k) & 1 for k in range(10)], bool).reshape(10, 32, 32)
    colors = [rgb_color(k) for k in range(10)]
    drawn = overlay(grey(32, 32), masks, colors=colors, opacity=1.0, mode="fill")
    for y, x in np.ndindex(32, 32):
        members = np.flatnonzero(masks[:, y, x])
        expected = colors[members[(x + y) // 4 % len(members)]] if len(members) else (100, 100, 100)
        assert tuple(drawn[y, x]) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": grey().astype(float)}, r"image must be \(H, W, 3\) uint8"),
        ({"masks": [np.zeros((4, 4), bool)]}, r"masks must be \(40, 60\) bool like the image, got \(4, 4\)"),
        ({"colors": []}, "colors must be one for each of 1 masks, got 0"),
        (
            {"mode": "sketch"},
            "mode must be one of both, fill, contour, mask, spotlight, cutout, got 'sketch'",
        ),
        ({"opacity": 50}, r"opacity must be 0 \(clear\) to 1 \(solid\), got 50"),
    ],
)
def test_what_does_not_fit_is_said(change, message):
    arguments = {"image": grey(), "masks": [rectangle(1, 2, 1, 2)], "colors": [RED], "mode": "fill"} | change
    image, masks = arguments.pop("image"), arguments.pop("masks")
    with pytest.raises(ValueError, match=message):
        overlay(image, masks, **arguments)


def test_colours_are_petroff10_and_come_round():
    cycle = matplotlib.style.library["petroff10"]["axes.prop_cycle"]
    assert tuple(cycle.by_key()["color"]) == PALETTE
    assert rgb_color(0) == (0x3F, 0x90, 0xDA)
    assert hex_color(10) == hex_color(0)


def test_three_hundred_objects_on_the_same_pixels_are_painted():
    masks = np.random.default_rng(0).random((300, 8, 9)) < 0.4
    colors = [rgb_color(k) for k in range(len(masks))]
    drawn = overlay(grey(8, 9), masks, colors=colors, opacity=1.0, mode="fill")
    assert {tuple(each) for each in drawn.reshape(-1, 3).tolist()} <= {rgb_color(k) for k in range(10)}
