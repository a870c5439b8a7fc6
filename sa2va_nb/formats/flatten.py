"""Lays objects over each other where a format has room for one a pixel."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.segmentation import Segmentation


def flatten(seg: Segmentation) -> Iterator[list[RLEMask]]:
    """Give what is left of each object, frame by frame: a later one lies on an earlier, void on all.

    Void lies on top because nothing is judged there: with objects that don't overlap each other, judging by the
    file gives what judging by ``seg`` does.
    """
    for t in range(len(seg.frame)):
        cover = RLEMask.zeros(seg.shape[1:]) if seg.void is None else seg.void.rles[t]
        left: list[RLEMask] = []
        for item in reversed(seg.objects):
            rle = item.masks.rles[t]
            left.append(rle - cover)
            cover = cover | rle
        yield left[::-1]


def count_left_px(seg: Segmentation) -> NDArray[np.int64]:
    """Count the pixels that ``flatten`` leaves of each object, (N,), in all frames together."""
    total = np.zeros(len(seg), np.int64)
    for left in flatten(seg):
        total += np.array([rle.area() for rle in left], np.int64)
    return total


def label_images(
    seg: Segmentation, dtype: type[np.unsignedinteger[Any]], *, void: int
) -> Iterator[NDArray[np.unsignedinteger[Any]]]:
    """Paint (H, W) label images: object k has the label k + 1, void the label ``void``."""
    for t, left in enumerate(flatten(seg)):
        image = np.zeros(seg.shape[1:], dtype)
        for label, rle in enumerate(left, start=1):
            rle.decode_into(image, fg_value=label)
        if seg.void is not None:
            seg.void.rles[t].decode_into(image, fg_value=void)
        yield image
