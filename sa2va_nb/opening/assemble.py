"""Aligns masks, an answer and a video to a ``Segmentation``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sa2va_nb.analysis.seen import late_notes
from sa2va_nb.answer import Answer
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.media.align import Alignment, align_frames, align_size
from sa2va_nb.media.cut import Cut
from sa2va_nb.media.decode import decode_mask_video
from sa2va_nb.media.limits import DEFAULT_LIMITS, Limits
from sa2va_nb.media.orientation import AS_STORED
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation, SegmentedObject, VideoSource

MaskLike = str | Path | Masks | ArrayLike


@dataclass(frozen=True)
class MaskTrack:
    """One object's masks before alignment.

    Attributes:
        masks: (T, h, w).
        time_s: (T,) their own presentation times; None where nobody knows.
        n_declared: how many there should be; more than T where a file is cut off.
        index: (T,) which of those each is; None for 0..T-1.
        notes: what was doubtful in reading them.
    """

    masks: Masks
    time_s: NDArray[np.float64] | None
    n_declared: int
    notes: tuple[str, ...] = ()
    index: NDArray[np.int64] | None = None


def read_mask_track(source: MaskLike, *, limits: Limits = DEFAULT_LIMITS) -> MaskTrack:
    """Read one object's masks from a mask video's path, ``Masks`` or a (T, H, W) array."""
    if isinstance(source, (str, Path)):
        video = decode_mask_video(source, limits=limits)
        return MaskTrack(video.masks, video.time_s, video.n_declared, video.notes, video.index)
    masks = source if isinstance(source, Masks) else Masks.from_array(source)
    return MaskTrack(masks, None, len(masks))


def assemble(
    tracks: Sequence[MaskTrack],
    *,
    answer: Answer,
    video: VideoSource | None,
    phrases: Sequence[str | None] | None = None,
    frame: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    n_sampled: int | None = None,
    put_in: Sequence[int] = (),
    run: dict[str, Any] | None = None,
    notes: Sequence[str] = (),
) -> Segmentation:
    """Align masks with the video and with each other, and give each its phrase.

    Args:
        tracks: one an object.
        answer: what the model said.
        video: the source, or None where it is not at hand.
        phrases: one an object; None takes the answer's.
        frame: the source frame of each mask frame, increasing; None infers it.
        n_sampled: how many frames the model was asked to sample; None for all.
        put_in: the source frames that the model was given before the clip; their masks are left out.
        run: the record of the call; None without a run.
        notes: what is known already, in words; put in front of what is found here.

    Raises:
        ValueError: if ``frame`` doesn't fit the masks or the video.
        AlignmentError: if masks can't be matched with the video or with each other.
    """
    found = [*notes, *(note for track in tracks for note in track.notes)]
    given = Cut(video, put_in) if video is not None and len(put_in) else video
    alignments = [_behind(_align(track, given, frame, n_sampled), len(put_in)) for track in tracks]
    if len(put_in):
        frames = ", ".join(map(str, put_in))
        found.append(f"frames {frames} were put in front of the clip; the masks they got there are left out")
    found += [note for alignment in alignments for note in alignment.notes]
    shared, note = _shared_frames(alignments, video)
    found += note
    masks = [
        _select(track.masks, alignment, shared) for track, alignment in zip(tracks, alignments, strict=True)
    ]
    if video is not None:
        masks, note = _scaled(masks, video)
        found += note
    if phrases is None:
        phrases, note = _pair_phrases(answer, len(tracks))
        found += note
    found += [
        f"the masks of object {i} are empty in every frame"
        for i, each in enumerate(masks)
        if not each.area_px.any()
    ]
    seg = Segmentation(
        objects=tuple(SegmentedObject(i, phrases[i], each) for i, each in enumerate(masks)),
        frame=shared,
        time_s=_times(shared, video, tracks, alignments, len(put_in)),
        video=video,
        answer=answer,
        run=run or {},
    )
    return replace(seg, notes=tuple(dict.fromkeys([*found, *late_notes(seg)])))


def _scaled(masks: Sequence[Masks], video: VideoSource) -> tuple[list[Masks], list[str]]:
    """Bring masks to the video's size; gives its own notes as well."""
    orientation, known = (video.orientation, video.notes) if isinstance(video, Video) else (AS_STORED, ())
    scaled = [align_size(each, video.shape[1:3], orientation=orientation) for each in masks]
    return [each for each, _ in scaled], [*known, *(note for _, why in scaled for note in why)]


