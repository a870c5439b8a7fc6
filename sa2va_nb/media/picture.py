"""Finds out what kind of picture a mask video holds."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

# Mid-range of the luma codes, where a lossy edge crosses the original one. Anything above black
# would count ringing too and inflate areas by 3 to 5 %.
FOREGROUND_FULL = 127  # full range: black 0, white 255
FOREGROUND_LIMITED = 125  # limited (TV) range: black 16, white 235

_LUMA_FIRST = ("yuv4", "yuvj4", "nv1", "nv2", "gray")  # formats whose first plane is brightness
_TINT = 24  # 8-bit chroma codes away from grey that are a colour; lossy grey stays within 2 or 3
_OPAQUE = 255
_ROWS = 64  # rows that are looked at to measure greys: every k-th, the rest looks the same

GREY = 0.25, 0.75  # shares of the range between which a pixel is neither dark nor bright
BLACK = 0.1  # share of the range up to which a pixel counts as black


@dataclass(frozen=True)
class Scale:
    """What the codes of a brightness plane mean.

    Attributes:
        black: code of black.
        span: codes from black to the mask's own brightness.
        level: codes above it are foreground.
    """

    black: int
    span: int
    level: int

    def at(self, share: float) -> int:
        """Give the code at a share of the range."""
        return round(self.black + share * self.span)

    def to_full(self, codes: NDArray[Any]) -> NDArray[np.uint8]:
        """Convert codes to 0 to 255."""
        return ((codes.astype(np.float32) - self.black) * (255 / self.span)).clip(0, 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _depth(name: str) -> int:
    """Bits of a luma code, or 0 where a format's first plane is not luma alone."""
    fmt = VideoFormat(name)
    bits = fmt.components[0].bits
    return bits if name.startswith(_LUMA_FIRST) and 8 <= bits <= 16 else 0


def has_luma(frame: VideoFrame) -> bool:
    """Tell whether brightness can be read from the decoder's buffer as it is."""
    return _depth(frame.format.name) > 0


def luma(frame: VideoFrame) -> NDArray[Any]:
    """Give the (H, W) view of the decoder's own luma, uint8 or, above 8 bits, uint16."""
    return _codes(frame.planes[0], frame.width, frame.height, frame.format)


def luma_scale(frame: VideoFrame, threshold: int | None) -> Scale:
    """Give the meaning of a frame's luma codes; ``threshold`` is an 8-bit code or None for mid-range."""
    return _scale(frame.format.name, frame.color_range, threshold)


@lru_cache(maxsize=64)
def _scale(name: str, color_range: int, threshold: int | None) -> Scale:
    deeper = _depth(name) - 8
    gray = name.startswith("gray") and color_range != ColorRange.MPEG
    full = gray or color_range == ColorRange.JPEG or name.startswith("yuvj")
    if threshold is None:
        threshold = FOREGROUND_FULL if full else FOREGROUND_LIMITED
    black, white = (0, 255) if full else (16, 235)
    return Scale(black << deeper, (white - black) << deeper, ((threshold + 1) << deeper) - 1)


def is_tinted(frame: VideoFrame) -> bool:
    """Tell whether any pixel of a frame with luma has a colour."""
    tint, middle = _TINT << (_depth(frame.format.name) - 8), 128 << (_depth(frame.format.name) - 8)
    for plane in frame.planes[1:]:
        width = plane.line_size // (2 if _depth(frame.format.name) > 8 else 1)
        wide = plane.width * (2 if frame.format.name.startswith("nv") else 1)
        codes = _codes(plane, min(wide, width), plane.height, frame.format)
        if codes.size and (codes.max() > middle + tint or codes.min() < middle - tint):
            return True
    return False


def channels(frame: VideoFrame) -> list[NDArray[np.uint8]]:
    """Give red, green and blue of a frame, over black where it is transparent: three (H, W) uint8."""
    planar = frame.reformat(format="gbrap")
    green, blue, red, alpha = (
        _codes(plane, frame.width, frame.height, planar.format) for plane in planar.planes
    )
    colors = [red, green, blue]
    if alpha.min() < _OPAQUE:
        colors = [(color.astype(np.uint16) * alpha // _OPAQUE).astype(np.uint8) for color in colors]
    return colors


def brightest(colors: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Give the brightest of red, green and blue: (H, W) uint8."""
    value = np.maximum(colors[0], colors[1])
    return np.maximum(value, colors[2], out=value)


@dataclass(frozen=True)
class Shares:
    """How many pixels of a picture are how bright, counted on every k-th row.

    Attributes:
        black: up to a tenth of the range.
        dim: above that, up to a quarter.
        grey: up to three quarters.
        bright: above that.
    """

    black: int
    dim: int
    grey: int
    bright: int

    @classmethod
    def of(cls, codes: NDArray[Any], scale: Scale) -> "Shares":
        """Count the pixels of an (H, W) brightness."""
        rows = codes[:: max(1, len(codes) // _ROWS)].ravel()  # a copy, in the processor's cache
        above = [int(np.count_nonzero(rows > scale.at(share))) for share in (BLACK, *GREY)]
        return cls(rows.size - above[0], above[0] - above[1], above[1] - above[2], above[2])

    def grey_frac(self, *, invert: bool) -> float:
        """The share of the foreground and its edge that is grey, as in ``Masks.grey_frac``."""
        sure = self.black + self.dim if invert else self.bright
        return self.grey / max(1, self.grey + sure)


@lru_cache(maxsize=64)
def _dtype(name: str) -> np.dtype[Any]:
    """Give the type of a plane's codes."""
    fmt = VideoFormat(name)
    deep = fmt.components[0].bits > 8
    return np.dtype((">u2" if fmt.is_big_endian else "<u2") if deep else "u1")


def _codes(plane: VideoPlane, width: int, height: int, fmt: VideoFormat) -> NDArray[Any]:
    """(H, W) view of a plane, without its padding."""
    dtype = _dtype(fmt.name)
    buffer = np.frombuffer(plane, dtype)  # type: ignore[call-overload]  # a buffer, untyped
    rows: NDArray[Any] = buffer.reshape(-1, plane.line_size // dtype.itemsize)
    return rows[:height, :width]
