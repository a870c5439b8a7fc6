"""Spoils right masks in ways that models do, with the frames that are wrong then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

BoolArray = NDArray[np.bool_]
MIN_AREA_PX = 300  # a smaller mask has no halves, holes or rims worth the name
VISIBLE = (
    0.008  # of the image's diagonal: what DAVIS' F takes for the same contour is no defect that one sees
)


@dataclass(frozen=True)
class Spoiled:
    """Masks with a defect.

    Attributes:
        stacks: (T, H, W) bool, one an object.
        object: the spoiled one.
        wrong: (T,) bool: its frames that are wrong.
    """

    stacks: list[BoolArray]
    object: int
    wrong: BoolArray


Spoil = Callable[[BoolArray, np.random.Generator], BoolArray]


def in_some_frames(spoil: Spoil, shortest: int = 3, longest: int = 8) -> Callable[..., Spoiled | None]:
    """Apply the spoiling of one mask to a run of frames; each run has one random state."""

    def apply(stacks: Sequence[BoolArray], rng: np.random.Generator) -> Spoiled | None:
        start, length = _choose_run(stacks, which := _choose_object(stacks, rng), rng, shortest, longest)
        if not length:
            return None
        seed = int(rng.integers(2**32))
        spoiled = [stack.copy() for stack in stacks]
        wrong = np.zeros(len(stacks[0]), np.bool_)
        for t in range(start, start + length):
            changed = spoil(stacks[which][t], np.random.default_rng(seed))
            if changed.sum() and (changed != stacks[which][t]).any():
                spoiled[which][t], wrong[t] = changed, True
        return Spoiled(spoiled, which, wrong) if wrong.any() else None

    return apply


def shift(mask: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Move it by 0.6 to 1.2 diameters of a disk of its area, towards the farther sides."""
    diameter = 2 * np.sqrt(mask.sum() / np.pi)
    angle = rng.uniform(0.1, np.pi / 2 - 0.1)
    length = rng.uniform(0.6, 1.2) * diameter
    rows, columns = np.nonzero(mask)
    toward_y = 1 if rows.mean() < mask.shape[0] / 2 else -1
    toward_x = 1 if columns.mean() < mask.shape[1] / 2 else -1
    dy, dx = int(length * np.sin(angle)) * toward_y, int(length * np.cos(angle)) * toward_x
    moved = np.zeros_like(mask)
    rows, columns = rows + dy, columns + dx
    keep = (rows >= 0) & (rows < mask.shape[0]) & (columns >= 0) & (columns < mask.shape[1])
    moved[rows[keep], columns[keep]] = True
    return moved


