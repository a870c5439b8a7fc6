"""One figure for each mask from the parts of its quality."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

WITH_PICTURE = ("picture_iou", "fit", "color_match", "largest_frac", "smoothness")
WITHOUT = ("shape_iou", "largest_frac", "smoothness")
FLOOR = 0.02  # below it a part says no more than "wrong": one alone can't take the score to 0
UNKNOWN = 0.5  # neither plausible nor not
NEAR = 12  # visible frames around an absence that say how large the object was


def score(
    parts: Mapping[str, FloatArray], area_px: NDArray[np.int64], touches: NDArray[np.bool_]
) -> FloatArray:
    """Combine parts to a score in [0, 1], by their geometric mean, all with the same weight.

    With the picture: ``picture_iou``, ``fit``, ``color_match``, ``largest_frac``, ``smoothness``; without
    it ``shape_iou`` stands for the first three. A part that isn't defined (one frame alone has no
    neighbours) is left out. In a geometric mean one bad part can't be made good by the others, and no
    part needs a scale of its own. No weight was fitted.

    Where the object is absent, the score is how plausible its absence is: see :func:`absence`.

    Args:
        parts: (T,) each, NaN where undefined.
        area_px: (T,) of the masks.
        touches: (T,) whether a mask reaches the image's edge.
    """
    names = WITHOUT if np.isnan(parts["fit"]).all() else WITH_PICTURE
    logs = np.log(np.clip([parts[name] for name in names], FLOOR, 1))  # (parts, T)
    known = ~np.isnan(logs)
    means = np.where(known, logs, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(area_px > 0, np.exp(means), absence(area_px, touches))


def absence(area_px: NDArray[np.int64], touches: NDArray[np.bool_]) -> FloatArray:
    """Say how plausible it is that the object is not there, (T,): 0 for a sudden hole, 1 for an exit.

    An object goes by shrinking (behind something, into the distance) or over the image's edge, and comes
    back likewise. At each end of an absence, unless it is the clip's own end: 1 minus the ratio r of the area of
    the mask at that end to the median of up to 12 visible masks on that side; where that mask touches the
    edge, 2 - 2r. Both within 0 and 1. The value is the smaller of the two ends', and at least 0.5 before an object
    is first visible: nobody knows whether it was there. An object that is never visible has 0 everywhere: it
    was named, and not found. It lies for a mask that fades away while the object stays, for what goes at once (a
    bubble), and where masks are so far apart in time that going is not seen.
    """
    plausible = np.zeros(len(area_px))
    seen = np.flatnonzero(area_px)
    if not len(seen):
        return plausible
    for start, stop in runs(area_px == 0):
        before, after = seen[seen < start][-NEAR:], seen[seen >= stop][:NEAR]
        ends = [(before, before[-1:]), (after, after[:1])]
        least = UNKNOWN if start == 0 else 0.0
        plausible[start:stop] = max(least, min(_leaving(area_px, touches, side, end) for side, end in ends))
    return plausible


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the runs of True in (T,) as half-open (start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _leaving(
    area_px: NDArray[np.int64], touches: NDArray[np.bool_], side: NDArray[np.intp], end: NDArray[np.intp]
) -> float:
    if not len(end):
        return 1.0
    missing = 1 - float(area_px[end[0]] / np.median(area_px[side]))
    return min(1.0, max(0.0, 2 * missing if touches[end[0]] else missing))
