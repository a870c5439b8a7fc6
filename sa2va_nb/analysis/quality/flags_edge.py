"""Flag of contours that lie off the object's edge in the whole clip."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from sa2va_nb.analysis.quality.evidence import Evidence, FloatArray, Marks, Seen

REACH = 10  # cells inside and outside the contour
MOST_FRAMES = 40  # spread over the clip; more tell nothing new
FEWEST_CELLS = 30  # so deep or far, for a mean
FINE = 1.0  # cells: a blur that takes noise off, and leaves edges
CLEARLY = 1.2  # the colours change that much more at the edge than at the contour
STEEP = 0.25  # of certainty, within one cell: what changes less is no edge
ANYWHERE = 2 / np.pi  # of a gradient lies across the contour where its direction is random: the mean of |cos|
ALIKE = 0.5  # of the contour's length: a shorter line inside or outside has another shape
APART = 2  # cells: an edge is as wide as that
FAINT = 0.05  # more across than anywhere: less is chance
WEAKER = 0.85  # of the edge's: less at the contour. Right masks had 0.98 or more, wrong ones 0.76 or less


@dataclass(frozen=True, eq=False)
class Lines:
    """What the picture shows along the lines at each distance from the contour, over a clip.

    All (2 REACH,), from deep inside to far outside; the contour is in the middle, and each line one cell wide.

    Attributes:
        count: cells.
        chance: how much their colours speak for the object, 0 to 1; NaN where cells are too few.
        across: share of the brightness' gradient that is across the line, less what it is anywhere; NaN where the
            line is too short.
    """

    count: FloatArray
    chance: FloatArray
    across: FloatArray

    @classmethod
    def of(cls, e: Evidence, seen: Seen) -> "Lines":
        """Sum over up to 40 frames."""
        count, chance, across, steepness = np.zeros((4, 2 * REACH))
        shown = np.flatnonzero(e.visible)
        for t in shown[:: -(-len(shown) // MOST_FRAMES) or 1].tolist():
            core = e.covered[t] > 127
            if not core.any() or core.all():
                continue
            box = _around(core)
            distance = _signed_distance(core[box])
            line = np.floor(distance).astype(np.int64) + REACH
            near = (line >= 0) & (line < 2 * REACH)
            normal, slope = _slope(distance), _slope(seen.luma[t][box].astype(np.float64))
            steep = np.hypot(*slope)
            through = np.abs((normal * slope).sum(axis=0)) / np.maximum(np.hypot(*normal), 1e-6)
            for total, values in ((chance, seen.chance[t][box] / 255), (across, through), (steepness, steep)):
                total += np.bincount(line[near], values[near], 2 * REACH)
            count += np.bincount(line[near], minlength=2 * REACH)
        few = count < FEWEST_CELLS
        alike = _joined(~few & (count >= ALIKE * count[REACH - 1 : REACH + 1].min()))
        return cls(
            count,
            np.where(few, np.nan, chance / np.maximum(count, 1)),
            np.where(alike & (steepness > 0), across / np.maximum(steepness, 1e-6) - ANYWHERE, np.nan),
        )


def off_the_edge(e: Evidence) -> Marks:
    """Mark all masks of an object whose contours lie off its edge: "contour about 12 px too far in", or "out".

    Two witnesses, over the whole clip. The colours: from the depth of the mask to its surroundings, the chance that
    they are the object's drops the most at the object's edge, even where it was learnt from masks that are too
    small or too large. Where they tell no edge, the gradients: at an object's edge the brightness changes across
    it, anywhere else in any direction (the alignment of Kimmel and Bruckstein, IJCV 53(3), 2003); if the
    lines inside or outside the contour have clearly more of that, the contour is off.

    It is a mean over the clip: it sees what is wrong in most frames, and can't say in which. It lies where a line
    around the object, or inside it, is stronger than its edge and of the same shape: a halo, a stripe, a shadow.
    """
    if e.seen is None:
        return {}
    lines = Lines.of(e, e.seen)
    cells = _by_color(lines) or _by_gradient(lines)
    if not cells:
        return {}
    cell_px = float(np.mean(np.array(e.masks.size) / e.covered.shape[1:]))
    text = f"contour about {abs(cells) * cell_px:.0f} px too far {'in' if cells > 0 else 'out'}"
    return dict.fromkeys(np.flatnonzero(e.visible).tolist(), text)


def _by_color(lines: Lines) -> float:
    """Give how many cells outside the contour the object's colours end, 0 where they do at the contour, or nowhere."""
    drop = lines.chance[:-1] - lines.chance[1:]  # (2 REACH - 1,), the contour in the middle
    if np.isnan(drop[REACH - 2 : REACH + 1]).any():
        return 0.0
    at = int(np.nanargmax(drop))
    is_edge = drop[at] >= max(STEEP, CLEARLY * drop[REACH - 1])
    return float(at - (REACH - 1)) if is_edge else 0.0


def _by_gradient(lines: Lines) -> float:
    """Give how many cells outside the contour the picture has an edge along it, 0 for at the contour, or nowhere."""
    here = lines.across[REACH - 1 : REACH + 1].max()  # NaN where one side is
    elsewhere = lines.across.copy()
    elsewhere[REACH + 1 - APART : REACH - 1 + APART] = np.nan
    if np.isnan(here) or np.isnan(elsewhere).all():
        return 0.0
    at = int(np.nanargmax(elsewhere))
    is_off = elsewhere[at] >= FAINT and here < WEAKER * elsewhere[at]
    return at + 0.5 - REACH if is_off else 0.0


def _around(core: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Give the part of the image that the lines are in."""
    rows, columns = (np.flatnonzero(core.any(axis=axis)) for axis in (1, 0))
    margin = REACH + 3  # for the blur
    return (
        slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + margin + 1),
        slice(max(int(columns[0]) - margin, 0), int(columns[-1]) + margin + 1),
    )


def _signed_distance(core: NDArray[np.bool_]) -> FloatArray:
    """Give how far each cell's centre is outside the contour, below 0 inside."""
    signed: FloatArray = np.where(
        core, 0.5 - distance_transform_edt(core), distance_transform_edt(~core) - 0.5
    )
    return signed


def _slope(image: FloatArray) -> FloatArray:
    """Give the gradient, (2, h, w), of an image that is blurred a little."""
    return np.stack([gaussian_filter(image, FINE, order=order) for order in ((1, 0), (0, 1))])


def _joined(alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep what joins on to the contour without a break."""
    inside, outside = alike[:REACH], alike[REACH:]
    return np.concatenate([np.logical_and.accumulate(inside[::-1])[::-1], np.logical_and.accumulate(outside)])
