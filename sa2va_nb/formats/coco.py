"""COCO's json of images, taken as the frames of a clip."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.clips import choose_clip
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.format import Format, Opened, clip_name
from sa2va_nb.formats.json_file import (
    by_id,
    category_names,
    category_of,
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
from sa2va_nb.segmentation import Segmentation

_TRACK_KEYS = ("track_id", "instance_id", "object_id")  # what the dialects of COCO for video call it
_FRAME_KEYS = ("frame_index", "frame_id")
Row = dict[str, Any]


def write_coco(seg: Segmentation, path: Path) -> list[str]:
    """Write an image a frame, an annotation a visible mask, and a track an object, as TAO's dialect has it.

    A category is called as the phrase; void is a crowd that is ignored.
    """
    height, width = seg.shape[1:]
    images = [
        {
            "id": t,
            "video_id": 1,
            "file_name": f"{clip_name(seg)}/{name}.jpg",
            "height": height,
            "width": width,
            "frame_index": int(frame),
            "time_s": time_s,
        }
        for t, (frame, name, time_s) in enumerate(
            zip(seg.frame, name_frames(seg.frame), times_to_json(seg.time_s), strict=True), start=1
        )
    ]
    kinds, categories = number_categories([item.phrase for item in seg] + ["void"] * (seg.void is not None))
    tracks = [
        {"id": item.index + 1, "category_id": kind, "video_id": 1, "phrase": item.phrase}
        for item, kind in zip(seg, kinds, strict=False)
    ]
    annotations = [{"id": i, **row} for i, row in enumerate(_annotations(seg, kinds), start=1)]
    data = {
        "videos": [{"id": 1, "name": clip_name(seg)}],
        "images": images,
        "categories": categories,
        "tracks": tracks,
        "annotations": annotations,
    }
    write_json(path, data)
    return []


def _annotations(seg: Segmentation, kinds: Sequence[int]) -> Iterator[Row]:
    """Give a row a visible mask, frame by frame; void, whose kind is the last, comes after the objects."""
    layers = [
        (item.masks, {"category_id": kind, "track_id": item.index + 1, "iscrowd": 0})
        for item, kind in zip(seg, kinds, strict=False)
    ]
    if seg.void is not None:
        layers.append((seg.void, {"category_id": kinds[-1], "track_id": 0, "iscrowd": 1, "ignore": 1}))
    for t in range(len(seg.frame)):
        for masks, said in layers:
            if masks.rles[t].any():
                yield {"image_id": t + 1, **said, **_geometry(masks.rles[t])}


def _geometry(rle: RLEMask) -> Row:
    """Give a mask, its area and its box (x, y, width, height)."""
    box = [int(side) for side in rle.bbox()]
    return {"segmentation": encode_mask(rle), "area": int(rle.area()), "bbox": box}


def read_coco(
    data: Mapping[str, Any], *, file: str, clip: str | int | None = None, check: Check = trusting
) -> Segmentation:
    """Read a dataset of images: https://cocodataset.org/#format-data.

    An object is what shares a ``track_id`` (or ``instance_id``, ``object_id``); where not every
    annotation has one, what shares a category. Crowds (``iscrowd``) beside others are void.

    Args:
        data: what the file holds: ``images``, ``annotations`` and, if names are wanted, ``categories``.
        file: its name, for messages.
        clip: which clip, by its folder in ``file_name``, or its name or id in ``videos``; None for the
            only one.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation; phrases are the categories' names. ``frame`` is ``frame_index`` or ``frame_id``,
        else the number at the end of each ``file_name``, else the order of the images. ``tracks`` tell
        objects without a mask; their ``phrase`` and an image's ``time_s`` are what ``write_coco`` adds.

    Raises:
        ValueError: if ``clip`` fits none, or is needed.
        DecodeError: if the json has another form, or a mask is damaged.
        AlignmentError: if the images differ in size, or two are the same frame.
    """
    every = by_id(rows_of(data, "images", file), "image", file)
    annotations = rows_of(data, "annotations", file)
    by_id(annotations, "annotation", file)
    images = _images_of_clip(every, data, clip, file)
    check("max_frames", len(images), file)
    size = _size(list(images.values()), file)
    check("max_pixels", size[0] * size[1], file)
    frame, places, how = _order(images, file)
    rows = [(places[i], row) for i, row in _images_of(annotations, every, file) if i in places]
    collection = Collection(size, file)
    names = category_names(data, file)
    _open_tracks(data, images, collection, names)
    notes = _collect(rows, collection, names, Tally(check, file))
    time_s = _times(images, places, file)
    return collection.to_segmentation(frame, [*notes, f"{spell_frames(frame)}, from {how}"], time_s)


def _open_tracks(
    data: Mapping[str, Any],
    images: Mapping[Hashable, Row],
    collection: Collection,
    names: Mapping[Hashable, str],
) -> None:
    """Make a place for each object that is told as a track of this clip, whether it has masks or not."""
    if not data.get("tracks"):
        return
    videos = {_video_of(row, f"image {key!r:.40}") for key, row in images.items()}
    tracks = by_id(rows_of(data, "tracks", collection.file), "track", collection.file)
    for key in sorted(tracks, key=_rank):
        where = f"track {key!r:.40} in {collection.file}"
        if _video_of(tracks[key], where) in videos:
            collection.open(key, phrase_of(tracks[key], names, where))


def _video_of(row: Row, where: str) -> Hashable:
    """Give the id of the video that an image or a track is of; None where it tells none."""
    return None if row.get("video_id") is None else key_of(row, "video_id", where)


def _times(images: Mapping[Hashable, Row], places: Mapping[Hashable, int], file: str) -> NDArray[np.float64]:
    """Give the time of each frame, (T,); NaN where an image doesn't tell it."""
    time_s = np.empty(len(images))
    time_s[[places[key] for key in images]] = times_of([row.get("time_s") for row in images.values()], file)
    return time_s


