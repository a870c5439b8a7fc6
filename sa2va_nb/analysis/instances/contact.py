"""Divides a region that several instances share among them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.ndimage import distance_transform_edt
from skimage.segmentation import watershed

Offset = tuple[int, int]

SHOWS = 0.1  # of its shape: an instance that explains less of the region on its own is hidden
STIFFNESS = 0.02  # of IoU, for moving a shape by its own diameter: what the shapes explain alike, stays put
MAX_ROUNDS = 8  # of moving every shape in turn; a bound, seldom reached


def fit_shapes(region: RLEMask, shapes: Sequence[RLEMask]) -> list[Offset]:
    """Move known shapes so that together they cover a region.

    Each shape in turn tries steps along the axes, from an eighth of its diameter down to 1 px, and keeps
    what raises the IoU of all shapes' union with the region.

    Args:
        region: (H, W), what the instances now share.
        shapes: (H, W) each, where each instance is expected; none empty.

    Returns:
        The (dy, dx) by which to move each shape from there.
    """
    diameters = [2 * float(np.sqrt(shape.area() / np.pi)) for shape in shapes]
    offsets: list[Offset] = [(0, 0)] * len(shapes)
    step = 1 << max(int(max(diameters) / 8).bit_length() - 1, 0)
    placed = list(shapes)
    while step:
        for _ in range(MAX_ROUNDS):
            before = list(offsets)
            for i, shape in enumerate(shapes):
                rest = RLEMask.union([*placed[:i], *placed[i + 1 :]])
                dy, dx = offsets[i]
                tries = [(dy, dx), (dy - step, dx), (dy + step, dx), (dy, dx - step), (dy, dx + step)]
                gains = [
                    _iou(rest | _moved(shape, at), region) - STIFFNESS * np.hypot(*at) / diameters[i]
                    for at in tries
                ]
                offsets[i] = tries[int(np.argmax(gains))]
                placed[i] = _moved(shape, offsets[i])
            if offsets == before:
                break
        step //= 2
    return offsets


def showing(region: RLEMask, shapes: Sequence[RLEMask]) -> list[int]:
    """Say which shapes are seen in a region; the others are hidden behind them.

    The shape that explains least on its own is left out, as long as that is next to nothing.

    Returns:
        Indices of shapes, increasing; at least one.
    """
    seen = list(range(len(shapes)))
    while len(seen) > 1:
        alone = [
            ((shapes[i] & region) - RLEMask.union([shapes[k] for k in seen if k != i])).area()
            / shapes[i].area()
            for i in seen
        ]
        least = int(np.argmin(alone))
        if alone[least] >= SHOWS:
            break
        del seen[least]
    return seen


def divide(region: RLEMask, shapes: Sequence[RLEMask]) -> list[RLEMask]:
    """Cut a connected region into one part a shape, by a watershed that the shapes seed.

    A pixel's height is its distance from the nearest shape's contour, negative inside; the basins grow
    from where one shape is deeper than every other by a pixel or more.

    Args:
        region: (H, W), one 8-connected region.
        shapes: (H, W) each, fitted to it.

    Returns:
        (H, W) parts in the shapes' order: disjoint, their union is the region; a part may be empty.
    """
    if len(shapes) == 1:
        return [region]
    height, width = region.shape
    x, y, w, h = region.bbox().astype(int).tolist()
    mask = _dense(region, (x, y, w, h))
    depth = np.stack([_signed_distance(_dense(shape, (x, y, w, h))) for shape in shapes])  # (N, h, w) px
    nearest = np.sort(depth, axis=0)
    clear = mask & (nearest[1] - nearest[0] >= 1)
    seeds = np.where(clear, depth.argmin(axis=0) + 1, 0)
    labels = watershed(nearest[0], seeds, connectivity=2, mask=mask)
    if not clear.any():
        labels[mask] = 1
    return [
        RLEMask.from_array(labels == i + 1).pad(y, height - y - h, x, width - x - w)
        for i in range(len(shapes))
    ]


def _moved(shape: RLEMask, offset: Offset) -> RLEMask:
    return shape.shift(offset) if any(offset) else shape


def _iou(a: RLEMask, b: RLEMask) -> float:
    shared = (a & b).area()
    return float(shared / (a.area() + b.area() - shared))


def _dense(rle: RLEMask, box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Decode the pixels of a box (x, y, w, h): (h, w) bool."""
    mask: NDArray[np.bool_] = rle.crop(box).to_array(dtype=np.bool_, order="C")
    return mask


def _signed_distance(shape: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give each pixel's distance in px from a shape (h, w), negative inside; infinite without one."""
    if not shape.any():
        return np.full(shape.shape, np.inf)
    outside = distance_transform_edt(~shape)
    inside = (
        distance_transform_edt(np.pad(shape, 1))[1:-1, 1:-1] if shape.all() else distance_transform_edt(shape)
    )
    signed: NDArray[np.float64] = outside - inside
    return signed