def erode(mask: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Take off a rim of 15 to 30 % of the radius of a disk of its area."""
    return distance_transform_edt(mask) > _rim(mask, rng)


def dilate(mask: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Add a rim of 15 to 30 % of the radius of a disk of its area."""
    return distance_transform_edt(~mask) <= _rim(mask, rng)


def punch(mask: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Punch holes of about 10 to 20 % of its area, well inside."""
    out, depth = mask.copy(), distance_transform_edt(mask)
    goal = rng.uniform(0.1, 0.2) * mask.sum()
    for _ in range(60):
        if mask.sum() - out.sum() >= goal:
            break
        left = distance_transform_edt(out)
        inner = np.argwhere((left > 3) & (depth > 4))
        if not len(inner):
            break
        y, x = inner[rng.integers(len(inner))]
        radius = min(left[y, x] - 2, np.sqrt(goal / np.pi) * 0.7)
        out &= ~_disk(mask.shape, y, x, radius)
    return out


def speckle(mask: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Add 6 to 12 specks of 2 to 5 px radius within two diameters around it."""
    out, far = mask.copy(), distance_transform_edt(~mask)
    reach = 4 * np.sqrt(mask.sum() / np.pi)
    places = np.argwhere((far > 8) & (far < max(reach, 40)))
    for y, x in places[rng.choice(len(places), rng.integers(6, 13), replace=False)]:
        out |= _disk(mask.shape, y, x, rng.uniform(2, 5))
    return out


def halve(mask: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Keep the half on one side of a straight line through the centroid: any of four sides."""
    rows, columns = np.nonzero(mask)
    y, x = np.ogrid[: mask.shape[0], : mask.shape[1]]
    side = [y < rows.mean(), y >= rows.mean(), x < columns.mean(), x >= columns.mean()][rng.integers(4)]
    return mask & side


def drop(stacks: Sequence[BoolArray], rng: np.random.Generator) -> Spoiled | None:
    """Empty 1 to 5 masks."""
    which = _choose_object(stacks, rng)
    start, length = _choose_run(stacks, which, rng, 1, 5)
    if not length:
        return None
    return _with_run(stacks, which, start, start + length, np.zeros_like(stacks[which][0]))


def freeze(stacks: Sequence[BoolArray], rng: np.random.Generator) -> Spoiled | None:
    """Repeat one mask for 8 to 15 frames."""
    which = _choose_object(stacks, rng)
    start, length = _choose_run(stacks, which, rng, 8, 15)
    if not length:
        return None
    return _with_run(stacks, which, start, start + length, stacks[which][start - 1])


def swap(stacks: Sequence[BoolArray], rng: np.random.Generator) -> Spoiled | None:
    """Exchange two objects' masks, for 5 to 15 frames or to the end."""
    if len(stacks) < 2:
        return None
    a, b = rng.choice(len(stacks), 2, replace=False)
    both = stacks[a].any(axis=(1, 2)) & stacks[b].any(axis=(1, 2))
    starts = np.flatnonzero(both[1:] & both[:-1])[3:-8] + 1
    if not len(starts):
        return None
    start = int(rng.choice(starts))
    stop = len(both) if rng.random() < 0.5 else start + int(rng.integers(5, 16))
    spoiled = [stack.copy() for stack in stacks]
    spoiled[a][start:stop], spoiled[b][start:stop] = stacks[b][start:stop], stacks[a][start:stop]
    wrong = np.zeros(len(both), np.bool_)
    wrong[start:stop] = True
    return Spoiled(spoiled, int(a), wrong)


def haunt(stacks: Sequence[BoolArray], rng: np.random.Generator) -> Spoiled | None:
    """Keep the last whole mask before an exit where it was, for 5 frames or more, after the exit."""
    exits = []
    for which, stack in enumerate(stacks):
        visible = stack.any(axis=(1, 2))
        exits += [
            (which, t) for t in range(10, len(visible) - 5) if visible[t - 1] and not visible[t : t + 5].any()
        ]
    if not exits:
        return None
    which, start = exits[rng.integers(len(exits))]
    area = stacks[which].sum(axis=(1, 2))
    whole = np.flatnonzero(area[:start] >= 0.5 * np.median(area[max(0, start - 25) : start]))[-1]
    stop = start
    while stop < len(area) and not area[stop]:
        stop += 1
    stop = min(stop, start + int(rng.integers(5, 20)))
    return _with_run(stacks, which, int(whole) + 1, stop, stacks[which][whole])


def in_all_frames(spoil: Callable[[BoolArray, float], BoolArray]) -> Callable[..., Spoiled | None]:
    """Move every contour of an object by 15 to 30 % of the radius of a disk of its area, the same share in all frames.

    It is at least 0.8 % of the image's diagonal: less counts as the same contour in DAVIS' F.
    """

    def apply(stacks: Sequence[BoolArray], rng: np.random.Generator) -> Spoiled | None:
        which, share = _choose_object(stacks, rng), rng.uniform(0.15, 0.3)
        spoiled, wrong = [stack.copy() for stack in stacks], np.zeros(len(stacks[0]), np.bool_)
        for t, mask in enumerate(stacks[which]):
            if mask.sum() >= MIN_AREA_PX:
                rim = max(share * float(np.sqrt(mask.sum() / np.pi)), VISIBLE * float(np.hypot(*mask.shape)))
                changed = spoil(mask, rim)
                spoiled[which][t], wrong[t] = changed, changed.any()
        return Spoiled(spoiled, which, wrong) if wrong.any() else None

    return apply


DEFECTS: dict[str, tuple[Callable[..., Spoiled | None], str]] = {
    "shift": (in_some_frames(shift), "jumps"),
    "erosion": (in_some_frames(erode), "shrinks"),
    "dilation": (in_some_frames(dilate), "grows"),
    "holes": (in_some_frames(punch), "holes"),
    "specks": (in_some_frames(speckle), "specks"),
    "half": (in_some_frames(halve), "cut in half"),
    "dropped": (drop, "missing"),
    "frozen": (freeze, "frozen"),
    "swapped": (swap, "swaps with"),
    "ghost": (haunt, "outlives"),
    "erosion, all frames": (
        in_all_frames(lambda mask, rim: distance_transform_edt(mask) > rim),
        "too far in",
    ),
    "dilation, all frames": (
        in_all_frames(lambda mask, rim: distance_transform_edt(~mask) <= rim),
        "too far out",
    ),
}


def _with_run(stacks: Sequence[BoolArray], which: int, start: int, stop: int, mask: BoolArray) -> Spoiled:
    spoiled = [stack.copy() for stack in stacks]
    spoiled[which][start:stop] = mask
    return Spoiled(spoiled, which, (spoiled[which] != stacks[which]).any(axis=(1, 2)))


def _choose_object(stacks: Sequence[BoolArray], rng: np.random.Generator) -> int:
    return int(rng.integers(len(stacks)))


def _choose_run(
    stacks: Sequence[BoolArray], which: int, rng: np.random.Generator, shortest: int, longest: int
) -> tuple[int, int]:
    """Choose a start and a length such that every mask there and next to it is large enough."""
    length = int(rng.integers(shortest, longest + 1))
    large = stacks[which].sum(axis=(1, 2)) >= MIN_AREA_PX
    starts = [t for t in range(3, len(large) - length - 3) if large[t - 2 : t + length + 2].all()]
    return (int(rng.choice(starts)), length) if starts else (0, 0)


def _rim(mask: BoolArray, rng: np.random.Generator) -> float:
    return float(max(1.0, rng.uniform(0.15, 0.3) * np.sqrt(mask.sum() / np.pi)))


def _disk(shape: tuple[int, ...], y: float, x: float, radius: float) -> BoolArray:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
