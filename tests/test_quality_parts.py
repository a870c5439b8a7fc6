import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rlemasklib import RLEMask

from sa2va_nb.analysis.quality.appearance import color_match, colors_of, likelihood
from sa2va_nb.analysis.quality.consensus import picture_iou, shape_iou, shifted
from sa2va_nb.analysis.quality.mask_shape import (
    area_steady,
    border_frac,
    holes,
    holes_frac,
    largest_frac,
    overlap_frac,
    smoothness,
)
from sa2va_nb.analysis.quality.reduced import N_BINS, grid_size, reduce_masks
from sa2va_nb.analysis.quality.score import absence, runs, score
from sa2va_nb.masks import Masks
from tests.scenes import disk, mask_stacks, masks_2d, rectangles


def masks(*boxes, size=(60, 80)):
    return Masks.from_array(rectangles(boxes, size=size))


def test_a_shape_that_only_moves_keeps_all_of_its_shape_iou():
    assert shape_iou(masks((0, 0, 20, 10), (7, 3, 27, 13), (30, 20, 50, 30))) == pytest.approx([1, 1, 1])


def test_shape_iou_of_concentric_boxes_is_the_ratio_of_their_areas():
    assert shape_iou(masks((20, 20, 40, 40), (25, 25, 35, 35))) == pytest.approx([100 / 400] * 2)


def test_shape_iou_averages_the_neighbours_one_two_and_five_frames_away():
    half = (20, 20, 40, 30)
    whole = (20, 20, 40, 40)
    # Against the half box the whole has IoU 1/2 (centroids laid on each other: the half lies inside).
    value = shape_iou(masks(whole, half, half, whole, whole, half))
    assert value[0] == pytest.approx(0.5)  # frames 1, 2 and 5 are halves
    assert value[3] == pytest.approx((0.5 + 0.5 + 1 + 0.5) / 4)  # 2, 1, 4, 5


def test_an_absent_object_has_no_parts_and_is_nobodys_neighbour():
    item = masks((5, 5, 25, 25), None, (9, 9, 29, 29))
    for values in (
        shape_iou(item),
        largest_frac(item),
        smoothness(item),
        border_frac(item),
        holes_frac(item),
    ):
        assert np.isnan(values[1])
        assert not np.isnan(values[[0, 2]]).any()
    assert np.isnan(area_steady(item)).all()


def test_one_frame_has_no_neighbours_but_a_shape():
    item = masks((5, 5, 25, 25))
    assert np.isnan(shape_iou(item)).all()
    assert np.isnan(area_steady(item)).all()
    assert largest_frac(item) == pytest.approx([1])


def test_the_largest_regions_share():
    stack = rectangles([(5, 5, 25, 25)], size=(60, 80))
    stack[0, 40:50, 40:50] = True
    assert largest_frac(Masks.from_array(stack)) == pytest.approx([400 / 500])


def test_area_steady_is_the_smaller_area_over_the_larger():
    assert area_steady(masks((0, 0, 10, 10), (0, 0, 10, 20), (0, 0, 10, 10))) == pytest.approx(
        [0.5, 0.5, 0.5]
    )
    assert area_steady(masks((0, 0, 10, 10), (0, 0, 10, 20), (0, 0, 10, 20))) == pytest.approx([0.5, 0.75, 1])


def test_a_straight_edge_is_smooth_and_a_comb_is_not():
    comb = np.zeros((1, 240, 320), bool)
    comb[0, 100:200:4, 100:200] = comb[0, 101:200:4, 100:200] = True
    half_plane = rectangles([(0, 0, 160, 240)], size=(240, 320))
    assert smoothness(Masks.from_array(half_plane)) == pytest.approx([1])
    assert smoothness(Masks.from_array(disk(80, center=(160, 120), size=(240, 320))[None]))[0] > 0.97
    assert smoothness(Masks.from_array(comb))[0] < 0.6


def test_the_borders_share_of_an_outline():
    # A 10 x 10 box has 36 pixels on its outline, 10 of them in the first column.
    assert border_frac(masks((0, 20, 10, 30), (20, 20, 30, 30))) == pytest.approx([10 / 36, 0])
    assert border_frac(masks((0, 0, 80, 60))) == pytest.approx([1])


def test_holes_are_what_the_mask_encloses():
    stack = rectangles([(10, 10, 30, 30)], size=(60, 80))
    stack[0, 15:20, 15:20] = False
    stack[0, 12:14, 28:30] = False  # a notch, open to the outside
    assert holes_frac(Masks.from_array(stack)) == pytest.approx([25 / (400 - 4)])


def test_a_bay_closed_by_the_images_edge_is_no_hole():
    stack = rectangles([(0, 0, 30, 30)], size=(60, 80))
    stack[0, 10:20, 0:10] = False
    assert holes_frac(Masks.from_array(stack)) == pytest.approx([0])


@given(masks_2d(side=(1, 12)))
def test_holes_are_those_of_scipy(mask):
    from scipy.ndimage import binary_fill_holes

    found = holes(RLEMask.from_array(mask)).to_array().astype(bool)
    assert np.array_equal(found, binary_fill_holes(mask) & ~mask)


def test_overlap_is_the_share_of_the_own_mask():
    one, other = masks((0, 0, 10, 10)), masks((5, 0, 25, 10))
    assert overlap_frac(one, [other]) == pytest.approx([0.5])
    assert overlap_frac(other, [one]) == pytest.approx([0.25])
    assert overlap_frac(one, []) == pytest.approx([0])


@given(mask_stacks(frames=(1, 7)))
def test_every_part_is_in_its_range(stack):
    item = Masks.from_array(stack)
    for values in (
        shape_iou(item), largest_frac(item), smoothness(item), area_steady(item), border_frac(item),
        holes_frac(item), overlap_frac(item, [item]),
    ):  # fmt: skip
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 1)).all()
        assert np.isnan(values[item.area_px == 0]).all()


