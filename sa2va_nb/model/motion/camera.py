"""Finds how the camera moves: a projective map from each frame to a key frame.

Robust multiresolution estimation of parametric motion, after Odobez and Bouthemy, "Robust
multiresolution estimation of parametric motion models", J. Visual Communication and Image
Representation 6(4), 1995: Gauss-Newton on the brightness difference, coarse to fine, where each pixel's
weight falls with its residual, so that what moves by itself does not pull on the camera's motion.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from skimage.color import rgb2gray
from skimage.registration import phase_cross_correlation
from skimage.transform import pyramid_reduce, resize

FloatArray = NDArray[np.float64]
Grey = NDArray[np.float32]

LONG_SIDE_PX = 320  # sub-pixel maps don't need more
LEVELS = 4
MOST_POINTS = 15_000  # of a level's pixels; a regular share of them is as good as all
LEAST_OVERLAP = 0.1  # of the key's points; with fewer there is nothing to go by
TUKEY = 4.685  # spreads beyond which a residual counts for nothing: 95 % efficient on normal noise
STEPS = 8  # Gauss-Newton steps a level at most; it converges in 2 to 5
SETTLED_PX = 0.02  # a step this small ends a level
CORRELATED = 50  # pixels that count as one: neighbours' residuals are much alike
# Standard deviations, from one frame to the next, of the map's entries and of the brightness; the last
# row's are the perspective's, which a large moving object would bend first.
PRIOR = np.array([0.1, 0.1, 10, 0.1, 0.1, 10, 0.03, 0.03, 1]) ** -2.0
NEW_KEY_FRAC = 0.15  # a corner this share of the width away: the overlap with the key frame runs short
REST_PX = 0.5  # of LONG_SIDE_PX: maps that stay below are the estimate's own noise and breathing optics


@dataclass(frozen=True)
class Camera:
    """The camera's motion.

    Attributes:
        to_first: (T, 3, 3): takes a pixel (x, y, 1) of frame t to where it lies in the first frame.
        moves: False if the camera rests; then every map is the identity.
    """

    to_first: FloatArray
    moves: bool


def track_camera(images: Iterable[NDArray[np.uint8]], size: tuple[int, int]) -> Iterator[FloatArray]:
    """Estimate the map of each image to the first one, as the images come.

    Args:
        images: (H, W, 3) uint8 RGB each.
        size: (H, W) of the pixels that the maps speak of.

    Yields:
        (3, 3) projective map, pixels of this image to pixels of the first.
    """
    unit = _unit(size)
    key: list[Grey] = []
    key_to_first, key_to_here, last_step = np.eye(3), np.eye(3), np.eye(3)
    for image in images:
        pyramid = _pyramid(image)
        if not key:
            key = pyramid
            yield np.eye(3)
            continue
        found = _register(key, pyramid, [key_to_here, last_step @ key_to_here])
        last_step, key_to_here = found @ np.linalg.inv(key_to_here), found
        here_to_first = key_to_first @ np.linalg.inv(found)
        yield np.linalg.inv(unit) @ here_to_first @ unit
        if _corner_shift(found) > 2 * NEW_KEY_FRAC:
            key, key_to_first, key_to_here = pyramid, here_to_first, np.eye(3)


def summarise(to_first: FloatArray, size: tuple[int, int]) -> Camera:
    """Decide from all maps whether the camera moved.

    Args:
        to_first: (T, 3, 3) maps of pixels.
        size: (H, W) of those pixels.
    """
    unit = _unit(size)
    shifts = [_corner_shift(unit @ one @ np.linalg.inv(unit)) for one in to_first]
    moves = bool(np.max(shifts, initial=0.0) * LONG_SIDE_PX / 2 > REST_PX)
    return Camera(to_first if moves else np.broadcast_to(np.eye(3), to_first.shape), moves)


def _unit(size: tuple[int, int]) -> FloatArray:
    """Give the map from pixels to units in which the long side runs from -1 to 1."""
    height, width = size
    half = max(size) / 2
    return np.array([[1, 0, (1 - width) / 2], [0, 1, (1 - height) / 2], [0, 0, half]]) / half


def _corner_shift(unit_map: FloatArray) -> float:
    """Give how far the farthest corner goes, in half long sides."""
    corners = np.array([[-1, -1, 1], [1, -1, 1], [-1, 1, 1], [1, 1, 1.0]]).T
    moved = unit_map @ corners
    return float(np.linalg.norm(moved[:2] / moved[2] - corners[:2], axis=0).max())


def _pyramid(image: NDArray[np.uint8]) -> list[Grey]:
    """Give grey images in [0, 1], the finest first."""
    grey = rgb2gray(image)
    scale = min(1.0, LONG_SIDE_PX / max(grey.shape))
    shape = tuple(max(1, round(n * scale)) for n in grey.shape)
    levels = [resize(grey, shape, anti_aliasing=scale < 1).astype(np.float32)]
    while len(levels) < LEVELS and min(levels[-1].shape) >= 32:
        levels.append(pyramid_reduce(levels[-1], 2).astype(np.float32))
    return levels


def _register(key: list[Grey], image: list[Grey], guesses: list[FloatArray]) -> FloatArray:
    """Find the map, in units, that takes points of the key to points of the image."""
    guesses = [*guesses, _shift_guess(key[-1], image[-1])]
    best, _ = min((_descend(key[-1], image[-1], guess) for guess in guesses), key=lambda found: found[1])
    for finer_key, finer_image in zip(key[-2::-1], image[-2::-1], strict=True):
        best, _ = _descend(finer_key, finer_image, best)
    return best


def _shift_guess(key: Grey, image: Grey) -> FloatArray:
    """Guess a pure shift by phase correlation, for jumps that the descent can't reach."""
    shift, _, _ = phase_cross_correlation(image, key)
    guess = np.eye(3)
    guess[:2, 2] = shift[::-1] / (max(key.shape) / 2)
    return guess


