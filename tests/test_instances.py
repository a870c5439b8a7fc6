import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.measure import label

import sa2va_nb as sa
from sa2va_nb.analysis.instances.contact import divide, fit_shapes, showing
from sa2va_nb.analysis.instances.events import instance_events
from sa2va_nb.analysis.instances.split import split_instances
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation
from tests.scenes import disk, mask_stacks, rectangles, segmentation
from tests.shared import shared_data

SIZE = (120, 160)
Paths = list[list[tuple[int, int] | None]]


def moving_disks(radii: list[int], paths: Paths) -> NDArray[np.bool_]:
    """Draw each disk along its path of (x, y), None where it is away: (N, T, H, W)."""
    absent = np.zeros(SIZE, bool)
    return np.stack(
        [
            [absent if at is None else disk(radius, center=at, size=SIZE) for at in path]
            for radius, path in zip(radii, paths, strict=True)
        ]
    )


def one_object(stack: NDArray[np.bool_], phrase: str | None = "two children") -> Segmentation:
    return segmentation(stack, phrases=[phrase])


def apart(truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say in which frames no two of (N, T, H, W) touch: as many regions as there are disks."""
    return np.array(
        [
            label(frame.any(axis=0), connectivity=2).max() == frame.any(axis=(1, 2)).sum()
            for frame in truth.swapaxes(0, 1)
        ]
    )


def iou(masks: Masks, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the IoU in each frame, (T,); 1 where both are empty."""
    ours = np.asarray(masks)
    union = (ours | truth).sum(axis=(1, 2))
    return np.where(union, (ours & truth).sum(axis=(1, 2)) / np.maximum(union, 1), 1)


def bouncing(frames: int = 40) -> NDArray[np.bool_]:
    """Draw two disks that approach, touch for some frames, and part again."""
    away = [abs(t - frames // 2) for t in range(frames)]
    return moving_disks([18, 16], [[(60 - a, 60) for a in away], [(89 + a, 64) for a in away]])


def test_two_disks_keep_their_identities_through_a_short_contact():
    truth = bouncing()
    seg = split_instances(one_object(truth.any(axis=0)))
    clear = apart(truth)
    assert 2 <= np.count_nonzero(~clear) <= 10
    assert [item.phrase for item in seg] == ["two children #1", "two children #2"]
    for item, disk_ in zip(seg, truth, strict=True):
        agreement = iou(item.masks, disk_)
        assert agreement[clear].min() == 1
        assert agreement.min() >= 0.95


def test_two_disks_that_pass_each_other_are_told_apart_afterwards():
    frames = range(40)
    truth = moving_disks([14, 14], [[(40 + 2 * t, 60) for t in frames], [(120 - 2 * t, 64) for t in frames]])
    seg = split_instances(one_object(truth.any(axis=0)))
    clear = apart(truth)
    assert clear[0]
    assert clear[-1]
    assert not clear[20]
    for item, disk_ in zip(seg, truth, strict=True):
        assert iou(item.masks, disk_)[clear].min() == 1


def test_three_disks_that_cross_in_one_place_are_told_apart_afterwards():
    frames = range(40)
    truth = moving_disks(
        [12, 16, 9],
        [
            [(40 + 2 * t, 60) for t in frames],
            [(120 - 2 * t, 70) for t in frames],
            [(80, 20 + 2 * t) for t in frames],
        ],
    )
    seg = split_instances(one_object(truth.any(axis=0)))
    clear = apart(truth)
    order = [0, 2, 1]  # from left to right in the first frame
    assert clear[[0, -1]].all()
    assert len(seg) == 3
    for item, at in zip(seg, order, strict=True):
        assert iou(item.masks, truth[at])[clear].min() == 1


def test_an_instance_that_leaves_the_picture_and_comes_back_is_the_same():
    path: list[tuple[int, int] | None] = [
        (30 - 3 * t, 60) if t < 17 else (30 - 3 * (34 - t), 60) for t in range(35)
    ]
    truth = moving_disks([12, 14], [path, [(120, 70)] * 35])
    seg = split_instances(one_object(truth.any(axis=0)), min_share=0)
    assert 3 <= np.count_nonzero(~truth[0].any(axis=(1, 2))) <= 10
    assert [iou(item.masks, disk_).min() for item, disk_ in zip(seg, truth, strict=True)] == [1, 1]


def test_a_gap_longer_than_max_gap_ends_an_instance():
    path: list[tuple[int, int] | None] = [None if 10 <= t < 18 else (30 + t, 60) for t in range(30)]
    truth = moving_disks([12, 14], [path, [(120, 70)] * 30])
    seg = one_object(truth.any(axis=0))
    assert [len(split_instances(seg, max_gap=gap)) for gap in (7, 8)] == [3, 2]


def test_a_contact_at_the_clips_start_is_resolved_from_what_comes_later():
    truth = bouncing()[:, 20:]
    seg = split_instances(one_object(truth.any(axis=0)))
    assert not apart(truth)[0]
    for item, disk_ in zip(seg, truth, strict=True):
        assert iou(item.masks, disk_).min() >= 0.95


def test_a_fragment_stays_part_of_its_instance():
    body = [(20 + t, 20, 60 + t, 80) for t in range(30)]
    stack = rectangles(body, size=SIZE)
    stack[10:20, 48:51] = False  # a pole in front of it cuts it in two for ten of thirty frames
    stack[:, 20:60, 120:140] = True
    seg = split_instances(one_object(stack), min_frames=12)
    assert len(seg) == 2
    assert np.array_equal(np.asarray(seg[0].masks), stack & (np.arange(160) < 120))


def test_count_joins_what_is_left_over_and_keeps_what_was_asked_for():
    truth = bouncing()
    stack = truth.any(axis=0)
    found = {count: split_instances(one_object(stack), count=count) for count in (1, 2)}
    assert [len(seg) for seg in found.values()] == [1, 2]
    assert np.array_equal(np.asarray(found[1][0].masks), stack)


def test_specks_are_left_out_and_named_in_the_notes():
    stack = rectangles([(10, 10, 30, 30)] * 8, size=SIZE)
    stack[3, 100, 100:104] = True
    seg = split_instances(one_object(stack))
    assert len(seg) == 1
    assert np.asarray(seg[0].masks).sum() == 8 * 400
    assert seg.notes == (
        "'two children' was split into 1 instance; 0.0012 of its pixels were left out as specks or too short",
    )
    assert len(split_instances(one_object(stack), min_share=0, min_frames=1)) == 2


def test_a_single_instance_keeps_its_phrase_and_others_are_numbered_and_know_their_object():
    wall = rectangles([(0, 0, 20, 40)] * 6, size=SIZE)
    birds = rectangles([(30, 10, 40, 20)] * 6, size=SIZE) | rectangles([(60, 10, 70, 20)] * 6, size=SIZE)
    seg = split_instances(segmentation(wall, birds, birds, phrases=["a wall", "route 66", None]))
    assert [item.phrase for item in seg] == [
        "a wall",
        "route 66 #1",
        "route 66 #2",
        "object 2 #1",
        "object 2 #2",
    ]
    assert [(item.index, item.object, item.object_phrase, item.track_id) for item in seg] == [
        (0, 0, "a wall", 1),
        (1, 1, "route 66", 1),
        (2, 1, "route 66", 2),
        (3, 2, None, 1),
        (4, 2, None, 2),
    ]


def test_only_the_object_that_is_asked_for_is_split():
    seg = segmentation(*bouncing(), phrases=["a dog", "a cat"])
    assert [item.phrase for item in split_instances(seg, object="cat")] == ["a cat"]
    assert [item.object for item in split_instances(seg, object=1)] == [1]


def test_frames_times_answer_run_and_earlier_notes_are_kept():
    seg = segmentation(np.ones((3, 4, 5), bool), phrases=["all"], frame=[2, 5, 9])
    split = split_instances(seg)
    assert split.frame is seg.frame
    assert split.time_s is seg.time_s
    assert (split.video, split.answer, split.run) == (seg.video, seg.answer, seg.run)


def test_an_object_without_a_pixel_has_no_instances():
    seg = split_instances(one_object(np.zeros((4, 5, 6), bool)))
    assert len(seg) == 0
    assert instance_events(seg).empty
    assert len(split_instances(segmentation())) == 0


@pytest.mark.parametrize(
    "wrong", [{"min_share": 1}, {"min_share": -0.1}, {"min_frames": 0}, {"max_gap": -1}, {"count": 0}]
)
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        split_instances(one_object(np.ones((2, 3, 3), bool)), **wrong)


@given(mask_stacks(frames=(1, 6), side=(1, 14)), st.sampled_from([None, 1, 2]))
def test_instances_are_disjoint_and_together_the_objects_mask(stack, count):
    seg = split_instances(one_object(stack), min_share=0, min_frames=1, count=count)
    dense = np.array([np.asarray(item.masks) for item in seg]).reshape(-1, *stack.shape)
    assert dense.sum(axis=0).max(initial=0) <= 1
    assert np.array_equal(dense.any(axis=0), stack)


@given(
    st.lists(
        st.tuples(st.integers(3, 14), *[st.integers(0, 60)] * 2, *[st.integers(-4, 4)] * 2),
        min_size=2,
        max_size=4,
    )
)
@settings(deadline=None, max_examples=40)
def test_moving_disks_are_divided_without_remainder(disks):
    stack = np.zeros((15, 60, 60), bool)
    for radius, x, y, dx, dy in disks:
        for t, mask in enumerate(stack):
            mask |= disk(radius, center=(x + dx * t, y + dy * t), size=(60, 60))
    seg = split_instances(one_object(stack), min_share=0, min_frames=1)
    dense = np.array([np.asarray(item.masks) for item in seg]).reshape(-1, *stack.shape)
    assert dense.sum(axis=0).max(initial=0) <= 1
    assert np.array_equal(dense.any(axis=0), stack)


@given(mask_stacks(frames=(1, 6), side=(1, 14)), st.floats(0, 0.5))
def test_only_small_regions_are_left_out_as_specks(stack, min_share):
    seg = split_instances(one_object(stack), min_share=min_share, min_frames=1)
    kept = np.zeros_like(stack)
    for item in seg:
        kept |= np.asarray(item.masks)
    area = stack.sum(axis=(1, 2))
    limit = min_share * np.median(area[area > 0]) if area.any() else 0
    for mask, rest in zip(stack, kept, strict=True):
        regions = label(mask, connectivity=2)
        large = [n for n in range(1, regions.max() + 1) if np.sum(regions == n) >= limit]
        assert np.array_equal(rest, np.isin(regions, large))


def test_a_region_is_divided_without_remainder_by_shapes_that_fit_it():
    left, right = disk(14, center=(60, 60), size=SIZE), disk(14, center=(84, 60), size=SIZE)
    region, *shapes = Masks.from_array(np.stack([left | right, left, right])).rles
    displaced = [shapes[0].shift((3, -4)), shapes[1].shift((-2, 5))]
    offsets = fit_shapes(region, displaced)
    assert np.abs(np.array(offsets) - [(-3, 4), (2, -5)]).max() <= 1
    parts = divide(region, shapes)
    assert (parts[0] & parts[1]).area() == 0
    assert (parts[0] | parts[1]) == region
    assert abs(parts[0].area() - parts[1].area()) <= 29  # a column of the axis of symmetry


def test_a_shape_behind_another_is_hidden():
    big, small = disk(20, center=(60, 60), size=SIZE), disk(8, center=(64, 60), size=SIZE)
    region, *shapes = Masks.from_array(np.stack([big, small, big])).rles
    assert showing(region, shapes) == [1]


def test_births_deaths_gaps_merges_and_splits_are_listed():
    truth = bouncing()
    clear = apart(truth)
    third = rectangles(
        [(70, 5, 80, 15) if 6 <= t < 30 and t not in (12, 13) else None for t in range(40)], size=SIZE
    )
    events = instance_events(split_instances(one_object(truth.any(axis=0) | third)))
    first, last = np.flatnonzero(~clear)[[0, -1]]
    expected = pd.DataFrame(
        {
            "event": ["birth", "gap", "merge", "split", "death"],
            "frame": [6, 12, first, last + 1, 30],
            "object": [2, 2, 0, 0, 2],
            "other": [None, None, 1, 1, None],
            "frames": [None, 2, None, None, None],
        }
    ).astype({"event": "string", "other": "Int64", "frames": "Int64"})
    assert list(events.columns) == ["event", "frame", "time_s", "object", "phrase", "other", "frames"]
    pd.testing.assert_frame_equal(events[list(expected.columns)], expected)
    assert np.allclose(events["time_s"], events["frame"] / 25)
    assert events["phrase"].iloc[0] == "two children #3"


def test_an_instance_that_comes_out_of_another_names_it():
    stack = rectangles([(20, 20, 60, 60)] * 40, size=SIZE)
    stack[10:, 38:40] = False  # from frame 10 on there are two, one below the other
    stack[:10, 100:110, 100:130] = True
    stack[:10, 100:110, 114:116] = False  # two more at first, so that the clip is followed from its start
    events = instance_events(split_instances(one_object(stack)))
    births = events[events["event"] == "birth"]
    assert births[["frame", "other"]].to_numpy().tolist() == [[10, 0]]
    assert events[events["event"] == "death"]["frame"].tolist() == [10, 10]


def test_objects_that_are_no_instances_have_presence_only():
    stack = rectangles([None, (1, 1, 5, 5), (1, 1, 5, 5), None], size=SIZE)
    assert instance_events(segmentation(stack, stack))["event"].tolist() == [
        "birth",
        "birth",
        "death",
        "death",
    ]


def test_the_sample_clips_objects_are_found_again_in_their_union():
    _, truth = sa.sample_clip()
    stacks = [np.asarray(item.masks) for item in truth]
    seg = split_instances(one_object(np.any(stacks, axis=0)), count=len(stacks))
    agreement = [max(iou(item.masks, stack).mean() for item in seg) for stack in stacks]
    assert min(agreement) > 0.95


def test_the_sample_clips_ball_is_the_same_on_both_sides_of_the_bridge():
    _, truth = sa.sample_clip()
    events = instance_events(split_instances(truth, object="the red ball", min_share=0))
    assert events[["event", "frame", "frames"]].to_numpy().tolist() == [["gap", 87, 2]]


@pytest.mark.parametrize("clip", ["camel", "dog", "drift-straight", "car-shadow"])
def test_one_real_thing_stays_one(clip):
    seg = split_instances(sa.load_reference(shared_data(f"davis/{clip}/gt")))
    assert len(seg) == 1
    assert seg[0].phrase is None


def test_two_real_silhouettes_that_meet_and_part_keep_their_identities():
    def walking(name: str, x_of_frame: list[int]) -> NDArray[np.bool_]:
        masks = sa.load_reference(shared_data(f"davis/{name}/gt"))[0].masks
        moved = []
        for x, rle in zip(x_of_frame, masks.rles, strict=False):
            x0, y0, w, h = rle.bbox().astype(int)
            moved.append(rle.shift((masks.size[0] // 2 - int(y0 + h // 2), x - int(x0 + w // 2))))
        return np.asarray(Masks(moved, masks.size))

    away = [2 * abs(t - 30) for t in range(60)]
    truth = np.stack([walking("camel", [295 - a for a in away]), walking("dog", [559 + a for a in away])])
    seg = split_instances(one_object(truth.any(axis=0)))
    together = ~apart(truth)
    assert np.count_nonzero(truth.all(axis=0).any(axis=(1, 2))) > 5
    assert [iou(item.masks, thing).min() > 0.8 for item, thing in zip(seg, truth, strict=True)] == [
        True,
        True,
    ]
    assert together.any()
