"""How well the contours of two masks agree."""

from collections.abc import Callable, Sequence
from math import ceil, hypot, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.truth.bit_planes import (
    PLANES,
    Layout,
    Planes,
    Words,
    contours,
    grow,
    pack,
    strips,
    tally,
    workspace,
)
from sa2va_nb.analysis.truth.growth import disk, square

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

F_TOLERANCE = 0.008  # of the image's diagonal; DAVIS' db_eval_boundary
BAND_WIDTH = 0.02  # of the image's diagonal; Cheng et al., arXiv:2103.16562


def boundary_f(a: RLEMask, b: RLEMask) -> float:
    """Compute DAVIS' contour accuracy F, the harmonic mean of boundary precision and recall.

    ``F = 2 · P · R / (P + R)``: P is the share of a's contour pixels that have one of b's within
    ``ceil(0.008 · diagonal)`` px (Euclidean), R the share of b's that have one of a's. 0 to 1, symmetric;
    1 where neither mask has a contour, 0 where just one has not, and where P + R = 0.
    Source: Perazzi et al., CVPR 2016, as in the official ``davis2017-evaluation``.

    When it lies: a mask that fills the image has no contour (the image's edge is none), so that F is 0
    or 1 there, whatever the area. Small objects lie within the tolerance of themselves: 8 px at 480p, where
    shifted, swollen or hollow masks score 1. The tolerance grows with the image, not with the object.

    Args:
        a: one mask, (H, W).
        b: the other, of the same size.
    """
    return float(boundary_f_each([a], [b])[0])


def boundary_iou(a: RLEMask, b: RLEMask) -> float:
    """Compute boundary IoU: the IoU of the bands inside both contours.

    A mask's band holds its pixels within ``round(0.02 · diagonal)`` px (at least 1) of its contour in
    the chessboard metric; the image's edge counts as contour. 0 to 1; 1 where both masks are empty.
    Source: Cheng et al., "Boundary IoU", CVPR 2021, arXiv:2103.16562, and its ``mask_to_boundary``.

    When it lies: an object thinner than twice the band is all band, where this is plain IoU. Holes and
    errors deeper inside than the band don't count.

    Args:
        a: one mask, (H, W).
        b: the other, of the same size.
    """
    return float(boundary_iou_each([a], [b])[0])


def boundary_f_each(a: Sequence[RLEMask], b: Sequence[RLEMask]) -> FloatArray:
    """Compute :func:`boundary_f` of many pairs of masks, all of one size, at once: (T,)."""
    return _scores(a, b, (_F,))[0]


def boundary_iou_each(a: Sequence[RLEMask], b: Sequence[RLEMask]) -> FloatArray:
    """Compute :func:`boundary_iou` of many pairs of masks, all of one size, at once: (T,)."""
    return _scores(a, b, (_IOU,))[0]


def boundary_scores(a: Sequence[RLEMask], b: Sequence[RLEMask]) -> tuple[FloatArray, FloatArray]:
    """Compute :func:`boundary_f` and :func:`boundary_iou` of many pairs in one pass: (T,) each."""
    f, iou = _scores(a, b, (_F, _IOU))
    return f, iou


class _Measure(NamedTuple):
    """A measure of two contours, from the numbers of pixels in a few sets.

    Attributes:
        reach: px, of an image's (H, W).
        margin: px of background that ``find`` needs below a window's columns, of the reach.
        find: gives the words of K sets of pixels, most of those without any left out, from both sides' planes,
            (2, length), the reach, their layout, room for as much again, and a :func:`workspace`.
        score: of (K, m) numbers of pixels.
        flat: gives of both sides where the measure is 1 for lack of a contour, (T,). Pairs that are not counted
            have 0 elsewhere: a mask is empty there, or the two are too far apart to share anything.
    """

    reach: Callable[[tuple[int, int]], int]
    margin: Callable[[int], int]
    find: Callable[[Planes, int, Layout, Planes, Planes], list[Words]]
    score: Callable[[IntArray], FloatArray]
    flat: Callable[["_Side", "_Side"], BoolArray]


class _Side:
    """One side's masks, with their areas (T,) and boxes x0, y0, x1, y1, half-open (4, T)."""

    def __init__(self, rles: Sequence[RLEMask]) -> None:
        self.rles = rles
        self.area = np.array([rle.area() for rle in rles], np.int64)
        self.box = np.concatenate([rle.bbox() for rle in rles]).reshape(-1, 4).T.astype(np.int64)
        self.box[2:] += self.box[:2]
        self.empty = self.area == 0
        self.flat = self.empty | (self.area == prod(rles[0].shape))


