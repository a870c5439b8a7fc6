"""What the stand-in answers: texts and mask videos in the shapes that the service might send.

The masks are no Sa2VA output. They are bands of brightness of the uploaded clip: the brightest blocks of 8 x 8
pixels are object 0, the next band object 1, and so on; the darkest band belongs to nobody. So they follow the
picture, overlap nowhere, and a test can compute them from the clip.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import cast

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

BLOCK_PX = 8
DEFAULT_SAMPLE = 32  # what a later description of the service names
# The published example.
CHILDREN_ON_BED = "<p>  Two children  </p>   [SEG]  are jumping on  <p>  a bed  </p>   [SEG]  .<|im_end|>"


@dataclass(frozen=True)
class Shape:
    """One way the service might answer."""

    output: str = CHILDREN_ON_BED
    n_masks: int = 2
    masks_as: str = "files"  # "files", "dict" of label to file, or "urls"
    content_type: str = "video/mp4"
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    size_multiple: int = 2  # the least that yuv420p can hold
    sampled: bool = False  # only num_frames_to_sample frames, at a frame rate that keeps the duration


SHAPES = {
    "same": Shape(),
    "sampled": Shape(sampled=True),
    "rounded": Shape(size_multiple=16),
    "gray": Shape(pixel_format="gray"),
    "mpeg4": Shape(codec="mpeg4"),
    "octet": Shape(content_type="application/octet-stream"),
    "dict": Shape(masks_as="dict"),
    "urls": Shape(masks_as="urls"),
    "sure": Shape(output="Sure, [SEG].<|im_end|>", n_masks=1),
    "no_masks": Shape(output="Two children are jumping on a bed.<|im_end|>", n_masks=0),
    "more_masks": Shape(n_masks=3),
    "fewer_masks": Shape(n_masks=1),
}


@dataclass(frozen=True)
class Clip:
    """What is needed of an uploaded video: (T, h, w) mean brightness of its blocks, size, rate."""

    brightness: NDArray[np.float32]
    height: int
    width: int
    fps: Fraction

    @property
    def duration_s(self) -> float:
        return float(len(self.brightness) / self.fps)


@lru_cache(64)
def answer(data: bytes, shape: Shape, num_frames_to_sample: int | None) -> tuple[Clip, tuple[bytes, ...]]:
    """Read an upload and make its mask videos, once: codecs don't give the same bytes at each time."""
    clip = read_clip(data)
    return clip, tuple(mask_videos(clip, shape, num_frames_to_sample))


def read_clip(data: bytes) -> Clip:
    """Decode an upload; raises ``av.FFmpegError`` or ``IndexError`` for what is no video."""
    with cast(InputContainer, av.open(io.BytesIO(data))) as container:
        stream = container.streams.video[0]
        brightness = [
            _block_means(cast(NDArray[np.uint8], frame.to_ndarray(format="gray")))
            for frame in container.decode(stream)
        ]
        return Clip(
            np.stack(brightness),
            stream.height,
            stream.width,
            stream.average_rate or Fraction(len(brightness)),
        )


def _block_means(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) → (⌈H/8⌉, ⌈W/8⌉); blocks at the border may be smaller."""
    rows, columns = (np.arange(0, length, BLOCK_PX) for length in image.shape)
    sums = np.add.reduceat(np.add.reduceat(image.astype(np.float32), rows, axis=0), columns, axis=1)
    areas = np.outer(np.diff([*rows, image.shape[0]]), np.diff([*columns, image.shape[1]]))
    return np.asarray(sums / areas, np.float32)


def block_masks(clip: Clip, n_masks: int) -> NDArray[np.bool_]:
    """Give (N, T, h, w) masks of blocks: bands of brightness, the brightest first."""
    edges = np.quantile(clip.brightness, np.linspace(0, 1, n_masks + 2))[::-1]
    return np.stack(
        [(clip.brightness <= edges[k]) & (clip.brightness > edges[k + 1]) for k in range(n_masks)]
    )


def enlarge(blocks: NDArray[np.bool_], height: int, width: int) -> NDArray[np.bool_]:
    """(h, w) → (H, W), each pixel from the block it lies in, where H and W may be any."""
    rows = np.arange(height) * blocks.shape[0] // height
    columns = np.arange(width) * blocks.shape[1] // width
    return np.asarray(blocks[rows][:, columns])


def mask_videos(clip: Clip, shape: Shape, num_frames_to_sample: int | None) -> list[bytes]:
    """Make the mask videos of an answer."""
    if shape.n_masks == 0:
        return []
    n_frames = len(clip.brightness)
    n_served = min(n_frames, num_frames_to_sample or DEFAULT_SAMPLE) if shape.sampled else n_frames
    chosen = np.linspace(0, n_frames - 1, n_served).round().astype(int)
    fps = (clip.fps * n_served / n_frames).limit_denominator(1000)
    height, width = (
        -(-length // shape.size_multiple) * shape.size_multiple for length in (clip.height, clip.width)
    )
    return [
        _encode((enlarge(blocks, height, width) for blocks in masks[chosen]), height, width, fps, shape)
        for masks in block_masks(clip, shape.n_masks)
    ]


def _encode(
    masks: Iterable[NDArray[np.bool_]], height: int, width: int, fps: Fraction, shape: Shape
) -> bytes:
    """Encode (H, W) masks as white on black, lossy as any mp4."""
    buffer = io.BytesIO()
    options = {"preset": "veryfast"} if shape.codec == "libx264" else {}
    with av.open(buffer, "w", format="mp4") as container:
        stream = cast(VideoStream, container.add_stream(shape.codec, rate=fps, options=options))
        stream.width, stream.height, stream.pix_fmt = width, height, shape.pixel_format
        for mask in masks:
            container.mux(stream.encode(_frame(mask, shape.pixel_format)))
        container.mux(stream.encode())
    return buffer.getvalue()


def _frame(mask: NDArray[np.bool_], pixel_format: str) -> av.VideoFrame:
    if pixel_format == "gray":
        return av.VideoFrame.from_ndarray(np.where(mask, np.uint8(255), np.uint8(0)), format="gray")
    luma = np.where(mask, np.uint8(235), np.uint8(16))  # white and black of the limited range
    chroma = np.full((mask.shape[0] // 2, mask.shape[1]), 128, np.uint8)
    return av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
