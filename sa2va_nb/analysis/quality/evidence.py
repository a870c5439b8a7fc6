"""What flags are raised by: one object's masks, measured once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.measure import centroids, iou_prev
from sa2va_nb.analysis.quality.consensus import aligned_iou
from sa2va_nb.analysis.quality.reduced import grid_size, reduce_masks
from sa2va_nb.masks import Masks

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Marks = dict[int, str]  # what looks wrong, in words, by position

WINDOW = 12  # visible frames before and after: what an object usually is like around a moment


@dataclass(frozen=True, eq=False)
class Seen:
    """One object against the picture, on the small grid.

    Attributes:
        covered: (T, h, w) uint8: the share of each cell that the mask covers, 255 for all.
        chance: (T, h, w) uint8: how much each cell's colour speaks for the object, 255 for certain.
        around: (T,) how much the colours in a ring around the mask speak for the object, 0 to 1.
        luma: (T, h, w) uint8: brightness.
    """

    covered: NDArray[np.uint8]
    chance: NDArray[np.uint8]
    around: FloatArray
    luma: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Evidence:
    """One object's masks, and what is known of them.

    Attributes:
        masks: (T, H, W).
        parts: (T,) each, as in the table.
        seen: the picture; None without one.
        slack: how much more than from one frame of a film to the next may change from one mask to the next.
    """

    masks: Masks
    parts: Mapping[str, FloatArray]
    seen: Seen | None = None
    slack: float = 1.0

    def __len__(self) -> int:
        return len(self.masks)

    @property
    def rles(self) -> tuple[RLEMask, ...]:
        """The masks, encoded."""
        return self.masks.rles

    @cached_property
    def covered(self) -> NDArray[np.uint8]:
        """(T, h, w) uint8, on the small grid: the share of each cell that the mask covers, 255 for all."""
        return self.seen.covered if self.seen else reduce_masks(self.masks, grid_size(*self.masks.size))

    @cached_property
    def area(self) -> FloatArray:
        """(T,) px."""
        return self.masks.area_px.astype(np.float64)

    @cached_property
    def visible(self) -> BoolArray:
        """(T,) whether there is anything in the mask."""
        return self.area > 0

    @cached_property
    def place(self) -> FloatArray:
        """(T, 2) centroids, x then y; NaN for an empty mask."""
        return centroids(self.masks)

    @cached_property
    def touches(self) -> BoolArray:
        """(T,) whether the mask reaches the image's edge."""
        return self.parts["border_frac"] > 0

    @cached_property
    def diameter(self) -> FloatArray:
        """(T,) of a disk of the usual area, px."""
        return 2 * np.sqrt(usual(self.area, self.visible) / np.pi)

    @cached_property
    def iou_prev(self) -> FloatArray:
        """(T,) IoU with the mask before; NaN where both are empty, and in the first frame."""
        return iou_prev(self.masks)

    @cached_property
    def pieces(self) -> list[NDArray[np.int64]]:
        """T arrays: the areas of the 8-connected regions, largest first, px."""
        found = []
        for rle in self.rles:
            stats = rle.connected_component_stats(connectivity=8)
            areas = np.zeros(0, np.int64) if stats is None else stats[0].astype(np.int64)
            found.append(np.sort(areas)[::-1])
        return found

    @cached_property
    def usual_fit(self) -> float:
        """The object's usual ``fit``; NaN without a picture."""
        return _median(self.parts["fit"]) if self.seen is not None else np.nan

    @cached_property
    def usual_around(self) -> float:
        """How much the colours around the masks usually speak for the object; NaN without a picture."""
        return _median(self.seen.around) if self.seen is not None else np.nan

    @cached_property
    def likely(self) -> float:
        """The chance from which colours look like the object's: halfway from around its masks to in them."""
        return (self.usual_fit + self.usual_around) / 2

    def shape_iou_prev(self, t: int) -> float:
        """Give the IoU with the mask before, their centroids laid on each other; 0 where one is empty."""
        return aligned_iou(self.rles[t], self.rles[t - 1], self.place[t] - self.place[t - 1])

    def usual(self, values: FloatArray) -> FloatArray:
        """Give the median of a value over the visible frames around each: (T,), NaN where invisible."""
        return usual(values, self.visible & ~np.isnan(values))


def usual(values: FloatArray, known: BoolArray, *, window: int = WINDOW) -> FloatArray:
    """Give the median of the known values up to ``window`` known ones before and after each: (T,)."""
    out = np.full(len(values), np.nan)
    at = np.flatnonzero(known)
    for i, t in enumerate(at):
        out[t] = np.median(values[at[max(0, i - window) : i + window + 1]])
    return out


def spread(values: FloatArray) -> float:
    """Give the robust standard deviation of values: 1.4826 times their median absolute deviation."""
    off = _median(np.abs(values - _median(values)))
    return 0.0 if np.isnan(off) else 1.4826 * off


def _median(values: FloatArray) -> float:
    """Give the median of the known values; NaN where there is none."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else np.nan
