"""Flags of masks that move as the object doesn't, or stay while it moves."""

import numpy as np

from sa2va_nb.analysis.quality.evidence import Evidence, Marks
from sa2va_nb.analysis.quality.score import runs
from sa2va_nb.analysis.quality.steps import steps

MIN_JUMP = 0.25  # of the diameter of a disk of the usual area, beyond the usual motion
OUTLYING = 5.0  # robust standard deviations of the clip's own motion
SAME_SHAPE = 0.6  # IoU of the shapes laid on each other: less may be a change of shape that moves the centre
FAR = 0.5  # of the diameter: no change of shape moves the centre so far
FROZEN_IOU = 0.99  # lossy mask videos change some pixels of the same mask
FROZEN_FRAMES = 4  # steps without motion
STIRS = 6.0  # mean change of brightness under a mask, in grey levels: more than noise and coding
LIVELY_IOU = 0.97  # an object with a usual IoU above that hardly moves
GHOST_FRAMES = 3
GHOST_FIT = 0.5  # of the usual fit


def jumps(e: Evidence) -> Marks:
    """Mark sudden moves: "jumps 80 px", until the mask is back where it should be, or for one frame.

    A move counts if it is at least a quarter of the object's diameter beyond its usual motion, more
    than 5 robust standard deviations of the clip's own, and the shape is much the
    same or the move at least half a diameter.
    """
    motion = np.diff(e.place, axis=0, prepend=np.nan)  # (T, 2) px
    marks: Marks = {}
    for step in steps(motion / e.diameter[:, None], least=MIN_JUMP * e.slack, outlying=OUTLYING):
        t = step.start
        if e.shape_iou_prev(t) >= SAME_SHAPE or np.hypot(*motion[t]) >= FAR * e.diameter[t]:
            marks |= dict.fromkeys(range(t, step.stop), f"jumps {np.hypot(*motion[t]):.0f} px")
    return marks


def freezes(e: Evidence) -> Marks:
    """Mark masks that stay the same while the picture under them changes: "frozen for 12 frames".

    Without a picture, what counts is that the object moves in the rest of the clip.
    """
    still = np.nan_to_num(e.iou_prev) >= FROZEN_IOU
    marks: Marks = {}
    for start, stop in runs(still):
        if stop - start >= FROZEN_FRAMES and _should_move(e, start - 1, stop):
            marks |= dict.fromkeys(range(start, stop), f"frozen for {stop - start} frames")
    return marks


def outlives(e: Evidence) -> Marks:
    """Mark masks left where the object was: "outlives its object".

    From some frame on, for 3 frames or more, the colours under the mask are less than half as
    much the object's as usual, though the mask did not jump there.
    """
    if e.seen is None or not e.visible.any():
        return {}
    fit = e.parts["fit"]
    empty_handed = np.nan_to_num(fit, nan=1.0) < GHOST_FIT * e.usual_fit
    marks: Marks = {}
    for start, stop in runs(empty_handed):
        if stop - start >= GHOST_FRAMES and start > 0 and e.iou_prev[start] > 0:
            marks |= dict.fromkeys(range(start, stop), "outlives its object")
    return marks


def _should_move(e: Evidence, start: int, stop: int) -> bool:
    if e.seen is None:
        rest = np.delete(e.iou_prev, np.arange(start, stop))
        return bool(np.nanmedian(rest) < LIVELY_IOU) if np.any(~np.isnan(rest)) else False
    under = e.covered[start] > 0
    luma = e.seen.luma[start:stop, under].astype(np.float64)
    return bool(np.abs(luma[1:] - luma[0]).mean(axis=1).max() >= STIRS)
