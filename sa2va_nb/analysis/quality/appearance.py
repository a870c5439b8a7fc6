"""The colours of an object, learnt from its own masks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from sa2va_nb.analysis.quality.reduced import LEVELS, N_BINS

FloatArray = NDArray[np.float64]

BLUR = 0.7  # bins: a colour stands for its neighbours too, as light and noise vary
FIRST_FRAMES = 5  # the frames that Sa2VA's language model sees; later masks are carried on from them
MIN_RING = 3  # cells around a mask that count as its surroundings, for the smallest ones
_EPSILON = 1e-7  # share of an unseen colour: it speaks for neither side


@dataclass(frozen=True)
class Colors:
    """Shares of each colour bin, each row summing to 1, or all 0 where there is nothing to see.

    Attributes:
        inside: (T, B) in the mask.
        around: (T, B) in a ring around it as wide as the radius of a disk of its area.
    """

    inside: FloatArray
    around: FloatArray


def colors_of(covered: NDArray[np.uint8], bins: NDArray[np.uint16]) -> Colors:
    """Count the colours in and around each mask.

    Args:
        covered: (T, h, w) share of each cell that the mask covers, 255 for all.
        bins: (T, h, w) colour bin of each cell.
    """
    inside, around = np.zeros((len(bins), N_BINS)), np.zeros((len(bins), N_BINS))
    for t, (share, cell_bins) in enumerate(zip(covered, bins, strict=True)):
        if share.any():
            inside[t] = _histogram(cell_bins, share / 255)
            around[t] = _histogram(cell_bins, (1 - share / 255) * ring(share))
    return Colors(inside, around)


def ring(share: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Give the cells (h, w) around a mask, its blurred rim of one cell left out."""
    core = share > 127
    if not core.any():
        core = share > 0
    far = distance_transform_edt(~core)
    reach = max(MIN_RING, float(np.sqrt(np.count_nonzero(core) / np.pi)))
    around: NDArray[np.bool_] = (far > 1) & (far <= reach)
    return around


def likelihood(colors: Colors) -> list[FloatArray]:
    """Learn how much each colour speaks for the object, for each frame.

    The object's colours are the mean over the clip of what its masks hold; so are its surroundings', half
    and half with the frame's own surroundings. Half of each mean is that of the first five masks: in most clips
    those are what the model understood, the rest is propagated. A mask that is wrong in few frames has little say.

    Returns:
        T arrays (B,), 0 to 1: the probability that a colour is the object's where both are as likely.
    """
    seen = np.flatnonzero(colors.inside.any(axis=1))
    if not len(seen):
        return [np.full(N_BINS, 0.5)] * len(colors.inside)
    weight = np.zeros(len(colors.inside))
    weight[seen] = 0.5 / len(seen)
    weight[seen[:FIRST_FRAMES]] += 0.5 / len(seen[:FIRST_FRAMES])
    inside, around = weight @ colors.inside, weight @ colors.around
    return [(inside + _EPSILON) / (inside + (around + own) / 2 + 2 * _EPSILON) for own in colors.around]


def color_fit(
    covered: NDArray[np.uint8], bins: NDArray[np.uint16], chances: Sequence[FloatArray]
) -> FloatArray:
    """Compute how well the colours in each mask are the object's: the part ``fit``, (T,)."""
    fit = np.full(len(covered), np.nan)
    for t, (share, cell_bins, chance) in enumerate(zip(covered, bins, chances, strict=True)):
        if share.any():
            fit[t] = np.average(chance[cell_bins], weights=share)
    return fit


def color_around(colors: Colors, chances: Sequence[FloatArray]) -> FloatArray:
    """Compute how much the colours around each mask speak for the object: (T,)."""
    value = np.array([around @ chance for around, chance in zip(colors.around, chances, strict=True)])
    value[~colors.around.any(axis=1)] = np.nan
    return value


def color_match(a: FloatArray, b: FloatArray) -> float:
    """Compare two colour distributions (B,): 1 minus their χ² distance, 0 to 1; 0 where one is empty."""
    total = a + b
    if not a.any() or not b.any():
        return 0.0
    return float(1 - np.sum((a - b) ** 2 / np.where(total > 0, total, 1)) / 2)


def _histogram(bins: NDArray[np.uint16], weight: FloatArray) -> FloatArray:
    """Count colours by weight, (B,) shares, blurred over neighbouring colours."""
    counts = np.bincount(bins.ravel(), weight.ravel(), N_BINS).reshape(LEVELS, LEVELS, LEVELS)
    total = counts.sum()
    if not total:
        return np.zeros(N_BINS)
    blurred: FloatArray = gaussian_filter(counts / total, BLUR).ravel()
    return blurred
