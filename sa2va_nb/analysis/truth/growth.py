"""How one pixel grows into a disk or a square in a few steps, each of which adds a moved copy of what there is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from math import gcd, isqrt
from typing import NamedTuple

Offset = tuple[int, int]  # x, y


class Step(NamedTuple):
    """Add the shape moved by ``move``, then single ``pixels``."""

    move: Offset
    pixels: tuple[Offset, ...] = ()


class Growth(NamedTuple):
    """Where the first pixel is, seen from the middle of what it becomes, and how it grows."""

    start: Offset
    steps: tuple[Step, ...]

    @property
    def cost(self) -> int:
        """How often one set of pixels is added to another."""
        return sum(1 + len(step.pixels) for step in self.steps)

    def shape(self, reach: int) -> int:
        """Give the pixels that it ends with as a number, in which each sets its bit, :func:`bit`."""
        shape = 1 << bit(self.start, reach)
        for move, pixels in self.steps:
            shape |= shape << (bit(move, reach) - bit((0, 0), reach))
            for pixel in pixels:
                shape |= 1 << bit(pixel, reach)
        return shape


def bit(pixel: Offset, reach: int) -> int:
    """Number the pixels that are at most ``reach`` away to any side, column by column."""
    x, y = pixel
    return (x + reach) * (2 * reach + 1) + y + reach


def square(reach: int) -> Growth:
    """Grow into the pixels with abs(x) <= reach and abs(y) <= reach."""
    moves = [*_line((0, 1), 2 * reach), *_line((1, 0), 2 * reach)]
    return Growth((-reach, -reach), tuple(map(Step, moves)))


@cache
def disk(radius: int) -> Growth:
    """Grow into the pixels with x² + y² <= radius², radius at least 1.

    A convex polygon with a centre is the Minkowski sum of its edges, of two that are parallel taking one. So is
    a disk's hull; but a sum of just the edges' ends leaves out pixels near some corners. For nearly all radii it
    leaves out none if four of the edges are replaced by all that they enclose: a small square with a pixel beyond
    the middle of each side. What is left out all the same is added pixel by pixel.
    """
    options = [_from_square(half, radius) for half in (0, isqrt(2 * radius - 1))]
    return min((growth for growth in options if growth), key=lambda growth: growth.cost)


def _from_square(half: int, radius: int) -> Growth | None:
    """Grow into a square with a pixel beyond each side, then into a disk; None if it doesn't have these edges."""
    heights = [(x, isqrt(radius * radius - x * x)) for x in range(-radius, radius + 1)]
    edges = _edges((x, -height) for x, height in heights)
    first = _edges([(-half - 1, 0), (-half, -half), (0, -half - 1), (half, -half), (half + 1, 0)])
    if not first <= edges:
        return None
    left = half + 1 - radius  # where the square's middle is, before the other edges move it about
    if half:
        growth = Growth((left - half, -half), square(half).steps)
    else:
        growth = Growth((left - 1, 0), tuple(map(Step, first)))
    span = range(-half, half + 1)
    beyond = [(left - half - 1, 0), (left, -half - 1), (left, half + 1), (left + half + 1, 0)]
    growth = _completed(growth, [*((left + x, y) for x in span for y in span), *beyond], radius)
    moves = [move for edge, count in (edges - first).items() for move in _line(edge, count)]
    growth = growth._replace(steps=(*growth.steps, *map(Step, moves)))
    return _completed(growth, [(x, y) for x, height in heights for y in range(-height, height + 1)], radius)


def _completed(growth: Growth, pixels: Iterable[Offset], reach: int) -> Growth:
    """Add those of the pixels that the growth leaves out."""
    shape = growth.shape(reach)
    missing = [pixel for pixel in pixels if not shape >> bit(pixel, reach) & 1]
    *steps, (move, added) = growth.steps
    return growth._replace(steps=(*steps, Step(move, (*added, *missing))))


def _line(unit: Offset, count: int) -> Iterator[Offset]:
    """Give the moves that grow a pixel into ``count`` more, each a unit further; doubling is the fastest."""
    have = 1
    while have <= count:
        step = min(have, count + 1 - have)
        yield unit[0] * step, unit[1] * step
        have += step


def _edges(corners: Iterable[Offset]) -> Counter[Offset]:
    """Count the edges of the lower half of a hull in their least units; corners, and others, from left to right."""
    hull: list[Offset] = []
    for x, y in corners:
        while len(hull) > 1:
            (x0, y0), (x1, y1) = hull[-2:]
            if (x1 - x0) * (y - y0) > (y1 - y0) * (x - x0):
                break
            hull.pop()
        hull.append((x, y))
    edges: Counter[Offset] = Counter()
    for (x0, y0), (x1, y1) in pairwise(hull):
        count = gcd(x1 - x0, y1 - y0)
        edges[(x1 - x0) // count, (y1 - y0) // count] += count
    return edges
