"""Shows masks to xarray as its backends show files; needs xarray."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from sa2va_nb.convert.lazy import LazyMasks


class LazyStack(BackendArray):
    """(N, T, H, W) bool of N objects; only what is indexed is decoded."""

    dtype = np.dtype(np.bool_)

    def __init__(self, stacks: Sequence[LazyMasks], shape: tuple[int, int, int]) -> None:
        self._stacks = stacks
        self._empty = np.broadcast_to(np.False_, shape)
        self.shape = (len(stacks), *shape)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        basic = indexing.IndexingSupport.BASIC
        return indexing.explicit_indexing_adapter(key, self.shape, basic, self._decode)

    def _decode(self, key: tuple[Any, ...]) -> NDArray[np.bool_]:
        """Decode what ints and slices ask for."""
        which, *rest = key
        if not isinstance(which, slice):
            only: NDArray[np.bool_] = self._stacks[which][tuple(rest)]
            return only
        chosen = [stack[tuple(rest)] for stack in self._stacks[which]]
        return np.stack(chosen) if chosen else np.zeros((0, *self._empty[tuple(rest)].shape), np.bool_)
