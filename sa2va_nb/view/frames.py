"""What a view shows of a segmentation at one position: the image and the masks, at the view's size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.colors import GROUND

Image = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]
Size = tuple[int, int]


def display_size(seg: Segmentation, width: int) -> Size:
    """Give (h, w) of the view: the video's shape, or else the masks', at most ``width`` wide.

    Raises:
        ValueError: if ``width`` is no positive integer.
    """
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        raise ValueError(f"width must be a positive number of pixels, got {width!r}; 640 is the default")
    full_h, full_w = seg.shape[1:] if seg.video is None else seg.video.shape[1:3]
    if not (full_h and full_w):
        return (width * 9 // 16 or 1, width)  # neither a video nor a mask: an empty 16:9 view
    w = min(width, full_w)
    return (max(1, round(full_h * w / full_w)), w)


def image_at(seg: Segmentation, position: int, size: Size) -> Image | None:
    """Read the image behind mask frame ``position``.

    Returns:
        (h, w, 3) uint8 RGB of the given size, or None for a segmentation without video.
    """
    if seg.video is None:
        return None
    image = seg.video[int(seg.frame[position])]
    if image.shape[:2] == size:
        return image
    resized = PilImage.fromarray(image).resize(
        (size[1], size[0]), PilImage.Resampling.BILINEAR, reducing_gap=2.0
    )
    return np.asarray(resized)


def masks_at(seg: Segmentation, position: int, size: Size) -> BoolArray:
    """Decode the masks of one frame, sampled at the nearest pixel.

    Returns:
        (K, h, w) bool, one mask an object, of the given size.
    """
    masks = np.zeros((len(seg), *size), np.bool_)
    if not len(seg):
        return masks
    full_h, full_w = seg.shape[1:]
    rows, columns = _nearest(full_h, size[0]), _nearest(full_w, size[1])
    for mask, item in zip(masks, seg, strict=True):
        full = item.masks[position]
        mask[:] = full if full.shape == size else full[rows][:, columns]
    return masks


def ground(size: Size) -> Image:
    """Make the plain picture that stands in where there is no video: (h, w, 3) uint8."""
    return np.full((*size, 3), GROUND, np.uint8)


def _nearest(full: int, shown: int) -> NDArray[np.intp]:
    """(shown,) index of the full-size pixel under the centre of each shown one."""
    return ((np.arange(shown) + 0.5) * (full / shown)).astype(np.intp)
