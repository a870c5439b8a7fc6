"""Up to eight masks at once, each in its own bit of one array of bytes.

A window of every mask is laid out flat, column after column as in the runs, with so much background around
that a shift along the array never brings a pixel of one column to another. Then a shifted copy is a slice,
and dilating, eroding and counting take a few dozen operations on whole arrays, for eight masks at a time.
Results go to arrays that are given: at these sizes, fresh ones cost more than what is done with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isqrt

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

PLANES = 8
SPARE = 4  # arrays that the operations write to on their way
_FOLDS = 3  # of tally; each takes seven bytes at a time
_STEP: int = 7**_FOLDS * 8  # lengths are a multiple: what is left after the folds is read as 64-bit words
_EACH_BIT = (np.uint64(0x0101010101010101) << np.arange(PLANES, dtype=np.uint64))[:, None]
# What a bit is worth that came out of the folds among the ones (0), twos (1) or fours (2) of each.
_WEIGHT = 2 ** np.indices((3,) * _FOLDS).sum(axis=0).ravel()
Planes = NDArray[np.uint8]


@dataclass(frozen=True)
class Layout:
    """Where a window's pixels lie in the flat array.

    Attributes:
        height, width: of the window, px.
        margin: px of background around it, at least 1: how far a shift may reach.
    """

    height: int
    width: int
    margin: int

    @property
    def stride(self) -> int:
        """How far apart the pixels of a row are: a column with its margin."""
        return self.height + self.margin

    @property
    def lead(self) -> int:
        """Where the first pixel is."""
        return self.margin * (self.stride + 1)

    @property
    def length(self) -> int:
        """Bytes in all: the columns, one more, and what makes it a multiple of what tally needs."""
        return -(-(self.lead + (self.width + 1) * self.stride) // _STEP) * _STEP

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
        spare: (2 or more, layout.length) uint8, overwritten.
        out: (layout.length,) uint8.
    """
    width, height = layout.width, layout.height
    window, part = (row[: width * height].reshape(width, height) for row in spare[:2])
    window[:] = 0
    for bit, (rle, (x, y)) in enumerate(zip(rles, corners, strict=True)):
        rle.crop((x, y, width, height)).decode_into(part.T, fg_value=1 << bit, bg_value=0)
        np.bitwise_or(window, part, out=window)
    out[:] = 0
    layout.columns(out)[:width, :height] = window


def contours(planes: Planes, layout: Layout, spare: Planes, *, out: Planes) -> None:
    """Find the pixels that differ from the one to the right, below, or diagonally below.

    Behind the last row and column the masks are continued, as in DAVIS' ``seg2bmap``. So windows must end
    at the image's edge, or in a row or column of background.
    """
    stride, height = layout.stride, layout.height
    columns, found = layout.columns(planes), layout.columns(out)
    columns[:-1, height] = columns[:-1, height - 1]
    columns[-1] = columns[-2]
    down = np.bitwise_xor(planes[:-1], planes[1:], out=spare[0, :-1])
    across = np.bitwise_xor(planes[:-stride], planes[stride:], out=spare[1, :-stride])
    columns[:-1, height] = 0
    columns[-1] = 0
    # What differs from the diagonal neighbour alone differs along one of the two ways to it.
    np.bitwise_or(down[: 1 - stride], across, out=out[:-stride])
    np.bitwise_or(out[: -stride - 1], across[1:], out=out[: -stride - 1])
    out[: layout.lead] = 0
    found[:, height:] = 0
    found[-1] = 0
    out[layout.lead + found.size :] = 0


def dilate(planes: Planes, radius: int, layout: Layout, spare: Planes, *, out: Planes) -> None:
    """Dilate by the disk of the offsets with dx² + dy² <= radius²; the margin must be that wide."""
    out[:] = 0
    column, length, for_columns, for_spans = planes, 1, [*spare[:2]], [*spare[2:]]
    for half, nearest, farthest in _segments(radius):
        column = _slide(column, 2 * half + 1, 1, for_columns, have=length)
        length = 2 * half + 1
        span = _slide(column, farthest - nearest + 1, layout.stride, for_spans)
        for first in {nearest, -farthest}:
            _or_shifted(out, span, first * layout.stride - half)


