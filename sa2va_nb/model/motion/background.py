"""Learns what frames show where nothing moves.

The background is the per-pixel median of registered frames, or their commonest colour where the two
are far apart; the tolerance is a robust spread of the same pixels. See Piccardi, "Background subtraction
techniques: a review", IEEE SMC 2004.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter
from skimage.transform import ProjectiveTransform, warp

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
Image = NDArray[np.uint8]
Map = NDArray[np.float64]

N_SAMPLES = 25  # frames that a background is learnt from: enough for a median, little to keep
REACH = 90  # frames before and after that may be among them when the camera moves: 3 s at 30 fps
STRETCH = 8  # frames that share a background when the camera moves
ENOUGH = 18  # samples; with fewer some agree by chance
ALIKE = 10.0  # grey levels: samples no farther apart agree; four times the least spread
AGREEING = 0.25  # of the samples: so many agree on the background, whatever stands in front
BLOCK = 2048  # pixels compared at a time
LEAST_OVERLAP = 0.5  # of the image, that a frame must share to be a sample
SLACK_PX = 1  # what registration may be off
FEWEST_SEEN = 3  # samples; with fewer there is no telling what is the background
LEAST_SPREAD = 2.5  # grey levels: noise of a decent camera after H.264
MOST_SPREAD = 8.0  # grey levels: above, the samples show an object half of the time, not noise


@dataclass(frozen=True)
class Background:
    """What to expect of each pixel where nothing moves.

    Attributes:
        darkest, brightest: (H, W, 3) range of colours, grey levels.
        spread: (H, W) robust standard deviation, grey levels.
        known: (H, W) where enough samples were seen.
    """

    darkest: FloatArray
    brightest: FloatArray
    spread: FloatArray
    known: BoolArray


def pick_samples(n: int) -> NDArray[np.intp]:
    """Choose the positions of at most ``N_SAMPLES`` of n frames, spread evenly."""
    return np.unique(np.linspace(0, n - 1, N_SAMPLES).round().astype(np.intp))


def learn_background(samples: FloatArray, slack_px: int = 0) -> Background:
    """Learn from registered images.

    Args:
        samples: (K, H, W, 3) grey levels, NaN where a frame did not see.
        slack_px: how far registration may be off.
    """
    n = np.count_nonzero(~np.isnan(samples[..., 0]), axis=0)  # (H, W)
    middle = _ordered(np.sort(samples, axis=0), (n - 1) // 2)
    off = np.sort(np.abs(samples - middle).max(axis=-1, keepdims=True), axis=0)
    doubtful = (n >= ENOUGH) & (_ordered(off, np.round((n - 1) * 0.7))[..., 0] > ALIKE)
    middle[doubtful] = _commonest(samples[:, doubtful], middle[doubtful])
    off = np.sort(np.abs(samples - middle), axis=0)
    spread = _ordered(off, np.round((n - 1) * 0.3)) / 0.385  # the 30th percentile of |N(0, 1)|
    spread = np.minimum(spread, MOST_SPREAD)
    known = n >= FEWEST_SEEN
    middle = np.where(known[..., None], middle, 0)
    spread = gaussian_filter(np.where(known, spread.mean(axis=-1), 0), 1.0)
    window = (2 * slack_px + 1, 2 * slack_px + 1, 1)
    return Background(
        darkest=minimum_filter(middle, window),
        brightest=maximum_filter(middle, window),
        spread=np.clip(spread, LEAST_SPREAD, None),
        known=known,
    )


def follow_background(images: Iterable[Image], to_first: Map) -> Iterator[tuple[Image, Background]]:
    """Give each image with its background, learnt from the frames around it.

    Args:
        images: (H, W, 3) each; at most ``2 * REACH + STRETCH`` are held at a time.
        to_first: (T, 3, 3) map of each image's pixels to the first one's.
    """
    source, held = iter(images), deque[tuple[int, Image]]()
    n = len(to_first)
    for start in range(0, n, STRETCH):
        stop = min(start + STRETCH, n)
        centre = (start + stop - 1) // 2
        while (not held or held[-1][0] < min(n - 1, centre + REACH)) and (
            image := next(source, None)
        ) is not None:
            held.append((held[-1][0] + 1 if held else 0, image))
        while held[0][0] < min(start, centre - REACH):
            held.popleft()
        learnt = _learn_at(centre, held, to_first)
        for position, image in held:
            if start <= position < stop:
                yield image, _warp_background(learnt, np.linalg.inv(to_first[centre]) @ to_first[position])


def _learn_at(centre: int, held: Iterable[tuple[int, Image]], to_first: Map) -> Background:
    """Learn the background as the frame at position ``centre`` sees it."""
    around = [(image, np.linalg.inv(to_first[k]) @ to_first[centre]) for k, image in held]
    around = [(image, there) for image, there in around if _overlap(there, image.shape) >= LEAST_OVERLAP]
    chosen = [around[k] for k in pick_samples(len(around))]
    return learn_background(np.stack([_warp(image, there) for image, there in chosen]), SLACK_PX)


def _overlap(there: Map, shape: tuple[int, ...]) -> float:
    """Give the share of an image's pixels that a map takes into another image of that shape."""
    x, y = np.meshgrid(np.linspace(0, shape[1] - 1, 9), np.linspace(0, shape[0] - 1, 9))
    moved = there @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    x, y = moved[:2] / moved[2]
    return float(np.mean((x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0]) & (moved[2] > 0)))


