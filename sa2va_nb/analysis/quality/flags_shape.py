"""Flags of masks whose shape falls out of the clip."""

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.analysis.quality.evidence import BoolArray, Evidence, FloatArray, spread
from sa2va_nb.analysis.quality.explain import Difference, difference, looks_like_object
from sa2va_nb.analysis.quality.mask_shape import holes as holes_in
from sa2va_nb.analysis.quality.reduced import reduce_rle
from sa2va_nb.analysis.quality.steps import rises

Marks = dict[int, str]

SMALL = 0.05  # of the largest region's area: a speck
MIN_SPECKS = 4  # more than usual
MIN_HOLES = 0.04  # of the filled area, more than usual
MIN_ROUGHER = 0.1  # of smoothness, less than usual
OUTLYING = 6.0  # robust standard deviations of the clip's own values
MUCH = 0.1  # of the mask: less is lost and gained at any contour
SAME_SIZE = 0.1  # a mask that grows or shrinks is rough or smooth for that


def splits(e: Evidence) -> Marks:
    """Mark masks that suddenly come in more regions, for no reason that the picture shows: "splits into 3 pieces"."""
    pieces = np.array([_count(areas, SMALL, np.inf) for areas in e.pieces], np.float64)
    least = 1.0 if e.seen is not None else 2.0
    marks: Marks = {}
    for step in rises(e, pieces, least=least):
        changed = difference(e, step.start, step.start - 1)
        if _is_wrong(e, step.start, changed):
            marks |= {
                t: f"splits into {pieces[t]:.0f} pieces"
                for t in range(step.start, step.stop)
                if pieces[t] > 1
            }
    return marks


def specks(e: Evidence) -> Marks:
    """Mark masks with more crumbs than usual that don't have the object's colours: "6 specks"."""
    crumbs = np.array([_count(areas, 0, SMALL) for areas in e.pieces], np.float64)
    outlying = 3.0 if e.seen is not None else OUTLYING  # the picture has the last word
    marks: Marks = {}
    sudden = [
        t
        for step in rises(e, crumbs, least=MIN_SPECKS, outlying=outlying)
        for t in range(step.start, step.stop)
    ]
    for t in sorted({*np.flatnonzero(_above(e, crumbs, least=MIN_SPECKS)).tolist(), *sudden}):
        smallest = e.pieces[t][0] * SMALL
        bulk = e.rles[t].remove_small_components(int(np.ceil(smallest)), connectivity=8)
        if not looks_like_object(e, t, reduce_rle(e.rles[t] - bulk, e.covered.shape[1:])):
            marks[t] = f"{crumbs[t]:.0f} specks"
    return marks


def holes(e: Evidence) -> Marks:
    """Mark masks with larger holes than usual in which the object is seen: "holes (12 %)"."""
    share = e.parts["holes_frac"]
    marks: Marks = {}
    for step in rises(e, share, least=MIN_HOLES):
        for t in range(step.start, step.stop):
            cells = reduce_rle(holes_in(e.rles[t]), e.covered.shape[1:])
            if share[t] >= MIN_HOLES and looks_like_object(e, t, cells) is not False:
                marks[t] = f"holes ({share[t] * 100:.0f} %)"
    return marks


def ragged(e: Evidence) -> Marks:
    """Mark masks much rougher than usual, though as large: "ragged contour"."""
    rougher = _above(e, 1 - e.parts["smoothness"], least=MIN_ROUGHER)
    with np.errstate(invalid="ignore"):
        rougher &= np.abs(e.area / e.usual(e.area) - 1) < SAME_SIZE
    return dict.fromkeys(np.flatnonzero(rougher).tolist(), "ragged contour")


def _is_wrong(e: Evidence, t: int, changed: Difference) -> bool:
    """Say whether the object is seen where mask was lost, or something else where it is new."""
    if e.seen is None:
        return True
    much = MUCH * e.covered[t - 1].sum()
    lost = changed.lost.sum() > much and looks_like_object(e, t, changed.lost)
    return bool(lost or (changed.gained.sum() > much and not looks_like_object(e, t, changed.gained)))


def _above(e: Evidence, values: FloatArray, *, least: float) -> BoolArray:
    """Say where a value is above the usual, by ``least`` and by 6 robust standard deviations: (T,)."""
    rest = values - e.usual(values)
    with np.errstate(invalid="ignore"):
        return e.visible & (rest >= max(least, OUTLYING * spread(rest)))


def _count(areas: NDArray[np.int64], least: float, most: float) -> int:
    """Count the regions, of areas largest first, with at least and less than a share of the largest's area."""
    return int(np.count_nonzero((areas >= least * areas[:1]) & (areas < most * areas[:1])))
