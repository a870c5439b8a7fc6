from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sa2va_nb.analysis.quality.evidence import Evidence, Seen, spread, usual
from sa2va_nb.analysis.quality.flags_edge import REACH, Lines, _by_color, _by_gradient
from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.analysis.quality.steps import Step, steps
from sa2va_nb.masks import Masks
from sa2va_nb.sample import sample_clip
from sa2va_nb.segmentation import SegmentedObject
from tests.quality.clips import union_clip
from tests.quality.defects import DEFECTS
from tests.quality.rates import flag_rates, try_defects
from tests.scenes import disk, rectangles, segmentation
from tests.shared import shared_data

SIZE = (120, 200)


def disks(centers, radius=20):
    return np.stack([disk(radius, center=center, size=SIZE) for center in centers])


def rolling(frames=24):
    """A disk that moves 4 px a frame."""
    return disks([(40 + 4 * t, 60) for t in range(frames)])


def flags(*stacks, **options):
    table = quality(segmentation(*stacks, **options))
    return table.loc[table["object"] == 0, "flags"].tolist()


def test_steady_masks_raise_nothing():
    assert set(flags(rolling())) == {""}


def test_a_jump_says_how_far_and_lasts_until_it_is_taken_back():
    stack = rolling()
    stack[10:13] = disks([(80 + 4 * t, 90) for t in range(3)])
    assert flags(stack)[9:14] == ["", *["jumps 30 px"] * 3, ""]


def test_a_jump_that_is_not_taken_back_is_one_frame():
    stack = disks([(40 + 2 * t + (60 if t >= 9 else 0), 60) for t in range(24)])
    marked = [t for t, text in enumerate(flags(stack)) if text]
    assert marked == [9]
    assert flags(stack)[9] == "jumps 62 px"


def test_sizes_say_how_much_and_in_which_direction():
    stack = rolling()
    stack[8:11] = disks([(72 + 4 * t, 60) for t in range(3)], radius=26)
    stack[15:18] = disks([(100 + 4 * t, 60) for t in range(3)], radius=15)
    found = flags(stack)
    assert found[7:12] == ["", *["grows by 69 %"] * 3, ""]
    assert found[14:19] == ["", *["shrinks by 44 %"] * 3, ""]


def test_a_lasting_change_of_size_is_marked_where_it_begins():
    stack = disks([(60, 60)] * 12)
    stack[6:] = disk(30, center=(60, 60), size=SIZE)
    marked = {t: text for t, text in enumerate(flags(stack)) if text}
    assert marked == {6: "area jumps by 124 %"}


def test_a_half_is_cut_and_a_rim_is_not():
    stack = rolling()
    stack[8:11, 60:] = False
    stack[15:18] = disks([(100 + 4 * t, 60) for t in range(3)], radius=14)
    found = flags(stack)
    assert all("cut in half" in text for text in found[8:11])
    assert not any("cut in half" in text for text in found[15:18])


@pytest.mark.parametrize("cut", [np.s_[:60], np.s_[60:], np.s_[:, :76], np.s_[:, 76:]])
def test_every_half_is_a_half(cut):
    stack = rolling()
    stack[(slice(8, 11), *np.index_exp[cut])] = False
    assert sum("cut in half" in text for text in flags(stack)[8:11]) >= 1


def test_absences_say_how_long():
    stack = rolling()
    stack[5:8] = False
    stack[14] = False
    found = flags(stack)
    assert found[5:8] == ["missing for 3 frames"] * 3
    assert found[14] == "missing for 1 frame"


def test_leaving_over_the_edge_is_no_absence_to_mark():
    stack = disks([(120 + 8 * t, 60) for t in range(20)])
    assert not stack[-1].any()
    assert set(flags(stack)) == {""}


def test_a_frozen_mask_of_what_moves_says_how_long():
    stack = rolling()
    stack[10:19] = stack[9]
    assert flags(stack)[10:19] == ["frozen for 9 frames"] * 9


