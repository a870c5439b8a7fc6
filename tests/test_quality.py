from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from sa2va_nb.analysis.quality.quality import PARTS, quality
from sa2va_nb.analysis.quality.reduced import reduce_pictures
from sa2va_nb.analysis.quality.suspects import suspects
from sa2va_nb.sample import sample_clip
from tests.scenes import disk, mask_stacks, rectangles, segmentation

FIXED = {"object": "int64", "frame": "int64", "time_s": "float64", "score": "float64"}
SIZE = (60, 80)


class Pictures:
    """A video in memory: what the toolkit needs of one."""

    def __init__(self, images, fps=25.0):
        self.images, self.fps = images, fps
        self.shape = images.shape
        self.time_s = np.arange(len(images)) / fps
        self.duration_s = len(images) / fps

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index]

    def __iter__(self):
        return iter(self.images)


def moving_disk(frames=16):
    """A red disk on a grey, grainy ground, its masks exact."""
    return np.stack([disk(12, center=(18 + 3 * t, 30), size=SIZE) for t in range(frames)])


def filmed(stack, *, step=1, **options):
    """Film the masks, each of which stands for ``step`` frames of the video."""
    rng = np.random.default_rng(0)
    images = np.where(stack[..., None], np.array([200, 40, 40]), np.array([110, 120, 115]))
    images = np.clip(images + rng.integers(-8, 9, images.shape), 0, 255).astype(np.uint8)
    return replace(segmentation(stack, **options), video=Pictures(np.repeat(images, step, axis=0)))


@pytest.fixture(scope="module")
def pond(tmp_path_factory):
    return sample_clip(tmp_path_factory.mktemp("pond"))[1]


@pytest.fixture(scope="module")
def pond_table(pond):
    return quality(pond)


def test_every_object_has_a_row_in_every_frame(pond, pond_table):
    assert len(pond_table) == len(pond) * len(pond.frame)
    assert pond_table["object"].tolist() == np.repeat(range(5), 120).tolist()
    assert pond_table["frame"].tolist() == [*range(120)] * 5
    assert pond_table["phrase"].unique().tolist() == [item.phrase for item in pond]
    assert pond_table["time_s"].tolist() == np.tile(pond.time_s, 5).tolist()


def test_the_score_and_every_part_are_in_range(pond_table):
    assert pond_table["score"].between(0, 1).all()
    assert all(pond_table[name].dropna().between(0, 1).all() for name in PARTS)


def test_exact_masks_score_high_and_raise_no_flag(pond_table):
    assert (pond_table["flags"] == "").mean() > 0.98
    assert pond_table["score"].median() > 0.75


def test_where_the_object_is_absent_only_the_score_is_known(pond_table):
    absent = pond_table[pond_table["largest_frac"].isna()]
    assert len(absent) > 5
    assert absent[list(PARTS)].isna().all(axis=None)
    assert absent["score"].min() > 0.5  # it went under the bridge, or over the edge


def test_zero_objects_are_an_empty_table_of_the_same_columns():
    empty = quality(replace(segmentation(frame=range(4)), video=None))
    one = quality(segmentation(moving_disk()))
    assert empty.dtypes.to_dict() == one.dtypes.to_dict()
    assert len(empty) == 0
    assert {name: str(empty.dtypes[name]) for name in FIXED} == FIXED


def test_a_missing_phrase_stays_none():
    assert quality(segmentation(moving_disk()))["phrase"].tolist() == [None] * 16


def test_without_a_video_the_parts_that_need_pixels_are_unknown():
    table = quality(segmentation(moving_disk()))
    assert (
        table[["picture_iou", "fit", "color_match", "edge_contrast", "color_contrast"]].isna().all(axis=None)
    )
    assert not table[["shape_iou", "largest_frac", "smoothness", "score"]].isna().any(axis=None)


def test_one_frame_and_two_frames_work():
    for frames in (1, 2):
        table = quality(filmed(moving_disk(frames)))
        assert table["score"].between(0.5, 1).all()
        assert table["shape_iou"].isna().all() == (frames == 1)


def test_all_masks_empty_is_never_visible():
    table = quality(filmed(np.zeros((4, *SIZE), bool)))
    assert table["score"].tolist() == [0] * 4
    assert table["flags"].tolist() == ["never visible"] * 4


def test_a_mask_of_the_whole_image_has_parts():
    table = quality(filmed(np.ones((6, *SIZE), bool)))
    assert table["score"].between(0, 1).all()
    assert table["border_frac"].tolist() == [1] * 6


def test_moving_everything_by_whole_cells_changes_no_part():
    stack = moving_disk(8)  # so few that no ring reaches the image's edge
    moved = np.roll(stack, (5, 4), axis=(1, 2))
    a, b = filmed(stack), filmed(moved)
    images = np.roll(a.video.images, (5, 4), axis=(1, 2))
    parts = [quality(seg)[["score", *PARTS]] for seg in (a, replace(b, video=Pictures(images)))]
    pd.testing.assert_frame_equal(*parts, rtol=1e-4)


