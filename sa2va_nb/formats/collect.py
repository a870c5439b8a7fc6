"""Collects the masks of annotations to the objects of a clip."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.formats.bounds import check_number_of_objects
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject


class Collection:
    """The masks of a clip's annotations, by object and place in time.

    ``masks[key][t]`` is an object's mask at place t; an object that isn't there has none. The order of
    ``masks`` is that of the objects. Several masks of one object at one place are merged.
    """

    def __init__(self, size: tuple[int, int], file: str) -> None:
        self.size, self.file = size, file
        self.masks: dict[Hashable, dict[int, RLEMask]] = {}
        self.void: dict[int, RLEMask] = {}
        self.phrases: dict[Hashable, str | None] = {}
        self.n_merged = 0

    def open(self, key: Hashable, phrase: str | None) -> None:
        """Make a place for an object, whether masks come or not.

        Raises:
            DecodeError: if there are too many.
        """
        self.masks.setdefault(key, {})
        self.phrases.setdefault(key, phrase)
        check_number_of_objects(len(self.masks), self.file)

    def add(self, key: Hashable, place: int, rle: RLEMask | None) -> None:
        """Add a mask of an object; None is an absent one."""
        if rle is not None:
            self.n_merged += place in self.masks[key]
            self.masks[key][place] = rle | self.masks[key].get(place, rle)

    def add_void(self, place: int, rle: RLEMask | None) -> None:
        """Add pixels in which nothing is judged."""
        if rle is not None:
            self.void[place] = rle | self.void.get(place, rle)

    def to_segmentation(
        self, frame: NDArray[np.int64], notes: Sequence[str], time_s: NDArray[np.float64] | None = None
    ) -> Segmentation:
        """Make the segmentation; ``frame`` and ``time_s`` are those of the places, (T,)."""
        return Segmentation(
            objects=tuple(
                SegmentedObject(index, self.phrases[key], self._dense(found, len(frame)))
                for index, (key, found) in enumerate(self.masks.items())
            ),
            frame=frame,
            time_s=np.full(len(frame), np.nan) if time_s is None else time_s,
            notes=tuple(notes),
            void=self._dense(self.void, len(frame)) if self.void else None,
        )

    def _dense(self, found: dict[int, RLEMask], length: int) -> Masks:
        empty = RLEMask.zeros(self.size)
        return Masks((found.get(place, empty) for place in range(length)), self.size)
