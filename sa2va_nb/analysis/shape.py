"""The shape of one mask, by scikit-image's definitions, from its runs."""

from math import atan2, pi, sqrt
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

IntArray = NDArray[np.int64]

# Weights of the 3x3 neighbourhoods of a contour pixel, by the sum 1 + 2·(edge neighbours) + 10·(corner
# neighbours): Benkrid and Crookes, "Design and FPGA Implementation of a Perimeter Estimator".
_PERIMETER_WEIGHTS = np.zeros(50)
_PERIMETER_WEIGHTS[[5, 7, 15, 17, 25, 27]] = 1
_PERIMETER_WEIGHTS[[21, 33]] = sqrt(2)
_PERIMETER_WEIGHTS[[13, 23]] = (1 + sqrt(2)) / 2
# Hull vertices are half-integers, so an edge that misses a pixel centre misses it by 1 / (2 W) at least.
_ON_EDGE = 1e-9
_SIFTINGS = 4  # passes over all hull candidates at once; few are left for the exact pass, one by one


class Shape(TypedDict):
    """The shape columns of one mask; the geometry of an empty mask is NaN."""

    perimeter_px: float
    components: int
    largest_frac: float
    holes: int
    eccentricity: float
    orientation_rad: float
    major_axis_px: float
    minor_axis_px: float
    solidity: float


def shape_of(rle: RLEMask) -> Shape:
    """Describe a mask as one region, however many pieces it has.

    Equal to ``skimage.measure.regionprops`` of the mask as label 1: ``perimeter`` (4-neighbourhood),
    ``eccentricity``, ``orientation`` (angle between the rows' axis and the major axis, -pi/2 to pi/2),
    ``axis_major_length``, ``axis_minor_length``, ``solidity``. Components are 8-connected, holes are
    4-connected background that the mask encloses: components minus ``euler_number`` (connectivity 2).

    Args:
        rle: one mask.

    Returns:
        The shape columns; 0 components and holes and NaN for the rest where the mask is empty.
    """
    found = rle.connected_component_stats(connectivity=8)
    if found is None:
        nan = float("nan")
        return Shape(
            perimeter_px=nan,
            components=0,
            largest_frac=nan,
            holes=0,
            eccentricity=nan,
            orientation_rad=nan,
            major_axis_px=nan,
            minor_axis_px=nan,
            solidity=nan,
        )
    areas = found[0].astype(np.int64)
    area = int(areas.sum())
    padded = rle.tight_crop()[0].pad(1, 1, 1, 1)  # with its rim, no run goes on in the next column
    major, minor, orientation = _ellipse(rle)
    return Shape(
        perimeter_px=_perimeter(padded),
        components=len(areas),
        largest_frac=int(areas.max()) / area,
        holes=(~padded).count_connected_components(connectivity=4) - 1,
        eccentricity=sqrt(1 - minor / major) if major else 0.0,
        orientation_rad=orientation,
        major_axis_px=4 * sqrt(major),
        minor_axis_px=4 * sqrt(minor),
        solidity=area / _convex_area(padded),
    )


def _ellipse(rle: RLEMask) -> tuple[float, float, float]:
    """Give the larger and smaller variance (px²) along the principal axes, and the major one's angle.

    The raw moments are whole numbers, so the variances, times n², are too: nothing cancels.
    """
    raw = rle.moments()
    n, sx, sy, sxx, sxy, syy = (int(raw[key]) for key in ("m00", "m10", "m01", "m20", "m11", "m02"))
    xx, xy, yy = n * sxx - sx * sx, n * sxy - sx * sy, n * syy - sy * sy
    major = (xx + yy + sqrt((xx - yy) ** 2 + 4 * xy * xy)) / 2
    minor = (xx * yy - xy * xy) / major if major else 0.0
    # Equal variances along x and y leave only the diagonals: scikit-image's choice.
    diagonal = pi / 4 if xy > 0 else -pi / 4
    angle = diagonal if xx == yy else 0.5 * atan2(2 * xy, yy - xx)
    return major / n**2, min(minor, major) / n**2, angle


