import base64
import io
import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import traitlets
from comm.base_comm import BaseComm
from hypothesis import given, settings
from PIL import Image as PilImage

from sa2va_nb.analysis.instances import split_instances
from sa2va_nb.analysis.measure import measure
from sa2va_nb.answer import parse_answer
from sa2va_nb.loading import load_masks
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view import wire
from sa2va_nb.view.assets import module_text, page_script
from sa2va_nb.view.frames import display_size, masks_at
from sa2va_nb.view.inline import mimebundle
from sa2va_nb.view.poster import poster_png
from sa2va_nb.view.scrubber import Scrubber, scrub
from tests.clips import rectangle, textured_clip
from tests.scenes import mask_stacks, segmentation

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)> "quoted" \u202eRTL'


class RecordingComm(BaseComm):
    """What the other end of the wire would see."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict, list[bytes]]] = []
        super().__init__(target_name="test")

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        if (data or {}).get("method") == "custom":
            self.sent.append((data["content"], buffers))


def ask(scrubber: Scrubber, content: object) -> list[tuple[dict, list[bytes]]]:
    """Send a custom message as a browser does; give the answers."""
    scrubber.comm = RecordingComm()
    scrubber.comm.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    return scrubber.comm.sent


def two_objects(frames: int = 12) -> Segmentation:
    return segmentation(
        rectangle(frames=frames, step=1),
        rectangle(frames=frames, start=(20, 5), step=1),
        phrases=["a dog", None],
    )


def filmed(folder, **changes) -> Segmentation:
    video = Video(textured_clip(folder / "clip.mp4"))
    seg = two_objects()
    fields = {"frame": np.arange(12), "time_s": video.time_s, "video": video} | changes
    return Segmentation(seg.objects, **fields)


def unpack(packet: bytes, size: tuple[int, int]):
    """Decode a packet by its written description alone: first, images, (frames, objects, h, w) masks."""
    magic, first, frames, objects = struct.unpack_from("<4s3I", packet)
    assert magic == b"S2V1"
    lengths = struct.unpack_from(f"<{frames + 1}I", packet, 16)
    at, images = 16 + 4 * (frames + 1), []
    for length in lengths[:-1]:
        images.append(packet[at : at + length])
        at += length
    assert at + lengths[-1] == len(packet)
    words = iter(np.frombuffer(zlib.decompress(packet[at:]), "<u4").tolist())
    masks = np.zeros((frames, objects, size[0] * size[1]), bool)
    for mask in masks.reshape(frames * objects, -1):
        position, value = 0, False
        for _ in range(next(words)):
            length = next(words)
            mask[position : position + length] = value
            position, value = position + length, not value
    assert next(words, None) is None
    return first, images, masks.reshape(frames, objects, *size)


# ---------------------------------------------------------------- traits


def test_it_starts_at_the_first_frame_with_every_object_shown():
    scrubber = scrub(two_objects())
    assert (scrubber.frame, scrubber.playing, scrubber.selected, scrubber.visible) == (0, False, None, (0, 1))
    assert (scrubber.opacity, scrubber.mode) == (0.5, "both")


@pytest.mark.parametrize(
    ("asked", "shown"), [(10, 10), (14, 10), (15, 10), (16, 20), (99, 20), (-5, 0), (0, 0)]
)
def test_frame_becomes_the_nearest_source_frame_with_masks(asked, shown):
    scrubber = scrub(segmentation(rectangle(frames=3), frame=[0, 10, 20]))
    scrubber.frame = asked
    assert scrubber.frame == shown


def test_traits_can_be_observed_and_linked():
    one, other, seen = scrub(two_objects()), scrub(two_objects()), []
    one.observe(lambda change: seen.append(change.new), "frame")
    traitlets.link((one, "frame"), (other, "frame"))
    one.frame = 4
    other.frame = 7
    assert (seen, one.frame) == ([4, 7], 7)


def test_visible_is_kept_in_order_and_once():
    scrubber = scrub(two_objects())
    scrubber.visible = [1, 0, 1]
    assert scrubber.visible == (0, 1)
    scrubber.visible = []
    assert scrubber.visible == ()


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("frame", "first", "int"),
        ("selected", 2, "selected takes objects' indices, 0 to 1; got 2"),
        ("selected", -1, "selected takes objects' indices, 0 to 1; got -1"),
        ("visible", [0, 5], "visible takes objects' indices, 0 to 1; got 5"),
        ("visible", [True, False], "visible takes objects' indices, 0 to 1; got True"),
        ("opacity", 1.5, r"opacity must be 0 \(clear\) to 1 \(solid\), got 1.5"),
        ("opacity", float("nan"), "opacity must be 0"),
        ("mode", "sketch", "mode must be one of both, fill, contour, mask, got 'sketch'"),
    ],
)
def test_values_that_make_no_sense_are_refused(trait, value, message):
    scrubber = scrub(two_objects())
    before = getattr(scrubber, trait)
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(scrubber, trait, value)
    assert getattr(scrubber, trait) == before


def test_no_object_is_a_valid_thing_to_look_at(tmp_path):
    seg = filmed(tmp_path)
    scrubber = scrub(Segmentation((), seg.frame, seg.time_s, seg.video))
    assert scrubber.visible == ()
    with pytest.raises(traitlets.TraitError, match="none, as there are no objects"):
        scrubber.selected = 0


def test_no_frame_is_nothing_to_look_at():
    with pytest.raises(ValueError, match="needs at least one frame"):
        scrub(segmentation(frame=[]))


@pytest.mark.parametrize("width", [0, -3, 2.5, True])
def test_a_width_is_a_number_of_pixels(width):
    with pytest.raises(ValueError, match="width must be a positive number of pixels"):
        scrub(two_objects(), width=width)


# ---------------------------------------------------------------- the wire


def test_packets_hold_the_masks_exactly_and_the_frames_within_jpeg_error(tmp_path):
    seg = filmed(tmp_path)
    first, images, masks = unpack(wire.packet(seg, range(3, 8), (48, 64)), (48, 64))
    assert first == 3
    assert (masks == np.stack([np.asarray(item.masks)[3:8] for item in seg], axis=1)).all()
    assert [PilImage.open(io.BytesIO(image)).size for image in images] == [(64, 48)] * 5


@settings(max_examples=50, deadline=None)
@given(stack=mask_stacks(side=(1, 9)))
def test_runs_hold_any_mask(stack):
    _, images, masks = unpack(
        wire.packet(segmentation(stack), range(len(stack)), stack.shape[1:]), stack.shape[1:]
    )
    assert (masks[:, 0] == stack).all()
    assert images == [b""] * len(stack)


def test_masks_of_another_size_than_the_view_are_sampled_at_pixel_centres():
    stack = np.random.default_rng(1).random((1, 90, 160)) < 0.5
    seg = segmentation(stack)
    assert display_size(seg, 32) == (18, 32)
    assert (masks_at(seg, 0, (18, 32))[0] == stack[0, 2::5, 2::5]).all()


def test_a_request_for_a_window_is_answered_with_its_frames(tmp_path):
    scrubber = scrub(filmed(tmp_path))
    [(content, [packet])] = ask(scrubber, {"type": "frames", "window": 0})
    first, images, masks = unpack(packet, (48, 64))
    assert (content, first, len(images), masks.shape[:2]) == ({"type": "frames", "window": 0}, 0, 12, (12, 2))


def test_windows_cover_every_frame_once():
    seg = two_objects(frames=wire.WINDOW * 2 + 3)
    covered = [p for index in range(wire.n_windows(seg)) for p in wire.window(seg, index)]
    assert covered == [*range(len(seg.frame))]


@pytest.mark.parametrize("content", ["frames", {"type": "other"}, {"type": "frames", "window": 9}])
def test_other_messages_are_left_alone(content):
    assert ask(scrub(two_objects()), content) == []


def test_a_video_that_can_not_be_read_is_reported_to_the_view(tmp_path):
    seg = filmed(tmp_path)
    scrubber = scrub(seg)
    (tmp_path / "clip.mp4").unlink()
    seg.video.close()
    [(content, buffers)] = ask(scrubber, {"type": "frames", "window": 0})
    assert (content["type"], content["window"]) == ("failed", 0)
    assert "clip.mp4" in content["reason"]
    assert not buffers


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
    clip = scrub(load_masks(rectangle()))._clip
    assert not clip["timed"]
    assert clip["time_s"] == [pytest.approx(0.1 * t) for t in range(12)]


# ---------------------------------------------------------------- numbers


def values_of(scrubber: Scrubber, n_objects: int, n_frames: int) -> dict[str, np.ndarray]:
    values = np.frombuffer(zlib.decompress(scrubber._values), "<f4").reshape(-1, n_objects, n_frames)
    return dict(zip(scrubber._clip["columns"], values, strict=True))


def test_areas_are_counted_from_the_masks():
    shown = values_of(scrub(two_objects()), 2, 12)
    assert list(shown) == ["area_px", "area_frac"]
    assert (shown["area_px"] == 12 * 16).all()
    assert shown["area_frac"] == pytest.approx(12 * 16 / (48 * 64))


def test_the_columns_of_a_table_are_shown_whatever_the_order_of_its_rows():
    seg = two_objects()
    table = measure(seg)
    shown = values_of(scrub(seg, table=table.sample(frac=1, random_state=0)), 2, 12)
    expected = table.set_index(["object", "frame"])["x"].to_numpy().reshape(2, 12)
    assert shown["x"] == pytest.approx(expected)
    assert shown["area_px"][0, 0] == 192


def test_rows_that_a_table_lacks_are_unknown_not_zero():
    seg = two_objects()
    table = measure(seg)
    shown = values_of(scrub(seg, table=table[table.frame != 3]), 2, 12)
    assert np.isnan(shown["x"][:, 3]).all()
    assert np.isfinite(shown["x"][:, 4]).all()


def test_a_table_of_another_kind_is_refused():
    seg = two_objects()
    with pytest.raises(ValueError, match="it lacks frame"):
        scrub(seg, table=measure(seg).drop(columns="frame"))
    twice = pd.concat([measure(seg), measure(seg).head(1)])
    with pytest.raises(ValueError, match="one row for each object and frame, got 1 more"):
        scrub(seg, table=twice)


# ---------------------------------------------------------------- where no scrubber runs


def test_the_bundle_holds_the_widget_and_a_still_of_it(tmp_path):
    data, _ = scrub(filmed(tmp_path))._repr_mimebundle_()
    assert {*data} == {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html", "image/png"}
    assert "2 in 12 frames of 64x48: 'a dog', 'object 1'" in data["text/plain"]
    assert PilImage.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (64, 48)


def test_the_still_is_light_however_wild_the_picture():
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    png = poster_png(noise)
    assert len(png) <= 150_000
    assert PilImage.open(io.BytesIO(png)).width > 100


def test_the_saved_state_holds_one_frame_at_most(tmp_path):
    state = scrub(filmed(tmp_path)).get_state()
    assert len(unpack(state["_first"], (48, 64))[1]) == 1
    script = len(state["_esm"]) + len(state["_css"])
    assert sum(len(v) for v in state.values() if isinstance(v, (str, bytes))) < script + 20_000
    json.dumps({k: v for k, v in state.items() if not isinstance(v, bytes)})


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


# ---------------------------------------------------------------- the script


def test_the_joined_script_is_one_module_without_imports():
    for text in (module_text(), page_script()):
        assert "\nimport " not in text
        assert "</script" not in text
    assert module_text().count("\nexport ") == 1
