"""Flags of sudden changes of size."""

import numpy as np

from sa2va_nb.analysis.quality.evidence import Evidence, FloatArray, Marks
from sa2va_nb.analysis.quality.explain import Difference, difference, explains_gain, explains_loss
from sa2va_nb.analysis.quality.steps import Step, steps

MIN_CHANGE = 0.15  # of the usual area, in one frame: what goes behind another thing loses less
OUTLYING = 8.0  # robust standard deviations of the clip's own changes
HALF = (0.2, 0.75)  # of the area: what is left after a cut
ONE_SIDED = 0.7  # standard deviations: less than half of what a straight cut through the centre makes


def sizes(e: Evidence) -> Marks:
    """Mark sudden changes of the area.

    "shrinks by 40 %" and "grows by 40 %" for a run of frames after which the size is as before, with "cut
    in half" if most of what is lost lies on one side; "area jumps by 60 %" for the first frame of a lasting
    change. A change counts if it is at least 15 % of the usual area within one frame, more than 8 robust
    standard deviations of the clip's own changes, and the picture doesn't explain it: nothing else
    came into view where mask was lost, nor the object where it is new.
    """
    marks: Marks = {}
    logs = np.diff(np.log(np.where(e.visible, e.area, np.nan)), prepend=np.nan)
    for step in steps(
        _changes(e)[:, None], least=MIN_CHANGE * e.slack, outlying=OUTLYING, undone=logs[:, None]
    ):
        ratio = float(e.area[step.start] / e.area[step.start - 1])
        changed = difference(e, step.start, step.start - 1)
        if not _is_explained(e, step, ratio, changed):
            marks |= dict.fromkeys(range(step.start, step.stop), _words(step, ratio, changed))
    return marks


def _changes(e: Evidence) -> FloatArray:
    """Give the change of area from the frame before, over the usual area: (T,), NaN where one is empty."""
    area = np.where(e.visible, e.area, np.nan)
    return np.diff(area, prepend=np.nan) / e.usual(e.area)


def _is_explained(e: Evidence, step: Step, ratio: float, changed: Difference) -> bool:
    """Say whether there is a reason: the image's edge, another thing where it shrinks, the object where it grows."""
    if ratio > 1:
        known = explains_gain(e, step.start, changed)
        return bool(e.touches[step.start - 1]) if known is None else known
    left_the_image = changed.lost_share < MIN_CHANGE  # of what should still be in it
    return left_the_image or explains_loss(e, step.start, changed) is True


def _words(step: Step, ratio: float, changed: Difference) -> str:
    percent = f"{abs(ratio - 1) * 100:.0f} %"
    if not step.returns:
        return f"area jumps by {percent}"
    if ratio > 1:
        return f"grows by {percent}"
    is_cut = HALF[0] < ratio < HALF[1] and changed.one_sided > ONE_SIDED
    return f"cut in half; shrinks by {percent}" if is_cut else f"shrinks by {percent}"
