"""How well two segmentations agree, frame by frame."""

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.view.painting.scene import Scene, resized

FloatArray = NDArray[np.float64]


def pair_ious(scene: Scene) -> FloatArray:
    """Give the intersection over union of each pair of objects: (pairs, T).

    1 where both masks are empty, NaN where B has no masks of that moment. Pixels that B leaves unjudged
    count on neither side.
    """
    return _ratio(*_overlaps(scene))


def most_different(scene: Scene) -> int:
    """Find the first position with the lowest mean IoU, over the pairs of which something is seen there."""
    shared, united = _overlaps(scene)
    seen = united > 0  # (pairs, T)
    if not seen.any():
        return int(np.argmax(scene.judged_at >= 0))
    count = seen.sum(axis=0)
    total = np.where(seen, _ratio(shared, united), 0.0).sum(axis=0)
    return int(np.argmin(np.where(count > 0, total / np.maximum(1, count), np.inf)))


def _ratio(shared: FloatArray, united: FloatArray) -> FloatArray:
    return np.where(united == 0, 1.0, shared / np.where(united == 0, 1.0, united))


def _overlaps(scene: Scene) -> tuple[FloatArray, FloatArray]:
    """Count the pixels of the intersection, and of the union, of each pair: (pairs, T) each."""
    counts = np.full((2, len(scene.pairs), scene.length), np.nan)
    if scene.other is None or not scene.pairs:
        return counts[0], counts[1]
    other = resized(scene.other, scene.seg)
    void = scene.other.void if other is scene.other else None
    for row, (a, b) in enumerate(scene.pairs):
        ours, theirs = scene.seg.objects[a].masks, other.objects[b].masks
        areas, their_areas = ours.area_px, theirs.area_px
        for t in np.flatnonzero(scene.judged_at >= 0):
            at = scene.judged_at[t]
            if void is not None:
                counts[:, row, t] = _judged(ours.rles[t], theirs.rles[at], void.rles[at])
                continue
            shared = (ours.rles[t] & theirs.rles[at]).area() if areas[t] and their_areas[at] else 0
            counts[:, row, t] = shared, int(areas[t]) + int(their_areas[at]) - shared
    return counts[0], counts[1]


def _judged(ours: RLEMask, theirs: RLEMask, void: RLEMask) -> tuple[int, int]:
    """Count intersection and union outside of the pixels in which nothing is judged."""
    return ((ours & theirs) - void).area(), ((ours | theirs) - void).area()
