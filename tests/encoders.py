"""Writes pictures with any encoder of the installed ffmpeg, for tests."""

import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

os.environ.setdefault("SVT_LOG", "-1")  # the AV1 encoder talks on standard error otherwise

QUIET = {"libx265": {"x265-params": "log-level=none"}, "libx264": {"x264-params": "log=-1"}}


def shapes(*, frames: int = 12, height: int = 96, width: int = 128) -> NDArray[np.bool_]:
    """Give (T, H, W) masks: a disk that moves, with a hole, and a bar that grows."""
    y, x = np.ogrid[:height, :width]
    dense = np.zeros((frames, height, width), bool)
    for t in range(frames):
        r2 = (x - width // 3 - 2 * t) ** 2 + (y - height // 2) ** 2
        dense[t] = (r2 < 28**2) & (r2 > 9**2)
        dense[t, height - 16 : height - 6, 8 : 30 + 3 * t] = True
    return dense


def paint(
    masks: NDArray[np.bool_], *, color: Sequence[int] = (255, 255, 255), ground: Sequence[int] = (0, 0, 0)
) -> NDArray[np.uint8]:
    """Give (T, H, W, 3) RGB pictures, or (T, H, W, 4) where the colours have an alpha."""
    return np.where(masks[..., None], np.uint8(color), np.uint8(ground))


def encode(
    path: Path,
    images: Iterable[NDArray[np.uint8]],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    container: str | None = None,
    color_range: ColorRange | None = None,
    rate: Fraction | int = 24,
    times_ms: Sequence[int] | None = None,
    rotation: float = 0,
    mirrored: bool = False,
) -> Path:
    """Encode RGB or RGBA pictures; ``times_ms`` gives each its own time."""
    with av.open(str(path), "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate)
        stream.options = {**QUIET.get(codec, {}), **(options or {})}
        if rotation or mirrored:
            stream.set_display_rotation(rotation, hflip=mirrored)
        for t, image in enumerate(images):
            if t == 0:
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = pix_fmt
                if color_range is not None:
                    stream.codec_context.color_range = color_range
                if times_ms is not None:
                    stream.codec_context.time_base = Fraction(1, 1000)
            frame = _frame(image, pix_fmt, color_range)
            if times_ms is not None:
                frame.pts, frame.time_base = times_ms[t], Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def _frame(image: NDArray[np.uint8], pix_fmt: str, color_range: ColorRange | None) -> av.VideoFrame:
    if pix_fmt == "pal8":  # ffmpeg's scaler makes none
        colors, indices = np.unique(image.reshape(-1, 3), axis=0, return_inverse=True)
        palette = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue
        palette[: len(colors)] = np.insert(colors, 0, 255, axis=1)
        return av.VideoFrame.from_ndarray(
            (indices.reshape(image.shape[:2]).astype(np.uint8), palette), format="pal8"
        )
    frame = av.VideoFrame.from_ndarray(
        np.ascontiguousarray(image), format="rgba" if image.shape[-1] == 4 else "rgb24"
    )
    return frame.reformat(format=pix_fmt, dst_color_range=color_range)


def iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Mean over frames of intersection over union; two empty masks are equal."""
    both, either = (a & b).sum((1, 2)), (a | b).sum((1, 2))
    return float(np.where(either > 0, both / np.maximum(either, 1), 1).mean())