def _descend(key: Grey, image: Grey, start: FloatArray) -> tuple[FloatArray, float]:
    """Improve a map at one level; gives it with its robust error, infinite where the two don't overlap."""
    (height, width), half = key.shape, max(key.shape) / 2
    thin = int(np.ceil(np.sqrt(key.size / MOST_POINTS)))
    rows, columns = (axis.ravel() for axis in np.mgrid[:height:thin, :width:thin])
    grey = key[rows, columns]  # (P,)
    points = _unit((height, width)) @ np.stack([columns, rows, np.ones(rows.size)])  # (3, P)
    planes = (image, *np.gradient(image))
    params = prior = (start / start[2, 2]).ravel()[:8]
    error = np.inf
    for _ in range(STEPS):
        moved = np.append(params, 1.0).reshape(3, 3) @ points
        x, y = moved[:2] / moved[2]
        at = np.stack([y * half + (height - 1) / 2, x * half + (width - 1) / 2])  # (2, P) rows and columns
        inside = np.all((at >= 0) & (at <= [[height - 1], [width - 1]]), axis=0)
        if np.count_nonzero(inside) < LEAST_OVERLAP * inside.size:
            return start, np.inf
        values, down, right = (map_coordinates(plane, at[:, inside], order=1) for plane in planes)
        slope = half / moved[2, inside]
        design = _design(points[:, inside], x[inside], y[inside], right * slope, down * slope)
        step, error = _solve(design, values - grey[inside], params - prior)
        params = params + step
        if np.abs(step).sum() * half < SETTLED_PX:
            break
    return np.append(params, 1.0).reshape(3, 3), error


def _design(
    points: FloatArray, x: FloatArray, y: FloatArray, right: FloatArray, down: FloatArray
) -> FloatArray:
    """Give (P, 9): how the brightness at each point changes with each of the map's entries, and as a whole."""
    u, v, _ = points
    radial = -(right * x + down * y)
    columns = [right * u, right * v, right, down * u, down * v, down, radial * u, radial * v, np.ones_like(u)]
    return np.stack(columns, axis=1)


def _solve(design: FloatArray, residual: FloatArray, gone: FloatArray) -> tuple[FloatArray, float]:
    """Give the step (8,) that lessens the residuals (P,), by Tukey's weights, and their robust spread.

    Args:
        design: (P, 9), from ``_design``.
        residual: (P,) brightness of the image less that of the key.
        gone: (8,) what the map has changed already, which the prior pulls back.
    """
    residual = residual - np.median(residual)
    spread = 1.4826 * float(np.median(np.abs(residual))) + 1e-4
    weight = np.clip(1 - (residual / (TUKEY * spread)) ** 2, 0, None) ** 2
    weighted = design * weight[:, None]
    certainty = CORRELATED * spread**2 * PRIOR
    right_side = -(weighted.T @ residual) - certainty * np.append(gone, 0.0)
    return np.linalg.solve(weighted.T @ design + np.diag(certainty), right_side)[:8], spread
