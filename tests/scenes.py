"""Makes segmentations whose masks are known exactly."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

FPS = 25.0


def segmentation(
    *stacks: NDArray[np.bool_],
    phrases: Sequence[str | None] | None = None,
    frame: Sequence[int] | None = None,
    time_s: Sequence[float] | None = None,
) -> Segmentation:
    """Make a segmentation of dense (T, H, W) stacks, one an object, at 25 frames a second."""
    count = len(stacks[0]) if stacks else len(frame or ())
    frames = np.arange(count) if frame is None else np.asarray(frame, np.int64)
    names = phrases or [None] * len(stacks)
    return Segmentation(
        tuple(
            SegmentedObject(i, name, Masks.from_array(s))
            for i, (name, s) in enumerate(zip(names, stacks, strict=True))
        ),
        frames,
        frames / FPS if time_s is None else np.asarray(time_s, np.float64),
    )


def rectangles(
    boxes: Sequence[tuple[int, int, int, int] | None], *, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Draw a rectangle a frame, half-open (x0, y0, x1, y1), or nothing for None: (T, H, W)."""
    stack = np.zeros((len(boxes), *size), np.bool_)
    for mask, box in zip(stack, boxes, strict=True):
        if box is not None:
            x0, y0, x1, y1 = box
            mask[y0:y1, x0:x1] = True
    return stack


def disk(radius: int, *, center: tuple[int, int], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Draw a disk around (x, y): (H, W)."""
    y, x = np.ogrid[: size[0], : size[1]]
    return (x - center[0]) ** 2 + (y - center[1]) ** 2 <= radius**2


def mask_stacks(
    *, frames: tuple[int, int] = (1, 4), side: tuple[int, int] = (1, 12)
) -> st.SearchStrategy[NDArray[np.bool_]]:
    """Any (T, H, W) bool stack, thin and empty ones too."""
    shapes = st.tuples(st.integers(*frames), st.integers(*side), st.integers(*side))
    return shapes.flatmap(lambda shape: arrays(np.bool_, shape))


def masks_2d(*, side: tuple[int, int] = (1, 14)) -> st.SearchStrategy[NDArray[np.bool_]]:
    """Any (H, W) bool mask."""
    return arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=side[0], max_side=side[1]))