def _perimeter(padded: RLEMask) -> float:
    """Estimate the contour's length; ``padded`` is (h + 2, w + 2) with a background rim."""
    height, width = padded.shape
    at = _pixels(padded - padded.erode(kernel_shape="cross", kernel_size=3))
    contour = np.zeros(height * width, np.uint8)  # flat, a column after the other
    contour[at] = 1  # the rim is background, so every neighbour's index is inside
    edges = contour[at - 1] + contour[at + 1] + contour[at - height] + contour[at + height]
    left, right = at - height, at + height
    corners = contour[left - 1] + contour[left + 1] + contour[right - 1] + contour[right + 1]
    return float(_PERIMETER_WEIGHTS[1 + 2 * edges + 10 * corners].sum())


def _pixels(rle: RLEMask) -> IntArray:
    """List the flat, column-major indices of the mask's pixels, increasing."""
    start, end = _runs(rle)
    length = end - start
    before = np.cumsum(length) - length  # pixels in earlier runs
    at: IntArray = np.repeat(start - before, length)
    at += np.arange(len(at))
    return at


def _runs(rle: RLEMask) -> tuple[IntArray, IntArray]:
    """Give the flat, column-major start and end (exclusive) of each run of foreground."""
    edges = np.cumsum(rle.counts_view, dtype=np.int64)
    n = len(edges) // 2
    return edges[0 : 2 * n : 2], edges[1 : 2 * n : 2]


def _convex_area(padded: RLEMask) -> int:
    """Count the pixel centres inside or on the hull of the pixels' edge midpoints.

    The hull's upper and lower border follow from each column's first and last pixel, and the count in
    each column from where they cross it: the hull needn't be drawn.
    """
    start, end = _runs(padded)
    height = padded.shape[0]
    column = start // height
    opens = np.flatnonzero(np.diff(column, prepend=-1))  # the first run of each column
    closes = np.append(opens[1:], len(column)) - 1
    first, last = start[opens] % height, (end[closes] - 1) % height
    return int((_hull_border(column[opens], last) + _hull_border(column[opens], -first) + 1).sum())


def _hull_border(column: IntArray, reach: IntArray) -> IntArray:
    """Give the highest pixel centre under the upper hull, for each column from the first to the last.

    Args:
        column: (n,) increasing, those that have a pixel.
        reach: (n,) the highest pixel in each of them.

    Returns:
        (last column - first + 1,).
    """
    # The midpoints of the pixels' edges, in half pixels.
    x = np.add.outer(2 * column, [-1, 0, 1]).ravel()
    y = np.add.outer(2 * reach, [0, 1, 0]).ravel()
    x, y = _upper_hull(x, y)
    every = np.arange(column[0], column[-1] + 1)
    border: IntArray = np.floor(np.interp(every, x / 2, y / 2) + _ON_EDGE).astype(np.int64)
    return border


def _upper_hull(x: IntArray, y: IntArray) -> tuple[IntArray, IntArray]:
    """Give the vertices of the upper hull of points that are sorted by x; exact.

    A point on or below the line between its neighbours is no vertex. All points are tested at once
    first; what then is left is scanned by Andrew's monotone chain (1979).
    """
    for _ in range(_SIFTINGS):
        dx, dy = np.diff(x), np.diff(y)
        vertex = np.ones(len(x), np.bool_)
        vertex[1:-1] = dx[:-1] * dy[1:] < dy[:-1] * dx[1:]
        x, y = x[vertex], y[vertex]
    hull: list[tuple[int, int]] = []
    for at, height in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) > 1:
            (x0, y0), (x1, y1) = hull[-2:]
            if (x1 - x0) * (height - y1) < (y1 - y0) * (at - x1):
                break
            hull.pop()
        hull.append((at, height))
    corners = np.array(hull, np.int64)
    return corners[:, 0], corners[:, 1]
