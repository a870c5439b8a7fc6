"""Maps mask frames to source frames, in time and in size."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.media.orientation import AS_STORED, Orientation

_ROUNDING_PX = 16  # video writers round sides up to the codec's block size
_SAME_ASPECT = 0.02  # relative difference that still counts as a scaled copy
_SAME = 0.01  # relative difference of rates or spans of time that still counts as none
_NTSC = 1.001  # 30 against 29.97 fps, 24 against 23.976
_LARGEST_DIVISOR = 6  # of the simple ratios of rates, 5:2 for 12 of 30 fps
_EXACT = 2e-5  # relative difference of ratios that are the same
_JITTER_S = 0.002  # container time stamps in milliseconds make constant rates look uneven by this


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
    index: NDArray[np.int64] | None = None,
) -> Alignment:
    """Infer the source frame of each mask frame.

    As many mask frames as source frames: one to one. Otherwise, if both videos span the same time,
    by the nearest presentation time; if the request asked for just this many samples, evenly spread;
    if the mask video is shorter at the source's own rate, from the start. Where the number of frames
    that the mask file declares fits nothing, the number that it holds is tried.

    Args:
        mask_time_s: (M,) presentation times of the decoded mask frames, the file's first at 0.
        video_time_s: (T,) presentation times of the source frames, the first at 0.
        n_declared: how many frames the mask video should have; more than M where it is cut off.
        n_sampled: how many frames the model was asked to sample; None for all.
        index: (M,) which of the declared frames each mask is, increasing; None for 0..M-1.

    Raises:
        AlignmentError: if none of this fits; then the caller has to say.
    """
    index = np.arange(len(mask_time_s)) if index is None else index
    held = int(index[-1]) + 1 if len(index) else 0
    for count in dict.fromkeys((n_declared, held)):  # a header may lie
        found = _align(mask_time_s, video_time_s, index, count, n_sampled)
        if found is not None:
            return found
    raise AlignmentError(
        f"{n_declared} mask frames over {n_declared * _step(mask_time_s, index):.3g} s don't fit "
        f"{len(video_time_s)} source frames over {len(video_time_s) * _step(video_time_s):.3g} s; "
        "read the mask videos with load_masks(…, frame=the source frame of each)"
    )


def _align(
    mask_time_s: NDArray[np.float64],
    video_time_s: NDArray[np.float64],
    index: NDArray[np.int64],
    count: int,
    n_sampled: int | None,
) -> Alignment | None:
    """Align a mask video of ``count`` frames; None if nothing fits."""
    n_source, every = len(video_time_s), np.arange(len(index))
    if count == n_source:
        return Alignment(every, index)
    mask_step, source_step = _step(mask_time_s, index), _step(video_time_s)
    if _is_even(mask_time_s, index) and _is_even(video_time_s):
        stretch = _true_ratio(mask_step / source_step, n_source, count) * source_step / mask_step
        mask_time_s, mask_step = mask_time_s * stretch, mask_step * stretch
    span, source_span = count * mask_step, n_source * source_step
    if abs(span - source_span) <= _SAME * source_span + max(mask_step, source_step):
        kept, frame = _nearest(mask_time_s, video_time_s)
        how = f"by the nearest presentation time ({1 / mask_step:.4g} against {1 / source_step:.4g} fps)"
    elif n_sampled == count < n_source:
        kept, frame = every, np.linspace(0, n_source - 1, count).round().astype(np.int64)[index]
        how = f"as {count} samples spread evenly over the clip"
    elif count < n_source and abs(mask_step - source_step) <= _SAME * source_step:
        kept, frame = every, index
        how = "from the start at the source's own rate; the end of the clip has no masks"
    else:
        return None
    note = f"{count} mask frames were mapped to {n_source} source frames {how}; this is inferred"
    return Alignment(kept, frame, (note,))


def align_size(
    masks: Masks, size: tuple[int, int], *, orientation: Orientation = AS_STORED
) -> tuple[Masks, tuple[str, ...]]:
    """Bring masks to the source's size where a writer's rounding, a scaled copy or a turn explains the difference.

    Args:
        masks: (T, h, w).
        size: (H, W) of the source.
        orientation: how the source's stored pictures are turned for display. Masks that have the
            stored size, not the displayed one, are turned in the same way.

    Returns:
        The masks at (T, H, W), and a note in words for what was done.

    Raises:
        AlignmentError: if the sizes have nothing to do with each other.
    """
    if masks.size == size:
        return masks, ()
    if orientation.transposed and not _is_copy(masks.size, size) and _is_copy(masks.size, size[::-1]):
        turned = Masks(
            map(orientation.apply_to_runs, masks.rles), masks.size[::-1], grey_frac=masks.grey_frac
        )
        result, notes = align_size(turned, size)
        return result, (f"masks were {orientation}, as the source is for display", *notes)
    (height, width), (rows, columns) = masks.size, size
    if not _is_copy(masks.size, size):
        raise AlignmentError(
            f"masks are {width}x{height} but the source is {columns}x{rows}, neither a rounded nor a scaled "
            "copy; check that they belong together, or leave the video out"
        )
    resized = Masks([rle.resize(output_imshape=size) for rle in masks.rles], size, grey_frac=masks.grey_frac)
    return resized, (f"masks of {width}x{height} were scaled to the source's {columns}x{rows}",)


def _is_copy(size: tuple[int, int], source: tuple[int, int]) -> bool:
    """Tell whether a size comes of the source's by rounding sides up, or by scaling."""
    (height, width), (rows, columns) = size, source
    rounded = 0 <= height - rows < _ROUNDING_PX and 0 <= width - columns < _ROUNDING_PX
    return rounded or abs(height * columns / (width * rows) - 1) < _SAME_ASPECT


def _step(time_s: NDArray[np.float64], index: NDArray[np.int64] | None = None) -> float:
    """Mean seconds from frame to frame; ``index`` counts the frames that are missing, too."""
    if len(time_s) < 2 or time_s[-1] <= time_s[0]:
        return 1.0
    steps = len(time_s) - 1 if index is None else int(index[-1] - index[0])
    return float(time_s[-1] - time_s[0]) / steps


def _is_even(time_s: NDArray[np.float64], index: NDArray[np.int64] | None = None) -> bool:
    """Tell whether frames come at a constant rate."""
    index = np.arange(len(time_s)) if index is None else index
    return bool(np.ptp(time_s - index * _step(time_s, index)) <= 2 * _JITTER_S) if len(time_s) else False


def _true_ratio(ratio: float, n_source: int, count: int) -> float:
    """Undo a writer's rounding of rates, so that nothing drifts.

    Every k-th frame of 29.97 fps is often written at 30/k fps. Where the rates and the numbers of
    frames both say every k-th, it is; and a ratio that is off by NTSC's 1.001 from a simple one is that.
    """
    every = max(1, round(ratio))
    if abs(every / ratio - 1) <= _SAME and count in (n_source // every, -(-n_source // every)):
        return every
    for exact in (ratio * _NTSC, ratio / _NTSC):
        simple = Fraction(exact).limit_denominator(_LARGEST_DIVISOR)
        if simple and abs(simple / exact - 1) <= _EXACT:
            return float(simple)
    return ratio


def _nearest(
    mask_time_s: NDArray[np.float64], video_time_s: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each mask frame with the nearest source frame; of several that meet one, keep the first."""
    edges = (video_time_s[1:] + video_time_s[:-1]) / 2
    frame, kept = np.unique(np.searchsorted(edges, mask_time_s), return_index=True)
    return kept.astype(np.int64), frame.astype(np.int64)
