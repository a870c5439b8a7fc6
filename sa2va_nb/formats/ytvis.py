"""YouTube-VIS' json of videos, with masks for each frame of a track."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.clips import choose_clip
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.format import Format, clip_name
from sa2va_nb.formats.json_file import (
    by_id,
    category_names,
    key_of,
    number_categories,
    phrase_of,
    rows_of,
    times_of,
    times_to_json,
    whole,
    write_json,
)
from sa2va_nb.formats.numbering import name_frames, number_frames, spell_frames
from sa2va_nb.formats.rle import decode_mask, encode_mask
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation


def write_ytvis(seg: Segmentation, path: Path) -> list[str]:
    """Write one video, with a track an object; a category is called as the phrase, void is a crowd."""
    height, width = seg.shape[1:]
    video = {
        "id": 1,
        "name": clip_name(seg),
        "height": height,
        "width": width,
        "length": len(seg.frame),
        "file_names": [f"{clip_name(seg)}/{name}.jpg" for name in name_frames(seg.frame)],
        "time_s": times_to_json(seg.time_s),
    }
    tracks: list[tuple[Masks, dict[str, Any]]] = [
        (item.masks, {"phrase": item.phrase, "iscrowd": 0}) for item in seg
    ]
    if seg.void is not None:
        tracks.append((seg.void, {"phrase": "void", "iscrowd": 1, "ignore": 1}))
    kinds, categories = number_categories([said["phrase"] for _, said in tracks])
    annotations = [
        {"id": i, "video_id": 1, "category_id": kind, **_geometry(masks), **said}
        for i, ((masks, said), kind) in enumerate(zip(tracks, kinds, strict=True), start=1)
    ]
    write_json(path, {"videos": [video], "categories": categories, "annotations": annotations})
    return []


def _geometry(masks: Masks) -> dict[str, Any]:
    """Give masks, areas and boxes (x, y, width, height), one a frame; null where the object isn't."""
    there = [rle.any() for rle in masks.rles]
    return {
        "segmentations": [encode_mask(rle) for rle in masks.rles],
        "areas": [int(rle.area()) if seen else None for rle, seen in zip(masks.rles, there, strict=True)],
        "bboxes": [
            [int(side) for side in rle.bbox()] if seen else None
            for rle, seen in zip(masks.rles, there, strict=True)
        ],
        "height": masks.size[0],
        "width": masks.size[1],
    }


def read_ytvis(
    data: Mapping[str, Any], *, file: str, clip: str | int | None = None, check: Check = trusting
) -> Segmentation:
    """Read a dataset of videos (Yang, Fan, Xu: Video Instance Segmentation, ICCV 2019).

    Args:
        data: what the file holds: ``videos``, ``annotations`` (one a track, its ``segmentations`` one a
            frame, null where it isn't there) and, if names are wanted, ``categories``.
        file: its name, for messages.
        clip: which video, by its id, or the folder in its ``file_names``; None for the only one.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation; objects in the order of the annotations, phrases are the categories' names.
        ``frame`` is the number at the end of each of ``file_names``, else their order. A video's ``time_s``,
        and an annotation's ``phrase`` and ``ignore``, which other programs pass over, are what ``write_ytvis``
        adds.

    Raises:
        ValueError: if ``clip`` fits none, or is needed.
        DecodeError: if the json has another form, or a mask is damaged.
        AlignmentError: if the files aren't in the order of their numbers.
    """
    videos = by_id(rows_of(data, "videos", file), "video", file)
    if data.get("annotations") is None:
        raise DecodeError(f"{file} has no annotations; those of a test split are not public")
    annotations = rows_of(data, "annotations", file)
    by_id(annotations, "annotation", file)
    chosen = choose_clip({key: _name(video) for key, video in videos.items()}, clip, file)
    video, where = videos[chosen], f"video {chosen!r:.40} in {file}"
    height, width = (whole(video, key, where, least=1) for key in ("height", "width"))
    check("max_pixels", height * width, file)
    frame, how = _frames(video, where, check, file)
    tracks = [row for row in annotations if _video_of(row, videos, file) == chosen]
    collection = Collection((height, width), file)
    _collect(tracks, collection, len(frame), category_names(data, file), Tally(check, file))
    notes = ["crowds are void: nothing is judged there"] if collection.void else []
    time_s = times_of(video.get("time_s") or [None] * len(frame), where)
    if len(time_s) != len(frame):
        raise DecodeError(f"'time_s' of {where} must have one a frame, {len(frame)}, got {len(time_s)}")
    return collection.to_segmentation(frame, [*notes, f"{spell_frames(frame)}, from {how}"], time_s)


def _collect(
    tracks: list[dict[str, Any]],
    collection: Collection,
    n_frames: int,
    names: Mapping[Hashable, str],
    tally: Tally,
) -> None:
    """Decode the masks of the tracks; crowds beside others are void."""
    void_beside = not all(row.get("iscrowd") for row in tracks)
    for row in tracks:
        at = f"annotation {row['id']!r:.40} in {collection.file}"
        masks = row.get("segmentations")
        if not isinstance(masks, list) or len(masks) != n_frames:
            came = len(masks) if isinstance(masks, list) else type(masks).__name__
            raise DecodeError(f"segmentations of {at} must have one a frame, {n_frames}, got {came}")
        is_void = bool(row.get("iscrowd")) and (void_beside or bool(row.get("ignore")))
        if not is_void:
            collection.open(row["id"], phrase_of(row, names, at))
        for place, value in enumerate(masks):
            rle = decode_mask(value, collection.size, at, tally)
            if is_void:
                collection.add_void(place, rle)
            else:
                collection.add(row["id"], place, rle)


def _name(video: Mapping[str, Any]) -> str:
    """Give a video's name: said, or the folder of its files."""
    files = video.get("file_names")
    first = files[0] if isinstance(files, list) and files and isinstance(files[0], str) else ""
    return str(video.get("name") or first.rpartition("/")[0])


def _video_of(row: Mapping[str, Any], videos: Mapping[Any, Any], file: str) -> object:
    video = key_of(row, "video_id", f"annotation {row['id']!r:.40} in {file}")
    if video not in videos:
        raise DecodeError(
            f"annotation {row['id']!r:.40} in {file} is of video {video!r:.40}, which isn't there"
        )
    return video


def _frames(video: Mapping[str, Any], where: str, check: Check, file: str) -> tuple[NDArray[np.int64], str]:
    """Give the source frames (T,), and how they were found."""
    names = video.get("file_names")
    if names is None:
        length = whole(video, "length", where)
        check("max_frames", length, file)
        return np.arange(length), "their order"
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise DecodeError(f"'file_names' of {where} must be a list of texts, got {names!r:.40}")
    check("max_frames", len(names), file)
    if "length" in video and whole(video, "length", where) != len(names):
        raise DecodeError(f"{where} has {len(names)} file_names, but 'length' says {video['length']!r:.40}")
    frame, how = number_frames(names)
    if np.any(np.diff(frame) <= 0):
        raise AlignmentError(f"the file_names of {where} must be in the order of their numbers; sort them")
    return frame, f"the {how} of {names[0]} … {names[-1]}"


FORMAT = Format(
    name="ytvis",
    title="YouTube-VIS json",
    recognises=lambda opened: {"videos", "annotations"} <= opened.keys,
    read=lambda opened: (
        read_ytvis(opened.json, file=opened.name, clip=opened.clip, check=opened.check),
        False,
    ),
    write=write_ytvis,
    describes_clips=True,
)
