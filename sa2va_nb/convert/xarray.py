"""Masks as an xarray dataset."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.convert.lazy import LazyMasks
from sa2va_nb.extras import import_extra
from sa2va_nb.segmentation import Segmentation

if TYPE_CHECKING:
    import xarray


def to_xarray(seg: Segmentation) -> "xarray.Dataset":
    """Give the masks as a dataset with named axes and coordinates; masks are decoded when asked for.

    Args:
        seg: the objects and their frames.

    Returns:
        ``masks`` (object, frame, y, x) bool, and ``void`` (frame, y, x) where there is one. Coordinates:
        ``object`` and ``frame`` (of the source) as indices, ``phrase`` (empty without one) and ``time_s``; ``y``
        and ``x`` in px. Attributes: ``answer``, ``notes``. ``dataset.load()`` makes it dense: one byte a pixel,
        frame and object. The zarr group that ``save_masks`` writes has the same names, with the phrases as an
        attribute.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ImportError: without xarray; the message names the command.

    >>> from sa2va_nb import load_masks
    >>> seg = load_masks([np.ones((2, 3, 4), bool)], phrases=["a wall"])
    >>> to_xarray(seg).masks.sel(frame=1).sum(("y", "x")).item()
    12
    """
    check_segmentations(seg=seg)
    xr = import_extra("xarray")
    from sa2va_nb.convert.lazy_xarray import LazyStack

    _, height, width = seg.shape
    stack = LazyStack([LazyMasks(item.masks) for item in seg], seg.shape)
    axes = ("object", "frame", "y", "x")
    variables = {"masks": xr.Variable(axes, xr.core.indexing.LazilyIndexedArray(stack))}
    if seg.void is not None:
        void = LazyStack([LazyMasks(seg.void)], seg.shape)
        variables["void"] = xr.Variable(axes, xr.core.indexing.LazilyIndexedArray(void)).isel(object=0)
    coords: dict[str, Any] = {
        "object": np.array([item.index for item in seg], np.int64),
        "frame": seg.frame,
        "y": np.arange(height),
        "x": np.arange(width),
        "phrase": ("object", np.array([item.phrase or "" for item in seg], dtype=object)),
        "time_s": ("frame", seg.time_s),
    }
    attributes = {"answer": seg.answer.text, "notes": list(seg.notes)}
    dataset: xarray.Dataset = xr.Dataset(variables, coords, attrs=attributes)
    return dataset
