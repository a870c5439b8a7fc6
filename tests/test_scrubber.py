import base64
import gc
import io
import json
import weakref
from dataclasses import replace

import numpy as np
import pytest
import traitlets
from ipywidgets.widgets import widget as registry
from PIL import Image as PilImage

from sa2va_nb.answer import parse_answer
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.inline import mimebundle
from sa2va_nb.view.widget import wire
from sa2va_nb.view.widget.assets import module_text, page_script
from sa2va_nb.view.widget.poster import poster_png
from sa2va_nb.view.widget.scrubber import scrub
from tests.clips import rectangle
from tests.scenes import segmentation
from tests.widgets import (
    HOSTILE,
    ask,
    change,
    connect,
    filmed,
    numbers_of,
    two_objects,
    unpack,
    wait_until_still,
)

SIZE = (48, 64)


# ---------------------------------------------------------------- traits


def test_it_starts_at_the_first_frame_with_every_object_shown():
    scrubber = scrub(two_objects())
    assert (scrubber.frame, scrubber.time_s, scrubber.playing, scrubber.range) == (0, 0.0, False, ())
    assert (scrubber.selected, scrubber.visible, scrubber.colors) == (None, (0, 1), ("#3f90da", "#ffa90e"))
    assert (scrubber.opacity, scrubber.mode, scrubber.comparing) == (0.5, "both", "off")
    assert (scrubber.boxes, scrubber.trails, scrubber.split) == (False, False, 0.5)


@pytest.mark.parametrize(
    ("asked", "shown"), [(10, 10), (14, 10), (15, 10), (16, 20), (99, 20), (-5, 0), (0, 0)]
)
def test_frame_becomes_the_nearest_source_frame_with_masks(asked, shown):
    scrubber = scrub(segmentation(rectangle(frames=3), frame=[0, 10, 20]))
    scrubber.frame = asked
    assert scrubber.frame == shown


def test_numbers_may_be_huge_or_of_numpy():
    scrubber = scrub(two_objects())
    for frame, shown in ((10**30, 11), (-(10**30), 0), (np.int64(3), 3)):
        scrubber.frame = frame
        assert scrubber.frame == shown
        assert scrubber.to_image(frame).shape == (*SIZE, 3)
    scrubber.range, scrubber.visible = (np.int64(2), 10**30), (np.int64(1),)
    scrubber.time_s = np.float32(0.2)
    assert (scrubber.range, scrubber.visible, scrubber.frame) == ((2, 11), (1,), 5)
    json.dumps([scrubber.frame, scrubber.range, scrubber.visible, scrubber.time_s])


@pytest.mark.parametrize("frame", [1.5, "first", True, float("nan")])
def test_a_picture_is_asked_for_by_a_whole_number(frame):
    with pytest.raises(TypeError, match="frame must be a whole number, the index of a source frame"):
        scrub(two_objects()).to_image(frame)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seg": None}, "seg must be a Segmentation, got NoneType"),
        ({"compare": "b"}, "compare must be a Segmentation, got str"),
        ({"table": 5}, "table must be a DataFrame such as .* got int"),
        ({"table": {"object": [0]}}, "table must be a DataFrame such as .* got dict"),
    ],
)
def test_things_of_another_type_are_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        scrub(**({"seg": two_objects()} | arguments))


def test_traits_can_be_observed_and_linked():
    one, other, seen = scrub(two_objects()), scrub(two_objects()), []
    one.observe(lambda change: seen.append(change.new), "frame")
    traitlets.link((one, "frame"), (other, "frame"))
    one.frame = 4
    other.frame = 7
    assert (seen, one.frame) == ([4, 7], 7)


