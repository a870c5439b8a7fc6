"""Masks and paths as layers of napari."""

from typing import Any

import numpy as np

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.measure import measure
from sa2va_nb.convert.lazy import LazyMasks
from sa2va_nb.extras import import_extra
from sa2va_nb.segmentation import Segmentation


def to_napari(seg: Segmentation) -> list[Any]:
    """Give a Labels layer an object and one Tracks layer of the centroids, for ``viewer.layers.extend(…)``.

    An object has a layer of its own, so that overlaps stay; object k has the label k + 1. Masks are decoded
    when they are shown. Where the frames are evenly spaced, the first axis is that of the source's frames, so that
    the source video fits; else it counts masks, and ``layer.metadata["frame"]`` has the source frames.

    Args:
        seg: the objects and their frames.

    Returns:
        ``napari.layers.Labels`` with the phrase as their name, void as "void", then ``napari.layers.Tracks``,
        which is missing where nothing is seen. Features of a track: ``time_s``, ``area_px``, ``phrase``.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ImportError: without napari; the message names the command.
    """
    check_segmentations(seg=seg)
    layers = import_extra("napari.layers", "napari")
    place = {"scale": (1, 1, 1), "translate": (0, 0, 0), **_place(seg), "metadata": {"frame": seg.frame}}
    found = [layers.Labels(LazyMasks(item.masks, item.index + 1), name=item.name, **place) for item in seg]
    if seg.void is not None:
        found.append(layers.Labels(LazyMasks(seg.void, 1), name="void", opacity=0.3, **place))
    table = measure(seg)
    seen = table[table["visible"]]
    if len(seen):
        at = np.searchsorted(seg.frame, seen["frame"])
        data = np.column_stack([seen["object"] + 1, at, seen["y"], seen["x"]])
        features = seen[["time_s", "area_px", "phrase"]].reset_index(drop=True)
        found.append(layers.Tracks(data, features=features, name="paths", **place))
    return found


def _place(seg: Segmentation) -> dict[str, Any]:
    """Say where the first axis lies among the source's frames; nothing where it doesn't evenly."""
    steps = np.diff(seg.frame)
    if not len(seg.frame) or (len(steps) and np.any(steps != steps[0])):
        return {}
    step = int(steps[0]) if len(steps) else 1
    return {"scale": (step, 1, 1), "translate": (int(seg.frame[0]), 0, 0)}