def test_the_grid_has_whole_pixels_a_cell():
    assert grid_size(540, 960) == (135, 240)
    assert grid_size(1080, 1920) == (135, 240)
    assert grid_size(480, 854) == (120, 214)
    assert grid_size(30, 40) == (30, 40)
    assert grid_size(0, 0) == (1, 1)


def test_a_cell_holds_the_share_of_its_pixels():
    stack = np.zeros((2, 480, 960), bool)
    stack[0, :6, :4] = True  # cells of 4 x 4 px: one full, one half
    covered = reduce_masks(Masks.from_array(stack), grid_size(480, 960))
    assert covered[0, :3, 0].tolist() == [255, 128, 0]
    assert covered.astype(bool).sum() == 2


def test_equal_colours_match_and_others_do_not():
    one, other = np.zeros(N_BINS), np.zeros(N_BINS)
    one[:2], other[2] = 0.5, 1
    assert color_match(one, one) == 1
    assert color_match(one, other) == 0
    assert color_match(one, np.zeros(N_BINS)) == 0
    mixed = np.zeros(N_BINS)
    mixed[1:3] = 0.5
    assert color_match(one, mixed) == pytest.approx(0.5)


def two_colors(frames=8):
    """A box of one colour on ground of another: (T, h, w) cover and bins."""
    covered = np.zeros((frames, 40, 50), np.uint8)
    covered[:, 10:30, 15:35] = 255
    bins = np.where(covered > 0, 100, 3000).astype(np.uint16)
    return covered, bins


def test_a_colour_that_is_in_the_masks_alone_speaks_for_the_object():
    covered, bins = two_colors()
    for chance in likelihood(colors_of(covered, bins)):
        assert chance[100] > 0.99
        assert chance[3000] < 0.01


def test_a_mask_that_is_wrong_once_does_not_teach_its_colours():
    covered, bins = two_colors()
    covered[6] = 0
    covered[6, :8, :8] = 255
    assert likelihood(colors_of(covered, bins))[6][3000] < 0.2


def test_the_picture_contradicts_a_mask_that_the_neighbours_do_not_share():
    covered, bins = two_colors()
    right = picture_iou(covered, bins, likelihood(colors_of(covered, bins)))
    assert right.min() > 0.95
    covered[4, 10:30, 25:35] = 0
    halved = picture_iou(covered, bins, likelihood(colors_of(covered, bins)))
    assert halved[4] < 0.7
    assert halved[[0, 7]].min() > 0.9  # not a neighbour of frame 4


def test_moving_an_image_off_its_edge_leaves_nothing():
    image = np.full((4, 5), 7, np.uint8)
    assert shifted(image, 1, -2)[1:, :3].min() == 7
    assert shifted(image, 1, -2).sum() == 7 * 9
    assert not shifted(image, 4, 0).any()
    assert not shifted(image, 0, -9).any()


def test_runs_are_half_open():
    assert runs(np.array([1, 1, 0, 1], bool)) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, bool)) == []
    assert runs(np.zeros(0, bool)) == []


def test_a_sudden_hole_is_implausible_and_an_exit_plausible():
    inside = np.zeros(8, bool)
    assert absence(np.array([90, 90, 90, 0, 0, 90, 90, 90]), inside)[3:5].tolist() == [0, 0]
    assert absence(np.array([90, 90, 90, 9, 0, 9, 90, 90]), inside)[4] == pytest.approx(0.9)
    assert absence(np.array([90, 90, 90, 90, 0, 0, 0, 0]), inside)[4:].tolist() == [0] * 4
    assert absence(np.array([0, 0, 0, 0, 90, 90, 90, 90]), inside)[:4].tolist() == [0.5] * 4
    at_edge = np.array([0, 0, 0, 1, 0, 0, 0, 0], bool)
    assert absence(np.array([90, 90, 90, 90, 0, 0, 0, 0]), at_edge)[4:].tolist() == [0] * 4
    assert absence(np.array([90, 90, 90, 30, 0, 0, 0, 0]), at_edge)[4:].tolist() == [1] * 4
    assert absence(np.array([90, 90, 90, 60, 0, 0, 0, 0]), at_edge)[4:] == pytest.approx([2 / 3] * 4)


def test_an_object_that_is_never_visible_scores_nothing():
    assert absence(np.zeros(3, np.int64), np.zeros(3, bool)).tolist() == [0, 0, 0]


@given(st.lists(st.floats(0, 1) | st.just(np.nan), min_size=15, max_size=15))
def test_the_score_is_in_range_and_no_part_alone_takes_it_to_nothing(values):
    names = ("picture_iou", "fit", "color_match", "largest_frac", "smoothness")
    parts = dict(zip(names, np.reshape(values, (5, 3)), strict=True)) | {"shape_iou": np.ones(3)}
    found = score(parts, np.full(3, 9), np.zeros(3, bool))
    assert ((found > 0) & (found <= 1)).all()


def test_the_score_is_the_geometric_mean_of_its_parts():
    parts = {
        "picture_iou": np.array([0.5]), "fit": np.array([0.5]), "color_match": np.array([1.0]),
        "largest_frac": np.array([1.0]), "smoothness": np.array([0.25]), "shape_iou": np.array([0.9]),
    }  # fmt: skip
    assert score(parts, np.array([9]), np.zeros(1, bool)) == pytest.approx([(0.5**4) ** (1 / 5)])
    parts["fit"] = np.array([np.nan])  # no picture
    assert score(parts, np.array([9]), np.zeros(1, bool)) == pytest.approx([(0.9 * 0.25) ** (1 / 3)])
