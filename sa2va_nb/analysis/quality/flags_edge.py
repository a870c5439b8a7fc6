"""Flag of contours that lie off the object's edge in the whole clip."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from sa2va_nb.analysis.quality.evidence import Evidence, FloatArray

Marks = dict[int, str]

REACH = 10  # cells inside and outside the contour
MOST_FRAMES = 60  # spread over the clip; more tell nothing new
FEWEST_CELLS = 30  # so deep or far, for a mean
CLEARLY = 1.2  # the colours change that much more at the edge than at the contour


def off_the_edge(e: Evidence) -> Marks:
    """Mark all masks of an object whose contours lie off its edge: "contour about 12 px too far in", or "out".

    From the depth of the mask to its surroundings, the mean chance that colours are the object's drops the most
    at the object's edge, even where it was learnt from masks that are too small or too large. If that is at least
    one cell of the small grid from the contour, the contour is off. It is a mean over the clip: it sees
    what is wrong in most frames, and can't say in which. The direction lies where the object's own colours
    change more inside it than at its edge, as with a car's dark windows.
    """
    if e.seen is None:
        return {}
    profile = _profile(e, e.seen.chance)
    drop = profile[:-1] - profile[1:]  # (2 REACH - 1,), the contour in the middle
    if np.isnan(drop[REACH - 2 : REACH + 1]).any():
        return {}
    at = int(np.nanargmax(drop))
    cells = at - (REACH - 1)
    if cells == 0 or drop[at] < CLEARLY * drop[REACH - 1]:
        return {}
    cell_px = float(np.mean(np.array(e.masks.size) / e.covered.shape[1:]))
    text = f"contour about {abs(cells) * cell_px:.0f} px too far {'in' if cells > 0 else 'out'}"
    return dict.fromkeys(np.flatnonzero(e.visible).tolist(), text)


def _profile(e: Evidence, chance: NDArray[np.uint8]) -> FloatArray:
    """Average the chance over the cells at each distance from the contour, (2 REACH,), inside first."""
    total, count = np.zeros(2 * REACH), np.zeros(2 * REACH)
    shown = np.flatnonzero(e.visible)
    for t in shown[:: -(-len(shown) // MOST_FRAMES) or 1]:
        core = e.covered[t] > 127
        if not core.any() or core.all():
            continue
        signed = np.where(core, 0.5 - distance_transform_edt(core), distance_transform_edt(~core) - 0.5)
        step = np.floor(signed).astype(np.int64) + REACH
        near = (step >= 0) & (step < 2 * REACH)
        total += np.bincount(step[near], chance[t][near], 2 * REACH)
        count += np.bincount(step[near], minlength=2 * REACH)
    return np.where(count >= FEWEST_CELLS, total, np.nan) / np.maximum(count, 1)
