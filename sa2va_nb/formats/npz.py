"""Numpy's files, .npy and .npz, image by image."""

import io
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.arrays import MAX_VALUES, Stack, read_named, read_stack
from sa2va_nb.formats.bounds import Check, check_number_of_objects, trusting
from sa2va_nb.formats.format import Format, Opened
from sa2va_nb.segmentation import Segmentation

_MAX_WHOLE_BYTES = 2**30  # of an array that can't be read image by image: one in Fortran's order
_MAX_SMALL_BYTES = 2**26  # of frame, time_s and phrases
_SMALL = ("frame", "time_s", "phrases")
_MAX_HEADER_BYTES = 10_000  # as numpy has it
_LENGTH_BYTES = {(1, 0): 2, (2, 0): 4}  # of the header's length, by version
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    SyntaxError,
)
# What numpy lets through of the Python literal that a header is.
_ODD_HEADERS = (tokenize.TokenError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)


def write_npz(seg: Segmentation, path: Path) -> list[str]:
    """Write ``masks`` (K, T, H, W) bool, ``frame``, ``time_s``, and where there are ``phrases`` and ``void``.

    Masks are written one at a time, so that they are never dense in memory together.

    Raises:
        ValueError: if there are more values than ``read_npz`` takes, or phrases far too long.
    """
    shape = (len(seg), *seg.shape)
    if math.prod(shape) > MAX_VALUES:
        raise ValueError(f".npz is dense: {shape} are more than {MAX_VALUES:,} values; write coco or ytvis")
    small: dict[str, NDArray[Any]] = {
        "frame": seg.frame.astype(np.int64),
        "time_s": seg.time_s.astype(np.float64),
    }
    if any(item.phrase for item in seg):
        small["phrases"] = np.array([item.phrase or "" for item in seg], dtype=str)
        if small["phrases"].nbytes > _MAX_SMALL_BYTES:
            raise ValueError(
                f".npz takes the longest phrase's letters for each, {small['phrases'].nbytes:,} bytes, and "
                f"{_MAX_SMALL_BYTES:,} are read; write zarr or ytvis"
            )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_images(archive, "masks", shape, (mask for item in seg for mask in item.masks))
        if seg.void is not None:
            _write_images(archive, "void", seg.shape, iter(seg.void))
        for name, array in small.items():
            with archive.open(f"{name}.npy", "w") as member:
                npy.write_array(member, array, allow_pickle=False)
    return []


