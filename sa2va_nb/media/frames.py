"""Reads the frames of a mask video to runs."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.errors import DecodeError
from sa2va_nb.media.container import frames_declared, open_video
from sa2va_nb.media.limits import Limits
from sa2va_nb.media.orientation import AS_STORED, Orientation, orientation_of
from sa2va_nb.media.picture import Scale, Shares
from sa2va_nb.media.reader import FrameReader, presentation_order


class Seen(NamedTuple):
    """The brightness of one frame.

    Attributes:
        codes: (H, W) uint8, or uint16 above 8 bits.
        scale: what the codes mean.
        shares: how many pixels are how bright.
    """

    codes: NDArray[Any]
    scale: Scale
    shares: Shares


# Looks at the frame of an index; None to give up reading the file in this way.
Look = Callable[[int, VideoFrame], Seen | None]


@dataclass
class MaskFrames:
    """What one pass over a mask video gave.

    Attributes:
        rles: the masks.
        shares: how bright each picture was.
        corners: for each, whether all four corners are bright.
        time_s: (T,) presentation times, that of the file's first frame 0.
        index: (T,) which of the file's frames each is.
        n_declared: how many frames the file should have.
        damage: what went wrong first, in words.
        orientation: how the pictures were turned.
    """

    rles: list[RLEMask] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)
    corners: list[bool] = field(default_factory=list)
    time_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    index: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    n_declared: int = 0
    damage: str = ""
    orientation: Orientation = AS_STORED
    _mask: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_), repr=False)

    def add(self, seen: Seen) -> int:
        """Threshold and encode a picture; give the bytes that its runs take."""
        codes = self.orientation.apply(seen.codes)
        if self._mask.shape != codes.shape:
            self._mask = np.empty(codes.shape, np.bool_)
        # One buffer for all frames, contiguous and bool: 4 to 20 times faster to encode than the codes.
        np.greater(codes, seen.scale.level, out=self._mask)
        self.rles.append(RLEMask.from_array(self._mask))
        self.shares.append(seen.shares)
        self.corners.append(bool(self._mask[:: len(codes) - 1 or 1, :: codes.shape[1] - 1 or 1].all()))
        return int(self.rles[-1].counts_view.nbytes)


class _Intake:
    """Thresholds and encodes frames, one after the other."""

    def __init__(self, file: str, look: Look, limits: Limits) -> None:
        self.found = MaskFrames()
        self.stamps: list[int | None] = []
        self._file, self._look, self._limits = file, look, limits
        self._size, self._n_bytes = (0, 0), 0

    def take(self, index: int, frame: VideoFrame) -> bool:
        """Add a frame; False if ``look`` gave up."""
        seen = self._look(index, frame)
        if seen is None:
            return False
        if index == 0:
            self._size, self.found.orientation = (frame.height, frame.width), orientation_of(frame)
        if (frame.height, frame.width) != self._size:
            raise DecodeError(
                f"the frames of {self._file} change from {self._size[1]}x{self._size[0]} to "
                f"{frame.width}x{frame.height} at frame {index}; give one file for each size"
            )
        self._n_bytes += self.found.add(seen)
        self._limits.check("max_mask_bytes", self._n_bytes, self._file)
        self.stamps.append(frame.pts)
        return True


def read_mask_frames(path: Path, look: Look, limits: Limits) -> MaskFrames | None:
    """Read a file's frames, each encoded on a second thread while the next is decoded; None if ``look`` gave up.

    Raises:
        DecodeError: if the file can't be read, is beyond the limits, or its frames change their size.
    """
    intake = _Intake(path.name, look, limits)
    found = intake.found
    with open_video(path, limits=limits) as (container, stream), ThreadPoolExecutor(1) as encoder:
        reader = FrameReader(container, stream, path.name, limits)
        taken: Future[bool] | None = None
        for index, frame in enumerate(reader):
            if taken is not None and not taken.result():
                return None
            taken = encoder.submit(intake.take, index, frame)
        if taken is not None and not taken.result():
            return None
        found.damage = reader.damage
        found.n_declared = max(frames_declared(container, stream), len(reader.stamps), len(found.rles))
        if intake.stamps:
            _place(found, intake.stamps, reader.stamps, stream)
    return found


def _place(found: MaskFrames, stamps: list[int | None], every: list[int | None], stream: VideoStream) -> None:
    """Say which of the file's frames were decoded, and when they are shown."""
    order = presentation_order(every)
    given = np.array([-1 if stamp is None else stamp for stamp in stamps], np.int64)
    if None in stamps or np.any(np.diff(given) <= 0) or not np.isin(given, order).all():
        found.index = np.arange(len(stamps))  # stamps that can't be trusted: frames are counted
    else:
        found.index = np.searchsorted(order, given)
    step_s = 1 / float(stream.average_rate or 1)
    if stream.time_base and None not in every and len(order) >= len(stamps):
        found.time_s = (order[found.index] - order[0]) * float(stream.time_base)
    else:
        found.time_s = found.index.astype(np.float64) * step_s