def erode(planes: Planes, reach: int, layout: Layout, spare: Planes, *, out: Planes) -> None:
    """Keep the pixels whose whole square of 2·reach + 1 px is foreground; the outside is background."""
    side, buffers = 2 * reach + 1, [*spare[:2]]
    column = _slide(planes, side, 1, buffers, op=np.bitwise_and)
    square = _slide(column, side, layout.stride, buffers, op=np.bitwise_and)
    out[:] = 0
    _or_shifted(out, square, -reach * (layout.stride + 1))


def tally(planes: Planes) -> NDArray[np.int64]:
    """Count the pixels of each mask.

    Seven bytes at a time are added bit by bit with full adders, into ones, twos and fours; what is left
    is counted bit by bit.

    Args:
        planes: (K, n) uint8, as laid out.

    Returns:
        (K, 8).
    """
    count = len(planes)
    for _ in range(_FOLDS):
        *rest, n = planes.shape
        sevenths = np.ascontiguousarray(np.moveaxis(planes.reshape(*rest, 7, n // 7), -2, 0))
        a, b, c, d, e, f, g = sevenths
        scratch = np.empty_like(a)
        _add(a, b, c, scratch)
        _add(d, e, f, scratch)
        _add(a, d, g, scratch)
        _add(b, d, e, scratch)  # three carries: their sums are the twos, their carries the fours
        c[...] = d
        planes = sevenths[:3]
    words = planes.view(np.uint64).reshape(len(_WEIGHT), count, 1, -1)
    each = np.bitwise_count(words & _EACH_BIT).sum(axis=-1, dtype=np.int64)  # (27, K, 8)
    counts: NDArray[np.int64] = np.tensordot(_WEIGHT, each, axes=1)
    return counts


def _add(a: Planes, b: Planes, c: Planes, scratch: Planes) -> None:
    """Add three bits at each place: the sums replace a, the carries b."""
    np.bitwise_and(a, b, out=scratch)
    np.bitwise_xor(a, b, out=a)
    np.bitwise_and(a, c, out=b)
    np.bitwise_or(b, scratch, out=b)
    np.bitwise_xor(a, c, out=a)


def _segments(radius: int) -> Iterator[tuple[int, int, int]]:
    """Give half a disk's columns of one height together: (half of it, nearest dx, farthest dx), outer first."""
    for half, group in groupby(range(radius, -1, -1), key=lambda dx: isqrt(radius * radius - dx * dx)):
        columns = list(group)
        yield half, columns[-1], columns[0]


def _slide(
    planes: Planes,
    length: int,
    stride: int,
    buffers: list[Planes],
    *,
    have: int = 1,
    op: np.ufunc = np.bitwise_or,
) -> Planes:
    """Combine each byte with the ``length - 1`` that follow it every ``stride``; zeros follow the end.

    Doubling ``have``, how many were combined before, takes turns with two buffers.
    """
    while have < length:
        step = min(have, length - have)
        rest = max(len(planes) - step * stride, 0)
        out = buffers[0]
        buffers.reverse()
        op(planes[:rest], planes[len(planes) - rest :], out=out[:rest])
        op(planes[rest:], 0, out=out[rest:])
        planes, have = out, have + step
    return planes


def _or_shifted(out: Planes, planes: Planes, offset: int) -> None:
    """Or into each byte the one ``offset`` places further on; nothing is further than the ends."""
    n, ahead, behind = len(out), max(offset, 0), max(-offset, 0)
    to, source = slice(behind, max(n - ahead, 0)), slice(ahead, max(n - behind, 0))
    np.bitwise_or(out[to], planes[source], out=out[to])
