"""Makes a ``Segmentation`` of arrays: label images, or one bool mask an object."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, check_number_of_objects, trusting
from sa2va_nb.formats.labels import VOID, encode_labels, objects_of
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

MAX_VALUES = 2**34  # of one array: 8 objects over 1,000 frames of 1080p
_FORMS = "(T, H, W) labels or bool, or (K, T, H, W) bool, one of K an object"


@dataclass(frozen=True)
class Stack:
    """An array whose images are read one at a time.

    Attributes:
        shape: (T, H, W) or (K, T, H, W).
        dtype: bool or integers.
        images: gives every (H, W) image, in order.
        name: for messages.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    images: Callable[[], Iterator[NDArray[Any]]]
    name: str

    @classmethod
    def of(cls, array: NDArray[Any], name: str = "the array") -> "Stack":
        """Take an array in memory."""
        return cls(array.shape, array.dtype, lambda: iter(array.reshape(-1, *array.shape[-2:])), name)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W)."""
        return self.shape[-2], self.shape[-1]


def read_stack(stack: Stack, *, void: Stack | None = None, check: Check = trusting) -> Segmentation:
    """Encode an array.

    Args:
        stack: (T, H, W) integers: label images, 0 is background, 255 beside other labels void; (T, H, W)
            bool: one object; (K, T, H, W) bool, or 0 and 1 or 255: K objects, which may overlap.
        void: (T, H, W) bool, pixels in which nothing is judged; None for none but those labelled so.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation: frames 0 to T-1, times NaN, no phrases.

    Raises:
        ValueError: if the array has other axes or values.
        TypeError: if it holds anything but bool or integers.
        DecodeError: if it is beyond the limits.
        AlignmentError: if ``void`` has another shape.
    """
    n_frames, size = _check_form(stack, check), stack.size
    tally = Tally(check, stack.name)
    notes: list[str] = []
    found: Masks | None = None
    if len(stack.shape) == 4:
        objects = _objects(stack, n_frames, tally)
    else:
        labels, values = encode_labels(stack.images(), tally, stack.name)
        values = values or ([1] if stack.dtype == np.bool_ else [])  # a bool array is one object, seen or not
        objects, found, notes = objects_of(labels, values, size)
    if void is not None:
        if void.shape != (n_frames, *size) or void.dtype != np.bool_:
            raise AlignmentError(
                f"void must be bool of shape {(n_frames, *size)}, got {void.dtype} of shape {void.shape}"
            )
        told = Masks(_encode(void.images(), tally, void.name), size)
        found = told if found is None else _either(told, found)
    return Segmentation(
        objects, np.arange(n_frames), np.full(n_frames, np.nan), notes=tuple(notes), void=found
    )


def read_named(stacks: dict[str, Stack], *, check: Check = trusting) -> Segmentation:
    """Encode (T, H, W) bool arrays, one an object; their names are the phrases, but for ``arr_0`` and so on.

    Raises:
        ValueError: if they aren't bool of one shape.
        DecodeError: if they are beyond the limits.
    """
    first = next(iter(stacks.values()))
    if any(
        each.shape != first.shape or each.dtype != np.bool_ or len(each.shape) != 3
        for each in stacks.values()
    ):
        shapes = ", ".join(f"{name} {each.dtype} {each.shape}" for name, each in list(stacks.items())[:6])
        raise ValueError(
            f"several arrays without one called 'masks' must be (T, H, W) bool of one shape, one an object, "
            f"got {shapes}"
        )
    check_number_of_objects(len(stacks), first.name)
    n_frames, tally = _check_form(first, check), Tally(check, first.name)
    objects = tuple(
        SegmentedObject(
            index,
            None if name.startswith("arr_") else name,
            Masks(_encode(stack.images(), tally, stack.name), stack.size),
        )
        for index, (name, stack) in enumerate(stacks.items())
    )
    return Segmentation(objects, np.arange(n_frames), np.full(n_frames, np.nan))


def _check_form(stack: Stack, check: Check) -> int:
    """Refuse what is no stack of masks, or too large; gives T."""
    shape = stack.shape
    if stack.dtype.kind not in "biu":
        raise TypeError(
            f"masks must be bool or integers, got {stack.dtype} in {stack.name}; threshold them first"
        )
    if len(shape) not in (3, 4):
        raise ValueError(
            f"masks must be {_FORMS}, got shape {shape} in {stack.name}; one image is array[None]"
        )
    if 0 in shape[-2:]:
        raise ValueError(f"masks must have pixels, got shape {shape} in {stack.name}")
    check("max_frames", shape[-3], stack.name)
    check("max_pixels", shape[-2] * shape[-1], stack.name)
    if len(shape) == 4:
        check_number_of_objects(shape[0], stack.name)
    if math.prod(shape) > MAX_VALUES:
        raise DecodeError(
            f"{stack.name} has {math.prod(shape):,} values, but the limit is {MAX_VALUES:,}; cut it up"
        )
    return shape[-3]


def _objects(stack: Stack, n_frames: int, tally: Tally) -> tuple[SegmentedObject, ...]:
    """Encode (K, T, H, W)."""
    rles = _encode(stack.images(), tally, stack.name)
    return tuple(
        SegmentedObject(k, None, Masks(islice(rles, n_frames), stack.size)) for k in range(stack.shape[0])
    )


def _encode(images: Iterable[NDArray[Any]], tally: Tally, name: str) -> Iterator[RLEMask]:
    """Encode (H, W) images that are bool, or integers of 0 and 1, or 0 and 255."""
    for image in images:
        if not is_binary(image):
            raise ValueError(
                f"with several objects masks must be bool, or 0 and 1, or 0 and 255, got values from "
                f"{image.min()} to {image.max()} in {name}; expected {_FORMS}"
            )
        yield tally.add(RLEMask.from_array(image != 0))


def _either(a: Masks, b: Masks) -> Masks:
    return Masks([x | y for x, y in zip(a.rles, b.rles, strict=True)], a.size)


def is_binary(array: NDArray[Any]) -> bool:
    """Tell whether an array holds bool, or 0 and 1, or 0 and 255."""
    if array.dtype == np.bool_ or not array.size:
        return True
    return array.max() in (0, 1, VOID) and not np.any((array != 0) & (array != array.max()))
