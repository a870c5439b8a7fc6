"""How well one object's masks agree with those of another, frame by frame."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.means import divide
from sa2va_nb.analysis.truth.boundary import boundary_scores

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class PairScores:
    """The measures of masks against the reference's, each (T,); what isn't asked for isn't computed.

    Args:
        masks: T masks.
        reference: T masks, of the same size.
    """

    def __init__(self, masks: Sequence[RLEMask], reference: Sequence[RLEMask]) -> None:
        self.masks = masks
        self.reference = reference

    @cached_property
    def area_px(self) -> IntArray:
        """Pixels of the masks."""
        return np.array([rle.area() for rle in self.masks], np.int64)

    @cached_property
    def reference_area_px(self) -> IntArray:
        """Pixels of the reference."""
        return np.array([rle.area() for rle in self.reference], np.int64)

    @cached_property
    def shared_px(self) -> IntArray:
        """Pixels of both."""
        pairs = zip(self.masks, self.reference, strict=True)
        return np.array([(mask & other).area() for mask, other in pairs], np.int64)

    @cached_property
    def j(self) -> FloatArray:
        """Intersection over union; 1 where both are empty."""
        return divide(self.shared_px, self.area_px + self.reference_area_px - self.shared_px, empty=1)

    @cached_property
    def precision(self) -> FloatArray:
        """The share of the mask that lies in the reference; NaN where the mask is empty."""
        return divide(self.shared_px, self.area_px)

    @cached_property
    def recall(self) -> FloatArray:
        """The share of the reference that the mask covers; NaN where the reference is empty."""
        return divide(self.shared_px, self.reference_area_px)

    @property
    def f(self) -> FloatArray:
        """The agreement of the contours, :func:`~sa2va_nb.analysis.truth.boundary.boundary_f`."""
        return self._boundaries[0]

    @property
    def boundary_iou(self) -> FloatArray:
        """The agreement of the bands, :func:`~sa2va_nb.analysis.truth.boundary.boundary_iou`."""
        return self._boundaries[1]

    @cached_property
    def _boundaries(self) -> tuple[FloatArray, FloatArray]:
        return boundary_scores(self.masks, self.reference)