def _align(
    track: MaskTrack,
    video: VideoSource | None,
    frame: Sequence[int] | NDArray[np.integer[Any]] | None,
    n_sampled: int | None,
) -> Alignment:
    every = np.arange(len(track.masks))
    index = every if track.index is None else track.index
    if frame is not None:
        if len(frame) and np.asarray(frame).dtype.kind not in "iu":
            raise TypeError(f"frame must hold whole numbers, got {np.asarray(frame).dtype}")
        told = np.asarray(frame, np.int64)
        held = int(index[-1]) + 1 if len(index) else 0
        if len(told) not in (track.n_declared, held) or np.any(np.diff(told) <= 0) or np.any(told < 0):
            raise ValueError(
                f"frame must give {track.n_declared} increasing source frames from 0 up, one a mask frame, "
                f"got {len(told)}: {_shortened(told)}"
            )
        if video is not None and len(told) and told[-1] >= len(video):
            raise ValueError(f"frame must be 0 to {len(video) - 1}, got {told[-1]}")
        return Alignment(every, told[index])
    if video is None or track.n_declared == len(video):
        return Alignment(every, index)
    if track.time_s is None:
        raise AlignmentError(
            f"{len(every)} masks were given for a video of {len(video)} frames; "
            "say which frames they belong to: load_masks(…, frame=[…])"
        )
    return align_frames(
        track.time_s, video.time_s, n_declared=track.n_declared, n_sampled=n_sampled, index=index
    )


def _behind(alignment: Alignment, n_put_in: int) -> Alignment:
    """Leave out what was put in front of the clip, and count the rest as the clip does."""
    own = alignment.frame >= n_put_in
    return Alignment(alignment.kept[own], alignment.frame[own] - n_put_in, alignment.notes)


def _shortened(values: NDArray[np.int64]) -> str:
    return np.array2string(values, threshold=12, edgeitems=4, separator=", ")


def _shared_frames(
    alignments: Sequence[Alignment], video: VideoSource | None
) -> tuple[NDArray[np.int64], list[str]]:
    """Give the source frames in which every object has a mask; with no object, all of them."""
    if not alignments:
        return np.arange(len(video) if video is not None else 0), []
    shared = alignments[0].frame
    for alignment in alignments[1:]:
        shared = np.intersect1d(shared, alignment.frame)
    longest = max(len(alignment.frame) for alignment in alignments)
    if len(shared) == longest:
        return shared, []
    if not len(shared):
        raise AlignmentError("the objects' masks have no source frame in common; load them one by one")
    return shared, [
        f"the objects have masks for different frames; the {len(shared)} frames that all have are kept of {longest}"
    ]


def _select(masks: Masks, alignment: Alignment, frames: NDArray[np.int64]) -> Masks:
    """Keep the masks of the given source frames."""
    kept = alignment.kept[np.isin(alignment.frame, frames)]
    grey_frac = None if masks.grey_frac is None else masks.grey_frac[kept]
    return Masks([masks.rles[t] for t in kept], masks.size, grey_frac=grey_frac)


def _times(
    frames: NDArray[np.int64],
    video: VideoSource | None,
    tracks: Sequence[MaskTrack],
    alignments: Sequence[Alignment],
    n_put_in: int,
) -> NDArray[np.float64]:
    if video is not None:
        return video.time_s[frames]
    for track, alignment in zip(tracks, alignments, strict=True):
        if track.time_s is not None:
            start_s = track.time_s[n_put_in] if 0 < n_put_in < len(track.time_s) else 0.0
            return track.time_s[alignment.kept[np.isin(alignment.frame, frames)]] - start_s
    return np.full(len(frames), np.nan)


def _pair_phrases(answer: Answer, n_masks: int) -> tuple[list[str | None], list[str]]:
    """Pair phrases and masks in the order of the ``[SEG]`` tokens; say what is left over."""
    notes = []
    n_seg = len(answer.phrases)
    if answer.raw and n_seg != n_masks:
        notes.append(f"the answer has {n_seg} [SEG] but {n_masks} masks came; they were paired in order")
        notes += [
            f"no mask came for {phrase or 'a [SEG] without a phrase'!r}"
            for phrase in answer.phrases[n_masks:]
        ]
    notes += [f"the answer has no [SEG] for its phrase {phrase!r}" for phrase in answer.unpaired_phrases]
    phrases: list[str | None] = [*answer.phrases[:n_masks], *[None] * (n_masks - n_seg)]
    return phrases, notes
