import matplotlib.style
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from sa2va_nb.view.colors import GROUND, PALETTE, hex_color, rgb_color
from sa2va_nb.view.overlay import DIMMED, MODES, contour_px, overlay

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


@given(image=IMAGES, masks=MASKS, opacity=st.floats(0, 1))
def test_pixels_of_several_masks_take_their_mean_colour(image, masks, opacity):
    colors = np.array([RED, BLUE, GREEN], float)
    count = masks.sum(axis=0)[..., None]
    mean = np.einsum("khw,kc->hwc", masks, colors) / np.maximum(count, 1)
    expected = np.where(count > 0, image * (1 - opacity) + mean * opacity, image)
    drawn = overlay(image, masks, colors=[RED, BLUE, GREEN], opacity=opacity, mode="fill")
    assert np.abs(drawn - expected).max() <= 0.5 + 1e-9


@given(image=IMAGES, masks=MASKS, order=st.permutations(range(3)))
def test_filling_does_not_depend_on_the_order_of_the_masks(image, masks, order):
    colors = [RED, BLUE, GREEN]
    one = overlay(image, masks, colors=colors, mode="fill")
    other = overlay(image, masks[order], colors=[colors[k] for k in order], mode="fill")
    assert np.abs(one.astype(int) - other).max() <= 1  # a mean may round either way


@given(image=IMAGES, masks=MASKS)
def test_the_masks_alone_hide_the_picture(image, masks):
    drawn = overlay(image, masks, colors=[RED, BLUE, GREEN], mode="mask", opacity=0.1)
    assert (drawn[~masks.any(axis=0)] == GROUND).all()
    alone = masks[0] & ~masks[1] & ~masks[2]
    assert (drawn[alone] == RED).all()


def test_a_selected_object_stands_out_where_two_overlap():
    a, b = rectangle(5, 25, 5, 25), rectangle(15, 35, 15, 35)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], opacity=0.5, mode="fill", selected=1)
    assert (drawn[6, 6] == np.rint(100 * (1 - 0.5 * DIMMED) + np.array(RED) * 0.5 * DIMMED)).all()
    assert (drawn[30, 30] == np.rint(50 + np.array(BLUE) * 0.5)).all()
    mean = np.average([RED, BLUE], axis=0, weights=[DIMMED, 1])
    assert (drawn[20, 20] == np.rint(50 + mean * 0.5)).all()


def test_a_dimmed_contour_does_not_cross_the_selected_one():
    a, b = rectangle(5, 25, 5, 25), rectangle(5, 25, 5, 25)
    drawn = overlay(grey(), [a, b], colors=[RED, BLUE], mode="contour", selected=0)
    assert (drawn[5, 5:25] == RED).all()


@pytest.mark.parametrize("mode", MODES)
def test_the_picture_given_stays_as_it_is(mode):
    image = grey()
    overlay(image, [rectangle(5, 20, 10, 30)], colors=[RED], mode=mode)
    assert (image == 100).all()


@pytest.mark.parametrize("mode", ["both", "fill", "contour"])
def test_without_masks_the_picture_is_unchanged(mode):
    assert (overlay(grey(), [], colors=[], mode=mode) == 100).all()
    assert (overlay(grey(), [np.zeros((40, 60), bool)], colors=[RED], mode=mode) == 100).all()


def test_hundreds_of_sets_of_overlapping_objects_keep_their_own_colour():
    masks = np.array([(np.arange(1024) >> k) & 1 for k in range(10)], bool).reshape(10, 32, 32)
    colors = [rgb_color(k) for k in range(10)]
    drawn = overlay(grey(32, 32), masks, colors=colors, opacity=1.0, mode="fill")
    expected = np.einsum("khw,kc->hwc", masks, colors) / np.maximum(1, masks.sum(axis=0))[..., None]
    expected[0, 0] = 100
    assert np.abs(drawn - expected).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": grey().astype(float)}, r"image must be \(H, W, 3\) uint8"),
        ({"masks": [np.zeros((4, 4), bool)]}, r"masks must be \(40, 60\) bool like the image, got \(4, 4\)"),
        ({"colors": []}, "colors must be one for each of 1 masks, got 0"),
        ({"mode": "sketch"}, "mode must be one of both, fill, contour, mask, got 'sketch'"),
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
