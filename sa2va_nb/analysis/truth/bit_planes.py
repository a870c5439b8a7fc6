"""Up to eight masks at once, each in its own bit of one array of bytes.

A window of every mask is laid out flat, column after column as in the runs, with so much background around
that a shift along the array never brings a pixel of one column to another. Then a shifted copy is a slice,
and dilating, eroding and counting take a few dozen operations on whole arrays, for eight masks at a time.
What is costly is done in strips that fit a core's cache, and only where there is something.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isqrt

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

PLANES = 8
_STRIP = 3 * 2**15  # bytes of a side
_FOLDS = 2  # of tally; each takes seven bytes at a time
_STEP: int = 7**_FOLDS * 8  # what is left after the folds is read as 64-bit words
_EACH_BIT = (np.uint64(0x0101010101010101) << np.arange(PLANES, dtype=np.uint64))[:, None]
# What a bit is worth that came out of the folds among the ones (0), twos (1) or fours (2) of each.
_WEIGHT = 2 ** np.indices((3,) * _FOLDS).sum(axis=0).ravel()
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


def strips(words: Words) -> Iterator[tuple[slice, Words]]:
    """Give the places of all words that are not 0, a strip at a time: the bytes they lie among, and which."""
    places = np.flatnonzero(words != 0)  # several times faster than of the words
    ends = np.searchsorted(places, range(_STRIP // 8, len(words), _STRIP // 8))
    for found in np.split(places, ends):
        if len(found):
            first, last = found[[0, -1]].tolist()
            yield slice(8 * first, 8 * last + 8), found - first


def workspace(layouts: Sequence[Layout]) -> Planes:
    """Make room for what dilating and eroding strips of two sets of masks takes: (5, 2, bytes)."""
    most = max((min(layout.length, _STRIP + 2 * layout.halo) for layout in layouts), default=0)
    return np.empty((5, 2, most), np.uint8)


def dilate(planes: Planes, radius: int, layout: Layout, at: slice, work: Planes) -> Planes:
    """Dilate a strip by the disk of the offsets with dx² + dy² <= radius².

    Args:
        planes: (2, layout.length), of a layout whose margin and reach are that wide.
        radius: px.
        layout: of the planes.
        at: which bytes.
        work: of :func:`workspace`, overwritten; the result is a view of it.

    Returns:
        (2, at.stop - at.start).
    """
    n, halo, stride = at.stop - at.start, layout.halo, layout.stride
    column, length = planes[:, at.start - halo : at.stop + halo], 1
    out, for_columns, for_spans = work[0, :, :n], [*work[1:3]], [*work[3:]]
    out[:] = 0
    for half, nearest, farthest in _segments(radius):
        column = _slide(column, 2 * half + 1, 1, for_columns, have=length)
        length = 2 * half + 1
        span = _slide(column, farthest - nearest + 1, stride, for_spans)
        for first in {nearest, -farthest}:
            start = halo + first * stride - half
            np.bitwise_or(out, span[:, start : start + n], out=out)
    return out


def erode(planes: Planes, reach: int, layout: Layout, at: slice, work: Planes) -> Planes:
    """Keep the pixels of a strip whose whole square of 2·reach + 1 px is foreground; outside is background.

    As for :func:`dilate`, but that a margin of 1 px will do.
    """
    n, side, buffers = at.stop - at.start, 2 * reach + 1, [*work[:2]]
    start = layout.halo - reach * (layout.stride + 1)
    wide = planes[:, at.start - layout.halo : at.stop + layout.halo]
    column = _slide(wide, side, 1, buffers, op=np.bitwise_and)
    square = _slide(column, side, layout.stride, buffers, op=np.bitwise_and)
    return square[:, start : start + n]


def tally(planes: Planes) -> NDArray[np.int64]:
    """Count the pixels of each mask.

    Seven bytes at a time are added bit by bit with full adders, into ones, twos and fours; what is left
    is counted bit by bit.

    Args:
        planes: (K, n) uint8.

    Returns:
        (K, 8).
    """
    count, size = planes.shape
    padded = np.zeros((count, -(-size // _STEP) * _STEP), np.uint8)
    padded[:, :size] = planes
    planes = padded
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
    each = np.bitwise_count(words & _EACH_BIT).sum(axis=-1, dtype=np.int64)  # (9, K, 8)
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
    """Combine each byte with the ``length - 1`` that follow it every ``stride``; those with too few are left out.

    Doubling ``have``, how many were combined before, takes turns with two buffers.
    """
    while have < length:
        step = min(have, length - have)
        first, second = planes[:, : -step * stride], planes[:, step * stride :]
        planes, have = op(first, second, out=buffers[0][:, : first.shape[1]]), have + step
        buffers.reverse()
    return planes
