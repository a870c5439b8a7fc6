"""Finds the moments at which something is worst."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_EXTENT = 0.5  # of the worst value: a moment reaches as far as it is at least half as bad


class Moment(NamedTuple):
    """A stretch of time around its worst position.

    Attributes:
        worst: the position where it is worst.
        first: the first position of the stretch.
        last: the last one.
    """

    worst: int
    first: int
    last: int


def worst_moments(
    badness: NDArray[np.float64], *, weight: NDArray[np.integer] | NDArray[np.float64] | None = None
) -> list[Moment]:
    """List the moments at which a value peaks, worst first, one a peak.

    A moment is the unbroken stretch around a local maximum in which the value is at least half of it, nowhere
    worse, and in no worse moment; a maximum inside a worse moment is none of its own.

    Args:
        badness: (T,) in the order of time, 0 or NaN where nothing is wrong.
        weight: (T,) what decides between equal values: the larger is worse; then the earlier.

    Returns:
        The moments; no position is in two of them.
    """
    value = np.nan_to_num(badness, nan=0.0)
    tie = np.zeros(len(value)) if weight is None else weight
    rank = np.empty(len(value), np.int64)
    rank[np.lexsort((-np.arange(len(value)), tie, value))] = np.arange(len(value))
    sides = np.concatenate([[-1], rank, [-1]])
    peaks = np.flatnonzero((rank > sides[:-2]) & (rank > sides[2:]) & (value > 0))
    taken = np.zeros(len(value), np.bool_)
    moments = []
    for peak in peaks[np.argsort(-rank[peaks])]:
        if taken[peak]:
            continue
        outside = np.flatnonzero(taken | (value < _EXTENT * value[peak]) | (rank > rank[peak]))
        at = int(np.searchsorted(outside, peak))
        first = int(outside[at - 1]) + 1 if at else 0
        last = int(outside[at]) - 1 if at < len(outside) else len(value) - 1
        taken[first : last + 1] = True
        moments.append(Moment(int(peak), first, last))
    return moments
