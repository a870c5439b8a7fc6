"""Reads YouTube-VIS' json of videos, with masks for each frame of a track."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.clips import choose_clip
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.json_file import by_id, category_names, category_of, key_of, rows_of, whole
from sa2va_nb.formats.numbering import number_frames, spell_frames
from sa2va_nb.formats.rle import decode_mask
from sa2va_nb.segmentation import Segmentation


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
        ``frame`` is the number at the end of each of ``file_names``, else their order.

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
    return collection.to_segmentation(frame, [*notes, f"{spell_frames(frame)}, from {how}"])


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
        is_void = bool(row.get("iscrowd")) and void_beside
        if not is_void:
            collection.open(row["id"], names.get(category_of(row, at)))
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
