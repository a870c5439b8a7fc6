"""Masks that look like a dense array, decoded when they are asked for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.masks import Masks


class LazyMasks:
    """(T, H, W) of one object; indexing gives NumPy arrays of just what is asked for.

    Attributes:
        masks: what it shows.
        label: the value of foreground; True gives bool, a number labels.
    """

    ndim = 3

    def __init__(self, masks: Masks, label: int | bool = True) -> None:
        self.masks, self.label = masks, label
        self.shape = masks.shape
        self.dtype = np.dtype(np.bool_) if label is True else np.min_scalar_type(label)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> NDArray[Any]:
        parts: list[Any] = [*key] if isinstance(key, tuple) else [key]
        at = next((i for i, each in enumerate(parts) if each is Ellipsis), None)
        if at is not None:
            parts[at : at + 1] = [slice(None)] * (self.ndim - len(parts) + 1)
        parts += [slice(None)] * (self.ndim - len(parts))
        when, where = parts[0], parts[1:]
        places = np.arange(len(self))[when]
        if places.ndim == 0:
            return self._image(int(places), where)
        empty = np.zeros(self.shape[1:], self.dtype)[tuple(where)]
        images = [self._image(int(t), where) for t in places]
        return np.stack(images) if images else np.zeros((0, *empty.shape), self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("masks that are decoded when asked for can't be given without copying")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    def _image(self, t: int, where: list[Any]) -> NDArray[Any]:
        image: NDArray[Any] = self.masks[t][tuple(where)]
        return image if self.label is True else image * self.dtype.type(self.label)