def test_time_follows_frame_and_frame_follows_time():
    scrubber = scrub(segmentation(rectangle(frames=3), frame=[0, 10, 20]))  # 25 frames a second
    scrubber.frame = 10
    assert scrubber.time_s == 0.4
    scrubber.time_s = 0.7
    assert (scrubber.frame, scrubber.time_s) == (20, 0.7)  # the nearest, and not snapped
    scrubber.time_s = 0.6
    assert scrubber.frame == 10  # the earlier of two
    scrubber.frame = 20
    assert scrubber.time_s == 0.8


def test_frame_and_time_reach_the_view_in_one_message():
    scrubber = scrub(two_objects())
    comm = connect(scrubber)
    scrubber.frame = 5
    scrubber.time_s = 0.09
    assert comm.updates == [{"frame": 5, "time_s": 0.2}, {"frame": 2, "time_s": 0.09}]


def test_what_a_view_says_is_not_said_back_to_it():
    scrubber = scrub(two_objects())
    comm = connect(scrubber)
    change(scrubber, frame=5, time_s=0.2)
    assert (scrubber.frame, scrubber.time_s) == (5, 0.2)
    change(scrubber, time_s=0.27, frame=7)  # as a linked view does
    assert (scrubber.frame, scrubber.time_s) == (7, 0.27)
    assert comm.updates == []


def test_visible_is_kept_in_order_and_once():
    scrubber = scrub(two_objects())
    scrubber.visible = [1, 0, 1]
    assert scrubber.visible == (0, 1)
    scrubber.visible = []
    assert scrubber.visible == ()


def test_a_range_takes_the_nearest_frames_with_masks():
    scrubber = scrub(segmentation(rectangle(frames=4), frame=[0, 10, 20, 30]))
    scrubber.range = (7, 21)
    assert scrubber.range == (10, 20)
    scrubber.range = ()
    assert scrubber.range == ()


def test_colours_are_kept_in_small_letters():
    scrubber = scrub(two_objects())
    scrubber.colors = ["#FF0000", "#00ff0A"]
    assert scrubber.colors == ("#ff0000", "#00ff0a")


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("frame", "first", "int"),
        ("time_s", 10**400, "time_s must be a number that a float can hold"),
        ("opacity", 10**400, "opacity must be a number that a float can hold"),
        ("selected", 10**30, "selected takes objects' indices"),
        ("time_s", float("nan"), "time_s must be a number of seconds, got nan"),
        ("selected", 2, "selected takes objects' indices, 0 to 1; got 2"),
        ("selected", -1, "selected takes objects' indices, 0 to 1; got -1"),
        ("visible", [0, 5], "visible takes objects' indices, 0 to 1; got 5"),
        ("visible", [True, False], "visible takes objects' indices, 0 to 1; got True"),
        ("opacity", 1.5, r"opacity must be 0 \(clear\) to 1 \(solid\), got 1.5"),
        ("opacity", float("nan"), "opacity must be 0"),
        ("split", -0.1, r"split must be 0 \(left\) to 1 \(right\), got -0.1"),
        ("mode", "sketch", "mode must be one of both, fill, contour, mask, spotlight, cutout, got 'sketch'"),
        ("comparing", "side", "as there is nothing to compare with, got 'side'"),
        ("range", [3], r"range must be \(first, last\) source frames, or \(\) for all, got \(3,\)"),
        ("range", [5, 3], "range must be"),
        ("range", [10**30, 0], "range must be"),
        ("range", [0.5, 3], "range must be"),
        ("colors", ["#ff0000"], "colors must be one for each of the 2 objects, got 1"),
        ("colors", ["red", "#ff0000"], "colors must be written #rrggbb, such as #3f90da, got 'red'"),
        ("colors", ["#ff0000;}", "#ff0000"], "colors must be written #rrggbb"),
    ],
)
def test_values_that_make_no_sense_are_refused(trait, value, message):
    scrubber = scrub(two_objects())
    before = getattr(scrubber, trait)
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(scrubber, trait, value)
    assert getattr(scrubber, trait) == before


