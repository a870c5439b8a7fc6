"""Label TIFFs with ImageJ's axes and properties."""

import json
import logging
import struct
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.arrays import Stack, read_stack
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.flatten import label_images
from sa2va_nb.formats.format import Format, Opened
from sa2va_nb.formats.json_file import times_of, times_to_json
from sa2va_nb.formats.labels import VOID, encode_labels, label_colors, objects_by_label
from sa2va_nb.formats.numbering import spell_frames
from sa2va_nb.segmentation import Segmentation

_VOID16 = 65535
_MAX_BYTES = 2**32 - 2**20  # offsets have 32 bits; ImageJ reads no BigTIFF by itself
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OURS = "sa2va_nb"  # in ImageJ's "Info", which Image > Show Info… shows
_DAMAGE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
    zlib.error,
    RuntimeError,
    MemoryError,
)


def write_tiff(seg: Segmentation, path: Path) -> list[str]:
    """Write one label image a frame, axes TYX: object k has the label k + 1, void 255 (or 65535 of 16 bits).

    8 bits up to 254 objects, else 16. Frames, times, phrases and the void label are json in the property
    "Info"; each slice is labelled with its frame.

    Raises:
        ValueError: if there are more objects than labels, 4 GiB don't hold it, or a picture is a line.
    """
    import tifffile

    small = len(seg) < VOID
    dtype, void = (np.uint8, VOID) if small else (np.uint16, _VOID16)
    if 1 in seg.shape[1:]:
        raise ValueError(f"a TIFF of one row or column doesn't say which, got {seg.shape}; write npz or zarr")
    if len(seg) >= _VOID16:
        raise ValueError(f"a label TIFF has {_VOID16 - 1} labels, got {len(seg)} objects; write npz")
    if seg.shape[0] * seg.shape[1] * seg.shape[2] * np.dtype(dtype).itemsize > _MAX_BYTES:
        raise ValueError(f"an ImageJ TIFF holds 4 GiB, too little for {seg.shape}; write zarr or npz")
    told = {
        "frame": seg.frame.tolist(),
        "time_s": times_to_json(seg.time_s),
        "phrases": [item.phrase for item in seg],
        "void": None if seg.void is None else void,
    }
    metadata = {
        "axes": "TYX",
        "Info": json.dumps({_OURS: told}),
        "Labels": [f"frame {frame}" for frame in seg.frame],
        **({"LUTs": [label_colors().T.copy()]} if small else {}),
    }
    tifffile.imwrite(
        path,
        label_images(seg, dtype, void=void),
        shape=seg.shape,
        dtype=dtype,
        imagej=True,
        photometric="minisblack",
        metadata=metadata,
    )
    return []


def read_tiff(path: Path, *, check: Check = trusting) -> tuple[Segmentation, bool]:
    """Read a label TIFF whose axes are told to be T, Y and X, by ImageJ or otherwise.

    Args:
        path: the file; 0 is background. What ``write_tiff`` told in "Info" is taken from there; in others 255
            beside other labels of 8 bits is void.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation, and whether its frames were only counted. Its notes hold what tifffile remarked.

    Raises:
        ValueError: if it has other axes or values.
        DecodeError: if the file is damaged, or beyond the limits.
    """
    with _remarks() as remarks:
        seg, is_counted = _read(path, check)
    if remarks:
        seg = replace(seg, notes=(*seg.notes, f"{path.name} may be damaged: {remarks[0]:.200}"))
    return seg, is_counted


class _Collector(logging.Handler):
    """Keeps what is logged in the thread that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.messages.append(record.getMessage())


@contextmanager
def _remarks() -> Iterator[list[str]]:
    """Collect what tifffile logs of damage, which nobody's handler would leave to the standard error."""
    logger, collector = logging.getLogger("tifffile"), _Collector()
    logger.addHandler(collector)
    try:
        yield collector.messages
    finally:
        logger.removeHandler(collector)


