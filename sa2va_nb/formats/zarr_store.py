"""Zarr groups with named axes, which xarray opens too."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.extras import import_extra
from sa2va_nb.formats.arrays import Stack, read_stack
from sa2va_nb.formats.bounds import Check, trusting
from sa2va_nb.formats.format import Format, Opened, clip_name
from sa2va_nb.formats.json_file import times_of
from sa2va_nb.formats.numbering import spell_frames
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation

AXES = ("object", "frame", "y", "x")
_CHUNK_BYTES = 2**24  # of bool, before compression
_MAX_CHUNK_BYTES = 2**30  # of one that is read: it is decompressed whole
_MAX_SMALL = 2**22  # values of frame, time_s and phrase
_OURS = "sa2va_nb"  # an attribute: every chunk was written, so that one that is missing is damage
_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError)


def write_zarr(seg: Segmentation, path: Path) -> list[str]:
    """Write a group with ``masks`` (object, frame, y, x) bool, ``frame``, ``time_s``, and ``void`` where there is one.

    The phrases are an attribute, since zarr's specification has no arrays of text.

    Raises:
        ImportError: without zarr.
    """
    zarr = import_extra("zarr")
    group = zarr.create_group(path, zarr_format=3)
    group.attrs.update(
        {_OURS: 1, "clip": clip_name(seg), "coordinates": "time_s", "phrases": [item.phrase for item in seg]}
    )
    n_frames, *size = seg.shape
    length = max(1, min(n_frames, _CHUNK_BYTES // max(math.prod(size), 1)))
    config = {"write_empty_chunks": True}

    def create(name: str, shape: tuple[int, ...], dtype: str, chunks: tuple[int, ...], axes: Any) -> Any:
        return group.create_array(
            name, shape=shape, dtype=dtype, chunks=chunks, dimension_names=axes, config=config
        )

    def fill(masks: Masks, array: Any, where: tuple[int, ...]) -> None:
        for start in range(0, n_frames, length):
            array[(*where, slice(start, start + length))] = np.asarray(masks[start : start + length])

    every = create("masks", (len(seg), *seg.shape), "bool", (1, length, *size), AXES)
    for item in seg:
        fill(item.masks, every, (item.index,))
    if seg.void is not None:
        fill(seg.void, create("void", seg.shape, "bool", (length, *size), AXES[1:]), ())
    create("frame", (n_frames,), "int64", (n_frames,), AXES[1:2])[:] = seg.frame
    create("time_s", (n_frames,), "float64", (n_frames,), AXES[1:2])[:] = seg.time_s
    return []


def read_zarr(path: Path, *, check: Check = trusting) -> tuple[Segmentation, bool]:
    """Read a group with an array ``masks`` whose axes have names.

    Args:
        path: the folder. The axes of ``masks`` must be called (object, frame, y, x), or (frame, y, x) for labels
            or one object; ``frame`` may be called time or t. ``frame``, ``time_s``, ``void``, and the phrases, an
            attribute ``phrases`` or an array ``phrase``, are taken as far as they are there.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation, and whether its frames were only counted.

    Raises:
        ImportError: without zarr.
        ValueError: if the axes have other names or none, or values are others.
        DecodeError: if it is damaged, or beyond the limits.
    """
    zarr = import_extra("zarr")
    try:
        group = zarr.open_group(path, mode="r")
        arrays = {
            name: group[name] for name in ("masks", "void", "frame", "time_s", "phrase") if name in group
        }
        is_ours, phrases = group.attrs.get(_OURS) == 1, group.attrs.get("phrases")
    except _DAMAGE as error:
        raise DecodeError(f"{path.name} can't be opened as a zarr group: {error}") from error
    if not all(isinstance(array, zarr.Array) for array in arrays.values()) or "masks" not in arrays:
        raise ValueError(f"{path.name} must be a zarr group with an array 'masks'")
    stacks = {
        name: _stack(arrays[name], name, path.name, is_ours=is_ours)
        for name in ("masks", "void")
        if name in arrays
    }
    seg = read_stack(stacks["masks"], void=stacks.get("void"), check=check)
    small = {name: _small(array, name, path.name) for name, array in arrays.items() if name not in stacks}
    if isinstance(phrases, list):
        small["phrase"] = np.array(["" if text is None else text for text in phrases], dtype=object)
    return _label(seg, small, path.name), "frame" not in small


def _stack(array: Any, name: str, file: str, *, is_ours: bool) -> Stack:
    """Describe an array whose axes are named as expected."""
    axes = getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS") or ()
    named = tuple("frame" if axis in ("time", "t") else axis for axis in axes)
    if named not in ((AXES, AXES[1:]) if name == "masks" else (AXES[1:],)):
        raise ValueError(
            f"the axes of {name!r} in {file} must be named (object, frame, y, x) or (frame, y, x), got "
            f"{tuple(axes) or 'no names'} for shape {array.shape}; name them, or give the array itself"
        )
    if math.prod(array.chunks) * array.dtype.itemsize > _MAX_CHUNK_BYTES:
        raise DecodeError(f"the chunks of {name!r} in {file}, {array.chunks}, are larger than 1 GiB")
    if is_ours and array.nchunks_initialized < array.nchunks:
        raise DecodeError(
            f"{name!r} in {file} has {array.nchunks_initialized} of its {array.nchunks} chunks; it is damaged"
        )
    return Stack(array.shape, np.dtype(array.dtype), lambda: _images(array, name, file), f"{name} in {file}")


def _images(array: Any, name: str, file: str) -> Iterator[NDArray[Any]]:
    """Read (H, W) images one after the other, a chunk of frames at a time."""
    length = array.chunks[-3]
    try:
        for where in np.ndindex(array.shape[:-3]):
            for start in range(0, array.shape[-3], length):
                yield from np.asarray(array[(*where, slice(start, start + length))])
    except _DAMAGE as error:
        raise DecodeError(f"{name!r} in {file} can't be read to its end: {error}") from error


def _small(array: Any, name: str, file: str) -> NDArray[Any]:
    """Read a small array whole."""
    kinds = {"frame": "iu", "time_s": "f", "phrase": "OUT"}[name]
    try:
        if array.ndim != 1 or array.shape[0] > _MAX_SMALL or np.dtype(array.dtype).kind not in kinds:
            raise DecodeError(f"{name!r} in {file} is {array.dtype} of shape {array.shape}, which is none")
        return np.asarray(array[:])
    except _DAMAGE as error:
        raise DecodeError(f"{name!r} in {file} can't be read: {error}") from error


def _label(seg: Segmentation, small: dict[str, NDArray[Any]], file: str) -> Segmentation:
    """Put frames, times and phrases on a segmentation."""
    for name in ("frame", "time_s"):
        if name in small and small[name].shape != seg.frame.shape:
            raise AlignmentError(
                f"{name!r} in {file} must have one value a frame, {len(seg.frame)}, got {len(small[name])}"
            )
    if "frame" in small:
        frame = small["frame"].astype(np.int64)
        if len(frame) and (frame[0] < 0 or np.any(np.diff(frame) <= 0)):
            raise DecodeError(f"'frame' in {file} must be source frames from 0 up, increasing")
        seg = replace(seg, frame=frame, notes=(*seg.notes, f"{spell_frames(frame)}, as 'frame' tells"))
    if "time_s" in small:
        seg = replace(
            seg, time_s=times_of([None if np.isnan(t) else float(t) for t in small["time_s"]], file)
        )
    if "phrase" in small:
        phrases = [str(text) or None for text in small["phrase"]]
        if len(phrases) != len(seg):
            raise AlignmentError(
                f"'phrase' in {file} must have one an object, {len(seg)}, got {len(phrases)}"
            )
        named = tuple(replace(item, phrase=phrase) for item, phrase in zip(seg, phrases, strict=True))
        seg = replace(seg, objects=named)
    return seg


def _recognises(opened: Opened) -> bool:
    return "zarr.json" in opened.names or (opened.path / ".zgroup").is_file()


FORMAT = Format(
    name="zarr",
    title="a zarr group",
    recognises=_recognises,
    read=lambda opened: read_zarr(opened.path, check=opened.check),
    write=write_zarr,
    suffixes=(".zarr",),
    folder=r"zarr\.json|(masks|void|frame|time_s)/.*",
)
