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
    key_to_first, to_key, last_step = np.eye(3), np.eye(3), np.eye(3)
    for image in images:
        pyramid = _pyramid(image)
        if not key:
            key = pyramid
            yield np.eye(3)
            continue
        found, fit = _register(key, pyramid, [to_key, last_step @ to_key])
        last_step, to_key = found @ np.linalg.inv(to_key), found
        # the search maps the key's points into the image; what is told is the way back
        here_to_first = key_to_first @ np.linalg.inv(to_key)
        yield np.linalg.inv(unit) @ here_to_first @ unit
        if _corner_shift(to_key) > 2 * NEW_KEY_FRAC:
            key, key_to_first, to_key = pyramid, here_to_first, np.eye(3)


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


def _register(key: list[Grey], image: list[Grey], guesses: list[FloatArray]) -> tuple[FloatArray, float]:
    """Find the map, in units, that takes points of the key to points of the image."""
    coarse = len(key) - 1
    guesses = [*guesses, _shift_guess(key[coarse], image[coarse])]
    best, error = min((_descend(key[coarse], image[coarse], guess) for guess in guesses), key=lambda r: r[1])
    for level in range(coarse - 1, -1, -1):
        best, error = _descend(key[level], image[level], best)
    return best, error


def _shift_guess(key: Grey, image: Grey) -> FloatArray:
    """Guess a pure shift by phase correlation, for jumps that the descent can't reach."""
    shift, _, _ = phase_cross_correlation(image, key)
    guess = np.eye(3)
    guess[:2, 2] = shift[::-1] / (max(key.shape) / 2)
    return guess


def _descend(key: Grey, image: Grey, start: FloatArray) -> tuple[FloatArray, float]:
    """Improve a map at one level; gives it with its robust error."""
    height, width = key.shape
    to_unit = _unit(key.shape)
    to_pixel = np.linalg.inv(to_unit)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    points = to_unit @ np.stack([columns.ravel(), rows.ravel(), np.ones(key.size)])  # (3, H*W)
    down, right = np.gradient(image)
    half = max(key.shape) / 2
    params = (start / start[2, 2]).ravel()[:8]
    prior = params
    error = np.inf
    for _ in range(STEPS):
        moved = np.append(params, 1.0).reshape(3, 3) @ points
        where = moved[:2] / moved[2]
        pixels = (to_pixel @ np.vstack([where, np.ones(key.size)]))[1::-1]
        inside = np.all((pixels >= 0) & (pixels <= [[height - 1], [width - 1]]), axis=0)
        if np.count_nonzero(inside) < key.size // 10:
            return start, np.inf
        at, p, w = pixels[:, inside], points[:, inside], where[:, inside]
        residual = map_coordinates(image, at, order=1) - key.ravel()[inside]
        gx, gy = (map_coordinates(g, at, order=1) * half / moved[2, inside] for g in (right, down))
        radial = -(gx * w[0] + gy * w[1])
        design = np.stack(
            [
                gx * p[0],
                gx * p[1],
                gx,
                gy * p[0],
                gy * p[1],
                gy,
                radial * p[0],
                radial * p[1],
                np.ones_like(gx),
            ],
            axis=1,
        )
        middle = np.median(residual)
        spread = 1.4826 * np.median(np.abs(residual - middle)) + 1e-4
        weight = (np.abs(residual - middle) < 4.685 * spread) * (
            1 - ((residual - middle) / (4.685 * spread)) ** 2
        ) ** 2
        weighted = design * weight[:, None]
        certainty = CORRELATED * spread**2 * PRIOR
        pull = certainty * np.append(params - prior, 0.0)
        step = np.linalg.solve(weighted.T @ design + np.diag(certainty), -(weighted.T @ residual) - pull)
        params = params + step[:8]
        error = spread
        if np.abs(step[:8]).sum() * half < SETTLED_PX:
            break
    return np.append(params, 1.0).reshape(3, 3), float(error)
