"""Writes mp4 files: mask videos, rendered clips."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from sa2va_nb.beside import write_beside
from sa2va_nb.errors import DecodeError

_CRF = 18  # visually lossless; hard-edged masks come back exactly from CRF 23 and better


def write_video(path: Path, images: Iterable[NDArray[np.uint8]], fps: float, *, crf: int = _CRF) -> Path:
    """Encode RGB images as H.264 in mp4.

    Args:
        path: the file; written beside and renamed, so it is whole or not there.
        images: (H, W, 3) uint8 each, all of one size.
        fps: frames a second.
        crf: H.264's constant rate factor, 0 (lossless) to 51 (worst).

    Returns:
        ``path``.

    Raises:
        ValueError: if there is no image, or sizes differ.
        DecodeError: if the encoder fails.
    """
    return _encode(path, (av.VideoFrame.from_ndarray(image, format="rgb24") for image in images), fps, crf)


def write_mask_video(path: Path, masks: Iterable[NDArray[np.bool_]], fps: float, *, crf: int = _CRF) -> Path:
    """Encode (H, W) bool masks as a mask video, white on black; see ``write_video``."""
    white = (np.where(mask, np.uint8(255), np.uint8(0)) for mask in masks)
    return _encode(path, (av.VideoFrame.from_ndarray(image, format="gray") for image in white), fps, crf)


def _encode(path: Path, frames: Iterator[av.VideoFrame], fps: float, crf: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    first = next(frames, None)
    if first is None:
        raise ValueError(f"at least one frame is needed to write {path.name}, got none")
    options = {"movflags": "faststart"}
    try:
        with (
            write_beside(path) as part,
            av.open(f"file:{part}", "w", format="mp4", options=options) as container,
        ):
            stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
            stream.width, stream.height = first.width, first.height
            # half-size chroma needs even sides
            stream.pix_fmt = "yuv420p" if first.width % 2 == first.height % 2 == 0 else "yuv444p"
            stream.options = {"crf": str(crf), "preset": "veryfast"}
            for frame in _same_size(first, frames):
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    except av.error.FFmpegError as error:
        raise DecodeError(f"{path.name} could not be encoded: {error}; is the disk full?") from error
    return path


def _same_size(first: av.VideoFrame, rest: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    yield first
    for frame in rest:
        if (frame.width, frame.height) != (first.width, first.height):
            raise ValueError(
                f"every frame must be {first.width}x{first.height}, got {frame.width}x{frame.height}"
            )
        yield frame