def test_what_never_moves_is_not_frozen():
    assert set(flags(disks([(60, 60)] * 20))) == {""}


def test_holes_and_specks_and_pieces_are_counted():
    stack = rolling()
    stack[6, 55:65, 60:68] = False
    for k in range(6):
        stack[12, 5:8, 10 * k + 5 : 10 * k + 8] = True
    stack[18, :, 108:113] = False
    stack[18] &= stack[18]
    stack[18, 10:26, 20:36] = True
    found = flags(stack)
    assert found[6] == "holes (6 %)"
    assert found[12] == "6 specks"
    assert "splits into 3 pieces" in found[18]


def test_three_crumbs_are_specks_where_they_lie_astray_and_not_beside_the_mask():
    astray, beside = rolling(), rolling()
    for k in range(3):
        astray[12, 110:113, 20 * k + 5 : 20 * k + 8] = True
        beside[12, 83:85, 80 + 6 * k : 82 + 6 * k] = True
    assert flags(astray)[11:14] == ["", "3 specks", ""]
    assert set(flags(beside)) == {""}


def test_a_hole_that_the_neighbours_have_is_none_of_the_masks():
    ring = rolling() & ~disks([(40 + 4 * t, 60) for t in range(24)], radius=8)
    ring[12] = rolling()[12]  # for once it is filled
    assert not any("holes" in text for text in flags(ring))


def test_a_change_of_size_is_taken_back_though_the_object_changes_meanwhile():
    radius = [20] * 8 + [28, 27, 26, 25, 24] + [14] * 11
    stack = np.stack([disk(r, center=(60 + t, 60), size=SIZE) for t, r in enumerate(radius)])
    assert flags(stack)[7:14] == ["", *["grows by 95 %"] * 5, ""]


def test_where_nothing_is_shown_nothing_jumps():
    stack = rolling()
    stack[10:14] = disks([(80 + 4 * t, 90) for t in range(4)])
    stack[11] = False
    assert flags(stack)[9:15] == ["", "jumps 30 px", "missing for 1 frame", "jumps 30 px", "jumps 30 px", ""]


def test_what_is_sudden_in_a_film_may_be_none_where_masks_are_seconds_apart():
    stack = rolling()
    stack[10] = disks([(80, 72)])[0]
    assert flags(stack)[10] == "jumps 13 px"
    assert set(flags(stack, time_s=np.arange(24) * 2.0)) == {""}
    assert flags(stack, time_s=np.full(24, np.nan))[10] == "jumps 13 px"
    some_unknown = np.where(np.arange(24) == 3, np.nan, np.arange(24) * 2.0)
    assert set(flags(stack, time_s=some_unknown)) == {""}


def test_what_first_appears_late_and_at_once_is_not_said_to_be_missing():
    stack = rolling()
    stack[:9] = False
    assert set(flags(stack)) == {""}


def lines(chance, across):
    """Make what is seen along 20 lines from inside to outside, with as many cells each."""
    return Lines(np.full(2 * REACH, 100.0), np.asarray(chance, np.float64), np.asarray(across, np.float64))


@pytest.mark.parametrize("cells", range(-6, 7))
def test_an_edge_of_colors_is_found_at_its_distance(cells):
    chance = np.where(np.arange(2 * REACH) < REACH + cells, 0.9, 0.2)
    assert _by_color(lines(chance, np.zeros(2 * REACH))) == cells
    assert _by_color(lines(0.2 + (chance - 0.2) / 4, np.zeros(2 * REACH))) == 0  # too faint


@pytest.mark.parametrize("cells", [-6.5, -3.5, 3.5, 6.5])
def test_an_edge_of_brightness_is_found_where_the_contour_has_none(cells):
    across = np.zeros(2 * REACH)
    across[int(REACH + cells - 0.5)] = 0.2
    assert _by_gradient(lines(np.zeros(2 * REACH), across)) == cells
    across[REACH] = 0.18
    assert _by_gradient(lines(np.zeros(2 * REACH), across)) == 0


