"""Sudden steps of a value over time, of which some are taken back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.analysis.quality.evidence import BoolArray, Evidence, FloatArray, spread, usual

LOCAL = 5  # frames before and after, whose changes are what is usual
LONGEST = 15  # frames: after that a change has come to stay
LARGER = 2.0  # times as large: another matter
TAKEN_BACK = 0.7  # of a step: what may remain when it is undone, as the object changes meanwhile


@dataclass(frozen=True)
class Step:
    """A sudden change.

    Attributes:
        start: the first frame after it.
        stop: the frame in which it is taken back, or the next frame if it isn't.
        returns: whether it is taken back.
    """

    start: int
    stop: int
    returns: bool


def residuals(changes: FloatArray) -> FloatArray:
    """Give changes (T, D) minus the usual change around each."""
    known: BoolArray = np.asarray(~np.isnan(changes).any(axis=1))
    rest: FloatArray = changes - np.stack(
        [usual(column, known, window=LOCAL) for column in changes.T], axis=1
    )
    return rest


def steps(
    changes: FloatArray, *, least: float, outlying: float, undone: FloatArray | None = None
) -> list[Step]:
    """Find the changes that stand out.

    Args:
        changes: (T, D) from the frame before; NaN where there is none.
        least: the smallest length of a change that counts.
        outlying: how many robust standard deviations of the clip's own it must be beyond the usual.
        undone: (T, D) changes by which to tell that a later one takes one back; ``changes`` if left out.
    """
    rest = residuals(changes)
    undoing = rest if undone is None else residuals(undone)
    size = np.sqrt((rest**2).sum(axis=1))
    own = max(spread(column) for column in rest.T)
    with np.errstate(invalid="ignore"):
        sudden: NDArray[np.intp] = np.flatnonzero((size >= least) & (size > outlying * own))
    found, done = [], -1
    for t in sudden.tolist():
        if t <= done:
            continue
        back = _taken_back(t, sudden.tolist(), undoing, size)
        found.append(Step(t, t + 1 if back is None else back, back is not None))
        done = t if back is None else back
    return found


def rises(e: Evidence, values: FloatArray, *, least: float, outlying: float = 6.0) -> list[Step]:
    """Find the sudden rises of a value (T,) between visible masks; see :func:`steps`."""
    known = np.where(e.visible, values, np.nan)
    change = np.diff(known, prepend=np.nan)
    return [step for step in steps(change[:, None], least=least, outlying=outlying) if change[step.start] > 0]


def _taken_back(t: int, sudden: list[int], undoing: FloatArray, size: FloatArray) -> int | None:
    """Give the sudden change that takes back the one at t: together they are little, with all between them or alone.

    What comes after one that is twice as large belongs to that.
    """
    for u in sudden:
        if t < u <= t + LONGEST:
            if _is_back(undoing[t : u + 1]) or _is_back(undoing[[t, u]]):
                return u
            if size[u] > LARGER * size[t]:
                return None
    return None


def _is_back(changes: FloatArray) -> bool:
    """Say whether changes (n, D) end about where they began, next to the length of the first."""
    left = np.sqrt((np.nansum(changes, axis=0) ** 2).sum())
    return bool(left <= TAKEN_BACK * np.sqrt((changes[0] ** 2).sum()))
