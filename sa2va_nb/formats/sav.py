"""SA-V's json of one video: its masklets, annotated in every few frames."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.collect import Collection
from sa2va_nb.formats.format import Format, clip_name
from sa2va_nb.formats.json_file import whole, write_json
from sa2va_nb.formats.numbering import spell_frames
from sa2va_nb.formats.rle import decode_mask
from sa2va_nb.masks import coco_rle
from sa2va_nb.segmentation import Segmentation

_EVERY = 4  # 6 annotations a second of 24 frames (Ravi et al., arXiv:2408.00714)
_CLOSE_S = 0.001  # times that differ by less from an even rate are told by it


def write_sav(seg: Segmentation, path: Path) -> list[str]:
    """Write the masklets of one video; times are told by its duration, where its rate is even.

    Raises:
        ValueError: if the frames aren't every k-th from the first on, which SA-V has no way to say.
    """
    height, width = seg.shape[1:]
    n_source = _source_frames(seg)
    step = _uniform_s(seg)
    data = {
        "video_id": clip_name(seg),
        "video_frame_count": float(n_source),
        "video_height": float(height),
        "video_width": float(width),
        "video_resolution": float(height * width),
        "masklet": [[coco_rle(item.masks.rles[t]) for item in seg] for t in range(len(seg.frame))],
        "masklet_id": [item.index for item in seg],
        "masklet_num": len(seg),
        "masklet_frame_count": [len(seg.frame)] * len(seg),
        "masklet_size_abs": [float(item.masks.area_px.mean()) for item in seg],
        "masklet_type": ["auto"] * len(seg),
    }
    if step is not None:
        data["video_duration"] = n_source * step
    write_json(path, data)
    return (
        ["the frames' times, which aren't even from 0 on"]
        if step is None and np.isfinite(seg.time_s).any()
        else []
    )


def _source_frames(seg: Segmentation) -> int:
    """Give a number of source frames from which ``read_sav`` infers those of ``seg``."""
    n, step = len(seg.frame), int(seg.frame[1]) if len(seg.frame) > 1 else 1
    told = () if seg.video is None else (len(seg.video),)
    if np.array_equal(seg.frame, np.arange(n) * step):
        first = max((n - 1) * step + 1, (step - 1) * n if step > _EVERY else 0)  # fewer are another step's
        for n_source in (*told, *range(first, n * step + 1)):
            if -(-n_source // step) == n and _fits(n, n_source, step):
                return int(n_source)
    raise ValueError(
        f"SA-V holds every k-th frame from the first on, got {spell_frames(seg.frame)}; write ytvis or npz"
    )


def _fits(n: int, n_source: int, step: int) -> bool:
    try:
        return _step(n, n_source, "it") == step
    except AlignmentError:
        return False


def _uniform_s(seg: Segmentation) -> float | None:
    """Give the seconds from a source frame to the next; None where they aren't known or aren't even."""
    if not np.isfinite(seg.time_s).all():
        return None
    if len(seg.frame) > 1:
        each = float(seg.time_s[-1] - seg.time_s[0]) / float(seg.frame[-1] - seg.frame[0])
    else:
        each = 0.0 if seg.video is None else 1 / seg.video.fps
    even = bool(np.abs(seg.time_s - seg.frame * each).max() < _CLOSE_S)
    return each if even and each > 0 else None


def read_sav(data: Mapping[str, Any], *, file: str, check: Check = trusting) -> Segmentation:
    """Read the ``…_manual.json`` or ``…_auto.json`` of a video of SA-V.

    ``masklet[t][k]`` is object k in the t-th annotated frame. Which source frames those are follows from
    ``video_frame_count``: 121 of 483 frames are every 4th.

    Args:
        data: what the file holds.
        file: its name, for messages.
        check: refuses what is beyond the limits.

    Returns:
        The segmentation: an object a masklet, without phrases. ``time_s`` follows from ``video_duration``.

    Raises:
        DecodeError: if the json has another form, or a mask is damaged.
        AlignmentError: if no step fits the number of annotated frames.
    """
    masklets = data.get("masklet")
    if not isinstance(masklets, list) or not all(isinstance(row, list) for row in masklets):
        raise DecodeError(f"'masklet' in {file} must be a list of frames, each a list of masks")
    ids = data.get("masklet_id", list(range(len(masklets[0]))) if masklets else [])
    if not isinstance(ids, list) or any(len(row) != len(ids) for row in masklets):
        raise DecodeError(f"every frame of 'masklet' in {file} must have a mask for each masklet_id")
    if any(type(each) is not int for each in ids) or len(set(ids)) != len(ids):
        raise DecodeError(f"'masklet_id' in {file} must be different whole numbers, got {ids!r:.60}")
    check("max_frames", len(masklets), file)
    size = (whole(data, "video_height", file, least=1), whole(data, "video_width", file, least=1))
    check("max_pixels", size[0] * size[1], file)
    n_source = whole(data, "video_frame_count", file)
    frame = np.arange(len(masklets)) * _step(len(masklets), n_source, file)
    collection, tally = Collection(size, file), Tally(check, file)
    for k in range(len(ids)):
        collection.open(k, None)
        for place, row in enumerate(masklets):
            collection.add(k, place, decode_mask(row[k], size, f"masklet {ids[k]} in {file}", tally))
    fps = _fps(data, n_source)
    step = int(frame[1] - frame[0]) if len(frame) > 1 else 1
    rate = f" of {n_source}" if math.isnan(fps) else f": annotated at {fps / step:.4g} of {fps:.4g} fps"
    notes = [spell_frames(frame) + rate]
    if ids != list(range(len(ids))):
        notes.append(f"objects 0 to {len(ids) - 1} are the masklets {', '.join(map(str, ids))}")
    return collection.to_segmentation(frame, notes, frame / fps)


def _step(n_annotated: int, n_source: int, file: str) -> int:
    """Infer that every step-th frame is annotated, the first included."""
    fitting = [k for k in (1, _EVERY) if -(-n_source // k) == n_annotated]
    if not fitting and n_annotated:
        near = n_source // n_annotated
        fitting = [k for k in (near, near + 1) if k > 0 and -(-n_source // k) == n_annotated]
    if len(fitting) != 1 and n_annotated > 1:
        raise AlignmentError(
            f"{n_annotated} annotated of {n_source} frames in {file} are not every k-th for one k; the file "
            "is damaged or of another kind"
        )
    return fitting[0] if fitting else 1


def _fps(data: Mapping[str, Any], n_source: int) -> float:
    """Compute frames a second; NaN where the duration isn't told."""
    duration = data.get("video_duration")
    if not isinstance(duration, (int, float)) or not 0 < duration < math.inf or not n_source:
        return math.nan
    return n_source / duration


FORMAT = Format(
    name="sav",
    title="SA-V json",
    recognises=lambda opened: "masklet" in opened.keys,
    read=lambda opened: (read_sav(opened.json, file=opened.name, check=opened.check), False),
    write=write_sav,
    keeps=frozenset({"overlaps", "absent", "frame", "time_s"}),
)
