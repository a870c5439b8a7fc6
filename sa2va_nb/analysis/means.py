"""Means over what is known."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def mean_known(values: FloatArray, *, axis: int | tuple[int, ...]) -> FloatArray:
    """Average what isn't NaN; NaN where nothing is left."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0).sum(axis=axis), known.sum(axis=axis))


def divide(
    part: NDArray[np.integer] | FloatArray, whole: NDArray[np.integer] | FloatArray, *, empty: float = np.nan
) -> FloatArray:
    """Divide, with ``empty`` where the whole is 0; both (…), not negative."""
    return np.divide(part, whole, out=np.full(np.shape(whole), empty, np.float64), where=whole > 0)
