"""Puts known defects into right masks, to see what a measure of quality makes of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation

BoolArray = NDArray[np.bool_]

RIM = 0.2  # of the radius of a disk of the mask's area
SHIFT = 0.8  # of its diameter
HOLE = 0.35  # of its radius: 12 % of the area
SPECKS = 9


def spoil(seg: Segmentation, defects: Iterable[tuple[str, str, int, int]]) -> Segmentation:
    """Put defects into masks, at known places.

    Args:
        seg: whose masks are right, such as the truth that ``sample_clip`` gives.
        defects: ``(object's phrase, kind, first frame, last frame)`` each, both frames included. Kinds:
            "eroded" and "dilated" (by 20 % of the radius), "shifted" (by 80 % of the diameter), "holed" (one
            of 12 % of the area), "speckled", "halved", "dropped", "frozen" (the mask before the first frame
            stays), "swapped" (with the next object's; the last one's with the first's).

    Returns:
        The segmentation with the other masks, without the notes and run that told of the right ones.

    Raises:
        ValueError: if a kind is unknown, or no mask lies between the frames.
        KeyError: if there is no such object.
    """
    stacks = [np.array(item.masks) for item in seg]  # (T, H, W) bool each
    for phrase, kind, first, last in defects:
        at = np.flatnonzero((seg.frame >= first) & (seg.frame <= last))
        if kind not in KINDS:
            raise ValueError(f"a defect must be one of {', '.join(KINDS)}, got {kind!r}")
        if not len(at):
            raise ValueError(f"a defect needs frames that have masks, got {first} to {last}")
        index = seg[phrase].index
        KINDS[kind](stacks, index, at)
    objects = [replace(item, masks=Masks.from_array(stacks[item.index])) for item in seg]
    note = "Defects were put into these masks."
    return replace(seg, objects=tuple(objects), run={}, notes=(note,))


def _each(
    change: Callable[[BoolArray], BoolArray],
) -> Callable[[list[BoolArray], int, NDArray[np.intp]], None]:
    """Change masks one by one, in place; empty ones stay."""

    def apply(stacks: list[BoolArray], index: int, at: NDArray[np.intp]) -> None:
        for t in at:
            if stacks[index][t].any():
                stacks[index][t] = change(stacks[index][t])

    return apply


def _radius(mask: BoolArray) -> float:
    """Give the radius of a disk of the mask's area."""
    return float(np.sqrt(mask.sum() / np.pi))


def _erode(mask: BoolArray) -> BoolArray:
    return np.asarray(distance_transform_edt(mask) > RIM * _radius(mask))


def _dilate(mask: BoolArray) -> BoolArray:
    return np.asarray(distance_transform_edt(~mask) <= RIM * _radius(mask))


def _shift(mask: BoolArray) -> BoolArray:
    """Move it sideways, to where there is more room."""
    distance = round(2 * SHIFT * _radius(mask))
    if np.nonzero(mask)[1].mean() > mask.shape[1] / 2:
        distance = -distance
    moved = np.roll(mask, distance, axis=1)
    moved[:, slice(None, distance) if distance > 0 else slice(distance, None)] = False
    return moved


def _hole(mask: BoolArray) -> BoolArray:
    """Punch a hole where the mask is thickest."""
    depth = distance_transform_edt(mask)
    y, x = np.unravel_index(np.argmax(depth), mask.shape)
    return mask & ~_disk(mask.shape, int(y), int(x), min(HOLE * _radius(mask), float(depth.max()) - 2))


def _speckle(mask: BoolArray) -> BoolArray:
    """Add small disks around it, at the same places for the same mask."""
    far, reach = distance_transform_edt(~mask), 4 * _radius(mask)
    places = np.argwhere((far > 8) & (far < reach))
    spoiled = mask.copy()
    for y, x in places[np.random.default_rng(5).choice(len(places), SPECKS, replace=False)]:
        spoiled |= _disk(mask.shape, y, x, 3)
    return spoiled


def _halve(mask: BoolArray) -> BoolArray:
    """Keep what is left of the centroid."""
    return np.asarray(mask & (np.arange(mask.shape[1]) < np.nonzero(mask)[1].mean()))


def _freeze(stacks: list[BoolArray], index: int, at: NDArray[np.intp]) -> None:
    stacks[index][at] = stacks[index][max(at[0] - 1, 0)]


def _swap(stacks: list[BoolArray], index: int, at: NDArray[np.intp]) -> None:
    other = (index + 1) % len(stacks)
    stacks[index][at], stacks[other][at] = stacks[other][at], stacks[index][at].copy()


def _disk(shape: tuple[int, ...], y: int, x: int, radius: float) -> BoolArray:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


KINDS: dict[str, Callable[[list[BoolArray], int, NDArray[np.intp]], None]] = {
    "eroded": _each(_erode),
    "dilated": _each(_dilate),
    "shifted": _each(_shift),
    "holed": _each(_hole),
    "speckled": _each(_speckle),
    "halved": _each(_halve),
    "dropped": _each(np.zeros_like),
    "frozen": _freeze,
    "swapped": _swap,
}
