"""Scrubbers without a browser: what the other end of the wire would see, and what it may say."""

import struct
import threading
import time
import zlib
from typing import Any

import numpy as np
from comm.base_comm import BaseComm
from ipywidgets.widgets import widget as registry
from numpy.typing import NDArray

from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.widget.scrubber import Scrubber
from tests.clips import rectangle, textured_clip
from tests.scenes import segmentation

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)> & "quoted" \u202eRTL'
Masks4D = NDArray[np.bool_]


class RecordingComm(BaseComm):
    """Keeps what a widget sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []  # custom messages, and their buffers
        self.updates: list[dict[str, Any]] = []  # of traits
        super().__init__(target_name="test")

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        data = data or {}
        if data.get("method") == "custom":
            self.sent.append((data["content"], buffers or []))
        if data.get("method") == "update":
            self.updates.append(data["state"])


def connect(scrubber: Scrubber) -> RecordingComm:
    """Put a recording end to a widget's wire."""
    registry._instances.pop(scrubber.model_id)
    scrubber.comm.close()
    scrubber.comm = RecordingComm()
    return scrubber.comm


def say(scrubber: Scrubber, **data: object) -> None:
    """Send a message as a browser does."""
    scrubber.comm.handle_msg({"content": {"data": data}, "buffers": []})


def ask(scrubber: Scrubber, content: object) -> list[tuple[dict[str, Any], list[bytes]]]:
    """Send a custom message as a browser does; give the answers."""
    comm = connect(scrubber)
    say(scrubber, method="custom", content=content)
    scrubber._stream.wait(30)
    return comm.sent


def change(scrubber: Scrubber, **traits: object) -> None:
    """Set traits as a browser does."""
    say(scrubber, method="update", state=traits)


def streaming() -> list[threading.Thread]:
    """Give the threads that make what views want."""
    return [thread for thread in threading.enumerate() if thread.name == "sa2va-scrubber"]


def wait_until_still() -> None:
    """Wait until no such thread is left."""
    end = time.monotonic() + 10
    while streaming():
        assert time.monotonic() < end, "the thread goes on"
        time.sleep(0.001)


def two_objects(frames: int = 12) -> Segmentation:
    return segmentation(
        rectangle(frames=frames, step=1),
        rectangle(frames=frames, start=(20, 5), step=1),
        phrases=["a dog", None],
    )


def filmed(folder, **changes) -> Segmentation:
    """Two objects over a clip of 12 frames of 64x48."""
    video = Video(textured_clip(folder / "clip.mp4"))
    fields = {"frame": np.arange(12), "time_s": video.time_s, "video": video} | changes
    return Segmentation(two_objects().objects, **fields)


def unpack(packet: bytes, size: tuple[int, int]) -> tuple[int, list[bytes], Masks4D]:
    """Decode a packet by its written description alone: first, images, (frames, objects, h, w) masks."""
    magic, first, frames, objects = struct.unpack_from("<4s3I", packet)
    assert magic == b"S2V2"
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


def numbers_of(buffer: bytes, clip: dict[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Decode the numbers: (objects, positions) by column, and the centroids' x and y as ``@x`` and ``@y``."""
    shape = (len(clip["columns"]) + 2, len(clip["objects"]), len(clip["frame"]))
    values = np.frombuffer(zlib.decompress(buffer), "<f4").reshape(shape)
    return dict(zip([*clip["columns"], "@x", "@y"], values, strict=True))


def shown_numbers(scrubber: Scrubber) -> dict[str, NDArray[np.float32]]:
    """Ask for the numbers, and decode them."""
    [(_, [buffer])] = ask(scrubber, {"type": "numbers"})
    return numbers_of(buffer, scrubber._clip)
