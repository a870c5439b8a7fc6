"""Reads the frames of a source video, by index or in order."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.media.container import open_video

_CACHE_BYTES = 64 * 2**20  # decoded images kept for going back and forth
_READ_ON_FRAMES = 48  # decoding this many frames on is cheaper than seeking

Image = NDArray[np.uint8]


class Video:
    """A video file with exact random access.

    ``video[i]`` is the (H, W, 3) uint8 RGB image of frame i; iterating gives every image in order.
    Frames are counted from the container's packets, in presentation order, without decoding.
    Safe to share between threads.
    """

    def __init__(self, path: str | Path) -> None:
        """Read the index of a file.

        Raises:
            TypeError: if ``path`` is no path.
            DecodeError: if it can't be read as a video, or holds no frame.
        """
        self.path = Path(path)
        with open_video(self.path) as (container, stream):
            packets = [
                (packet.pts, packet.duration or 0)
                for packet in container.demux(stream)
                if packet.pts is not None and packet.size and not packet.is_discard
            ]
            if not packets or stream.time_base is None:
                raise DecodeError(f"expected a video with frames, but {self.path.name} has none")
            self._pts = np.unique([pts for pts, _ in packets])
            self.time_s: NDArray[np.float64] = (self._pts - self._pts[0]) * float(stream.time_base)
            self._size = (stream.height, stream.width)
            last_s = dict(packets)[int(self._pts[-1])] * float(stream.time_base)
        step_s = float(self.time_s[-1]) / (len(self._pts) - 1) if len(self._pts) > 1 else 1.0
        self.duration_s = float(self.time_s[-1]) + (last_s or step_s)
        self._lock = threading.Lock()
        self._cache: OrderedDict[int, Image] = OrderedDict()
        self._stack = ExitStack()
        self._reader: Iterator[VideoFrame] | None = None
        self._next = 0  # index of the frame that the reader gives next

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3)."""
        return (len(self._pts), *self._size, 3)

    @property
    def fps(self) -> float:
        """Mean frames a second."""
        return len(self._pts) / self.duration_s

    def __len__(self) -> int:
        return len(self._pts)

    def __getitem__(self, index: int | np.integer[Any]) -> Image:
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame must be 0 to {len(self) - 1}, got {index}")
        frame = int(index) % len(self)
        with self._lock:
            if frame not in self._cache:
                self._read_up_to(frame)
            self._cache.move_to_end(frame)
            return self._cache[frame]

    def __iter__(self) -> Iterator[Image]:
        with open_video(self.path) as (container, stream):
            for image in container.decode(stream):
                if image.pts is not None and image.pts in self._pts:
                    yield _rgb(image)

    def close(self) -> None:
        """Close the file; the next access opens it again."""
        with self._lock:
            self._stop_reading()

    def __repr__(self) -> str:
        frames, height, width, _ = self.shape
        return f"Video({self.path.name!r}, {frames} frames of {width}x{height}, {self.fps:.4g} fps)"

    def _read_up_to(self, frame: int) -> None:
        """Decode on, or from the keyframe before, until ``frame`` is in the cache."""
        if self._reader is None or not self._next <= frame <= self._next + _READ_ON_FRAMES:
            self._seek(frame)
        if not self._decode_until(frame):
            self._seek(0)  # the seek came out behind the frame, as in open groups of pictures
            if not self._decode_until(frame):
                self._stop_reading()
                raise DecodeError(
                    f"frame {frame} of {self.path.name} can't be decoded; the file is damaged there"
                )

    def _seek(self, frame: int) -> None:
        self._stop_reading()
        container, stream = self._stack.enter_context(open_video(self.path))
        if frame:
            container.seek(int(self._pts[frame]), stream=stream)
        self._reader = container.decode(stream)
        self._next = 0  # known after the first decoded frame

    def _decode_until(self, frame: int) -> bool:
        target = int(self._pts[frame])
        for image in self._reader or ():
            if image.pts is None or image.pts > target:
                return False
            self._next = int(np.searchsorted(self._pts, image.pts)) + 1
            if image.pts == target:
                self._remember(frame, _rgb(image))
                return True
        return False

    def _remember(self, frame: int, image: Image) -> None:
        self._cache[frame] = image
        while len(self._cache) > max(1, _CACHE_BYTES // image.nbytes):
            self._cache.popitem(last=False)

    def _stop_reading(self) -> None:
        self._reader = None
        self._stack.close()


def _rgb(frame: VideoFrame) -> Image:
    image = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    image.flags.writeable = False  # images are shared through the cache
    return image
