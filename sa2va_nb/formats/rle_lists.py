"""Reads json that holds nothing but COCO run lengths, a list of frames for each object."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.format import Format
from sa2va_nb.formats.json_file import whole
from sa2va_nb.formats.rle import decode_mask
from sa2va_nb.segmentation import Segmentation


def is_rle_lists(data: object) -> bool:
    """Tell whether json is one list of masks, or a list or a dictionary of such lists."""
    lists = list(data.values()) if isinstance(data, dict) else data
    if not isinstance(lists, list) or not lists:
        return False
    rows = lists if isinstance(lists[0], list) else [lists]
    return all(isinstance(row, list) and all(_is_mask(value) for value in row) for row in rows)


def _is_mask(value: object) -> bool:
    return value is None or (isinstance(value, dict) and value.keys() >= {"size", "counts"})


def read_rle_lists(data: Any, *, file: str, check: Check = trusting) -> Segmentation:
    """Read masks as ``Masks.to_coco_rle()`` gives them, one object or several (MeViS' ``mask_dict.json``, alone).

    Args:
        data: what the file holds: a list with a mask or null a frame; a list of these, one an object; or
            a dictionary of these by the objects' names.
        file: its name, for messages.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation: frames 0 to T-1, times NaN; a dictionary's names are the phrases.

    Raises:
        DecodeError: if a mask is damaged, or none tells the size.
        AlignmentError: if objects have different numbers of frames.
    """
    named = isinstance(data, Mapping)
    lists = list(data.values()) if named else data if isinstance(data[0], list) else [data]
    length = len(lists[0])
    if any(len(row) != length for row in lists):
        raise AlignmentError(
            f"every object in {file} must have {length} frames, as the first; cut it to one clip"
        )
    check("max_frames", length, file)
    first = next((value for row in lists for value in row if value is not None), None)
    told = None if first is None else first["size"]
    if not isinstance(told, list) or len(told) != 2:
        raise DecodeError(f"a mask in {file} must tell its size as [H, W], got {told!r:.40}")
    height, width = (whole({"size": side}, "size", f"a mask in {file}", least=1) for side in told)
    check("max_pixels", height * width, file)
    collection, tally = Collection((height, width), file), Tally(check, file)
    for key, row in zip(data if named else range(len(lists)), lists, strict=True):
        collection.open(key, str(key) if named else None)
        for place, value in enumerate(row):
            collection.add(
                key, place, decode_mask(value, (height, width), f"object {key!r:.40} in {file}", tally)
            )
    return collection.to_segmentation(np.arange(length), [])


FORMAT = Format(
    name="rle",
    title="json of COCO run lengths",
    recognises=lambda opened: is_rle_lists(opened.json),
    read=lambda opened: (read_rle_lists(opened.json, file=opened.name, check=opened.check), True),
)
