"""One object's masks over time, run-length encoded."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rlemasklib import RLEMask

BoolArray = NDArray[np.bool_]


class Masks:
    """The masks of one object, one a frame, of one size; immutable.

    ``masks[t]`` is the (H, W) bool mask of frame t, ``np.asarray(masks)`` the dense (T, H, W) bool
    stack, ``masks[a:b]`` again a ``Masks``. A frame in which the object is absent is an empty mask.

    >>> import numpy as np
    >>> masks = Masks.from_array(np.ones((3, 4, 5), bool))
    >>> masks.shape, masks.area_px.tolist()
    ((3, 4, 5), [20, 20, 20])
    """

    __slots__ = ("_grey_frac", "_rles", "_size")

    def __init__(
        self, rles: Iterable[RLEMask], size: tuple[int, int], *, grey_frac: ArrayLike | None = None
    ) -> None:
        """Take run-length encoded masks.

        Args:
            rles: one ``rlemasklib.RLEMask`` a frame.
            size: (H, W) in pixels, that of every mask.
            grey_frac: (T,) how doubtful each is, see ``grey_frac``; None where nobody knows.

        Raises:
            ValueError: if a mask has another size, or ``grey_frac`` another length.
        """
        self._rles = tuple(rles)
        self._size = (int(size[0]), int(size[1]))
        for t, rle in enumerate(self._rles):
            if tuple(rle.shape) != self._size:
                raise ValueError(
                    f"every mask must be {self._size} (H, W), got {tuple(rle.shape)} at index {t}; "
                    "resize the masks first"
                )
        self._grey_frac = None if grey_frac is None else np.array(grey_frac, np.float64)
        if self._grey_frac is not None:
            if self._grey_frac.shape != (len(self._rles),):
                raise ValueError(
                    f"grey_frac must have one value a mask, ({len(self._rles)},), got {self._grey_frac.shape}"
                )
            self._grey_frac.flags.writeable = False

    @classmethod
    def from_array(cls, array: ArrayLike) -> "Masks":
        """Encode a dense stack.

        Args:
            array: (T, H, W), bool or integers; nonzero is foreground.

        Raises:
            ValueError: if the array is not three-dimensional.
            TypeError: if it holds anything but bool or integers.
        """
        dense = np.asarray(array)
        if dense.ndim != 3:
            raise ValueError(f"array must be (T, H, W), got shape {dense.shape}; one mask is array[None]")
        if dense.dtype != np.bool_ and not np.issubdtype(dense.dtype, np.integer):
            raise TypeError(f"array must hold bool or integers, got {dense.dtype}; threshold it first")
        return cls((RLEMask.from_array(mask != 0) for mask in dense), dense.shape[1:])

    @classmethod
    def from_coco_rle(cls, rles: Sequence[dict[str, Any]]) -> "Masks":
        """Take COCO run-length dictionaries, one a frame.

        Args:
            rles: ``{"size": [H, W], "counts": …}``; counts compressed (str or bytes) or a list of ints.

        Raises:
            ValueError: if there is none, a dictionary has another form, or sizes differ.
        """
        if not rles:
            raise ValueError("at least one coco_rle is needed to know the size, got none")
        return cls([_decode_coco(rle) for rle in rles], tuple(rles[0]["size"]))

    def to_coco_rle(self) -> list[dict[str, Any]]:
        """Give a COCO dictionary a frame, ``{"size": [H, W], "counts": str}``, ready for JSON."""
        return [coco_rle(rle) for rle in self._rles]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, H, W): frames, rows, columns."""
        return (len(self._rles), *self._size)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of every mask."""
        return self._size

    @property
    def rles(self) -> tuple[RLEMask, ...]:
        """The encoded masks, one ``rlemasklib.RLEMask`` a frame."""
        return self._rles

    @property
    def area_px(self) -> NDArray[np.int64]:
        """(T,) foreground pixels of each frame."""
        return np.array([rle.area() for rle in self._rles], np.int64)

    @property
    def grey_frac(self) -> NDArray[np.float64] | None:
        """(T,) how doubtful each mask is, 0 to 1; None where it wasn't decoded from a video.

        Of the pixels that aren't dark (above a quarter of the brightness range), the share that isn't
        bright either (up to three quarters): 0 for hard edges, near 1 where all that is seen is grey.
        """
        return self._grey_frac

    @property
    def nbytes(self) -> int:
        """Bytes that the encoded runs take."""
        return sum(rle.counts_view.nbytes for rle in self._rles)

    def __len__(self) -> int:
        return len(self._rles)

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> BoolArray: ...
    @overload
    def __getitem__(self, index: slice) -> "Masks": ...
    def __getitem__(self, index: int | np.integer[Any] | slice) -> "BoolArray | Masks":
        if isinstance(index, slice):
            grey_frac = None if self._grey_frac is None else self._grey_frac[index]
            return Masks(self._rles[index], self._size, grey_frac=grey_frac)
        return _dense(self._rles[index])

    def __iter__(self) -> Iterator[BoolArray]:
        return map(_dense, self._rles)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("a dense copy of run-length encoded masks can't be made without copying")
        dense = np.zeros(self.shape, np.bool_)
        for mask, rle in zip(dense, self._rles, strict=True):
            rle.decode_into(mask, fg_value=1)
        return dense if dtype is None else dense.astype(dtype, copy=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Masks):
            return NotImplemented
        return self._size == other._size and self._rles == other._rles

    __hash__ = None  # type: ignore[assignment]  # equal by content, and RLEMask has no hash

    def __repr__(self) -> str:
        frames, rows, columns = self.shape
        return f"Masks({frames} frames of {columns}x{rows}, {int(np.count_nonzero(self.area_px))} not empty)"


def _dense(rle: RLEMask) -> BoolArray:
    """(H, W) bool, C-contiguous."""
    mask: BoolArray = rle.to_array(dtype=np.bool_, order="C")
    return mask


def coco_rle(rle: RLEMask) -> dict[str, Any]:
    """Give one mask as a COCO dictionary, ``{"size": [H, W], "counts": str}``."""
    return {"size": list(rle.shape), "counts": rle.to_dict()["counts"].decode("ascii")}


def _decode_coco(rle: dict[str, Any]) -> RLEMask:
    try:
        counts, (height, width) = rle["counts"], rle["size"]
        size = [int(height), int(width)]
        if isinstance(counts, (list, np.ndarray)):
            return RLEMask.from_counts(counts, size)
        data = counts.encode() if isinstance(counts, str) else counts
        decoded = RLEMask.from_dict({"size": size, "counts": data})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"a coco_rle must be {{'size': [H, W], 'counts': …}}, got {str(rle)[:80]!r}: {error}"
        ) from error
    if not decoded.is_valid_rle():
        raise ValueError(f"the counts of a coco_rle must add up to H·W of size {size}; they don't")
    return decoded