def test_gradients_of_noise_lie_across_no_line():
    stack = disks([(100, 60)] * 12, radius=40)
    seg = replace(segmentation(stack), video=Noise(len(stack)))
    nothing = np.zeros(stack.shape, np.uint8)
    seen = Seen(nothing, nothing, np.zeros(12), np.stack([image[..., 0] for image in seg.video]))
    across = Lines.of(Evidence(seg[0].masks, {}), seen).across
    assert np.isnan(across[:2]).sum() < 2
    assert np.abs(across[~np.isnan(across)]).max() < 0.05


def test_a_contour_off_the_edge_is_seen_in_brightness_where_colors_tell_nothing():
    stack = disks([(80 + 2 * t, 60) for t in range(20)], radius=36)
    video = Noise(20, stack)
    for radius, word in ((36, ""), (28, "in"), (44, "out")):
        seg = segmentation(disks([(80 + 2 * t, 60) for t in range(20)], radius=radius))
        found = set(quality(replace(seg, video=video))["flags"])
        assert found == {""} if not word else all(f"too far {word}" in text for text in found), found


class Noise:
    """A film of grey noise, in which an object is a little brighter than what it moves over."""

    def __init__(self, frames, stack=None):
        rng = np.random.default_rng(0)
        grain = gaussian_filter(rng.normal(0, 1, (frames, *SIZE)), (0, 2, 2))
        grey = 120 + 18 * grain / grain.std() + (0 if stack is None else 16 * stack)
        self.images = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)
        self.shape, self.fps, self.time_s = self.images.shape, 25.0, np.arange(frames) / 25

    def __len__(self):
        return len(self.images)

    def __iter__(self):
        return iter(self.images)


def test_a_ragged_contour_of_the_same_size_is_seen():
    stack = disks([(60 + 2 * t, 60) for t in range(24)], radius=40)
    y, x = np.ogrid[: SIZE[0], : SIZE[1]]
    teeth = 40 + 6 * np.sign(np.sin(30 * np.arctan2(y - 60, x - 80)))
    stack[10] = np.hypot(y - 60, x - 80) <= teeth
    assert flags(stack)[9:12] == ["", "ragged contour", ""]


def test_two_objects_that_exchange_their_masks_name_each_other():
    one, other = rolling(), disks([(40 + 4 * t, 20) for t in range(24)], radius=15)
    one[10:15], other[10:15] = other[10:15].copy(), one[10:15].copy()
    table = quality(segmentation(one, other))
    for index in (0, 1):
        found = table.loc[table["object"] == index, "flags"].tolist()
        assert all(f"swaps with object {1 - index}" in text for text in found[10:15])
        assert not any("swaps" in text for text in found[:10] + found[15:])


def test_objects_that_pass_each_other_do_not_swap():
    one, other = disks([(30 + 6 * t, 50) for t in range(24)]), disks([(170 - 6 * t, 70) for t in range(24)])
    table = quality(segmentation(one, other))
    assert not table["flags"].str.contains("swaps").any()


def test_a_mostly_grey_mask_is_said_to_be():
    stack = rolling(6)
    masks = Masks(Masks.from_array(stack).rles, SIZE, grey_frac=[0, 0, 0.8, 0, 0, 0])
    seg = replace(segmentation(stack), objects=(SegmentedObject(0, None, masks),))
    table = quality(seg)
    assert table["flags"].tolist() == ["", "", "mostly grey in the mask video", "", "", ""]
    assert table["grey_frac"].tolist() == [0, 0, 0.8, 0, 0, 0]


def test_the_usual_is_the_median_around_of_what_is_known():
    values = np.array([1.0, 9, 2, 3, 100])
    known = np.array([1, 0, 1, 1, 1], bool)
    found = usual(values, known, window=1)
    assert found[[0, 2, 3, 4]].tolist() == [1.5, 2, 3, 51.5]
    assert np.isnan(found[1])


