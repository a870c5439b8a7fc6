"""Loads ground truth as a ``Segmentation``, whatever form it is kept in."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sa2va_nb.errors import AlignmentError
from sa2va_nb.formats.arrays import Stack, is_binary, read_stack
from sa2va_nb.formats.files import FORMS, find_format, read_annotations
from sa2va_nb.formats.format import Format, Opened
from sa2va_nb.formats.numbering import spell_frames
from sa2va_nb.masks import Masks
from sa2va_nb.media.align import align_size
from sa2va_nb.media.limits import DEFAULT_LIMITS, Limits
from sa2va_nb.media.orientation import AS_STORED
from sa2va_nb.media.video import Video
from sa2va_nb.opening.loading import load_masks
from sa2va_nb.segmentation import Segmentation, VideoSource

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".gif", ".m4v")
Source = str | Path | Masks | Segmentation | ArrayLike | Sequence[Any]
Frames = Sequence[int] | NDArray[np.integer[Any]]


def load_reference(
    source: Source,
    *,
    clip: str | int | None = None,
    video: str | Path | VideoSource | None = None,
    frame: Frames | None = None,
    objects: int | str | Sequence[int | str] | None = None,
    phrases: Sequence[str | None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Segmentation:
    """Load ground truth; which form it has is found out from the content.

    - A folder of PNGs, as DAVIS has: label images (0 background, 255 beside other labels void) or one
      object in black and white. Frames are the numbers of the names.
    - json of YouTube-VIS (a track an annotation), COCO (images as frames; an object a ``track_id``, else a
      category; ``iscrowd`` is void), SA-V (every 4th frame), MeViS, or lists of COCO run lengths; MOTS text.
    - .npz with ``masks`` and, where wanted, ``frame``, ``time_s``, ``void``, ``phrases``; .npy.
    - A zarr group whose ``masks`` have named axes; a label TIFF with the axes T, Y, X.
    - (T, H, W) integers: labels as in PNGs; (T, H, W) bool: one object; (K, T, H, W) bool: K objects.
    - Mask videos, one an object: a path, a list, a folder of them in the order of their names.
    - ``Masks``, a list of them, a ``Segmentation``.

    Args:
        source: a path, or the data.
        clip: which clip of a json of several: its name, folder or id.
        video: the source video, if at hand; it tells times, and masks are brought to its size where
            that is plain. ``.notes`` say so.
        frame: the source frame of each mask frame, increasing; None takes what the form tells, else counts
            from 0.
        objects: which objects to keep, by index or phrase, in this order; None for all.
        phrases: what each object kept is, one str or None an object; None takes what the form tells.
        limits: what a file may ask for; raise them for large files that you trust.

    Returns:
        The reference. ``void`` is where nothing is judged; ``notes`` say what was inferred.

    Raises:
        ValueError: if ``source`` is none of these or could be several, or another argument doesn't fit.
        TypeError: if ``source`` is of another type, or an array holds neither bool nor integers.
        DecodeError: if a file is damaged, or beyond the limits.
        AlignmentError: if masks differ in size, or don't fit the video.

    >>> labels = np.array([[[0, 1], [2, 2]]])
    >>> [item.masks.area_px.tolist() for item in load_reference(labels)]
    [[1], [2]]
    """
    opened = Opened(Path(source), clip=clip, check=limits.check) if isinstance(source, (str, Path)) else None
    if opened is not None and (form := _find_format(opened)) is not None:
        seg, is_counted = read_annotations(opened, form)
    elif clip is not None:
        raise ValueError(
            f"clip= is for json that describes several clips, got clip={clip!r} with another form"
        )
    elif isinstance(source, Segmentation):
        seg, is_counted = source, False
    elif hasattr(source, "__array__") and not isinstance(source, Masks):
        seg, is_counted = read_stack(Stack.of(np.asarray(source))), True
    else:
        seg = load_masks(
            _items(source if opened is None else _mask_videos(opened.path)),
            video=video,
            frame=frame,
            limits=limits,
        )
        seg = seg if video is not None or frame is not None else _counted(seg)
        return _named(_choose(seg, objects), phrases)
    if frame is not None:
        seg, is_counted = _reframe(seg, frame), False
    elif is_counted:
        seg = _counted(seg)
    if video is not None:
        laid_on = Video(video, limits=limits) if isinstance(video, (str, Path)) else video
        seg = _lay_on(seg, laid_on, is_counted=is_counted)
    return _named(_choose(seg, objects), phrases)


def _find_format(opened: Opened) -> Format | None:
    """Tell the format of a path; None where it stands for mask videos.

    Raises:
        ValueError: if there is nothing, or a folder holds both videos and masks of another form.
        DecodeError: if a file's name promises another form than its content has.
    """
    path, form = opened.path, find_format(opened)
    if path.is_dir():
        has_videos = bool(_mask_videos(path))
        if has_videos and form is not None:
            raise ValueError(f"{path} is {form.title}, but holds videos, too; give a folder of one kind")
        if not has_videos and form is None:
            run = "; it is a run, which sa.open_run opens" if (path / "run.json").is_file() else ""
            raise ValueError(f"{path} holds neither masks nor videos{run}; a reference is {FORMS}")
    return form


def _mask_videos(path: Path) -> list[Path]:
    """Give the mask videos of a folder in the order of their numbers; a file is one itself."""
    if not path.is_dir():
        return [path]
    return sorted((file for file in path.iterdir() if file.suffix.lower() in VIDEO_SUFFIXES), key=_natural)


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Sort output_2 before output_10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name)
    return [(int(part[:18]), "") if part[0] in "0123456789" else (-1, part) for part in parts], path.name


def _items(source: object) -> list[Any]:
    """Check a list of mask videos' paths, ``Masks`` or arrays, one an object."""
    items = [source] if isinstance(source, Masks) else source
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"a reference is {FORMS}; got {type(source).__name__}")
    for item in items:
        if isinstance(item, (str, Path)):
            if not Path(item).is_file() or find_format(Opened(Path(item))) is not None:
                raise ValueError(f"a list must hold mask videos, one an object, got {str(item)!r}")
        elif isinstance(item, np.ndarray):
            if item.ndim != 3 or not is_binary(item):
                raise ValueError(
                    f"arrays in a list must be (T, H, W) bool, one an object, got {item.dtype} of shape "
                    f"{item.shape}; give a label array by itself"
                )
        elif not isinstance(item, Masks):
            raise TypeError(
                f"a list must hold mask videos, Masks or arrays, one an object, got {type(item).__name__}"
            )
    return list(items)


