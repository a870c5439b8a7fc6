"""Lists the frames of a video file without decoding them."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.media.container import frames_declared, open_video
from sa2va_nb.media.limits import Limits
from sa2va_nb.media.orientation import Orientation, orientation_of
from sa2va_nb.media.reader import FrameReader, counts_frames, drain, presentation_order

_ONE_START = {"gif", "apng"}  # their frames build on all before, whatever the container says


class Start(NamedTuple):
    """Where decoding can start; the file's start unless told.

    Attributes:
        key: presentation stamp of the keyframe.
        seek: stamp to seek to.
    """

    key: int | None = None
    seek: int | None = None


@dataclass(frozen=True)
class FrameIndex:
    """The frames of a file, in presentation order.

    Attributes:
        stamps: (T,) presentation stamps in the stream's unit, increasing; 0..T-1 where ``counted``.
        keys: (K, 2) presentation and decoding stamp of each keyframe, increasing; none where decoding
            has to start at the file's start.
        time_s: (T,) presentation times, the first at 0.
        duration_s: with the last frame's own duration.
        counted: the stamps in the file can't be trusted, so frames are counted from its start.
        stored_size: (H, W) of the pictures as they are stored.
        orientation: how they are turned for display.
        notes: what was found out or is doubtful, in words.
    """

    stamps: NDArray[np.int64]
    keys: NDArray[np.int64]
    time_s: NDArray[np.float64]
    duration_s: float
    counted: bool
    stored_size: tuple[int, int]
    orientation: Orientation
    notes: tuple[str, ...]

    def starts(self, frame: int) -> list[Start]:
        """Say where decoding can start to get a frame, best first.

        It is the last keyframe shown no later than the frame: what is shown before a keyframe but
        stored behind it (an open group of pictures) builds on the one before. Containers seek by
        presentation or by decoding stamps; the file's start always does.
        """
        position = int(np.searchsorted(self.keys[:, 0], self.stamps[frame], side="right")) - 1
        if position <= 0:
            return [Start()]
        key, decoding = (int(stamp) for stamp in self.keys[position])
        return [Start(key, key), Start(key, decoding), Start()]


@dataclass(frozen=True)
class _Packet:
    """What is kept of a packet; stamps and duration in the stream's unit."""

    stamp: int | None
    decoding_stamp: int
    duration: int
    is_keyframe: bool


def read_index(path: Path, limits: Limits) -> FrameIndex:
    """List the frames of a file from its packets; the first is decoded, to see its size and turn.

    Raises:
        DecodeError: if it can't be read as a video, no frame can be decoded, or it is beyond the limits.
    """
    with open_video(path, limits=limits) as (container, stream):
        packets, first = _read_packets(container, stream, path, limits)
        first = first or _first_picture(path, limits)
        if not packets or first is None:
            raise DecodeError(
                f"expected a video with frames, but no frame of {path.name} can be decoded; "
                "check that it is whole and plays elsewhere"
            )
        counted = counts_frames(container, stream) or any(packet.stamp is None for packet in packets)
        time_s, duration_s = _times(packets, stream)
        stamps = np.arange(len(time_s)) if counted else presentation_order([each.stamp for each in packets])
        one_start = counted or container.format.name in _ONE_START
        keys = [
            (each.stamp, each.decoding_stamp)
            for each in packets
            if each.is_keyframe and each.stamp is not None and not one_start
        ]
        declared = frames_declared(container, stream)
    limits.check("max_pixels", first.width * first.height, path.name)  # a header may say less
    orientation = orientation_of(first)
    notes = []
    if orientation:
        notes.append(f"{path.name} was {orientation} for display, as its metadata say")
    if declared > len(packets):
        notes.append(f"{path.name} is cut off or damaged: {len(packets)} of {declared} frames are there")
    return FrameIndex(
        stamps=stamps,
        keys=np.array(sorted(keys), np.int64).reshape(-1, 2),
        time_s=time_s,
        duration_s=duration_s,
        counted=counted,
        stored_size=(first.height, first.width),
        orientation=orientation,
        notes=tuple(notes),
    )


def _read_packets(
    container: InputContainer, stream: VideoStream, path: Path, limits: Limits
) -> tuple[list[_Packet], VideoFrame | None]:
    """Read every packet that is to be shown, and decode the first keyframe."""
    packets: list[_Packet] = []
    first: VideoFrame | None = None
    unit_s = float(stream.time_base or 1)
    try:
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard and not packet.is_corrupt:
                if first is None and packet.is_keyframe:
                    first = _own_picture(stream, packet)
                packets.append(_keep(packet))
                limits.check("max_frames", len(packets), path.name)
                start = packets[0].stamp
                if packet.pts is not None and start is not None:
                    limits.check("max_duration_s", abs(packet.pts - start) * unit_s, path.name)
    except FFmpegError:
        if not packets:
            raise
    return packets, first


def _first_picture(path: Path, limits: Limits) -> VideoFrame | None:
    """Decode a file until a picture comes, such as where it doesn't begin with a keyframe."""
    with open_video(path, limits=limits) as (container, stream):
        return next(iter(FrameReader(container, stream, path.name, limits)), None)


def _keep(packet: "Packet[VideoStream]") -> _Packet:
    decoding_stamp = packet.dts if packet.dts is not None else packet.pts or 0
    return _Packet(packet.pts, decoding_stamp, packet.duration or 0, packet.is_keyframe)


def _own_picture(stream: VideoStream, packet: "Packet[VideoStream]") -> VideoFrame | None:
    """Decode a keyframe; without waiting for the packets behind it, as each costs as much again."""
    try:
        return next(iter(stream.decode(packet) or drain(stream)), None)
    except FFmpegError:
        return None  # another one may do


def _times(packets: list[_Packet], stream: VideoStream) -> tuple[NDArray[np.float64], float]:
    """Give the presentation times, the first 0, and the duration with the last frame's own."""
    stamps = [packet.stamp for packet in packets]
    if None in stamps:
        step_s = 1 / float(stream.average_rate or 1)
        return np.arange(len(packets)).astype(np.float64) * step_s, len(packets) * step_s
    order, unit_s = presentation_order(stamps), float(stream.time_base or 1)
    time_s: NDArray[np.float64] = (order - order[0]) * np.float64(unit_s)
    last_s = max(packet.duration for packet in packets if packet.stamp == order[-1]) * unit_s
    step_s = float(time_s[-1]) / (len(order) - 1) if len(order) > 1 else 1.0
    return time_s, float(time_s[-1]) + (last_s or step_s)