def _warp(planes: NDArray[np.generic], there: Map) -> FloatArray:
    """Fetch (H, W, C) pixels from where a map takes them; NaN where that is outside."""
    transform = ProjectiveTransform(there)
    return np.stack(
        [warp(np.float32(plane), transform, order=1, cval=np.nan) for plane in np.moveaxis(planes, -1, 0)],
        axis=-1,
    )


def _warp_background(background: Background, there: Map) -> Background:
    """Show a background as another frame sees it."""
    whole = np.dstack([background.darkest, background.brightest, background.spread, background.known])
    seen = _warp(whole, there)
    known = seen[..., 7] > 0.99  # NaN outside compares false
    seen = np.where(known[..., None], seen, 1)
    return Background(seen[..., :3], seen[..., 3:6], seen[..., 6], known)


def _commonest(samples: FloatArray, median: FloatArray) -> FloatArray:
    """Give the colour that most samples agree on, where they do so away from their median.

    A median fails where something stands in front more than half of the time; the background is then
    still the colour that comes back the same. The mode is found by counting neighbours, as in Rosenblatt,
    "Remarks on some nonparametric estimates of a density function", Ann. Math. Statist. 27(3), 1956.

    Args:
        samples: (K, P, 3), NaN where not seen.
        median: (P, 3), kept where too few agree.
    """
    colours = median.copy()
    for start in range(0, samples.shape[1], BLOCK):
        block, usual = samples[:, start : start + BLOCK], median[start : start + BLOCK]
        near = np.ones((len(block), *block.shape[:2]), np.bool_)  # (K, K, P)
        for channel in np.moveaxis(block, -1, 0):
            near &= np.abs(channel[:, None] - channel) <= ALIKE  # NaN compares false
        votes = near.view(np.uint8).sum(axis=1, dtype=np.uint8)  # (K, P)
        best = votes.argmax(axis=0)
        agreeing = np.take_along_axis(near, best[None, None], axis=0)[0]  # (K, P)
        elected = np.nanmean(np.where(agreeing[..., None], block, np.nan), axis=0)
        enough = votes.max(axis=0) >= AGREEING * len(block)
        change = enough & (np.abs(elected - usual).max(axis=-1) > 2 * ALIKE)
        colours[start : start + BLOCK][change] = elected[change]
    return colours


def _ordered(ordered: FloatArray, at: NDArray[np.float64]) -> FloatArray:
    """Pick from (K, H, W, C) along axis 0 by index (H, W); the last where the index is beyond."""
    index = np.clip(at, 0, len(ordered) - 1).astype(np.intp)
    picked: FloatArray = np.take_along_axis(ordered, index[None, ..., None], axis=0)[0]
    return picked