def test_the_order_of_objects_does_not_matter(pond, pond_table):
    turned = replace(pond, objects=tuple(replace(item, index=i) for i, item in enumerate(pond.objects[::-1])))
    columns = ["score", *PARTS, "flags"]
    again = pd.concat([rows for _, rows in quality(turned).groupby("object")][::-1], ignore_index=True)
    pd.testing.assert_frame_equal(again[columns], pond_table[columns])


def test_the_video_is_read_at_the_frames_of_the_masks():
    every = filmed(moving_disk())
    some = replace(segmentation(moving_disk()[::3], frame=range(0, 16, 3)), video=every.video)
    bins = reduce_pictures(every, SIZE).bins
    assert np.array_equal(reduce_pictures(some, SIZE).bins, bins[::3])


def test_a_mask_of_the_wrong_thing_for_a_while_scores_low():
    stack = moving_disk()
    wrong = stack.copy()
    wrong[8:11] = rectangles([(2, 2, 20, 12)], size=SIZE)[0]
    seg = filmed(stack)
    before = quality(seg)["score"]
    after = quality(replace(seg, objects=segmentation(wrong).objects))["score"]
    assert (after[8:11] < 0.5 * before[8:11]).all()
    assert after.idxmin() in range(8, 11)


def test_overlapping_objects_know_their_overlap():
    one = rectangles([(10, 10, 30, 30)] * 3, size=SIZE)
    other = rectangles([(20, 10, 60, 30)] * 3, size=SIZE)
    table = quality(segmentation(one, other))
    assert table["overlap_frac"].tolist() == pytest.approx([0.5] * 3 + [0.25] * 3)


def test_flow_is_a_column_if_asked_for_and_high_for_exact_masks():
    seg = filmed(moving_disk(5))
    table = quality(seg, flow=True)
    assert list(table.columns)[-2:] == ["flow_iou", "flags"]
    assert table["flow_iou"].min() > 0.75
    assert quality(segmentation(moving_disk(3)), flow=True)["flow_iou"].isna().all()


@settings(max_examples=40, deadline=None)
@given(mask_stacks(frames=(1, 9), side=(1, 14)))
def test_any_masks_give_scores_in_range_and_text(stack):
    for seg in (segmentation(stack, stack[::-1]), filmed(stack)):
        table = quality(seg)
        assert table["score"].between(0, 1).all()
        assert all(table[name].dropna().between(0, 1).all() for name in PARTS)
        assert all(isinstance(text, str) for text in table["flags"])


def lone_pixel(frames=9):
    stack = np.zeros((frames, *SIZE), bool)
    stack[:, 30, 40] = True
    return stack


def coming_and_going():
    stack = moving_disk(24)
    stack[6:10] = stack[15:16] = False
    return stack


HARD = {
    "one frame": (moving_disk(1), {}),
    "two frames": (moving_disk(2), {}),
    "three frames": (moving_disk(3), {}),
    "nothing": (np.zeros((7, *SIZE), bool), {}),
    "nothing, in one frame": (np.zeros((1, *SIZE), bool), {}),
    "one frame of many": (moving_disk() & (np.arange(16) == 8)[:, None, None], {}),
    "everything": (np.ones((7, *SIZE), bool), {}),
    "everything but a pixel": (~lone_pixel(7), {}),
    "a pixel": (lone_pixel(), {}),
    "a pixel, once": (lone_pixel() & (np.arange(9) == 4)[:, None, None], {}),
    "a column": (rectangles([(7, 0, 8, 60)] * 6, size=SIZE), {}),
    "a line": (rectangles([(7 + t, 0, 28 + t, 1) for t in range(6)], size=(1, 60)), {}),
    "static": (rectangles([(20, 20, 50, 40)] * 20, size=SIZE), {}),
    "coming and going": (coming_and_going(), {}),
    "every tenth frame": (moving_disk(12), {"frame": range(0, 120, 10)}),
    "uneven times": (moving_disk(9), {"time_s": np.cumsum([0, 0.04, 0.3, 0.01, 2, 0.04, 0.04, 0.001, 5])}),
    "unknown times": (moving_disk(9), {"time_s": [np.nan] * 9}),
    "noise": (np.random.default_rng(0).random((6, *SIZE)) < 0.3, {}),
    "a chessboard": (np.indices((5, *SIZE)).sum(axis=0) % 2 == 0, {}),
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("see", [True, False])
def test_hard_cases_have_a_score_and_words_without_a_warning(name, see):
    stack, options = HARD[name]
    step = 10 if "frame" in options else 1
    seg = filmed(stack, step=step, **options) if see else segmentation(stack, **options)
    table = quality(seg, flow=see)
    assert len(table) == len(stack)
    assert table["score"].between(0, 1).all()
    visible = stack.any(axis=(1, 2))
    assert (
        table.loc[visible, ["largest_frac", "smoothness", "border_frac", "holes_frac"]].notna().all(axis=None)
    )
    assert (table.loc[visible, "fit"].notna() == see).all()
    assert all(isinstance(text, str) for text in table["flags"])
    suspects(table)


def test_what_stands_still_or_is_seen_seldom_is_not_blamed_for_it():
    for name in ("everything", "static", "a pixel", "every tenth frame", "uneven times", "unknown times"):
        stack, options = HARD[name]
        assert set(quality(segmentation(stack, **options))["flags"]) == {""}, name
