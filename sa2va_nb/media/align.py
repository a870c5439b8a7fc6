"""Maps mask frames to source frames, in time and in size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks

_ROUNDING_PX = 16  # video writers round sides up to the codec's block size
_SAME_ASPECT = 0.02  # relative difference that still counts as a scaled copy
_SAME = 0.01  # relative difference of rates or spans of time that still counts as none


@dataclass(frozen=True)
class Alignment:
    """Which source frame each mask frame shows.

    Attributes:
        kept: (T,) indices of the mask frames that are used, increasing.
        frame: (T,) source frame of each.
        notes: how that was inferred, in words; nothing where it is plain.
    """

    kept: NDArray[np.int64]
    frame: NDArray[np.int64]
    notes: tuple[str, ...] = ()


def align_frames(
    mask_time_s: NDArray[np.float64],
    video_time_s: NDArray[np.float64],
    *,
    n_declared: int,
    n_sampled: int | None = None,
) -> Alignment:
    """Infer the source frame of each mask frame.

    As many mask frames as source frames: one to one. Otherwise, if both videos span the same time,
    by the nearest presentation time; if the request asked for just this many samples, evenly spread;
    if the mask video is shorter at the source's own rate, from the start.

    Args:
        mask_time_s: (M,) presentation times of the decoded mask frames, the first at 0.
        video_time_s: (T,) presentation times of the source frames, the first at 0.
        n_declared: how many frames the mask video should have; more than M where it is cut off.
        n_sampled: how many frames the model was asked to sample; None for all.

    Raises:
        AlignmentError: if none of this fits; then the caller has to say.
    """
    n_masks, n_source = len(mask_time_s), len(video_time_s)
    every = np.arange(n_masks)
    if n_declared == n_source:
        return Alignment(every, every)
    mask_step, source_step = _step(mask_time_s), _step(video_time_s)
    spans = n_declared * mask_step, n_source * source_step
    if abs(spans[0] - spans[1]) <= _SAME * spans[1] + max(mask_step, source_step):
        kept, frame = _nearest(mask_time_s, video_time_s)
        how = f"by the nearest presentation time ({1 / mask_step:.4g} against {1 / source_step:.4g} fps)"
    elif n_sampled == n_declared < n_source:
        kept, frame = every, np.linspace(0, n_source - 1, n_declared).round().astype(np.int64)[:n_masks]
        how = f"as {n_declared} samples spread evenly over the clip"
    elif n_declared < n_source and abs(mask_step - source_step) <= _SAME * source_step:
        kept, frame = every, every
        how = "from the start at the source's own rate; the end of the clip has no masks"
    else:
        raise AlignmentError(
            f"{n_declared} mask frames over {spans[0]:.3g} s don't fit {n_source} source frames over "
            f"{spans[1]:.3g} s; read the mask videos with load_masks(…, frame=the source frame of each)"
        )
    note = f"{n_declared} mask frames were mapped to {n_source} source frames {how}; this is inferred"
    return Alignment(kept, frame, (note,))


def align_size(masks: Masks, size: tuple[int, int]) -> tuple[Masks, tuple[str, ...]]:
    """Scale masks to the source's size where a writer's rounding or a scaled copy explains the difference.

    Args:
        masks: (T, h, w).
        size: (H, W) of the source.

    Returns:
        The masks at (T, H, W), and a note in words if they were scaled.

    Raises:
        AlignmentError: if the sizes have nothing to do with each other.
    """
    (height, width), (rows, columns) = masks.size, size
    if masks.size == size:
        return masks, ()
    rounded = 0 <= height - rows < _ROUNDING_PX and 0 <= width - columns < _ROUNDING_PX
    scaled = abs(height * columns / (width * rows) - 1) < _SAME_ASPECT
    if not (rounded or scaled):
        raise AlignmentError(
            f"masks are {width}x{height} but the source is {columns}x{rows}, neither a rounded nor a scaled "
            "copy; check that they belong together, or leave the video out"
        )
    resized = Masks([rle.resize(output_imshape=size) for rle in masks.rles], size)
    return resized, (f"masks of {width}x{height} were scaled to the source's {columns}x{rows}",)


def _step(time_s: NDArray[np.float64]) -> float:
    """Mean seconds from frame to frame."""
    return float(time_s[-1]) / (len(time_s) - 1) if len(time_s) > 1 and time_s[-1] > 0 else 1.0


def _nearest(
    mask_time_s: NDArray[np.float64], video_time_s: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each mask frame with the nearest source frame; of several that meet one, keep the first."""
    edges = (video_time_s[1:] + video_time_s[:-1]) / 2
    frame, kept = np.unique(np.searchsorted(edges, mask_time_s), return_index=True)
    return kept.astype(np.int64), frame.astype(np.int64)