def _scores(a: Sequence[RLEMask], b: Sequence[RLEMask], measures: Sequence[_Measure]) -> list[FloatArray]:
    """Compute measures of each pair, eight pairs at a time: (T,) each."""
    if not len(a):
        return [np.empty(0) for _ in measures]
    sides, shape = (_Side(a), _Side(b)), a[0].shape
    scores = [measure.flat(*sides).astype(np.float64) for measure in measures]
    reaches = [measure.reach(shape) for measure in measures]
    margin = max(measure.margin(reach) for measure, reach in zip(measures, reaches, strict=True))
    batches = [
        (at, *_windows([side.box[:, at] for side in sides], shape, margin, max(reaches)))
        for at in _batches(sides, margin)
    ]
    # The same memory for each of them: fresh arrays of this size cost more than what is done with them.
    memory = np.empty((4, max((layout.length for _, layout, _ in batches), default=0)), np.uint8)
    work = workspace([layout for _, layout, _ in batches])
    for at, layout, corners in batches:
        both, spare = memory[:2, : layout.length], memory[2:, : layout.length]
        for side, planes in zip(sides, both, strict=True):
            pack([side.rles[t] for t in at], corners, layout, spare, out=planes)
        for measure, reach, score in zip(measures, reaches, scores, strict=True):
            score[at] = measure.score(tally(measure.find(both, reach, layout, spare, work))[:, : len(at)])
    return scores


def _batches(sides: tuple[_Side, _Side], margin: int) -> list[IntArray]:
    """Give the indices of the pairs that are not so far apart that they share nothing, eight at a time.

    Pairs of one size go together: the largest tells how large the windows are.
    """
    a, b = sides
    apart = np.maximum(a.box[:2], b.box[:2]) - np.minimum(a.box[2:], b.box[2:])
    near = np.flatnonzero(~(a.empty | b.empty) & (apart <= margin + 1).all(axis=0))
    size = np.maximum(a.box[2:], b.box[2:]) - np.minimum(a.box[:2], b.box[:2])
    near = near[np.argsort(size.prod(axis=0)[near], kind="stable")]
    return np.split(near, range(PLANES, len(near), PLANES)) if len(near) else []


def _windows(
    boxes: Sequence[IntArray], shape: tuple[int, int], margin: int, reach: int
) -> tuple[Layout, list[tuple[int, int]]]:
    """Give windows, as large as the largest pair needs, inside the image; and each one's corner (x, y).

    Around both boxes is 1 px of background, unless the image ends there.
    """
    a, b = boxes
    end = np.array([[shape[1]], [shape[0]]])
    first = np.maximum(np.minimum(a[:2], b[:2]) - 1, 0)
    last = np.minimum(np.maximum(a[2:], b[2:]) + 1, end)
    size = (last - first).max(axis=1, keepdims=True)
    corner = np.minimum(first, end - size)
    width, height = size[:, 0].tolist()
    return Layout(height, width, margin, reach), list(zip(*corner.tolist(), strict=True))


def _find_misses(both: Planes, radius: int, layout: Layout, spare: Planes, work: Planes) -> list[Words]:
    """Find both contours, and the pixels of each that have none of the other near."""
    for planes, contour in zip(both, spare, strict=True):
        contours(planes, layout, out=contour)
    found: list[list[Words]] = [[], [], [], []]
    for at in strips(layout):
        near = grow(spare, disk(radius), layout, at, work)
        for side in (0, 1):
            contour = spare[side, at].view(np.uint64)
            places = np.flatnonzero(contour != 0)  # several times faster than of the words
            contour = contour[places]
            missed = contour & ~near[1 - side].view(np.uint64)[places]
            found[side].append(contour)
            found[2 + side].append(missed[missed != 0])
    return [np.concatenate(parts) for parts in found]


def _score_f(counts: IntArray) -> FloatArray:
    """Compute F from the sizes of both contours and of their parts that were missed, (4, m)."""
    size, missed = counts[:2], counts[2:]
    precision, recall = (size - missed) / np.maximum(size, 1)
    total = precision + recall
    f = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return np.where((size == 0).all(axis=0), 1.0, f)


def _find_bands(both: Planes, width: int, layout: Layout, _spare: Planes, work: Planes) -> list[Words]:
    """Find the intersection and the union of both bands."""
    found: list[list[Words]] = [[], []]
    for at in strips(layout):
        inside = grow(both, square(width), layout, at, work, op=np.bitwise_and)
        a, b = (both[:, at] ^ inside).view(np.uint64)
        places = np.flatnonzero((a | b) != 0)
        a, b = a[places], b[places]
        found[0].append(a & b)
        found[1].append(a | b)
    return [np.concatenate(parts) for parts in found]


_F = _Measure(
    reach=lambda shape: ceil(F_TOLERANCE * hypot(*shape)),
    margin=lambda reach: reach,
    find=_find_misses,
    score=_score_f,
    flat=lambda a, b: a.flat & b.flat,
)
_IOU = _Measure(
    reach=lambda shape: max(1, round(BAND_WIDTH * hypot(*shape))),
    margin=lambda _reach: 1,
    find=_find_bands,
    score=lambda counts: counts[0] / counts[1],
    flat=lambda a, b: a.empty & b.empty,
)