def _read(path: Path, check: Check) -> tuple[Segmentation, bool]:
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            series = tiff.series[0]
            axes, shape = series.axes, series.shape
            told = _told((tiff.imagej_metadata or {}).get("Info"), path.name)
            dtype = np.dtype(series.dtype)
    except (tifffile.TiffFileError, *_DAMAGE) as error:
        raise DecodeError(f"{path.name} is no TIFF that can be read: {error}") from error
    stack = Stack(_shape(axes, shape, path.name), dtype, lambda: _images(path), path.name)
    if told is None:
        return read_stack(stack, check=check), True
    return _as_told(stack, told, check), False


def _shape(axes: str, shape: tuple[int, ...], file: str) -> tuple[int, int, int]:
    """Give (T, H, W) of a file whose axes say so; axes of length 1 don't count."""
    sides = dict(zip(axes, shape, strict=True))
    others = {axis: side for axis, side in sides.items() if axis not in "TYX" and side != 1}
    if others or not {"Y", "X"} <= sides.keys():
        raise ValueError(
            f"{file} must have the axes T, Y, X, got {axes} of lengths {tuple(shape)}; if you know which is time, "
            "read it with tifffile and give the (T, H, W) array"
        )
    return sides.get("T", 1), sides["Y"], sides["X"]


def _images(path: Path) -> Iterator[NDArray[Any]]:
    """Read (H, W) images one after the other."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            series = tiff.series[0]
            sides = dict(zip(series.axes, series.shape, strict=True))
            for index in range(sides.get("T", 1)):
                yield tiff.asarray(key=index, series=0).reshape(sides["Y"], sides["X"])
    except (tifffile.TiffFileError, *_DAMAGE) as error:
        raise DecodeError(f"{path.name} can't be read to its end: {error}") from error


def _told(info: object, file: str) -> Mapping[str, Any] | None:
    """Give what ``write_tiff`` told; None in a file of another's."""
    try:
        data = json.loads(info) if isinstance(info, str) else None
    except ValueError:
        return None
    told = data.get(_OURS) if isinstance(data, dict) else None
    if told is None:
        return None
    lists = (told.get(key) for key in ("frame", "time_s", "phrases")) if isinstance(told, dict) else [None]
    if not all(isinstance(each, list) for each in lists):
        raise DecodeError(f"what 'Info' of {file} tells must be lists: frame, time_s, phrases")
    return told  # type: ignore[no-any-return]  # a dictionary, as just seen


def _as_told(stack: Stack, told: Mapping[str, Any], check: Check) -> Segmentation:
    """Make the segmentation of a file that tells its frames and objects."""
    n_frames, file = stack.shape[0], stack.name
    frame, phrases, void = told["frame"], told["phrases"], told.get("void")
    if len(frame) != n_frames or not all(type(each) is int and 0 <= each < 2**31 for each in frame):
        raise DecodeError(f"'frame' in 'Info' of {file} must be {n_frames} whole numbers")
    if not all(each is None or isinstance(each, str) for each in phrases):
        raise DecodeError(f"'phrases' in 'Info' of {file} must be texts or null")
    time_s = times_of(told["time_s"], file)
    if len(time_s) != n_frames or np.any(np.diff(frame) <= 0) or void not in (None, VOID, _VOID16):
        raise DecodeError(f"what 'Info' of {file} tells doesn't fit its {n_frames} images")
    check("max_frames", n_frames, file)
    check("max_pixels", stack.size[0] * stack.size[1], file)
    labels, found = encode_labels(stack.images(), Tally(check, file), file)
    unknown = set(found) - set(range(1, len(phrases) + 1)) - {void}
    if unknown:
        raise DecodeError(f"{file} has labels that 'Info' doesn't tell: {str(sorted(unknown))[:60]}")
    objects, void_masks = objects_by_label(labels, phrases, void, stack.size)
    return Segmentation(
        objects,
        np.array(frame, np.int64),
        time_s,
        notes=(f"{spell_frames(np.array(frame, np.int64))}, as 'Info' tells",),
        void=void_masks,
    )


def _recognises(opened: Opened) -> bool:
    return opened.head.startswith(_MAGIC)


FORMAT = Format(
    name="tiff",
    title="label TIFF (ImageJ)",
    recognises=_recognises,
    read=lambda opened: read_tiff(opened.path, check=opened.check),
    write=write_tiff,
    keeps=frozenset({"absent", "phrases", "frame", "time_s", "void"}),
    suffixes=(".tif", ".tiff"),
)
