"""What a view shows of a segmentation at one position: the image and the masks, at the view's size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from rlemasklib import RLEMask

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.painting.colors import GROUND

Image = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]
Size = tuple[int, int]

# Where a pixel's centre falls between two others, the later one is meant; no other centre is that close.
_TIE_PX = 1e-6


def display_size(seg: Segmentation, width: int) -> Size:
    """Give (h, w) of the view: the video's shape, or else the masks', at most ``width`` wide.

    Raises:
        ValueError: if ``width`` is no positive integer.
    """
    if isinstance(width, bool) or not isinstance(width, (int, np.integer)) or width < 1:
        raise ValueError(f"width must be a positive number of pixels, got {width!r}; 640 is the default")
    full_h, full_w = source_size(seg)
    if not (full_h and full_w):
        return (int(width) * 9 // 16 or 1, int(width))  # neither a video nor a mask: an empty 16:9 view
    w = min(int(width), full_w)
    return (max(1, round(full_h * w / full_w)), w)


def source_size(seg: Segmentation) -> Size:
    """Give (H, W) of the video, or else of the masks; 0 where there is neither."""
    height, width = seg.shape[1:] if seg.video is None else seg.video.shape[1:3]
    return height, width


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


def picture_at(seg: Segmentation, position: int, size: Size) -> Image:
    """Read the image behind mask frame ``position``, or plain ground without video: (h, w, 3) uint8."""
    image = image_at(seg, position, size)
    return ground(size) if image is None else image


def masks_at(seg: Segmentation, position: int, size: Size) -> BoolArray:
    """Decode the masks of one frame, sampled at the nearest pixel.

    Returns:
        (K, h, w) bool, one mask an object, of the given size.
    """
    return dense([sampled(item.masks.rles[position], size) for item in seg], size)


def dense(rles: list[RLEMask], size: Size) -> BoolArray:
    """Decode masks of one size: (N, h, w) bool."""
    masks = np.zeros((len(rles), *size), np.bool_)
    for mask, rle in zip(masks, rles, strict=True):
        rle.decode_into(mask, fg_value=1)
    return masks


def sampled(rle: RLEMask, size: Size) -> RLEMask:
    """Give a mask at another size: each pixel is the nearest one, of two equally near the later.

    Row y of h shows row ``(2 y + 1) H // (2 h)`` of H; columns alike.
    """
    height, width = rle.shape
    if (height, width) == size:
        return rle
    fy, fx = size[0] / height, size[1] / width
    return rle.warp_affine(np.array([[fx, 0, -_TIE_PX * fx], [0, fy, -_TIE_PX * fy]]), size)


def ground(size: Size) -> Image:
    """Make the plain picture that stands in where there is no video: (h, w, 3) uint8."""
    return np.full((*size, 3), GROUND, np.uint8)