def test_a_way_of_comparing_must_be_known():
    scrubber = scrub(two_objects(), reference=two_objects())
    with pytest.raises(traitlets.TraitError, match="one of off, side, wipe, blink, difference, got 'stack'"):
        scrubber.comparing = "stack"


def test_no_object_is_a_valid_thing_to_look_at(tmp_path):
    seg = filmed(tmp_path)
    scrubber = scrub(Segmentation((), seg.frame, seg.time_s, seg.video))
    assert (scrubber.visible, scrubber.colors) == ((), ())
    assert scrubber.to_image().shape == (*SIZE, 3)
    with pytest.raises(traitlets.TraitError, match="none, as there are no objects"):
        scrubber.selected = 0
    [(_, [buffer])] = ask(scrubber, {"type": "numbers"})
    assert numbers_of(buffer, scrubber._clip)["@x"].shape == (0, 12)


def test_one_frame_is_enough():
    scrubber = scrub(segmentation(rectangle(frames=1)))
    scrubber.frame, scrubber.time_s = 5, 3.0
    assert (scrubber.frame, scrubber.time_s) == (0, 3.0)
    assert len(ask(scrubber, {"type": "frames", "windows": [0]})) == 1


def test_no_frame_is_nothing_to_look_at():
    with pytest.raises(ValueError, match="needs at least one frame"):
        scrub(segmentation(frame=[]))


@pytest.mark.parametrize("width", [0, -3, 2.5, True])
def test_a_width_is_a_number_of_pixels(width):
    with pytest.raises(ValueError, match="width must be a positive number of pixels"):
        scrub(two_objects(), width=width)


# ---------------------------------------------------------------- what a view asks for


def test_windows_are_answered_in_the_order_asked_for(tmp_path):
    seg = two_objects(frames=3 * wire.WINDOW)
    answers = ask(scrub(seg), {"type": "frames", "windows": [1, 2, 0, 1]})
    assert [content for content, _ in answers] == [{"type": "frames", "window": w} for w in (1, 2, 0)]
    assert [unpack(packet, SIZE)[0] for _, [packet] in answers] == [16, 32, 0]


def test_numbers_come_when_asked_for():
    scrubber = scrub(two_objects())
    [(content, [buffer])] = ask(scrubber, {"type": "numbers"})
    assert content == {"type": "numbers"}
    assert (numbers_of(buffer, scrubber._clip)["area_px"] == 12 * 16).all()


@pytest.mark.parametrize(
    "content",
    [
        "frames",
        {"type": "other"},
        {"type": "frames"},
        {"type": "frames", "windows": 3},
        {"type": "frames", "windows": [9, -1, "0", None, 0.0, True]},
    ],
)
def test_other_messages_are_left_alone(content):
    assert ask(scrub(two_objects()), content) == []


def test_a_video_that_can_not_be_read_is_reported_to_the_view(tmp_path):
    seg = filmed(tmp_path)
    scrubber = scrub(seg)
    (tmp_path / "clip.mp4").unlink()
    seg.video.close()
    [(content, buffers)] = ask(scrubber, {"type": "frames", "windows": [0]})
    assert (content["type"], content["window"]) == ("failed", 0)
    assert "clip.mp4" in content["reason"]
    assert not buffers


# ---------------------------------------------------------------- its life


def test_a_closed_scrubber_leaves_nothing_behind():
    seg = two_objects()
    leader = scrub(seg)
    widgets = len(registry._instances)
    scrubbers = [scrub(seg, clock=leader) for _ in range(5)]
    for scrubber in scrubbers:
        ask(scrubber, {"type": "frames", "windows": [0]})
        scrubber.close()
    wait_until_still()
    gone = [weakref.ref(scrubber) for scrubber in scrubbers]
    del scrubbers, scrubber
    gc.collect()
    assert [ref() for ref in gone] == [None] * 5
    assert len(registry._instances) == widgets