def _counted(seg: Segmentation) -> Segmentation:
    """Note that frames are no more than the order of the masks."""
    return replace(seg, notes=(*seg.notes, f"{spell_frames(seg.frame)}: counted, as nothing tells them"))


def _reframe(seg: Segmentation, frame: Frames) -> Segmentation:
    """Put masks on other source frames; times are then unknown."""
    told = np.asarray(frame)
    if told.shape != seg.frame.shape or (told.size and (told.dtype.kind not in "iu" or told[0] < 0)):
        raise ValueError(
            f"frame must give a source frame from 0 up for each of the {len(seg.frame)} mask frames, got "
            f"{told.dtype} of shape {told.shape}"
        )
    if np.any(np.diff(told.astype(np.int64)) <= 0):
        raise ValueError("frame must increase; sort the masks with it")
    return replace(seg, frame=told.astype(np.int64), time_s=np.full(told.shape, np.nan))


def _lay_on(seg: Segmentation, video: VideoSource, *, is_counted: bool) -> Segmentation:
    """Take times and size of the source video."""
    if is_counted and len(seg.frame) != len(video):
        raise AlignmentError(
            f"{len(seg.frame)} masks came for a video of {len(video)} frames, and nothing says which they "
            "show; say it with frame="
        )
    if len(seg.frame) and seg.frame[-1] >= len(video):
        raise AlignmentError(
            f"the reference has frames {seg.frame[0]} to {seg.frame[-1]}, but the video only 0 to "
            f"{len(video) - 1}; if they are counted from 1 or are of another cut, say them with frame="
        )
    orientation = video.orientation if isinstance(video, Video) else AS_STORED
    notes = list(seg.notes)

    def sized(masks: Masks) -> Masks:
        result, why = align_size(masks, video.shape[1:3], orientation=orientation)
        notes.extend(why)
        return result

    objects = tuple(replace(item, masks=sized(item.masks)) for item in seg)
    void = None if seg.void is None else sized(seg.void)
    return replace(
        seg,
        objects=objects,
        void=void,
        video=video,
        time_s=video.time_s[seg.frame],
        notes=tuple(dict.fromkeys(notes)),
    )


def _choose(seg: Segmentation, objects: int | str | Sequence[int | str] | None) -> Segmentation:
    """Keep some objects, numbered anew; None for all."""
    if objects is None:
        return seg
    try:
        kept = [seg[key] for key in ([objects] if isinstance(objects, (int, str)) else objects)]
    except (KeyError, IndexError) as error:
        raise ValueError(
            f"objects must be indices below {len(seg)} or phrases, got {objects!r}: {error}"
        ) from error
    chosen = f"objects {', '.join(str(item.index) for item in kept)} of {len(seg)} were chosen"
    renumbered = tuple(replace(item, index=i) for i, item in enumerate(kept))
    return replace(seg, objects=renumbered, notes=(*seg.notes, chosen))


def _named(seg: Segmentation, phrases: Sequence[str | None] | None) -> Segmentation:
    """Give each object a phrase; None leaves those that they have."""
    if phrases is None:
        return seg
    if len(phrases) != len(seg):
        raise ValueError(
            f"phrases must name each of the {len(seg)} objects, got {len(phrases)}; None for unknown"
        )
    objects = tuple(replace(item, phrase=phrase) for item, phrase in zip(seg, phrases, strict=True))
    return replace(seg, objects=objects)