def test_the_spread_of_normal_values_is_their_standard_deviation():
    values = np.random.default_rng(0).normal(0, 3, 20_000)
    assert spread(values) == pytest.approx(3, rel=0.03)
    assert spread(np.array([np.nan])) == 0


def test_steps_pair_with_what_takes_them_back():
    value = np.zeros(40)
    value[10:14] = 5
    value[25:] = 5
    change = np.diff(value, prepend=np.nan)[:, None]
    assert steps(change, least=1, outlying=5) == [Step(10, 14, True), Step(25, 26, False)]


def test_evidence_of_an_empty_clip_is_empty():
    empty = Evidence(Masks.from_array(np.zeros((0, 4, 5), bool)), {})
    assert len(empty) == 0
    assert len(quality(segmentation(np.zeros((0, 4, 5), bool)))) == 0


@pytest.fixture(scope="module")
def pond(tmp_path_factory):
    return sample_clip(tmp_path_factory.mktemp("pond"))[1]


def excerpt(seg, start, stop, objects):
    """Give some frames of some objects."""
    items = [seg[k] for k in objects]
    return replace(
        seg,
        objects=tuple(
            SegmentedObject(i, item.phrase, item.masks[start:stop]) for i, item in enumerate(items)
        ),
        frame=seg.frame[start:stop],
        time_s=seg.time_s[start:stop],
    )


def test_each_defect_of_rendered_masks_raises_its_own_flag(pond):
    tried = try_defects([("pond", excerpt(pond, 0, 70, (0, 3, 4)))], cases=1, seed=1)
    assert set(tried["defect"]) == set(DEFECTS)
    missed = tried.loc[~tried["raised"], ["defect", "case", "flags"]]
    assert len(missed) == 0, missed


def test_contours_that_are_off_in_every_frame_are_found_by_the_picture(pond):
    ball = excerpt(pond, 0, 60, (0,))
    assert set(quality(ball)["flags"]) == {""}
    masks = ball[0].masks
    for kernel, word in (("erode", "in"), ("dilate", "out")):
        rles = [getattr(rle, kernel)(kernel_shape="circle", kernel_size=13) for rle in masks.rles]
        off = replace(ball, objects=(replace(ball[0], masks=Masks(rles, masks.size)),))
        found = set(quality(off)["flags"])
        assert len(found) == 1
        assert found.pop() in {f"contour about {px} px too far {word}" for px in (3, 5, 6, 8)}
        assert set(quality(replace(off, video=None))["flags"]) == {""}


def test_defects_of_real_masks_are_found_and_right_ones_left_alone():
    clip = [("camel", union_clip(shared_data("davis/camel"), "gt"))]
    assert flag_rates(clip).loc["all", ["share", "share_blind"]].max() < 0.02
    tried = try_defects(clip, cases=1, seed=1)
    assert tried["raised"].mean() >= 0.95
    assert (tried["score_after"] < tried["score_before"]).mean() >= 0.8


def test_a_ghost_outlives_its_object_only_where_the_picture_says_so(pond):
    masks = np.asarray(pond[0].masks)  # the ball, which goes under the bridge
    gone = np.flatnonzero(~masks.any(axis=(1, 2)))
    last = masks[gone[0] - 8]
    masks[gone[0] - 7 : gone[-1] + 1] = last
    seg = replace(pond, objects=(replace(pond.objects[0], masks=Masks.from_array(masks)),))
    seen = quality(seg)["flags"]
    assert "outlives its object" in seen[gone[-1]]
    assert not quality(replace(seg, video=None))["flags"].str.contains("outlives").any()


def test_rectangles_that_grow_steadily_raise_nothing():
    growing = rectangles([(90 - 2 * t, 50 - t, 110 + 2 * t, 70 + t) for t in range(24)], size=SIZE)
    assert set(flags(growing)) == {""}
