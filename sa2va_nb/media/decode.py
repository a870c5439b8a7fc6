"""Decodes a mask video to ``Masks``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.errors import DecodeError
from sa2va_nb.masks import Masks
from sa2va_nb.media.container import open_video

# Mid-range of the luma codes, where a lossy edge crosses the original one. Anything above black
# would count ringing too and inflate areas by 3 to 5 %.
FOREGROUND_FULL = 127  # full range: black 0, white 255
FOREGROUND_LIMITED = 125  # limited (TV) range: black 16, white 235

_LUMA_FIRST = ("yuv4", "yuvj4", "yuva4", "nv1", "nv2", "gray")  # formats whose first plane is brightness


@dataclass(frozen=True)
class MaskVideo:
    """What a mask video holds.

    Attributes:
        masks: (T, H, W), the frames that could be decoded.
        time_s: (T,) presentation times, the first at 0.
        n_declared: how many frames the file says it has; more than T where it is cut off.
        notes: what was found doubtful, in words.
    """

    masks: Masks
    time_s: NDArray[np.float64]
    n_declared: int
    notes: tuple[str, ...]


def decode_masks(path: str | Path, *, threshold: int | None = None) -> Masks:
    """Decode a mask video: bright is foreground.

    Only the brightness (luma) plane is read, frame by frame; dense masks are never kept.

    Args:
        path: a video file, white on black.
        threshold: luma codes above it are foreground, 0 to 254; None for the middle of the
            stream's range: 125 for limited range (16 to 235), 127 for full range (0 to 255).

    Returns:
        The masks, (T, H, W). A file that is cut off gives the frames before the cut.

    Raises:
        ValueError: if ``threshold`` is out of range.
        DecodeError: if the file can't be read as a video, or no frame can be decoded.
    """
    return decode_mask_video(path, threshold=threshold).masks


def decode_mask_video(path: str | Path, *, threshold: int | None = None) -> MaskVideo:
    """Decode a mask video with its times; see ``decode_masks``."""
    if threshold is not None and not 0 <= threshold <= 254:
        raise ValueError(
            f"threshold must be a luma code from 0 to 254, got {threshold}; None takes mid-range"
        )
    path = Path(path)
    with open_video(path) as (container, stream):
        n_declared = stream.frames
        rles: list[RLEMask] = []
        times: list[float] = []
        damage = ""
        frames = _decodable(container, stream)
        while (frame := next(frames, None)) is not None:
            if isinstance(frame, FFmpegError):
                damage = f"{frame.strerror} after frame {len(rles) - 1}"
                break
            rles.append(_encode(frame, threshold))
            times.append(len(times) / float(stream.average_rate or 1) if frame.time is None else frame.time)
        if not rles:
            raise DecodeError(
                f"expected a mask video with frames, but no frame of {path.name} can be decoded {damage}"
            )
        size = (stream.height, stream.width)
    if n_declared > len(rles):
        damage = f"{len(rles)} of {n_declared} frames can be decoded" + (f" ({damage})" if damage else "")
    notes = (f"{path.name} is cut off or damaged: {damage}",) if damage else ()
    return MaskVideo(Masks(rles, size), np.array(times) - times[0], max(n_declared, len(rles)), notes)


def _decodable(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame | FFmpegError]:
    """Give the frames, and the decoder's error where it stops early."""
    try:
        yield from container.decode(stream)
    except FFmpegError as error:
        yield error


def _encode(frame: VideoFrame, threshold: int | None) -> RLEMask:
    """Threshold one frame's luma and keep the runs."""
    if frame.format.name.startswith(_LUMA_FIRST) and frame.format.components[0].bits == 8:
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(("yuvj", "gray"))
    else:  # RGB, palettes, deeper than 8 bits
        frame, full = frame.reformat(format="gray"), True
    level = threshold if threshold is not None else FOREGROUND_FULL if full else FOREGROUND_LIMITED
    return RLEMask.from_array(_luma(frame), threshold=level + 1)


def _luma(frame: VideoFrame) -> NDArray[np.uint8]:
    """(H, W) view of the decoder's own buffer."""
    plane = frame.planes[0]
    buffer: NDArray[np.uint8] = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]  # a buffer, untyped
    rows = buffer.reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]
