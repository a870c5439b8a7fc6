"""Pairs the frames of two segmentations of one scene."""

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.segmentation import Segmentation

_JITTER_S = 0.002  # containers round time stamps to milliseconds


def align_positions(
    a: Segmentation, b: Segmentation, *, tolerance_s: float | None = None, unique: bool = True
) -> NDArray[np.int64]:
    """Find the position in ``b`` that shows the same moment as each position of ``a``.

    By time where every time of both is known: two positions are a pair if each is the nearest to the other
    (of two equally near, the earlier) and they lie no further apart than the tolerance. Otherwise by equal
    source frame. Later positions are paired with later ones.

    Args:
        a: the masks that the result has an entry for.
        b: the masks to look among.
        tolerance_s: how far apart in seconds two positions may be; None for half of the coarser typical
            step (the median) of both, and 2 ms at least. Unused where frames decide.
        unique: for measuring: a position is in one pair at most. False is for looking, and gives a position of
            ``b`` to each of ``a`` that it is the nearest of, such as one of 10 a second to two or three of 25.

    Returns:
        (T_a,) positions in ``b.frame``, or -1 where ``b`` has none.

    Raises:
        ValueError: if ``tolerance_s`` is negative or not a number.
    """
    if tolerance_s is not None and not tolerance_s >= 0:
        raise ValueError(
            f"tolerance_s must be 0 or more seconds, got {tolerance_s}; leave it out for half a step"
        )
    if not len(a.frame) or not len(b.frame):
        return np.full(len(a.frame), -1, np.int64)
    if not (np.isfinite(a.time_s).all() and np.isfinite(b.time_s).all()):
        return _equal(a.frame, b.frame)
    if tolerance_s is None:
        tolerance_s = max(_JITTER_S, *(step_s(each) / 2 for each in (a, b)))
    there, back = _nearest(a.time_s, b.time_s), _nearest(b.time_s, a.time_s)
    near = np.abs(b.time_s[there] - a.time_s) <= tolerance_s + 1e-9
    mutual = back[there] == np.arange(len(a.frame))
    return np.where(near & (mutual | (not unique)), there, -1)


def describe_alignment(a: Segmentation, b: Segmentation, at: NDArray[np.int64]) -> list[str]:
    """Say in words how the frames of two were paired, unless every frame has its twin.

    Args:
        a: the one that is aligned.
        b: the other.
        at: (T_a,) as from ``align_positions``.
    """
    kept = at >= 0
    apart_s = np.abs(a.time_s[kept] - b.time_s[at[kept]])
    by_time = bool(np.isfinite(a.time_s).all() and np.isfinite(b.time_s).all())
    worst_s = float(apart_s.max()) if by_time and len(apart_s) else 0.0
    if kept.all() and len(at) == len(b.frame) and worst_s <= _JITTER_S:
        return []
    words = f"{kept.sum()} of {len(a.frame)} and {len(b.frame)} mask frames were paired by "
    words += "time" if by_time else "source frame"
    return [f"{words}, up to {worst_s:.3g} s apart" if worst_s > _JITTER_S else words]


def describe_frames(seg: Segmentation) -> str:
    """Say which source frames have masks."""
    return f"frames {seg.frame[0]} to {seg.frame[-1]}" if len(seg.frame) else "no frames"


def step_s(seg: Segmentation) -> float:
    """Give the typical (median) seconds from one mask frame to the next; 0 where nobody knows."""
    steps = np.diff(seg.time_s)
    steps = steps[np.isfinite(steps)]
    return float(np.median(steps)) if len(steps) else 0.0


def _equal(frame: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the position in ``other`` (increasing) of each frame, or -1."""
    at = np.minimum(np.searchsorted(other, frame), len(other) - 1)
    return np.where(other[at] == frame, at, -1).astype(np.int64)


def _nearest(time_s: NDArray[np.float64], other_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the position in ``other_s`` (increasing) nearest to each time; of two, the earlier."""
    after = np.clip(np.searchsorted(other_s, time_s), 0, len(other_s) - 1)
    before = np.maximum(after - 1, 0)
    earlier = np.abs(other_s[before] - time_s) <= np.abs(other_s[after] - time_s)
    return np.where(earlier, before, after).astype(np.int64)
