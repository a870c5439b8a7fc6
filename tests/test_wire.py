import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PilImage

from sa2va_nb.analysis.instances.split import split_instances
from sa2va_nb.analysis.measure import measure
from sa2va_nb.answer import parse_answer
from sa2va_nb.opening.loading import load_masks
from sa2va_nb.view.painting.frames import display_size, masks_at
from sa2va_nb.view.painting.scene import make_scene
from sa2va_nb.view.widget import wire
from sa2va_nb.view.widget.scrubber import scrub
from tests.clips import rectangle
from tests.scenes import mask_stacks, segmentation
from tests.widgets import filmed, two_objects, unpack


def test_packets_hold_the_masks_exactly_and_the_frames_within_jpeg_error(tmp_path):
    seg = filmed(tmp_path)
    first, images, masks = unpack(wire.packet(make_scene(seg), range(3, 8)), (48, 64))
    assert first == 3
    assert (masks == np.stack([np.asarray(item.masks)[3:8] for item in seg], axis=1)).all()
    for frame, image in enumerate(images, start=3):
        shown = np.asarray(PilImage.open(io.BytesIO(image)), int)
        errors = [np.abs(shown - original).mean() for original in seg.video]
        assert np.argmin(errors) == frame
        assert errors[frame] < 10  # of 255, in patches of random colours


@settings(max_examples=50, deadline=None)
@given(stack=mask_stacks(side=(1, 9)))
def test_runs_hold_any_mask(stack):
    packet = wire.packet(make_scene(segmentation(stack)), range(len(stack)))
    _, images, masks = unpack(packet, stack.shape[1:])
    assert (masks[:, 0] == stack).all()
    assert images == [b""] * len(stack)


@settings(max_examples=100, deadline=None)
@given(stack=mask_stacks(frames=(1, 1), side=(1, 40)), size=st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_masks_of_another_size_than_the_view_are_sampled_at_pixel_centres(stack, size):
    (height, width), (h, w) = stack.shape[1:], size
    rows = [(2 * y + 1) * height // (2 * h) for y in range(h)]
    columns = [(2 * x + 1) * width // (2 * w) for x in range(w)]
    assert (masks_at(segmentation(stack), 0, size)[0] == stack[0][rows][:, columns]).all()


def test_a_view_is_never_larger_than_its_source():
    seg = segmentation(np.zeros((1, 90, 160), bool))
    assert display_size(seg, 32) == (18, 32)
    assert display_size(seg, 640) == (90, 160)


def test_windows_cover_every_frame_once():
    scene = make_scene(two_objects(frames=wire.WINDOW * 2 + 3))
    covered = [p for index in range(wire.n_windows(scene)) for p in wire.window(scene, index)]
    assert covered == [*range(scene.length)]


def test_a_packet_holds_both_sides_and_empty_masks_where_the_other_has_none():
    ours = two_objects(frames=4)
    theirs = segmentation(rectangle(frames=2), frame=[1, 3])
    scene = make_scene(ours, reference=theirs)
    _, _, masks = unpack(wire.packet(scene, range(4)), (48, 64))
    assert masks.shape[1] == 3
    assert (masks[:, :2] == np.stack([np.asarray(item.masks) for item in ours], axis=1)).all()
    assert (masks[[1, 3], 2] == np.asarray(theirs[0].masks)).all()
    assert not masks[[0, 2], 2].any()


def test_the_clip_of_one_segmentation_compares_nothing():
    clip = scrub(two_objects())._clip
    assert clip["version"] == 2
    assert (clip["kind"], clip["sides"], clip["covered"], clip["comparisons"]) == (
        "none",
        None,
        None,
        ["off"],
    )
    assert (clip["shown"], clip["columns"]) == (0, ["area_px", "area_frac"])
    assert clip["source"] == [48, 64]
    assert clip["trail"] == 25  # a second
    assert clip["objects"] == [
        {"name": "a dog", "side": "a", "partner": None, "color": "#3f90da", "dashed": False},
        {"name": "object 1", "side": "a", "partner": None, "color": "#ffa90e", "dashed": False},
    ]
    json.dumps(clip, allow_nan=False)


def test_the_clip_of_two_says_what_belongs_together():
    ours = segmentation(rectangle(frames=6), phrases=["a cat"])
    theirs = segmentation(
        rectangle(frames=4, start=(30, 0)),
        rectangle(frames=4),
        phrases=["a hat", "a cat"],
        frame=[0, 1, 4, 5],
    )
    clip = scrub(ours, compare=theirs)._clip
    assert (clip["kind"], clip["sides"]) == ("compare", {"a": "A", "b": "B"})
    assert clip["comparisons"] == ["off", "side", "wipe", "blink", "difference"]
    assert clip["covered"] == [[0, 1], [4, 5]]
    assert [clip["columns"][clip["shown"]], clip["columns"][:2]] == ["iou", ["area_px", "area_frac"]]
    assert [(o["name"], o["side"], o["partner"], o["color"]) for o in clip["objects"]] == [
        ("a cat", "a", 2, "#3f90da"),
        ("a hat", "b", None, "#ffa90e"),
        ("a cat", "b", 0, "#3f90da"),
    ]
    assert any("of these 6 frames" in note for note in clip["notes"])
    reference = scrub(ours, reference=theirs)._clip
    assert (reference["sides"], reference["columns"][reference["shown"]]) == (
        {"a": "masks", "b": "truth"},
        "J",
    )


def test_colours_that_come_round_are_dashed_with_their_partners():
    thing = rectangle(frames=2)
    places = [np.roll(thing, 3 * k, axis=2) for k in range(11)]
    names = [f"thing {k}" for k in range(11)]
    clip = scrub(
        segmentation(*places, phrases=names), compare=segmentation(*places[::-1], phrases=names[::-1])
    )._clip
    dashed = [o["name"] for o in clip["objects"] if o["dashed"]]
    assert dashed == ["thing 10", "thing 10"]


def test_the_answer_keeps_its_spaces_and_only_known_objects():
    answer = parse_answer("<p> A dog </p> [SEG] , and <p> a cat </p> [SEG] .")
    parts = wire.answer_parts(replace(segmentation(rectangle()), answer=answer))
    assert [(p["text"], p["object"], p["space"]) for p in parts] == [
        ("A dog", 0, False),
        (", and", None, False),
        ("a cat", None, True),
        (".", None, False),
    ]


def test_an_answer_leads_to_an_instance_where_its_object_has_just_one():
    two = rectangle() | np.roll(rectangle(), 24, axis=1)
    answer = "<p> two kids </p> [SEG] on <p> a bed </p> [SEG] ."
    parts = wire.answer_parts(split_instances(load_masks([two, rectangle()], answer=answer)))
    assert {part["text"]: part["object"] for part in parts} == {
        "two kids": None,
        "on": None,
        "a bed": 2,
        ".": None,
    }


def test_masks_without_times_play_at_a_made_up_rate():
    scrubber = scrub(load_masks(rectangle()))
    clip = scrubber._clip
    assert not clip["timed"]
    assert clip["time_s"] == [pytest.approx(0.1 * t) for t in range(12)]
    scrubber.frame = 7
    assert scrubber.time_s == clip["time_s"][7]


def test_what_judges_the_masks_is_shown_first():
    seg = two_objects()
    table = measure(seg).assign(score=0.5)
    clip = scrub(seg, table=table)._clip
    assert clip["columns"][clip["shown"]] == "score"
    clip = scrub(seg, table=table.drop(columns="score"))._clip
    assert clip["columns"][clip["shown"]] == "area_px"
