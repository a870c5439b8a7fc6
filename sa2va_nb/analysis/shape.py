"""The shape of one mask, by scikit-image's definitions, from its runs or its cropped box."""

from math import atan2, pi, sqrt
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.spatial import ConvexHull

BoolArray = NDArray[np.bool_]

# Weights of the 3x3 neighbourhoods of a contour pixel, by the sum 1 + 2·(edge neighbours) + 10·(corner
# neighbours): Benkrid and Crookes, "Design and FPGA Implementation of a Perimeter Estimator".
_PERIMETER_WEIGHTS = np.zeros(50)
_PERIMETER_WEIGHTS[[5, 7, 15, 17, 25, 27]] = 1
_PERIMETER_WEIGHTS[[21, 33]] = sqrt(2)
_PERIMETER_WEIGHTS[[13, 23]] = (1 + sqrt(2)) / 2
# Hull vertices are half-integers, so an edge that misses a pixel centre misses it by 1 / (2 H) at least.
_ON_EDGE = 1e-9


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
    box: BoolArray = rle.tight_crop()[0].to_array(dtype=np.bool_, order="C")  # (h, w)
    padded = np.pad(box, 1)
    major, minor, orientation = _ellipse(rle)
    return Shape(
        perimeter_px=_perimeter(padded),
        components=len(areas),
        largest_frac=int(areas.max()) / area,
        holes=len(areas) - _euler_number(padded),
        eccentricity=sqrt(1 - minor / major) if major else 0.0,
        orientation_rad=orientation,
        major_axis_px=4 * sqrt(major),
        minor_axis_px=4 * sqrt(minor),
        solidity=area / _convex_area(box),
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


def _perimeter(padded: BoolArray) -> float:
    """Estimate the contour's length; ``padded`` is (h + 2, w + 2) with a background rim."""
    inner = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    contour = padded.copy()
    contour[1:-1, 1:-1] &= ~inner
    flat, row = contour.ravel().view(np.uint8), padded.shape[1]
    at = np.flatnonzero(flat)  # the rim is background, so every neighbour's index is inside
    edges = flat[at - 1] + flat[at + 1] + flat[at - row] + flat[at + row]
    corners = flat[at - row - 1] + flat[at - row + 1] + flat[at + row - 1] + flat[at + row + 1]
    return float(_PERIMETER_WEIGHTS[1 + 2 * edges + 10 * corners].sum())


def _euler_number(padded: BoolArray) -> int:
    """Count 8-connected pieces minus holes: faces - edges + vertices of the closed pixels."""
    across, down = padded[:, :-1] | padded[:, 1:], padded[:-1] | padded[1:]
    vertices = down[:, :-1] | down[:, 1:]
    faces, edges = np.count_nonzero(padded), np.count_nonzero(across) + np.count_nonzero(down)
    return int(faces - edges + np.count_nonzero(vertices))


def _convex_area(box: BoolArray) -> int:
    """Count the pixel centres inside or on the hull of the pixels' edge midpoints.

    The hull is that of each row's first and last pixel; between two of its vertices the left and right
    borders are straight, so each row's count follows without drawing the hull.
    """
    rows = np.flatnonzero(box.any(axis=1))
    first = box[rows].argmax(axis=1)
    last = box.shape[1] - 1 - box[rows, ::-1].argmax(axis=1)
    x = np.concatenate([first - 0.5, first, first, last + 0.5, last, last])
    y = np.concatenate([rows, rows - 0.5, rows + 0.5] * 2)
    corners = ConvexHull(np.stack([x, y], axis=1)).vertices  # in order around the hull
    following = np.roll(corners, -1)
    at = np.arange(box.shape[0])
    borders = []
    for rising in (True, False):
        chosen = (y[following] > y[corners]) if rising else (y[following] < y[corners])
        ends = np.concatenate([corners[chosen], following[chosen]])
        ends = ends[np.argsort(y[ends], kind="stable")]
        borders.append(np.interp(at, y[ends], x[ends]))
    left, right = np.minimum(*borders), np.maximum(*borders)
    return int((np.floor(right + _ON_EDGE) - np.ceil(left - _ON_EDGE) + 1).sum())
