"""Label images, in which each value is one object."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.formats.bounds import MAX_OBJECTS, Tally, check_number_of_objects
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import SegmentedObject

VOID = 255  # in a label image: undecided pixels, no object (DAVIS 2017 unsupervised, YouTube-VOS)


def label_colors() -> NDArray[np.uint8]:
    """Give the colours of 256 labels, (256, 3) RGB: those of PASCAL VOC and DAVIS.

    The bits of a label, three at a time from the lowest, are the bits of red, green and blue from the highest.
    """
    label = np.arange(256)
    colors = np.zeros((256, 3), np.uint8)
    for place in range(8):
        for channel in range(3):
            bit = (label >> (3 * place + channel)) & 1
            colors[:, channel] |= (bit << (7 - place)).astype(np.uint8)
    return colors


def encode_labels(
    images: Iterable[NDArray[Any]], tally: Tally, file: str
) -> tuple[list[dict[int, RLEMask]], list[int]]:
    """Encode each value of (H, W) images of integers or bool; gives that, and all values but 0."""
    labels: list[dict[int, RLEMask]] = []
    found: set[int] = set()
    for image in images:
        runs = _runs(image, file)
        for rle in runs.values():
            tally.add(rle)
        found |= runs.keys()
        check_number_of_objects(len(found), file)
        labels.append(runs)
    return labels, sorted(found)


def objects_of(
    labels: Sequence[dict[int, RLEMask]], found: Sequence[int], size: tuple[int, int]
) -> tuple[tuple[SegmentedObject, ...], Masks | None, list[str]]:
    """Make an object of each label.

    Args:
        labels: the encoded mask of each label that an image has, one dictionary an image.
        found: all labels, in order.
        size: (H, W).

    Returns:
        The objects, in the order of their labels; what is void: pixels of value 255 beside other labels
        of 8 bits; and notes of what is not plain.
    """
    objects, notes, void = list(found), [], None
    if objects == [VOID]:
        notes.append(f"value {VOID} is the one object")
    elif VOID in objects and objects[-1] == VOID:
        objects.pop()
        void = _masks(labels, VOID, size)
        notes.append(f"pixels of value {VOID} beside other labels are void: nothing is judged there")
    if objects != list(range(1, len(objects) + 1)) and objects != [VOID]:
        notes.append(f"objects 0 to {len(objects) - 1} are the labels {', '.join(map(str, objects))}")
    return (
        tuple(
            SegmentedObject(index, None, _masks(labels, label, size)) for index, label in enumerate(objects)
        ),
        void,
        notes,
    )


def objects_by_label(
    labels: Sequence[dict[int, RLEMask]],
    phrases: Sequence[str | None],
    void: int | None,
    size: tuple[int, int],
) -> tuple[tuple[SegmentedObject, ...], Masks | None]:
    """Make an object of each label from 1 on that is told, seen or not.

    Args:
        labels: the encoded mask of each label that an image has, one dictionary an image.
        phrases: what each is, (N,).
        void: the label of pixels in which nothing is judged; None where there are none.
        size: (H, W).

    Returns:
        The objects, and what is void.
    """
    objects = tuple(
        SegmentedObject(index, phrase, _masks(labels, index + 1, size))
        for index, phrase in enumerate(phrases)
    )
    return objects, None if void is None else _masks(labels, void, size)


def _masks(labels: Sequence[dict[int, RLEMask]], label: int, size: tuple[int, int]) -> Masks:
    empty = RLEMask.zeros(size)
    return Masks((of_image.get(label, empty) for of_image in labels), size)


def _runs(image: NDArray[Any], file: str) -> dict[int, RLEMask]:
    """Encode each value of an (H, W) image but 0."""
    if not image.size:
        return {}
    low, high = int(image.min()), int(image.max())
    if low < 0:
        raise ValueError(f"labels must be 0 for the background, else above 0, got {low} in {file}")
    if high <= 255:
        runs = RLEMask.from_label_map(np.ascontiguousarray(image, np.uint8))
        return {int(label): rle for label, rle in runs.items() if label}
    values = np.unique(image)
    if len(values) > MAX_OBJECTS:
        check_number_of_objects(len(values), file)
    return {int(value): RLEMask.from_array(image == value) for value in values if value}
