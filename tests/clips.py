"""Small real videos for tests, made with a real encoder."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from sa2va_nb.media.encode import write_mask_video, write_video


def rectangle(
    *, frames: int = 12, height: int = 48, width: int = 64, start: tuple[int, int] = (8, 10), step: int = 2
) -> NDArray[np.bool_]:
    """Give (T, H, W) masks of a 12 x 16 rectangle that moves right by ``step`` pixels a frame."""
    dense = np.zeros((frames, height, width), bool)
    top, left = start
    for t in range(frames):
        dense[t, top : top + 12, left + step * t : left + step * t + 16] = True
    return dense


def textured_clip(
    path: Path, *, frames: int = 12, height: int = 48, width: int = 64, fps: float = 24
) -> Path:
    """Write a clip whose every frame is different and textured, in patches that survive JPEG."""
    patches = np.random.default_rng(0).integers(0, 200, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    texture = patches.repeat(8, axis=0).repeat(8, axis=1)[:height, :width]
    return write_video(path, (np.roll(texture, 3 * t, axis=1) + np.uint8(t) for t in range(frames)), fps)


def mask_clip(path: Path, masks: NDArray[np.bool_], fps: float = 24) -> Path:
    """Write a mask video."""
    return write_mask_video(path, masks, fps)


def audio_only(path: Path) -> Path:
    """Write an mp4 that holds a second of silence and no picture."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def no_frames(path: Path) -> Path:
    """Write a well-formed mp4 whose video stream holds no frame."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return path
