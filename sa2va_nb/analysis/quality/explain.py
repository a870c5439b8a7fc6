"""Whether the picture explains why a mask differs from the one before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.analysis.quality.consensus import shifted
from sa2va_nb.analysis.quality.evidence import Evidence, usual

HIDDEN = 0.45  # of the chance before
APPEARED = 0.22  # more chance than before


@dataclass(frozen=True, eq=False)
class Difference:
    """What a mask lost and gained against an earlier one, moved to where it should be by now.

    Attributes:
        lost: (h, w) share of each cell that is not covered any more, 0 to 255.
        gained: (h, w) share that is covered now.
        lost_share: of the earlier mask, as far as it would still be in the image.
        one_sided: how far the centre of what is lost is off the centre of what is kept, in standard
            deviations of the earlier mask in that direction (Mahalanobis): about 1.7 where a straight line
            cuts any convex shape in half, 0 for an even rim; 0 if nothing, or all, is lost.
    """

    lost: NDArray[np.uint8]
    gained: NDArray[np.uint8]
    lost_share: float
    one_sided: float


def difference(e: Evidence, t: int, earlier: int) -> Difference:
    """Compare the mask of frame t with an earlier one, which moved on as usual until then."""
    step = np.diff(e.place, axis=0, prepend=np.nan)
    known: NDArray[np.bool_] = np.asarray(~np.isnan(step).any(axis=1))
    speed = np.array([usual(column, known, window=6)[earlier] for column in step.T])  # x, y: px a frame
    cell = np.array(e.masks.size) / e.covered.shape[1:]  # rows, columns: px
    dy, dx = np.rint(np.nan_to_num(speed[::-1]) * (t - earlier) / cell).astype(int).tolist()
    before, now = shifted(e.covered[earlier], dy, dx), e.covered[t]
    lost = np.where(before > now, before - now, 0).astype(np.uint8)
    gained = np.where(now > before, now - before, 0).astype(np.uint8)
    lost_share = float(lost.sum() / before.sum()) if before.any() else 0.0
    return Difference(lost, gained, lost_share, _one_sided(lost, before))


def looks_like_object(e: Evidence, t: int, cells: NDArray[np.uint8]) -> bool | None:
    """Say whether the picture shows the object's colours there; None without a picture, or without cells.

    It does if they are likely on the mean, see ``Evidence.likely``.
    """
    if e.seen is None or not cells.any():
        return None
    chance = np.average(e.seen.chance[t], weights=cells) / 255
    return bool(chance >= e.likely)


def explains_loss(e: Evidence, t: int, changed: Difference) -> bool | None:
    """Say whether something else came into view where the mask was lost; None where nobody can tell.

    It did if the colours there speak for the object less than 0.45 times as much as in the frame before.
    """
    before, now = _chances(e, t, changed.lost)
    return None if np.isnan(now) else bool(now < HIDDEN * before)


def explains_gain(e: Evidence, t: int, changed: Difference) -> bool | None:
    """Say whether the object came into view where the mask is new; None where nobody can tell.

    It did if the colours there speak for the object more than in the frame before, by over 0.22 of certainty.
    """
    before, now = _chances(e, t, changed.gained)
    return None if np.isnan(now) else bool(now > before + APPEARED)


def _chances(e: Evidence, t: int, cells: NDArray[np.uint8]) -> tuple[float, float]:
    """Give how much the colours of some cells spoke for the object one frame before, and do now."""
    if e.seen is None or not cells.any():
        return np.nan, np.nan
    before, now = (float(np.average(e.seen.chance[u], weights=cells)) / 255 for u in (t - 1, t))
    return before, now


def _one_sided(lost: NDArray[np.uint8], before: NDArray[np.uint8]) -> float:
    kept = before - lost
    if not lost.any() or not kept.any():
        return 0.0
    _, spread = _moments(before)
    off = _moments(lost)[0] - _moments(kept)[0]
    return float(np.sqrt(off @ np.linalg.solve(spread, off)))


def _moments(cells: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the centre (y, x) and the covariance (2, 2) of some cells, each a unit square."""
    height, width = cells.shape
    total, y, x = cells.sum(), np.arange(height), np.arange(width)
    rows, columns = cells.sum(axis=1) / total, cells.sum(axis=0) / total
    centre = np.array([rows @ y, columns @ x])
    mixed = y @ (cells / total) @ x - centre[0] * centre[1]
    covariance = np.array([[rows @ y**2 - centre[0] ** 2, mixed], [mixed, columns @ x**2 - centre[1] ** 2]])
    return centre, covariance + np.eye(2) / 12
