"""Finds what differs from the background.

The background is the per-pixel median of registered frames, the tolerance a robust spread of the same
pixels; see Piccardi, "Background subtraction techniques: a review", IEEE SMC 2004.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_cdt, gaussian_filter, uniform_filter, maximum_filter, minimum_filter
from skimage.filters import apply_hysteresis_threshold
from skimage.morphology import closing, disk, opening, remove_small_holes, remove_small_objects
from skimage.transform import ProjectiveTransform, warp

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

LEAST_SPREAD = 2.5  # grey levels: noise of a decent camera after H.264
MOST_SPREAD = 12.0  # grey levels: above, the samples show an object half of the time, not noise
FEWEST_SEEN = 3  # background samples; with fewer there is no telling what is the background
EDGE_PX = 3
LOW, HIGH = 3.0, 7.0  # of the spread: hysteresis thresholds


@dataclass(frozen=True)
class Background:
    """What a stretch of frames shows where nothing moves.

    Attributes:
        darkest, brightest: (H, W, 3) range of colours to expect.
        spread: (H, W) robust standard deviation, grey levels.
        known: (H, W) where enough samples were seen.
    """

    darkest: FloatArray
    brightest: FloatArray
    spread: FloatArray
    known: BoolArray


def warp_image(image: NDArray[np.uint8], to_image: NDArray[np.float64]) -> FloatArray:
    """Warp one (H, W) or (H, W, 3) image; NaN where it was not seen."""
    transform = ProjectiveTransform(to_image)
    planes = image[..., None] if image.ndim == 2 else image
    warped = [warp(planes[..., c].astype(np.float32), transform, order=1, cval=np.nan, preserve_range=True) for c in range(planes.shape[-1])]
    return np.stack(warped, axis=-1).reshape(image.shape)


def learn_background(samples: FloatArray, slack_px: int) -> Background:
    """Learn from registered images.

    Args:
        samples: (K, H, W, 3) grey levels, NaN where a frame did not see.
        slack_px: how far registration may be off.
    """
    n = np.count_nonzero(~np.isnan(samples[..., 0]), axis=0)  # (H, W)
    middle = _quantile(samples, n, 0.5)
    spread = _quantile(np.abs(samples - middle), n, 0.3) / 0.385  # the 30th percentile of |N(0, 1)|
    spread = gaussian_filter(spread.mean(axis=-1), 1.0)
    known = n >= FEWEST_SEEN
    middle, spread = np.where(known[..., None], middle, 0), np.where(known, spread, 0)
    darkest = brightest = gaussian_filter(middle, (0.5, 0.5, 0)) if False else middle
    if slack_px:
        window = (2 * slack_px + 1, 2 * slack_px + 1, 1)
        darkest, brightest = minimum_filter(middle, window), maximum_filter(middle, window)
    return Background(darkest, brightest, np.clip(spread, LEAST_SPREAD, MOST_SPREAD), known)


def _quantile(samples: FloatArray, n: NDArray[np.intp], share: float) -> FloatArray:
    """Give the quantile over axis 0 of the first n ordered values; NaN sorts last."""
    ordered = np.sort(samples, axis=0)
    at = np.maximum(np.round((n - 1) * share), 0).astype(np.intp)
    return np.take_along_axis(ordered, at[None, ..., None], axis=0)[0]


def difference(image: NDArray[np.uint8], background: Background) -> FloatArray:
    """Give how far each pixel lies outside the background's range, in spreads, (H, W)."""
    pixels = image.astype(np.float32)
    off = np.maximum(pixels - background.brightest, background.darkest - pixels)
    np.maximum(off, 0, out=off)
    score = np.sqrt(np.einsum("ijk,ijk->ij", off, off) / 1.5) / background.spread
    return np.where(background.known, score, 0).astype(np.float32)


def clean_mask(score: FloatArray, smallest_px: int) -> BoolArray:
    """Threshold with hysteresis, drop specks, close cracks, fill holes."""
    smooth = gaussian_filter(score, 0.7)
    mask = apply_hysteresis_threshold(smooth, LOW, HIGH)
    mask = closing(mask, disk(1))
    mask = opening(mask, disk(1))
    mask = remove_small_objects(mask, max_size=smallest_px)
    return remove_small_holes(mask, max_size=smallest_px)


def trim_edge(mask: BoolArray, score: FloatArray) -> BoolArray:
    """Put the outline where the score falls to half of what it is inside.

    Blur and coarse chroma spread an object's colour over its neighbours, and a threshold made for
    noise takes them in; at half height a blurred edge is where the sharp one was.
    """
    core = distance_transform_cdt(mask, "chessboard") > EDGE_PX
    reach = 4 * EDGE_PX + 1
    inside = uniform_filter(score * core, reach)
    share = uniform_filter(core.astype(np.float32), reach)
    level = np.divide(inside, share, out=np.zeros_like(inside), where=share > 0.02)
    return mask & (core | (score >= 0.5 * level))