def test_a_closed_scrubber_answers_no_more():
    scrubber = scrub(two_objects())
    scrubber.close()
    scrubber.close()
    made = []
    scrubber.send = lambda *message, **_: made.append(message)
    scrubber._stream.want([0])
    scrubber._stream.wait(10)
    assert made == []


def test_the_saved_state_holds_one_frame_at_most(tmp_path):
    state = scrub(filmed(tmp_path)).get_state()
    assert len(unpack(state["_first"], SIZE)[1]) == 1
    assert state["_packets"] == b""
    script = sum(len(state[name]) for name in ("_esm", "_module", "_css"))
    assert sum(len(v) for v in state.values() if isinstance(v, (str, bytes))) < script + 20_000
    json.dumps({k: v for k, v in state.items() if not isinstance(v, bytes)})


def test_an_embedded_one_holds_every_frame_and_the_numbers(tmp_path):
    seg = filmed(tmp_path)
    scrubber = scrub(seg, embed=True)
    count, *items = wire_items(scrubber._packets)
    assert count == 2
    assert (unpack(items[0], SIZE)[2] == np.stack([np.asarray(item.masks) for item in seg], axis=1)).all()
    assert (numbers_of(items[1], scrubber._clip)["area_px"] == 12 * 16).all()


def wire_items(data: bytes) -> list:
    count, at = int.from_bytes(data[:4], "little"), 4
    items: list = [count]
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        items.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return items


# ---------------------------------------------------------------- where no scrubber runs


def test_the_bundle_holds_the_widget_and_a_still_of_it(tmp_path):
    data, _ = scrub(filmed(tmp_path))._repr_mimebundle_()
    assert {*data} == {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html", "image/png"}
    assert "2 in 12 frames of 64x48: 'a dog', 'object 1'" in data["text/plain"]
    assert PilImage.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (64, 48)


def test_the_still_is_drawn_as_the_traits_say(tmp_path):
    scrubber = scrub(filmed(tmp_path, answer=parse_answer("<p> A dog </p> [SEG] and [SEG]")))
    scrubber.mode, scrubber.colors, scrubber.visible, scrubber.frame = "mask", ["#ff0000", "#00ff00"], [1], 3
    data, _ = scrubber._repr_mimebundle_()
    assert "background:#ff000033" in data["text/html"]  # the words have the colours too
    still = np.asarray(PilImage.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB"))
    assert (np.abs(still.astype(int) - scrubber.to_image()) <= 4).all()  # 256 colours


def test_the_still_is_light_however_wild_the_picture():
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    png = poster_png(noise)
    assert len(png) <= 150_000
    assert PilImage.open(io.BytesIO(png)).width > 100


def test_a_segmentation_shows_itself(tmp_path):
    data, _ = filmed(tmp_path)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_segmentation_without_frames_shows_its_words():
    seg = Segmentation((), np.array([], int), np.array([]), answer=parse_answer("There is no dog."))
    assert {*mimebundle(seg)} == {"text/plain", "text/html"}
    assert "There is no dog." in mimebundle(seg)["text/plain"]


def test_words_of_the_model_are_escaped_in_the_still(tmp_path):
    seg = filmed(tmp_path, answer=parse_answer(f"<p> {HOSTILE} </p> [SEG] {HOSTILE}"), notes=(HOSTILE,))
    page = mimebundle(seg)[0]["text/html"]
    assert "<script" not in page
    assert page.count("<img") == 1
    assert "&lt;script&gt;" in page


def test_the_scrubber_of_a_run_says_what_it_is():
    assert repr(scrub(replace(two_objects(), notes=("n",)))).startswith(
        "Scrubber(Segmentation(2 in 12 frames"
    )


# ---------------------------------------------------------------- the script


def test_the_joined_script_is_one_module_without_imports():
    for text in (module_text(), page_script()):
        assert "\nimport " not in text
        assert "</script" not in text
    assert module_text().count("\nexport ") == 1
