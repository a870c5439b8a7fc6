"""Flags of masks whose shape falls out of the clip."""

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.ndimage import distance_transform_edt, label, minimum

from sa2va_nb.analysis.quality.consensus import LAGS, shifted
from sa2va_nb.analysis.quality.evidence import BoolArray, Evidence, FloatArray, Marks, spread
from sa2va_nb.analysis.quality.explain import Difference, difference, looks_like_object
from sa2va_nb.analysis.quality.mask_shape import holes as holes_in
from sa2va_nb.analysis.quality.reduced import reduce_rle
from sa2va_nb.analysis.quality.steps import rises

SMALL = 0.05  # of the mask's area: a crumb
MIN_SPECKS = 4  # more than usual
MIN_HOLES = 0.06  # of the filled area, more than usual: gaps between legs and spokes vary by less
MIN_ROUGHER = 0.1  # of smoothness, less than usual
OUTLYING = 6.0  # robust standard deviations of the clip's own values
FILLED = 0.5  # of a hole is covered in the neighbours
SEEN_OUTLYING = 3.0  # where the picture has the last word
MIN_ASTRAY = 3  # more than usual
ASTRAY = 0.5  # of the diameter
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
    """Mark masks with more crumbs than usual that don't have the object's colours, or lie astray: "6 specks".

    A crumb has less than 5 % of the mask's area; it lies astray if it is at least half a diameter off all that
    is no crumb. Four more crumbs than usual count, or three more that lie astray, whatever their colours.
    """
    crumbs = np.array([_count(areas, 0, SMALL) for areas in e.pieces], np.float64)
    astray = np.array([_astray(e, t) if crumbs[t] >= MIN_ASTRAY else 0 for t in range(len(e))], np.float64)
    marked = set(_more_than_usual(e, astray, least=MIN_ASTRAY))
    for t in _more_than_usual(e, crumbs, least=MIN_SPECKS):
        if not looks_like_object(e, t, reduce_rle(e.rles[t] - _bulk(e, t), e.covered.shape[1:])):
            marked.add(t)
    return {t: f"{crumbs[t]:.0f} specks" for t in sorted(marked)}


def holes(e: Evidence) -> Marks:
    """Mark masks with larger holes than usual which they don't share with their neighbours: "holes (12 %)".

    With the picture, only holes with the object's colours count: through others, something else is seen.
    """
    every = e.parts["holes_frac"]
    share = np.array([_wrong_holes(e, t) if every[t] >= MIN_HOLES else 0.0 for t in range(len(e))])
    at = [t for t in _more_than_usual(e, share, least=MIN_HOLES) if share[t] >= MIN_HOLES]
    return {t: f"holes ({share[t] * 100:.0f} %)" for t in at}


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


def _more_than_usual(e: Evidence, values: FloatArray, *, least: float) -> list[int]:
    """List the frames in which a value is above the usual, or from where it rose to where it fell again."""
    outlying = SEEN_OUTLYING if e.seen is not None else OUTLYING
    frames = set(np.flatnonzero(_above(e, values, least=least)).tolist())
    for step in rises(e, values, least=least, outlying=outlying):
        frames |= {*range(step.start, step.stop)}
    return sorted(frames)


def _bulk(e: Evidence, t: int) -> RLEMask:
    """Give the mask without its crumbs; its largest region is none."""
    least = min(SMALL * e.area[t], e.pieces[t][0])
    return e.rles[t].remove_small_components(int(np.ceil(least)), connectivity=8)


def _astray(e: Evidence, t: int) -> int:
    """Count the crumbs that lie at least half a diameter off the bulk of the mask."""
    bulk = _bulk(e, t)
    cell_px = e.masks.size[1] / e.covered.shape[2]
    far_px = cell_px * distance_transform_edt(reduce_rle(bulk, e.covered.shape[1:]) == 0)
    crumb, cells = _regions(e.rles[t] - bulk, e.covered.shape[1:], np.ones((3, 3), np.int64))
    nearest_px = minimum(far_px[cells], crumb, np.unique(crumb))
    return int(np.count_nonzero(nearest_px >= ASTRAY * e.diameter[t]))


def _wrong_holes(e: Evidence, t: int) -> float:
    """Give the share of the filled mask that is holes which count."""
    hole, cells = _regions(holes_in(e.rles[t]), e.covered.shape[1:])
    area = np.bincount(hole)[1:]
    wrong = np.bincount(hole, _nearby(e, t)[cells])[1:] >= FILLED * 255 * area
    if e.seen is not None:
        wrong &= np.bincount(hole, e.seen.chance[t][cells])[1:] >= e.likely * 255 * area
    return float(area[wrong].sum() / (e.area[t] + area.sum()))


def _nearby(e: Evidence, t: int) -> NDArray[np.float64]:
    """Average the masks 1, 2 and 5 frames before, and those after, moved onto this one; the larger of both, (h, w)."""
    cell_px = np.array(e.masks.size) / e.covered.shape[1:]  # rows, columns
    larger = np.zeros(e.covered.shape[1:])
    for side in (-1, 1):
        others = [u for lag in LAGS if 0 <= (u := t + side * lag) < len(e) and e.visible[u]]
        offsets = [np.rint((e.place[t] - e.place[u])[::-1] / cell_px).astype(int).tolist() for u in others]
        moved = [shifted(e.covered[u], *offset) for u, offset in zip(others, offsets, strict=True)]
        larger = np.maximum(larger, np.mean(moved, axis=0)) if moved else larger
    return larger


def _regions(
    rle: RLEMask, size: tuple[int, ...], structure: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.intp], tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give of each pixel of a mask its region, from 1 on, and its cell of the small grid, (N,) each."""
    dense = rle.to_array(dtype=np.bool_, order="C")
    y, x = np.nonzero(dense)
    (height, width), (rows, columns) = dense.shape, size
    labels, _ = label(dense, structure)
    return labels[y, x].astype(np.intp), (y * rows // height, x * columns // width)


def _above(e: Evidence, values: FloatArray, *, least: float) -> BoolArray:
    """Say where a value is above the usual, by ``least`` and by 6 robust standard deviations: (T,)."""
    rest = values - e.usual(values)
    with np.errstate(invalid="ignore"):
        return e.visible & (rest >= max(least, OUTLYING * spread(rest)))


def _count(areas: NDArray[np.int64], least: float, most: float) -> int:
    """Count the regions that have at least and less than a share of their sum."""
    share = areas / max(int(areas.sum()), 1)
    return int(np.count_nonzero((share >= least) & (share < most)))
