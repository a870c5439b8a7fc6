"""Which frames Sa2VA's language part saw."""

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.segmentation import Segmentation

LANGUAGE_FRAMES = 5  # predict_forward of bytedance/Sa2VA passes so many images to the language model

_MAX_FRAMES = 2**31  # a damaged record must not ask for the memory


def seen_frames(seg: Segmentation) -> NDArray[np.int64]:
    """Give the source frames that Sa2VA's language part saw, as far as is known.

    Only the first five frames that Sa2VA is given reach its language model; the words are matched with what is
    seen there. In all others the masks are propagated, forward in time, by SAM 2. What a hosted service does
    with a clip before the model is unverified. It is assumed that the model was given each mask frame; where
    there are other than the ``num_frames_to_sample`` that were asked for, that it was given so many, evenly
    spread from the clip's first to its last.

    Args:
        seg: a segmentation by Sa2VA. Masks without a run are taken for one, with all its frames.

    Returns:
        (N,) at most five source frames, increasing; none for a run of another model, which the record's ``app`` tells.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
    """
    check_segmentations(seg=seg)
    if seg.run and not _is_sa2va(seg):
        return np.empty(0, np.int64)
    asked = seg.run.get("request", {})
    put_in = np.array(asked.get("first_frames") or [], np.int64)
    frame, n_sampled = seg.frame, asked.get("num_frames_to_sample")
    if n_sampled is not None and n_sampled != len(frame):
        n_source = _n_source(seg)
        count = min(n_sampled, n_source)
        first = np.arange(min(count, LANGUAGE_FRAMES))
        frame = np.round(first * ((n_source - 1) / max(count - 1, 1))).astype(np.int64)
    elif len(put_in):
        frame = np.arange(min(_n_source(seg), LANGUAGE_FRAMES))  # behind what was put in, the whole clip
    return np.unique(np.concatenate([put_in, frame])[:LANGUAGE_FRAMES])


def late_notes(seg: Segmentation) -> list[str]:
    """Say which objects of a run by Sa2VA first appear after the frames that its language part saw."""
    seen = seen_frames(seg)
    if not seg.run or not len(seen):
        return []
    notes = []
    for item in seg:
        visible = seg.frame[item.masks.area_px > 0]
        if len(visible) and visible[0] > seen[-1]:
            notes.append(
                f"{item.name!r} first appears in frame {visible[0]}, but Sa2VA's language part is assumed to see "
                f"no frame after {seen[-1]} (the first {len(seen)} that the model is given): the words were not "
                "matched with this picture. Check it, or ask again with first_frames="
                f"[{visible[len(visible) // 2]}] or fewer sampled frames"
            )
    return notes


def _is_sa2va(seg: Segmentation) -> bool:
    return "sa2va" in str(seg.run.get("app", "")).casefold()


def _n_source(seg: Segmentation) -> int:
    """Give the number of source frames, or the least that there must be."""
    if seg.video is not None:
        return len(seg.video)
    recorded = seg.run.get("video", {}).get("frames")
    held = int(seg.frame[-1]) + 1 if len(seg.frame) else 0
    return recorded if isinstance(recorded, int) and held <= recorded < _MAX_FRAMES else held
