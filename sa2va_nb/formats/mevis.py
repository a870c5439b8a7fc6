"""MeViS' two files of json: masks by annotation, and the expressions that mean them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.clips import choose_clip
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.format import Format, Opened, clip_name
from sa2va_nb.formats.json_file import read_json, whole, write_json
from sa2va_nb.formats.numbering import name_frames, number_frames, spell_frames
from sa2va_nb.formats.rle import decode_mask, encode_mask
from sa2va_nb.segmentation import Segmentation

_MASKS, _META = "mask_dict.json", "meta_expressions.json"
_KNOWN_SIZE = ("height", "width")


def write_mevis(seg: Segmentation, path: Path) -> list[str]:
    """Write a folder with ``mask_dict.json`` and ``meta_expressions.json``; a phrase is an expression."""
    path.mkdir()
    masks = {str(item.index): [encode_mask(rle) for rle in item.masks.rles] for item in seg}
    expressions = {
        str(item.index): {"exp": item.phrase or "", "obj_id": [item.index], "anno_id": [item.index]}
        for item in seg
    }
    video = {
        "frames": name_frames(seg.frame),
        **dict(zip(_KNOWN_SIZE, seg.shape[1:], strict=True)),
        "expressions": expressions,
    }
    write_json(path / _MASKS, masks)
    write_json(path / _META, {"videos": {clip_name(seg): video}})
    return []


def read_mevis(
    masks: Any, meta: Any, *, file: str, clip: str | int | None = None, check: Check = trusting
) -> Segmentation:
    """Read one clip of MeViS (Ding et al., ICCV 2023).

    Args:
        masks: what ``mask_dict.json`` holds: a list with a mask or null a frame, by ``anno_id``.
        meta: what ``meta_expressions.json`` holds: ``videos``, each with ``frames`` and ``expressions``.
        file: their folder's name, for messages.
        clip: which video, by its name; None for the only one.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation: an object an ``anno_id``, in their order. Its phrase is the first expression that
        means it alone. ``frame`` is the number at the end of each of ``frames``, else their order.

    Raises:
        ValueError: if ``clip`` fits none, or is needed.
        DecodeError: if the json has another form, or a mask is damaged.
        AlignmentError: if the frames aren't in the order of their numbers.
    """
    videos = _dictionary(meta, "videos", file)
    chosen = choose_clip({name: name for name in videos}, clip, file)
    where = f"{chosen!r:.40} in {file}"
    video = videos[str(chosen)]
    names = video.get("frames") if isinstance(video, Mapping) else None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise DecodeError(f"'frames' of {where} must be a list of texts")
    check("max_frames", len(names), file)
    frame, how = number_frames(names)
    if (frame[1:] <= frame[:-1]).any():
        raise AlignmentError(f"the frames of {where} must be in the order of their numbers; sort them")
    phrases = _phrases(_dictionary(video, "expressions", where), where)
    rows = {key: _row(masks, key, len(names), where) for key in sorted(phrases)}
    size = _size(video, rows, where)
    check("max_pixels", size[0] * size[1], file)
    collection, tally = Collection(size, file), Tally(check, file)
    for key, row in rows.items():
        collection.open(key, phrases[key] or None)
        for t, value in enumerate(row):
            collection.add(key, t, decode_mask(value, size, f"annotation {key} in {file}", tally))
    return collection.to_segmentation(frame, [f"{spell_frames(frame)}, from the {how} of 'frames'"])


def _dictionary(data: Any, key: str, where: str) -> Mapping[str, Any]:
    found = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(found, Mapping):
        raise DecodeError(f"{key!r} of {where} must be a json object, got {type(found).__name__}")
    return found


def _phrases(expressions: Mapping[str, Any], where: str) -> dict[int, str]:
    """Give the phrase of each annotation that the clip has; an empty one where none means it alone."""
    found: dict[int, str] = {}
    for row in expressions.values():
        ids = row.get("anno_id") if isinstance(row, Mapping) else None
        if not isinstance(ids, list) or not all(type(each) is int for each in ids):
            raise DecodeError(f"'anno_id' of an expression of {where} must be a list of whole numbers")
        words = row.get("exp") if len(ids) == 1 else ""
        for each in ids:
            found[each] = found.get(each) or (words if isinstance(words, str) else "")
    return found


def _row(masks: Any, key: int, length: int, where: str) -> list[Any]:
    row = masks.get(str(key)) if isinstance(masks, Mapping) else None
    if not isinstance(row, list) or len(row) != length:
        came = len(row) if isinstance(row, list) else "none"
        raise DecodeError(
            f"annotation {key} of {where} must have a mask or null a frame, {length}, got {came}"
        )
    return row


def _size(video: Mapping[str, Any], rows: Mapping[int, list[Any]], where: str) -> tuple[int, int]:
    """Give (H, W): told, else that of the first mask."""
    if all(key in video for key in _KNOWN_SIZE):
        height, width = (whole(video, key, where, least=1) for key in _KNOWN_SIZE)
        return height, width
    every = (value for row in rows.values() for value in row if isinstance(value, dict))
    told = next(every, {}).get("size")
    if not isinstance(told, list) or len(told) != 2:
        raise DecodeError(f"nothing tells the size of the pictures of {where}")
    height, width = (whole({"size": side}, "size", where, least=1) for side in told)
    return height, width


def _folder(opened: Opened) -> Path:
    return opened.path if opened.path.is_dir() else opened.path.parent


def _recognises(opened: Opened) -> bool:
    if opened.path.is_dir():
        return {_MASKS, _META} <= opened.names
    return opened.name == _MASKS and (opened.path.parent / _META).is_file()


def _read(opened: Opened) -> tuple[Segmentation, bool]:
    folder = _folder(opened)
    masks, meta = read_json(folder / _MASKS), read_json(folder / _META)
    return read_mevis(masks, meta, file=folder.name, clip=opened.clip, check=opened.check), False


FORMAT = Format(
    name="mevis",
    title="MeViS json, a folder with mask_dict.json",
    recognises=_recognises,
    read=_read,
    write=write_mevis,
    keeps=frozenset({"overlaps", "absent", "phrases", "frame"}),
    folder=r"mask_dict\.json|meta_expressions\.json",
    describes_clips=True,
)
