"""Finds out which format a file of annotations has, and has it read."""

from pathlib import Path
from typing import Any

import numpy as np

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.bounds import Check, trusting
from sa2va_nb.formats.coco import read_coco
from sa2va_nb.formats.davis import read_pngs
from sa2va_nb.formats.json_file import read_json
from sa2va_nb.formats.npz import read_npy, read_npz
from sa2va_nb.formats.rle_lists import is_rle_lists, read_rle_lists
from sa2va_nb.formats.sav import read_sav
from sa2va_nb.formats.ytvis import read_ytvis
from sa2va_nb.segmentation import Segmentation

FORMS = (
    "a folder of PNG masks (DAVIS); json of COCO, YouTube-VIS, SA-V or COCO run lengths; .npz or .npy; mask "
    "videos (one, a list, or a folder of them); a (T, H, W) or (K, T, H, W) array; Masks or a list of them; a "
    "Segmentation"
)
_NAMED = {".json": "json", ".npz": "zip", ".npy": "npy"}


def kind_of(path: Path) -> str:
    """Tell a file's kind by its first bytes: json, npy, zip, else video.

    Raises:
        ValueError: if there is no such file, or it is a single PNG.
        DecodeError: if its name promises another kind.
    """
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise ValueError(f"{str(path)!r} {what}; a reference is {FORMS}")
    with path.open("rb") as file:
        head = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"\x89PNG"):
        raise ValueError(
            f"{path.name} is a single PNG; give the folder of a clip's PNGs, or load_masks its array"
        )
    starts = {b"\x93NUMPY": "npy", b"PK": "zip", b"{": "json", b"[": "json"}
    found = next((kind for start, kind in starts.items() if head.startswith(start)), "video")
    named = _NAMED.get(path.suffix.lower(), found)
    if named != found:
        raise DecodeError(f"{path.name} is not what its name says: no {path.suffix} that can be read")
    return found


def read_annotations(
    path: Path, *, clip: str | int | None = None, check: Check = trusting
) -> tuple[Segmentation, bool]:
    """Read a file of annotations, or a folder of PNGs.

    Args:
        path: the file or folder.
        clip: which clip of a json of several.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation, and whether its frames were only counted: nothing tells which they are.

    Raises:
        ValueError: if it is of no known form, or ``clip`` doesn't fit.
        DecodeError: if it is damaged, or beyond the limits.
        AlignmentError: if masks don't fit each other.
    """
    kind = "folder" if path.is_dir() else kind_of(path)
    if kind == "json":
        return _read_json(path, clip, check)
    if clip is not None:
        raise ValueError(
            f"clip= is for json that describes several clips, got clip={clip!r} with {path.name}"
        )
    if kind == "folder":
        return read_pngs(path, check=check), False
    seg = (read_npy if kind == "npy" else read_npz)(path, check=check)
    return seg, bool(np.array_equal(seg.frame, np.arange(len(seg.frame))))


def _read_json(path: Path, clip: str | int | None, check: Check) -> tuple[Segmentation, bool]:
    data, file = read_json(path), path.name
    keys = data.keys() if isinstance(data, dict) else set()
    if "masklet" in keys:
        form, found = "SA-V", read_sav
    elif keys >= {"images", "annotations"} and not _has_tracks(data):
        return read_coco(data, file=file, clip=clip, check=check), False
    elif keys >= {"videos", "annotations"}:
        return read_ytvis(data, file=file, clip=clip, check=check), False
    elif is_rle_lists(data):
        form, found = "run lengths", read_rle_lists
    else:
        shown = ", ".join(map(repr, list(keys)[:6])) or f"a {type(data).__name__}"
        raise ValueError(
            f"{file} is json of no known form: it has {shown}; expected 'masklet' (SA-V), 'videos' and "
            "'annotations' (YouTube-VIS), 'images' and 'annotations' (COCO), or lists of {'size', 'counts'}"
        )
    if clip is not None:
        raise ValueError(f"clip= is for json that describes several clips, got clip={clip!r} with {form}")
    return found(data, file=file, check=check), form != "SA-V"


def _has_tracks(data: dict[str, Any]) -> bool:
    """Tell YouTube-VIS, with masks for each frame in one annotation, from COCO with videos."""
    rows = data["annotations"]
    first = rows[0] if isinstance(rows, list) and rows else None
    return "videos" in data and isinstance(first, dict) and "segmentations" in first
