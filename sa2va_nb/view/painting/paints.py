"""What lies over a picture: a number for each pixel, a paint for each number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.view.painting.colors import GROUND, RGB

Image = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]
Box = tuple[slice, slice]


class Paints:
    """Paints on the pixels of one picture; each has a colour and a strength, 0 (clear) to 1 (solid).

    A paint's *rank* is what a line must reach to be drawn over it: its strength, but 0 for a veil.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._numbers = np.zeros(size, np.uint16)  # (H, W); 0 is bare
        self._colors: list[RGB] = [(0, 0, 0)]
        self._strengths: list[float] = [0.0]
        self._ranks: list[float] = [0.0]

    def add(self, color: RGB, strength: float, *, rank: float | None = None) -> int:
        """Take in a paint; give its number."""
        self._colors.append(color)
        self._strengths.append(strength)
        self._ranks.append(strength if rank is None else rank)
        return len(self._colors) - 1

    def put(self, where: BoolArray, color: RGB, strength: float) -> None:
        """Paint the pixels (H, W), whatever lies there."""
        self._numbers[where] = self.add(color, strength)

    def fill(
        self, masks: Sequence[BoolArray] | BoolArray, colors: Sequence[RGB], strengths: Sequence[float]
    ) -> None:
        """Paint masks; where several overlap, the strongest take turns in stripes, in order."""
        groups, members = _overlaps(self._numbers.shape, masks, strengths)
        own = [self.add(color, strength) for color, strength in zip(colors, strengths, strict=True)]
        for group, indices in enumerate(members[1:], start=1):
            most = max(strengths[k] for k in indices)
            numbers = np.array([own[k] for k in indices if strengths[k] == most], np.uint16)
            if len(numbers) == 1:
                self._numbers[groups == group] = numbers[0]
            else:
                y, x = np.nonzero(groups == group)
                self._numbers[y, x] = numbers[stripes(x, y) % len(numbers)]

    def veil(self, masks: Sequence[BoolArray] | BoolArray, strengths: Sequence[float], veil: float) -> None:
        """Lay the ground's colour over everything, the less the stronger the mask there."""
        self._numbers[...] = self.add(GROUND, veil, rank=0.0)
        for strength in sorted({*strengths}):
            number = self.add(GROUND, veil * (1 - strength), rank=0.0)
            for mask, own in zip(masks, strengths, strict=True):
                if own == strength:
                    self._numbers[mask] = number

    def line(self, box: Box, where: BoolArray, color: RGB, strength: float) -> None:
        """Draw the pixels ``where`` of a box, wherever nothing stronger lies."""
        weaker = np.array(self._ranks) <= strength
        region = self._numbers[box]
        region[where & weaker[region]] = self.add(color, strength)

    def blend_into(self, drawn: Image) -> None:
        """Lay it over (H, W, 3) uint8 RGB, by a table of 256 values for each number."""
        box = box_of(self._numbers > 0)
        if box is None:
            return
        color, strength = np.array(self._colors), np.array(self._strengths)[:, None]
        row = self._numbers[box].astype(np.intp) << 8
        for channel in range(3):
            table = np.arange(256) * (1 - strength) + color[:, channel, None] * strength
            region = drawn[box][..., channel]
            region[...] = np.rint(table).astype(np.uint8).ravel().take(row + region)


def stripes(x: NDArray[np.intp], y: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the diagonal stripes, four pixels wide, that pixels lie in."""
    return (x + y) >> 2


def box_of(mask: BoolArray) -> Box | None:
    """Give the slices of the smallest box around a mask, or None for an empty one."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[y0:y1].any(axis=0))
    return slice(y0, y1), slice(int(columns[0]), int(columns[-1]) + 1)


def _overlaps(
    size: tuple[int, ...], masks: Sequence[BoolArray] | BoolArray, strengths: Sequence[float]
) -> tuple[NDArray[np.uint32], list[list[int]]]:
    """Number each set of masks that share pixels: (H, W), and the masks of each number."""
    groups = np.zeros(size, np.uint32)  # there may be more of them than objects
    members: list[list[int]] = [[]]
    for k, mask in enumerate(masks):
        box = box_of(mask)
        if box is None or strengths[k] == 0:
            continue
        step = np.arange(len(members), dtype=np.uint32)  # the number a pixel changes to
        for group in np.unique(groups[box][mask[box]]):
            step[group] = len(members)
            members.append([*members[group], k])
        np.copyto(groups[box], step[groups[box]], where=mask[box])
    return groups, members
