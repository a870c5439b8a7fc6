"""Decodes a stream packet by packet, and keeps account of what could not be decoded."""

from collections.abc import Iterator

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from sa2va_nb.media.limits import Limits

# Containers that store no presentation times: with B-frames, what ffmpeg makes up for them is wrong.
UNTIMED = {"avi", "h264", "hevc", "m4v", "mpegvideo"}


class FrameReader:
    """Iterates over the frames of a stream, from where it stands, in presentation order.

    A frame that is damaged, or that builds on a damaged one, is left out: after a damage nothing is
    given until the next keyframe. So a frame that is given is right, and ``damage`` says what is missing.

    Attributes:
        stamps: presentation stamp of each frame that the container holds, in the order of decoding;
            None where it has no times.
        damage: what went wrong first, in words; empty if nothing did.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        file: str,
        limits: Limits,
        *,
        sound_from: int | None = None,
    ) -> None:
        """Read a stream of ``open_video``.

        Args:
            container: the open file.
            stream: its picture.
            file: its name, for messages.
            limits: what the file may ask for.
            sound_from: after seeking, the stamp of the keyframe; what comes before it is left out.
        """
        self.stamps: list[int | None] = []
        self.damage = ""
        self._container, self._stream, self._file, self._limits = container, stream, file, limits
        self._broken = False  # nothing can be relied on until the next keyframe
        self._sound_from = sound_from  # stamp of the keyframe after the last damage

    def __iter__(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            for frame in self._decode(packet):
                if frame.is_corrupt:
                    self._note("a frame is damaged")
                    self._stream.codec_context.flush_buffers()
                    break
                if self._is_sound(frame):
                    self._limits.check("max_pixels", frame.width * frame.height, self._file)
                    yield frame

    def _packets(self) -> "Iterator[Packet[VideoStream] | None]":
        """Give the packets, at last None: flush the decoder."""
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    self._count(packet)
                    yield packet
        except FFmpegError as error:
            self._note(error.strerror or "the file can't be read on")
        yield None

    def _count(self, packet: "Packet[VideoStream]") -> None:
        if packet.is_discard:
            return
        self.stamps.append(packet.pts)
        self._limits.check("max_frames", len(self.stamps), self._file)
        first = self.stamps[0]
        if packet.pts is not None and first is not None and self._stream.time_base:
            length_s = abs(packet.pts - first) * float(self._stream.time_base)
            self._limits.check("max_duration_s", length_s, self._file)

    def _decode(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        if packet is not None and packet.is_corrupt:
            return self._break_off("a packet is damaged")
        if packet is not None and self._broken:
            if not packet.is_keyframe:
                return []
            self._broken, self._sound_from = False, packet.pts
        try:
            return self._stream.decode(packet)
        except FFmpegError as error:
            return self._break_off(error.strerror or "a packet can't be decoded")

    def _break_off(self, what: str) -> list[VideoFrame]:
        """Give what the decoder holds from before the damage, and make it ready for a keyframe."""
        self._note(what)
        try:
            return drain(self._stream)
        except FFmpegError:
            return []

    def _is_sound(self, frame: VideoFrame) -> bool:
        """Tell whether a frame needs nothing from before the last damage."""
        return self._sound_from is None or frame.pts is None or frame.pts >= self._sound_from

    def _note(self, what: str) -> None:
        self._broken = True
        self.damage = self.damage or f"{what}, at frame {max(0, len(self.stamps) - 1)}"


def drain(stream: VideoStream) -> list[VideoFrame]:
    """Give what the decoder holds back, and make it ready for a keyframe.

    Raises:
        FFmpegError: if that can't be decoded; the decoder is ready all the same.
    """
    try:
        return stream.decode(None)
    finally:
        stream.codec_context.flush_buffers()


def counts_frames(container: InputContainer, stream: VideoStream) -> bool:
    """Tell whether frames have to be counted from the start, for want of presentation times."""
    return container.format.name in UNTIMED and bool(stream.codec_context.has_b_frames)


def presentation_order(stamps: list[int | None]) -> NDArray[np.int64]:
    """Sort the stamps of a container's frames: (T,) int64, each once.

    Where the container has none, frames are numbered.
    """
    known = [stamp for stamp in stamps if stamp is not None]
    return np.unique(np.array(known, np.int64)) if known else np.arange(len(stamps))