def _images_of(
    annotations: list[Row], images: Mapping[Hashable, Row], file: str
) -> list[tuple[Hashable, Row]]:
    """Give the id of each annotation's image, with the annotation."""
    found = []
    for row in annotations:
        where = f"annotation {row['id']!r:.40} in {file}"
        image = key_of(row, "image_id", where)
        if image not in images:
            raise DecodeError(f"{where} is of image {image!r:.40}, which isn't there")
        found.append((image, row))
    return found


def _collect(
    rows: list[tuple[int, Row]], collection: Collection, names: Mapping[Hashable, str], tally: Tally
) -> list[str]:
    """Decode the masks of (place, annotation), objects in the order of their ids; gives notes."""
    object_of, notes = _identity([row for _, row in rows])
    void_beside = not all(row.get("iscrowd") for _, row in rows)
    for place, row in sorted(rows, key=lambda each: _rank(object_of(each[1]))):
        where = f"annotation {row['id']!r:.40} in {collection.file}"
        rle = decode_mask(row.get("segmentation"), collection.size, where, tally)
        if row.get("iscrowd") and (void_beside or row.get("ignore")):
            collection.add_void(place, rle)
        else:
            collection.open(object_of(row), names.get(category_of(row, where)))
            collection.add(object_of(row), place, rle)
    if collection.void:
        notes.append("crowds are void: nothing is judged there")
    if collection.n_merged:
        notes.append(
            f"{collection.n_merged} further masks of an object in the same frame were merged into it"
        )
    return notes


def _rank(key: Hashable) -> tuple[int, int, str]:
    """Sort whole numbers first, then texts, then what is unknown."""
    return (0, key, "") if isinstance(key, int) else (1, 0, key) if isinstance(key, str) else (2, 0, "")


