"""Reads the frames of a source video, by index or in order."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.media.container import open_video
from sa2va_nb.media.index import Start, read_index
from sa2va_nb.media.limits import DEFAULT_LIMITS, Limits
from sa2va_nb.media.orientation import Orientation
from sa2va_nb.media.reader import FrameReader

_IMAGE_BYTES = 16 * 2**20  # RGB images kept for showing them again
_DECODED_BYTES = 16 * 2**20  # frames kept as the decoder gave them, for going backwards
_READ_ON_FRAMES = 48  # decoding this many frames on is cheaper than seeking

Image = NDArray[np.uint8]
_Item = TypeVar("_Item")


class Video:
    """A video file with exact random access.

    ``video[i]`` is the (H, W, 3) uint8 RGB image of frame i; iterating gives every image in order.
    Frames are counted from the container's packets, in presentation order, without decoding, and
    turned as the file's display matrix says. Safe to share between threads. Reading raises an IndexError
    beyond the last frame, a DecodeError where the file is damaged.
    """

    def __init__(self, path: str | Path, *, limits: Limits = DEFAULT_LIMITS) -> None:
        """Read the index of a file.

        Args:
            path: the file, whatever its name.
            limits: what it may ask for.

        Raises:
            TypeError: if ``path`` is no path.
            DecodeError: if it can't be read as a video, no frame can be decoded, or it is beyond
                the limits.
        """
        self.path = Path(path)
        self._limits = limits
        self._index = read_index(self.path, limits)
        self._lock = threading.Lock()
        self._images: _Recent[Image] = _Recent(_IMAGE_BYTES)
        self._decoded: _Recent[VideoFrame] = _Recent(_DECODED_BYTES)
        self._lost: set[int] = set()  # frames that can't be decoded
        self._to_rgb = VideoReformatter()  # one for all: each holds megabytes, and a frame keeps its own
        self._stack = ExitStack()
        self._reader: Iterator[tuple[int, VideoFrame]] | None = None
        self._next = len(self)  # index of the frame that the reader gives next

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3)."""
        height, width = self._index.stored_size
        return (len(self), *((width, height) if self.orientation.transposed else (height, width)), 3)

    @property
    def time_s(self) -> NDArray[np.float64]:
        """(T,) presentation times in seconds, increasing, the first frame at 0."""
        return self._index.time_s

    @property
    def duration_s(self) -> float:
        """Seconds, the last frame's own duration included."""
        return self._index.duration_s

    @property
    def fps(self) -> float:
        """Mean frames a second."""
        return len(self) / self.duration_s

    @property
    def orientation(self) -> Orientation:
        """How the stored pictures are turned for display; ``video[i]`` is turned already."""
        return self._index.orientation

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about the file, or is doubtful, in words."""
        return self._index.notes

    def __len__(self) -> int:
        return len(self._index.stamps)

    def __getitem__(self, index: int | np.integer[Any]) -> Image:
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame must be 0 to {len(self) - 1}, got {index}")
        frame = int(index) % len(self)
        with self._lock:
            image = self._images.find(frame)
            if image is None:
                image = self._rgb(frame, self._decode(frame), self._to_rgb)
                self._images.keep(frame, image, image.nbytes)
            return image

    def __iter__(self) -> Iterator[Image]:
        expected, to_rgb = 0, VideoReformatter()
        with ExitStack() as stack:
            for frame, decoded in self._read(stack, Start()):
                if frame != expected:
                    break
                yield self._rgb(frame, decoded, to_rgb)
                expected += 1
        if expected < len(self):
            raise self._undecodable(expected)

    def close(self) -> None:
        """Close the file; the next access opens it again."""
        with self._lock:
            self._stop_reading()

    def __repr__(self) -> str:
        frames, height, width, _ = self.shape
        return f"Video({self.path.name!r}, {frames} frames of {width}x{height}, {self.fps:.4g} fps)"

    def _decode(self, frame: int) -> VideoFrame:
        """Decode on, or from the keyframe before, until ``frame`` comes."""
        decoded = self._decoded.find(frame)
        if decoded is None and self._next <= frame <= self._next + _READ_ON_FRAMES:
            decoded = self._decode_until(frame)
        if decoded is None and frame not in self._lost:
            for start in self._index.starts(frame):
                self._stop_reading()
                self._reader = self._read(self._stack, start)
                decoded = self._decode_until(frame)
                if decoded is not None:
                    break
        if decoded is None:
            self._lost.add(frame)
            raise self._undecodable(frame)
        return decoded

    def _read(self, stack: ExitStack, start: Start) -> Iterator[tuple[int, VideoFrame]]:
        """Give index and picture from a keyframe on; nothing if it isn't found where it should be."""
        container, stream = stack.enter_context(open_video(self.path, limits=self._limits))
        if start.seek is not None:
            try:
                container.seek(start.seek, stream=stream)
            except FFmpegError:
                return
        reader = FrameReader(container, stream, self.path.name, self._limits, sound_from=start.key)
        stamps = self._index.stamps
        for count, decoded in enumerate(reader):
            stamp = count if self._index.counted or decoded.pts is None else decoded.pts
            if count == 0 and start.key not in (None, stamp):
                return
            frame = int(np.searchsorted(stamps, stamp))
            if frame < len(stamps) and stamps[frame] == stamp:
                yield frame, decoded

    def _decode_until(self, frame: int) -> VideoFrame | None:
        for at, decoded in self._reader or ():
            self._next = at + 1
            self._decoded.keep(at, decoded, sum(plane.buffer_size for plane in decoded.planes))
            if at == frame:
                return decoded
            if at > frame:
                break
        return None

    def _stop_reading(self) -> None:
        self._reader, self._next = None, len(self)
        self._stack.close()

    def _undecodable(self, frame: int) -> DecodeError:
        return DecodeError(f"frame {frame} of {self.path.name} can't be decoded; the file is damaged there")

    def _rgb(self, frame: int, decoded: VideoFrame, to_rgb: VideoReformatter) -> Image:
        if (decoded.height, decoded.width) != self._index.stored_size:
            height, width = self._index.stored_size
            raise DecodeError(
                f"the frames of {self.path.name} change from {width}x{height} to "
                f"{decoded.width}x{decoded.height} at frame {frame}; give one file for each size"
            )
        stored = np.asarray(to_rgb.reformat(decoded, format="rgb24").to_ndarray(), np.uint8)
        image = np.ascontiguousarray(self.orientation.apply(stored))
        image.flags.writeable = False  # images are shared through the cache
        return image


class _Recent(Generic[_Item]):
    """Keeps the items used last, up to a number of bytes, and one at least."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._items: OrderedDict[int, tuple[_Item, int]] = OrderedDict()
        self._bytes = 0

    def find(self, key: int) -> _Item | None:
        if key not in self._items:
            return None
        self._items.move_to_end(key)
        return self._items[key][0]

    def keep(self, key: int, item: _Item, n_bytes: int) -> None:
        self._bytes += n_bytes - self._items.pop(key, (item, 0))[1]
        self._items[key] = item, n_bytes
        while self._bytes > self._max_bytes and len(self._items) > 1:
            _, (_, freed) = self._items.popitem(last=False)
            self._bytes -= freed
