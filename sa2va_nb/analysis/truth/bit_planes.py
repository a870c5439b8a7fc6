"""Up to eight masks at once, each in its own bit of one array of bytes.

A window of every mask is laid out flat, column after column as in the runs, with so much background around
that a shift along the array never brings a pixel of one column to another. Then a shifted copy is a slice,
and dilating or eroding takes one or two dozen operations on whole arrays, for eight masks at a time: in strips
that fit a core's cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.truth.growth import Growth, Offset

PLANES = 8
_STRIP = 3 * 2**16  # bytes of a side; with room to work in, little more than a core's second cache
_CHUNK = 2**13  # words that are counted at once
Planes = NDArray[np.uint8]
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Layout:
    """Where a window's pixels lie in the flat array.

    Attributes:
        height, width: of the window, px.
        margin: px of background below a column, at least 1: how far a shift may reach up or down.
        reach: how many columns of background are before the first one and behind the last.
    """

    height: int
    width: int
    margin: int
    reach: int

    @property
    def stride(self) -> int:
        """How far apart the pixels of a row are: a column with its margin."""
        return self.height + self.margin

    def distance(self, offset: Offset) -> int:
        """How far one pixel is from another in the array, which is x columns and y rows away."""
        return offset[0] * self.stride + offset[1]

    @property
    def halo(self) -> int:
        """How far a shift by ``reach`` columns and rows goes."""
        return self.reach * (self.stride + 1)

    @property
    def lead(self) -> int:
        """Where the first pixel is; its whole 64-bit word has a halo before it."""
        return self.halo + 8

    @property
    def length(self) -> int:
        """Bytes in all, whole 64-bit words: the columns, with as many bytes before as behind."""
        return -(-(2 * self.lead + (self.width + 1) * self.stride) // 8) * 8

    def columns(self, planes: Planes) -> Planes:
        """View the columns, one more behind the last, and the margins below: (width + 1, height + margin)."""
        used = self.lead + (self.width + 1) * self.stride
        return planes[self.lead : used].reshape(self.width + 1, self.stride)


def pack(
    rles: Sequence[RLEMask],
    corners: Sequence[tuple[int, int]],
    layout: Layout,
    spare: Planes,
    *,
    out: Planes,
) -> None:
    """Lay out a window of each mask, in the bit of its place in the sequence.

    Args:
        rles: at most eight masks.
        corners: (x, y) of each one's window, which must lie inside the image.
        layout: of the windows.
        spare: (2, layout.length) uint8, overwritten.
        out: (layout.length,) uint8.
    """
    width, height = layout.width, layout.height
    window, part = (row[: width * height].reshape(width, height) for row in spare)
    window[:] = 0
    for bit, (rle, (x, y)) in enumerate(zip(rles, corners, strict=True)):
        rle.crop((x, y, width, height)).decode_into(part.T, fg_value=1 << bit, bg_value=0)
        np.bitwise_or(window, part, out=window)
    out[:] = 0
    layout.columns(out)[:width, :height] = window


def contours(planes: Planes, layout: Layout, *, out: Planes) -> None:
    """Find the pixels that differ from the one to the right, below, or diagonally below.

    Behind the last row and column the masks are continued, as in DAVIS' ``seg2bmap``. So windows must end
    at the image's edge, or in a row or column of background.
    """
    stride, height = layout.stride, layout.height
    columns, found = layout.columns(planes), layout.columns(out)
    columns[:-1, height] = columns[:-1, height - 1]
    columns[-1] = columns[-2]
    across = planes[:-stride] ^ planes[stride:]
    np.bitwise_xor(planes[:-1], planes[1:], out=out[:-1])
    columns[:-1, height] = 0
    columns[-1] = 0
    # What differs from the diagonal neighbour alone differs along one of the two ways to it.
    np.bitwise_or(out[:-stride], across, out=out[:-stride])
    np.bitwise_or(out[: -stride - 1], across[1:], out=out[: -stride - 1])
    out[: layout.lead] = 0
    found[:, height:] = 0
    found[-1] = 0
    out[layout.lead + found.size :] = 0


def strips(layout: Layout) -> Iterator[slice]:
    """Give the bytes in which the columns lie as strips of much the same length, in whole 64-bit words."""
    first, last = layout.lead // 8, layout.length // 8 - layout.lead // 8
    edges = np.linspace(first, last, 1 - (8 * (first - last) // _STRIP), dtype=np.int64).tolist()
    for start, stop in pairwise(edges):
        yield slice(8 * start, 8 * stop)


def workspace(layouts: Sequence[Layout]) -> Planes:
    """Make room for what growing or shrinking strips of two sets of masks takes: (2, 2, bytes), in whole words."""
    most = max((min(layout.length, _STRIP + 2 * layout.halo) for layout in layouts), default=0)
    return np.empty((2, 2, -(-most // 8) * 8), np.uint8)


def grow(
    planes: Planes, growth: Growth, layout: Layout, at: slice, work: Planes, *, op: np.ufunc = np.bitwise_or
) -> Planes:
    """Combine each byte of a strip with those that a growth reaches from it: dilates by that shape.

    Args:
        planes: (2, layout.length), of a layout whose margin and reach are as wide as the shape.
        growth: of one pixel into the shape, which is symmetric.
        layout: of the planes.
        at: which bytes.
        work: of :func:`workspace`, overwritten; the result is a view of it.
        op: ``np.bitwise_and`` erodes; outside is background. A margin of 1 px will do then.

    Returns:
        (2, at.stop - at.start).
    """
    moves = [layout.distance(move) for move, _ in growth.steps]
    length, first = at.stop - at.start + sum(moves), at.start + layout.distance(growth.start)
    grown, into, other = planes[:, first : first + length], *work
    for move, (_, pixels) in zip(moves, growth.steps, strict=True):
        length -= move
        grown = op(grown[:, :length], grown[:, move:], out=into[:, :length])
        for pixel in pixels:
            first = at.start + layout.distance(pixel)
            op(grown, planes[:, first : first + length], out=grown)
        into, other = other, into
    return grown


def tally(sets: Sequence[Words]) -> NDArray[np.int64]:
    """Count the pixels of each mask in K sets of eight bytes' words: (K, 8)."""
    counts = np.zeros((len(sets), PLANES), np.int64)
    for count, words in zip(counts, sets, strict=True):
        for first in range(0, len(words), _CHUNK):
            part = words[first : first + _CHUNK].view(np.uint8)
            # A word for each byte, with a byte for each of its bits: 255 words add up without a carry.
            spread = np.unpackbits(part, bitorder="little").view(np.uint64)
            sums = np.add.reduceat(spread, range(0, len(spread), 255))
            count += sums.view(np.uint8).reshape(-1, PLANES).sum(axis=0, dtype=np.int64)
    return counts
