"""Follows a mask through a clip by its colours: a toy for lessons on propagation, no SAM 2."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, uniform_filter

from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import VideoSource

BoolArray = NDArray[np.bool_]

REACH_PX = 12  # how far from the mask before a pixel may be
SMOOTH_PX = 3  # side of the window over which the colours' verdicts are averaged
LEVELS = 16  # of each colour channel
LOST_FRAC = 0.02  # of the first mask's area, below which the object counts as lost


def propagate(video: VideoSource, mask: BoolArray, *, start: int = 0, blank: bool = True) -> Masks:
    """Follow a mask forward in time, for lessons.

    A pixel belongs to the object if it is near the mask of the frame before and its colour was commoner inside
    the first mask than outside. So it knows nothing but the first mask: what is hidden is lost once it comes out
    too far away, neighbours of the same colours are caught, and what was wrong at first stays wrong.

    Args:
        video: the clip.
        mask: (H, W) the object in the first frame.
        start: that frame. Earlier ones get empty masks: it never looks back.
        blank: what an object that is lost gets: an empty mask, or, if False, the last one that it had.

    Returns:
        (T, H, W) masks, one a frame.

    Raises:
        ValueError: if the mask is empty or has another size than the video, or there is no such frame.
    """
    if mask.shape != video.shape[1:3] or not mask.any():
        raise ValueError(
            f"mask must mark something in a picture of {video.shape[1:3]}, got {mask.shape} with {mask.sum()} px"
        )
    if not 0 <= start < len(video):
        raise ValueError(f"start must be 0 to {len(video) - 1}, got {start}")
    likely = _likely(_codes(video[start]), mask)
    masks, last = np.zeros(video.shape[:3], np.bool_), mask
    masks[start] = mask
    for t in range(start + 1, len(video)):
        near = distance_transform_edt(~last) <= REACH_PX
        found = near & (uniform_filter(likely[_codes(video[t])], SMOOTH_PX) > 0.5)
        lost = found.sum() < LOST_FRAC * mask.sum()
        last = last if lost else found
        if not (lost and blank):
            masks[t] = last
    return Masks.from_array(masks)


def _codes(image: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Number the colours of an image, (H, W)."""
    level = image.astype(np.intp) * LEVELS // 256
    return (level[..., 0] * LEVELS + level[..., 1]) * LEVELS + level[..., 2]


def _likely(codes: NDArray[np.intp], mask: BoolArray) -> NDArray[np.float64]:
    """Give, for each colour, how likely it is the object's: 0 where it wasn't seen."""
    inside, outside = (np.bincount(codes[part], minlength=LEVELS**3) / part.sum() for part in (mask, ~mask))
    total = inside + outside
    likely: NDArray[np.float64] = np.divide(inside, total, out=np.zeros_like(total), where=total > 0)
    return likely