def _write_images(
    archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], images: Iterator[NDArray[np.bool_]]
) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        header = {"descr": "|b1", "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(member, header)
        for image in images:
            member.write(image.tobytes())


def read_npy(path: Path, *, check: Check = trusting) -> Segmentation:
    """Read a .npy file; see ``read_stack`` for what it may hold.

    Raises:
        ValueError, TypeError: if the array has other axes, values or kind.
        DecodeError: if the file is damaged, or beyond the limits.
    """
    return read_stack(_stack(path, None), check=check)


def read_npz(path: Path, *, check: Check = trusting) -> Segmentation:
    """Read a .npz file: ``masks``, and as far as there are ``frame``, ``time_s``, ``void`` and ``phrases``.

    Arrays are decompressed image by image, after their declared size was checked; pickled objects are
    refused.

    Args:
        path: the file. ``masks`` is what ``read_stack`` takes; where it is missing, the only array is, or
            several (T, H, W) bool arrays are one object each, called as they are named. ``frame`` is (T,)
            integers, ``time_s`` (T,) floats, ``void`` (T, H, W) bool, ``phrases`` a text an object.
        check: refuses what is beyond the limits.

    Raises:
        ValueError, TypeError: if an array has other axes, values or kind.
        DecodeError: if the file is damaged, or beyond the limits.
        AlignmentError: if arrays don't fit each other.
    """
    names = _names(path)
    stacks = {name: _stack(path, name) for name in names if name not in _SMALL}
    void = stacks.pop("void", None)
    unused: list[str] = []
    if "masks" in stacks:
        unused = [name for name in stacks if name != "masks"]
        seg = read_stack(stacks["masks"], void=void, check=check)
    elif len(stacks) == 1:
        seg = read_stack(next(iter(stacks.values())), void=void, check=check)
    elif stacks and void is None:
        seg = read_named(stacks, check=check)
    else:
        raise ValueError(f"{path.name} must hold an array 'masks', got {', '.join(names[:8]) or 'nothing'}")
    notes = [*seg.notes, *([f"not used: {', '.join(unused)} in {path.name}"] if unused else [])]
    return _label(seg, path, names, notes)


def _label(seg: Segmentation, path: Path, names: list[str], notes: list[str]) -> Segmentation:
    """Put the frames and phrases of the file on a segmentation."""
    if "frame" in names:
        frame = _small(path, "frame", "iu")
        if frame.shape != seg.frame.shape:
            raise DecodeError(
                f"frame in {path.name} must have one number a mask, {len(seg.frame)}, got shape {frame.shape}"
            )
        if len(frame) and (frame.min() < 0 or frame.max() >= 2**31):
            raise DecodeError(
                f"frame in {path.name} must be source frames from 0 up, got {frame.min()} to {frame.max()}"
            )
        seg = replace(seg, frame=frame.astype(np.int64))
    if "time_s" in names:
        time_s = _small(path, "time_s", "f").astype(np.float64)
        if time_s.shape != seg.frame.shape or np.isinf(time_s).any():
            raise DecodeError(f"time_s in {path.name} must be a time or NaN a mask, {len(seg.frame)}")
        seg = replace(seg, time_s=time_s)
    if "phrases" in names:
        phrases = _small(path, "phrases", "U").ravel()
        if len(phrases) != len(seg):
            raise DecodeError(f"phrases in {path.name} must be one an object, {len(seg)}, got {len(phrases)}")
        named = (replace(item, phrase=str(text) or None) for item, text in zip(seg, phrases, strict=True))
        seg = replace(seg, objects=tuple(named))
    return replace(seg, notes=tuple(notes))


def _names(path: Path) -> list[str]:
    """List the arrays of a .npz."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = archive.namelist()
    except _DAMAGE as error:
        raise DecodeError(f"{path.name} can't be opened as .npz: {error}") from error
    names = [name.removesuffix(".npy") for name in files if name.endswith(".npy")]
    if len(names) != len(files) or len(set(names)) != len(names):
        raise DecodeError(
            f"{path.name} is no .npz: it must hold arrays of different names, got {str(files)[:80]}"
        )
    check_number_of_objects(len(names), path.name)
    return names


@contextmanager
def _open(path: Path, name: str | None) -> Iterator[tuple[IO[bytes], tuple[int, ...], bool, np.dtype[Any]]]:
    """Open an array, its header read: shape, Fortran's order or not, dtype; damage is a DecodeError."""
    shown = path.name if name is None else f"{name} in {path.name}"
    try:
        if name is None:
            with path.open("rb") as file:
                yield file, *_header(file)
        else:
            with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
                yield member, *_header(member)
    except _DAMAGE as error:
        raise DecodeError(f"{shown} can't be read as a numpy array: {error}") from error


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(file)
    if version not in _LENGTH_BYTES:
        raise ValueError(f"version {version} of the format is not read")
    length = _read(file, _LENGTH_BYTES[version])
    n_bytes = int.from_bytes(length, "little")
    if n_bytes > _MAX_HEADER_BYTES:
        raise ValueError(f"its header has {n_bytes:,} bytes, but at most {_MAX_HEADER_BYTES:,} are read")
    header = io.BytesIO(length + _read(file, n_bytes))
    try:
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, in_columns, dtype = read(header)
    except _ODD_HEADERS as error:
        raise ValueError(f"its header is damaged: {error}") from error
    if any(type(side) is not int or side < 0 for side in shape):
        raise ValueError(f"the shape {shape} is none")
    return shape, in_columns, dtype


def _stack(path: Path, name: str | None) -> Stack:
    """Describe an array of a file; its images are read when they are asked for."""
    with _open(path, name) as (_, shape, in_columns, dtype):
        pass
    shown = path.name if name is None else f"{name} in {path.name}"
    return Stack(shape, dtype, lambda: _images(path, name, in_columns=in_columns), shown)


def _images(path: Path, name: str | None, *, in_columns: bool) -> Iterator[NDArray[Any]]:
    """Read (H, W) images one after the other."""
    with _open(path, name) as (file, shape, _, declared):
        is_bool = declared == np.bool_
        dtype = np.dtype(np.uint8) if is_bool else declared  # a file's bytes need not be 0 or 1
        n_images = 1 if in_columns else math.prod(shape[:-2])
        n_bytes = math.prod(shape if in_columns else shape[-2:]) * dtype.itemsize
        if in_columns and n_bytes > _MAX_WHOLE_BYTES:
            raise ValueError(
                f"{n_bytes:,} bytes in Fortran's order; save it in C's, with np.ascontiguousarray"
            )
        for index in range(n_images):
            data = np.frombuffer(_read(file, n_bytes), dtype)
            if index == n_images - 1:
                _check_end(file)
            whole = data.reshape(shape[::-1]).T if in_columns else data
            for image in np.ascontiguousarray(whole).reshape(-1, *shape[-2:]):
                yield image != 0 if is_bool else image


def _check_end(file: IO[bytes]) -> None:
    """Check that nothing follows; a .zip tells only then whether its checksum is right."""
    if file.read(1):
        raise ValueError("it holds more than its header says")


def _read(file: IO[bytes], n_bytes: int) -> bytes:
    data = file.read(n_bytes)
    if len(data) < n_bytes:
        raise EOFError("it is cut off")
    return data


def _small(path: Path, name: str, kinds: str) -> NDArray[Any]:
    """Read a small array whole."""
    with _open(path, name) as (file, shape, _, dtype):
        n_bytes = math.prod(shape) * dtype.itemsize
        if dtype.kind not in kinds or n_bytes > _MAX_SMALL_BYTES or len(shape) != 1:
            wanted = {"U": "texts", "f": "floats"}.get(kinds, "whole numbers")
            raise ValueError(f"it must be a list of {wanted}, got {dtype} of shape {shape}")
        data = _read(file, n_bytes)
        _check_end(file)
        return np.frombuffer(data, dtype)


def _read_opened(opened: Opened) -> tuple[Segmentation, bool]:
    """Read either; frames that are 0, 1, 2 … may be nobody's word."""
    read = read_npy if opened.head.startswith(b"\x93NUMPY") else read_npz
    seg = read(opened.path, check=opened.check)
    return seg, bool(np.array_equal(seg.frame, np.arange(len(seg.frame))))


FORMAT = Format(
    name="npz",
    title="numpy's .npz",
    recognises=lambda opened: opened.head.startswith(b"PK"),
    read=_read_opened,
    write=write_npz,
    suffixes=(".npz",),
)
NPY = Format(
    name="npy",
    title="numpy's .npy",
    recognises=lambda opened: opened.head.startswith(b"\x93NUMPY"),
    read=_read_opened,
    suffixes=(".npy",),
)
