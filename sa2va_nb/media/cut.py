"""Cuts a clip anew: chosen frames in front, the whole clip behind."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.media.encode import write_video
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import VideoSource


class Cut:
    """A clip with some of its frames put in front of it, at a constant rate; a ``VideoSource``.

    Attributes:
        first_frames: frame ``i`` of the cut is ``first_frames[i]`` of the clip; from ``len(first_frames)`` on
            it is the clip itself, whole and in order.
    """

    def __init__(self, video: VideoSource, first_frames: Sequence[int]) -> None:
        """Take a clip, and the frames of it to put in front."""
        self._video, self.first_frames = video, tuple(first_frames)

    @property
    def path(self) -> Path:
        """The clip's own file; ``write`` makes the cut's."""
        return self._video.path

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3)."""
        return (len(self), *self._video.shape[1:])

    @property
    def fps(self) -> float:
        """The clip's mean rate."""
        return self._video.fps

    @property
    def time_s(self) -> NDArray[np.float64]:
        """(T,) presentation times in seconds."""
        return np.arange(len(self)) / self.fps

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return len(self) / self.fps

    def __len__(self) -> int:
        return len(self.first_frames) + len(self._video)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        if not 0 <= index < len(self):
            raise IndexError(f"frame must be 0 to {len(self) - 1}, got {index}")
        put_in = len(self.first_frames)
        return self._video[self.first_frames[index] if index < put_in else index - put_in]

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for frame in self.first_frames:
            yield self._video[frame]
        yield from self._video

    def write(self, path: Path) -> Video:
        """Encode the cut as H.264, visually lossless and without sound.

        Raises:
            DecodeError: if the clip can't be decoded, or the cut not encoded.
        """
        return Video(write_video(path, iter(self), self.fps))
