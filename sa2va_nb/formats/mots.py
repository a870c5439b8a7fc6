"""MOTS' text files: a line an object and frame."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rlemasklib import RLEMask

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.flatten import flatten
from sa2va_nb.formats.format import Format
from sa2va_nb.formats.json_file import check_length, whole
from sa2va_nb.formats.numbering import spell_frames
from sa2va_nb.formats.rle import decode_mask
from sa2va_nb.masks import coco_rle
from sa2va_nb.segmentation import Segmentation

_LINE = re.compile(rb"\d{1,9} \d{1,9} \d{1,9} \d{1,9} \d{1,9} \S+(\s|$)")
_FIELDS = ("frame", "id", "class", "height", "width")
_CLASS, _IGNORED = 1, 10  # 1 is a car, 2 a pedestrian, 10 a region that is not judged
_PER_CLASS = 1000  # an id is class * 1000 + number (Voigtlaender et al., CVPR 2019)


def write_mots(seg: Segmentation, path: Path) -> list[str]:
    """Write one line an object and frame; every object is of class 1, void of class 10.

    A frame in which nothing is has a line of class 10 with an empty mask, so that it is known to be there.

    Raises:
        ValueError: if there are more than 999 objects.
    """
    if len(seg) >= _PER_CLASS:
        raise ValueError(f"MOTS has room for {_PER_CLASS - 1} objects, got {len(seg)}; write npz or ytvis")
    path.write_text("".join(f"{line}\n" for line in _lines(seg)), encoding="ascii")
    return []


def _lines(seg: Segmentation) -> Iterator[str]:
    height, width = seg.shape[1:]
    for t, left in enumerate(flatten(seg)):
        rows = [(_CLASS * _PER_CLASS + k, _CLASS, rle) for k, rle in enumerate(left, start=1) if rle.any()]
        ignored = RLEMask.zeros((height, width)) if seg.void is None else seg.void.rles[t]
        if ignored.any() or not rows:
            rows.append((_IGNORED * _PER_CLASS, _IGNORED, ignored))
        for key, kind, rle in rows:
            yield f"{seg.frame[t]} {key} {kind} {height} {width} {coco_rle(rle)['counts']}"


def read_mots(path: Path, *, check: Check = trusting) -> Segmentation:
    """Read a text file of MOTS: ``frame id class height width run-lengths`` in each line.

    Args:
        path: the file.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation: an object an id, in their order; class 10 is void. Only frames that have a line are
        taken, as nothing tells whether others were looked at. No times, no phrases.

    Raises:
        DecodeError: if it has another form, or a mask is damaged.
    """
    check_length(path)
    rows = [_parse(line, number, path.name) for number, line in enumerate(_read(path), start=1)]
    if not rows:
        raise DecodeError(f"{path.name} has no lines")
    frame = np.unique([row["frame"] for row, _ in rows]).astype(np.int64)
    check("max_frames", len(frame), path.name)
    size = (rows[0][0]["height"], rows[0][0]["width"])
    check("max_pixels", size[0] * size[1], path.name)
    place = {int(each): t for t, each in enumerate(frame)}
    collection, tally = Collection(size, path.name), Tally(check, path.name)
    seen: set[tuple[int, int]] = set()
    for row, runs in sorted(rows, key=lambda each: each[0]["id"]):
        where = f"object {row['id']} in frame {row['frame']} of {path.name}"
        told = {"size": [row["height"], row["width"]], "counts": runs}
        rle, t = decode_mask(told, size, where, tally), place[row["frame"]]
        if row["class"] == _IGNORED:
            collection.add_void(t, rle if rle is not None and rle.any() else None)
            continue
        if (row["id"], t) in seen:
            raise DecodeError(f"{where} has two masks; ids must differ within a frame")
        seen.add((row["id"], t))
        collection.open(row["id"], None)
        collection.add(row["id"], t, rle)
    notes = ["class 10 is void: nothing is judged there"] if collection.void else []
    return collection.to_segmentation(frame, [*notes, f"{spell_frames(frame)}: those that have a line"])


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except ValueError as error:
        raise DecodeError(f"{path.name} is no text of MOTS that can be read: {error}") from error


def _parse(line: str, number: int, file: str) -> tuple[dict[str, int], str]:
    """Split a line; gives its five numbers and the run lengths."""
    *numbers, runs = line.split(" ")
    if len(numbers) != len(_FIELDS) or not all(each.isdigit() for each in numbers):
        raise DecodeError(
            f"line {number} of {file} must be 'frame id class height width run-lengths', got {line!r:.60}"
        )
    row = dict(zip(_FIELDS, (int(each[:12]) for each in numbers), strict=True))
    for field in _FIELDS:
        whole(row, field, f"line {number} of {file}", least=int(field in ("height", "width")))
    return row, runs


FORMAT = Format(
    name="mots",
    title="text of MOTS",
    recognises=lambda opened: _LINE.match(opened.head) is not None,
    read=lambda opened: (read_mots(opened.path, check=opened.check), False),
    write=write_mots,
    keeps=frozenset({"frame", "void"}),
    suffixes=(".txt",),
)
