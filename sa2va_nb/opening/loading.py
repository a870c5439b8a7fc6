"""Loads a ``Segmentation`` from what is already there: masks, a run folder, a bundle."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.answer import parse_answer
from sa2va_nb.bundle import unpack_bundle
from sa2va_nb.errors import RunError
from sa2va_nb.masks import Masks
from sa2va_nb.media.limits import DEFAULT_LIMITS, Limits
from sa2va_nb.media.video import Video
from sa2va_nb.opening.assemble import MaskLike, MaskTrack, assemble, read_mask_track
from sa2va_nb.opening.source_video import absence_of_video, recorded_video
from sa2va_nb.run_folder import is_file, locate_run
from sa2va_nb.run_record import check_holds
from sa2va_nb.segmentation import Segmentation, VideoSource

_MAX_DECODERS = 4  # each holds some 30 MB at 1080p; encoding the runs takes turns, so more gain little


def load_masks(
    masks: MaskLike | Sequence[MaskLike],
    *,
    video: str | Path | VideoSource | None = None,
    phrases: Sequence[str | None] | None = None,
    answer: str | None = None,
    frame: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Segmentation:
    """Make a ``Segmentation`` from masks that you already have.

    Args:
        masks: one item an object: the path of a mask video, ``Masks``, or a (T, H, W) bool array.
        video: the source video, if at hand; masks are mapped to its frames and scaled to its size
            where that is plain, and ``.notes`` says so.
        phrases: what each object is, one str or None an object; None takes the answer's.
        answer: the model's text, with its ``[SEG]`` tokens.
        frame: the 0-based source frame of each mask frame, increasing; None infers it.
        limits: what a file may ask for; raise them for large files that you trust.

    Returns:
        The segmentation. Without a video, and with masks that carry no times, ``time_s`` is NaN.

    Raises:
        ValueError: if ``phrases`` or ``frame`` don't fit the masks.
        DecodeError: if a file can't be read.
        AlignmentError: if masks can't be matched with each other or with the video.

    >>> import numpy as np
    >>> seg = load_masks([np.ones((2, 4, 5), bool)], phrases=["a wall"])
    >>> seg
    Segmentation(1 in 2 frames of 5x4: 'a wall')
    """
    single = isinstance(masks, (str, Path, Masks)) or (isinstance(masks, np.ndarray) and masks.ndim == 3)
    sources: Sequence[Any] = [masks] if single else masks  # type: ignore[assignment]  # told apart above
    tracks = _read_tracks(sources, limits)
    if phrases is not None and len(phrases) != len(tracks):
        raise ValueError(
            f"phrases must name each of the {len(tracks)} objects, got {len(phrases)}; None for unknown"
        )
    source_video = Video(video, limits=limits) if isinstance(video, (str, Path)) else video
    return assemble(
        tracks, answer=parse_answer(answer or ""), video=source_video, phrases=phrases, frame=frame
    )


def open_run(
    path: str | Path,
    *,
    video: str | Path | VideoSource | None = None,
    runs_dir: str | Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Segmentation:
    """Open a run folder, or a bundle (.zip) of one.

    Args:
        path: the folder, its name as ``runs()`` lists it, or the .zip.
        video: the source, where it is no longer at the place that the run recorded.
        runs_dir: where names are looked up; None for ``$SA2VA_NB_RUNS``, or ``sa2va_runs`` here.
        limits: what its files may ask for; raise them for large files that you trust.

    Returns:
        The segmentation; without its source video, ``.video`` is None and ``.notes`` says so.

    Raises:
        RunError: if it is no run, or not finished.
        DecodeError, AlignmentError: if its mask videos can't be read or matched.
    """
    folder = unpack_bundle(Path(path)) if is_file(Path(path)) else path
    run = locate_run(folder, runs_dir)
    record = run.record
    if record["status"] != "done":
        raise RunError(
            f"run {run.name} is not finished (status {record['status']!r}); sa.resume({run.name!r}) goes on"
        )
    check_holds(record, ("video", "request", "masks", "output"), run.name)
    notes = list(record.get("notes", ()))
    source = video if video is not None else recorded_video(run)
    if source is None:
        notes.append(f"{absence_of_video(run)}; open_run(…, video=…) takes it")
    files = [run.file(mask["file"]) for mask in record["masks"]]
    each = list(dict.fromkeys(files))  # one that is named twice is read once
    read = dict(zip(each, _read_tracks(each, limits), strict=True))
    try:
        return assemble(
            [read[file] for file in files],
            answer=parse_answer(record["output"]),
            video=Video(source, limits=limits) if isinstance(source, (str, Path)) else source,
            frame=record.get("sampled_frames"),
            n_sampled=record["request"].get("num_frames_to_sample"),
            put_in=record["request"].get("first_frames") or (),
            run={**record, "folder": str(run.path.resolve())},
            notes=notes,
        )
    except ValueError as error:
        raise RunError(f"the parts of run {run.name} don't fit together: {error}") from error


def _read_tracks(sources: Sequence[MaskLike], limits: Limits) -> list[MaskTrack]:
    """Read the objects' masks, several at once: decoders run side by side in threads."""
    with ThreadPoolExecutor(min(_MAX_DECODERS, os.cpu_count() or 1)) as pool:
        return list(pool.map(partial(read_mask_track, limits=limits), sources))
