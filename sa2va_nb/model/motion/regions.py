"""Connected regions of one frame: where they are, what they look like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.measure import label, regionprops

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

BINS = 4  # a colour channel, as coarse as Swain and Ballard's, "Color indexing", IJCV 1991


@dataclass(frozen=True, eq=False)
class Region:
    """Pixels of one frame that belong together.

    Attributes:
        x0, y0: the upper left corner of its box.
        mask: (h, w) bool, within the box.
        colours: (BINS**3,) shares of its colours, summing to 1.
        area_px: number of pixels.
        centre: (x, y), the mean of its pixels.
    """

    x0: int
    y0: int
    mask: BoolArray
    colours: FloatArray
    area_px: int
    centre: FloatArray


def find_regions(mask: BoolArray, image: NDArray[np.uint8]) -> list[Region]:
    """Cut a mask (H, W) into connected regions, the largest first."""
    found = [
        region_of(prop.image, prop.bbox[1], prop.bbox[0], image)
        for prop in regionprops(label(mask, connectivity=2))
    ]
    return sorted(found, key=lambda region: -region.area_px)


def region_of(mask: BoolArray, x0: int, y0: int, image: NDArray[np.uint8]) -> Region:
    """Make a region of pixels that a box at (x0, y0) holds, its box made tight."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x0, y0 = x0 + int(columns[0]), y0 + int(rows[0])
    pixels = image[y0 : y0 + tight.shape[0], x0 : x0 + tight.shape[1]][tight].astype(np.intp) * BINS // 256
    code = (pixels[:, 0] * BINS + pixels[:, 1]) * BINS + pixels[:, 2]
    y, x = np.nonzero(tight)
    centre = np.array([x.mean() + x0, y.mean() + y0])
    return Region(x0, y0, tight, np.bincount(code, minlength=BINS**3) / len(code), len(code), centre)


def join(regions: list[Region], image: NDArray[np.uint8]) -> Region:
    """Make one region of several of the same frame."""
    if len(regions) == 1:
        return regions[0]
    x0, y0 = min(r.x0 for r in regions), min(r.y0 for r in regions)
    width = max(r.x0 + r.mask.shape[1] for r in regions) - x0
    height = max(r.y0 + r.mask.shape[0] for r in regions) - y0
    mask = np.zeros((height, width), np.bool_)
    for r in regions:
        mask[r.y0 - y0 : r.y0 - y0 + r.mask.shape[0], r.x0 - x0 : r.x0 - x0 + r.mask.shape[1]] |= r.mask
    return region_of(mask, x0, y0, image)


def shared_px(a: Region, b: Region, shift: FloatArray) -> int:
    """Count the pixels that ``a``, moved by ``shift`` (x, y), has in common with ``b``."""
    ax, ay = a.x0 + round(shift[0]), a.y0 + round(shift[1])
    x0, x1 = max(ax, b.x0), min(ax + a.mask.shape[1], b.x0 + b.mask.shape[1])
    y0, y1 = max(ay, b.y0), min(ay + a.mask.shape[0], b.y0 + b.mask.shape[0])
    if x0 >= x1 or y0 >= y1:
        return 0
    mine = a.mask[y0 - ay : y1 - ay, x0 - ax : x1 - ax]
    return int(np.count_nonzero(mine & b.mask[y0 - b.y0 : y1 - b.y0, x0 - b.x0 : x1 - b.x0]))


def split(
    region: Region, parts: list[tuple[Region, FloatArray]], image: NDArray[np.uint8]
) -> list[Region | None]:
    """Give each pixel of a region to the nearest of several earlier regions.

    Args:
        region: what several things now share.
        parts: each thing's last region, with the (x, y) by which it should have moved since.
        image: the frame's image.

    Returns:
        One region a part, None for a part that got nothing.
    """
    height, width = region.mask.shape
    far = np.full((len(parts), height, width), np.inf)
    for k, (part, shift) in enumerate(parts):
        x, y = part.x0 + round(shift[0]) - region.x0, part.y0 + round(shift[1]) - region.y0
        padded = np.zeros((height, width), np.bool_)
        x0, x1, y0, y1 = (
            max(x, 0),
            min(x + part.mask.shape[1], width),
            max(y, 0),
            min(y + part.mask.shape[0], height),
        )
        if x0 < x1 and y0 < y1:
            padded[y0:y1, x0:x1] = part.mask[y0 - y : y1 - y, x0 - x : x1 - x]
        if padded.any():
            far[k] = distance_transform_edt(~padded)
    owner = np.argmin(far, axis=0)
    masks = [region.mask & (owner == k) for k in range(len(parts))]
    return [region_of(mask, region.x0, region.y0, image) if mask.any() else None for mask in masks]