def _images_of_clip(
    images: Mapping[Hashable, Row], data: Mapping[str, Any], clip: str | int | None, file: str
) -> dict[Hashable, Row]:
    """Keep the images of one clip: of one video, else of one folder."""
    if data.get("videos") and all("video_id" in row for row in images.values()):
        videos = by_id(rows_of(data, "videos", file), "video", file)
        clip_of = {key: key_of(row, "video_id", f"image {key!r:.40}") for key, row in images.items()}
        names = {key: str(row.get("name", "")) for key, row in videos.items()}
    else:
        clip_of = {key: str(row.get("file_name", "")).rpartition("/")[0] for key, row in images.items()}
        names = {folder: str(folder) for folder in clip_of.values()}
    if not images:
        raise DecodeError(f"{file} describes no images")
    chosen = choose_clip(names, clip, file)
    kept = {key: row for key, row in images.items() if clip_of[key] == chosen}
    if not kept:
        raise DecodeError(f"{file} describes no images of clip {names[chosen]!r}")
    return kept


def _size(images: list[Row], file: str) -> tuple[int, int]:
    """Give the images' common (H, W)."""
    sizes = Counter(
        tuple(whole(row, key, f"image {row['id']!r:.40} in {file}", least=1) for key in ("height", "width"))
        for row in images
    )
    (height, width), *others = sizes
    if others:
        raise AlignmentError(
            f"the frames of a clip must have one size, got {len(sizes)} in {file}, such as {width}x{height} and "
            f"{others[0][1]}x{others[0][0]}; if they are several clips, say which with clip="
        )
    return height, width


def _order(images: Mapping[Hashable, Row], file: str) -> tuple[NDArray[np.int64], dict[Hashable, int], str]:
    """Give the frames (T,), increasing; the place of each image; and how that was found."""
    rows, how = list(images.values()), ""
    for key in _FRAME_KEYS:
        if all(key in row for row in rows):
            numbers = np.array([whole(row, key, f"image {row['id']!r:.40} in {file}") for row in rows])
            how = key
            break
    else:
        file_names = [str(row.get("file_name", "")) for row in rows]
        numbers, found = number_frames(file_names)
        how = (
            f"the {found} of {file_names[0]} … {file_names[-1]}"
            if file_names[0]
            else "the order of the images"
        )
    order = np.argsort(numbers, kind="stable")
    frame = numbers[order].astype(np.int64)
    if np.any(np.diff(frame) == 0):
        raise AlignmentError(
            f"two images of {file} are frame {frame[:-1][np.diff(frame) == 0][0]} by their {how}; frames must "
            "differ. If they are several clips, say which with clip="
        )
    ids = list(images)
    return frame, {ids[i]: place for place, i in enumerate(order)}, how


def _identity(rows: list[Row]) -> tuple[Callable[[Row], Hashable], list[str]]:
    """Say which object an annotation is of, and note it where that isn't plain."""
    for key in _TRACK_KEYS:
        if rows and all(type(row.get(key)) is int or isinstance(row.get(key), str) for row in rows):
            return itemgetter(key), [f"objects are told apart by {key}"]
    nested = [row.get("attributes") for row in rows]
    if rows and all(isinstance(each, dict) and type(each.get("track_id")) is int for each in nested):
        return (lambda row: row["attributes"]["track_id"]), ["objects are told apart by track_id"]
    note = "the annotations have no track_id: what has the same category is taken as one object"
    return (lambda row: category_of(row, "an annotation")), [note] if rows else []


def _recognises(opened: Opened) -> bool:
    """Tell it from YouTube-VIS, which has the masks for all frames in one annotation."""
    rows = opened.json["annotations"] if {"images", "annotations"} <= opened.keys else None
    first = rows[0] if isinstance(rows, list) and rows else None
    has_tracks = "videos" in opened.keys and isinstance(first, dict) and "segmentations" in first
    return rows is not None and not has_tracks


FORMAT = Format(
    name="coco",
    title="COCO json",
    recognises=_recognises,
    read=lambda opened: (
        read_coco(opened.json, file=opened.name, clip=opened.clip, check=opened.check),
        False,
    ),
    write=write_coco,
    describes_clips=True,
)
