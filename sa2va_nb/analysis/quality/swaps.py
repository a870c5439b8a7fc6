"""Flags of objects that exchange their masks."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.analysis.quality.evidence import Evidence, Marks
from sa2va_nb.analysis.quality.steps import LONGEST

CLOSER = 0.5  # of the way both would have moved: exchanged, they move less than that


def swaps(evidence: dict[int, Evidence]) -> dict[int, Marks]:
    """Mark masks that two objects exchange: "swaps with object 1", from then until they change back.

    From one frame to the next, exchanging the masks of both makes both move less than half as far, and
    less than half a diameter. A lasting exchange is marked in its first frame only: after that, who is who is
    a matter of names.

    Args:
        evidence: by object.

    Returns:
        By object, the words for each frame.
    """
    marks: dict[int, Marks] = {index: {} for index in evidence}
    for a, b in combinations(evidence, 2):
        times = [t for t in range(1, len(evidence[a])) if _exchanged(evidence[a], evidence[b], t)]
        while times:
            start = times.pop(0)
            stop = times.pop(0) if times and times[0] <= start + LONGEST else start + 1
            for one, other in ((a, b), (b, a)):
                marks[one] |= dict.fromkeys(range(start, stop), f"swaps with object {other}")
    return marks


def _exchanged(a: Evidence, b: Evidence, t: int) -> bool:
    if not (a.visible[t - 1] and a.visible[t] and b.visible[t - 1] and b.visible[t]):
        return False
    kept = _far(a.place[t], a.place[t - 1]) + _far(b.place[t], b.place[t - 1])
    exchanged = _far(a.place[t], b.place[t - 1]) + _far(b.place[t], a.place[t - 1])
    return bool(exchanged < CLOSER * kept and exchanged < (a.diameter[t] + b.diameter[t]) / 2)


def _far(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.hypot(*(one - other)))
