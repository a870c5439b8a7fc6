"""Brings masks and their ground truth to the same frames, size and pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.timing import describe_frames
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation

Frames = Literal["all", "davis"]
Resize = Literal["reference"]
IntArray = NDArray[np.int64]

_ASPECT_TOLERANCE = 0.01  # more than rounding to whole pixels makes, from 100 px on


@dataclass(frozen=True)
class Lane:
    """One object's masks in the evaluated frames; ``stand_in`` for an object that is missing."""

    index: int
    phrase: str | None
    rles: tuple[RLEMask, ...]
    stand_in: bool = False

    @property
    def name(self) -> str:
        """The object in words, for a note."""
        return f"object {self.index}" + (f" ({self.phrase!r})" if self.phrase else "")


@dataclass(frozen=True)
class Inputs:
    """What is judged by what.

    Attributes:
        frame: (T,) source frames.
        size: (H, W) of every mask.
        masks, reference: a lane an object.
        notes: what was left out or changed, in words.
    """

    frame: IntArray
    size: tuple[int, int]
    masks: list[Lane]
    reference: list[Lane]
    notes: list[str]


def align_inputs(
    seg: Segmentation, reference: Segmentation, *, frames: Frames, resize: Resize | None
) -> Inputs:
    """Take the frames that both have, in the reference's size, without the reference's void pixels.

    Raises:
        AlignmentError: if no frame is common, or the sizes differ and ``resize`` is None.
        ValueError: if ``"davis"`` leaves no frame.
    """
    notes: list[str] = []
    frame, at, reference_at = _common_frames(seg, reference, frames, notes)
    size = _common_size(seg, reference, resize, notes)
    ours = [Lane(item.index, item.phrase, _fitted(item.masks, at, size)) for item in seg]
    theirs = [Lane(x.index, x.phrase, tuple(x.masks.rles[t] for t in reference_at)) for x in reference]
    if seg.void is not None:
        notes.append("the void pixels of seg count as background: only the reference's are left out")
    if reference.void is not None:
        void = [reference.void.rles[t] for t in reference_at]
        ours, theirs = (list(_without(lanes, void)) for lanes in (ours, theirs))
        area = np.array([rle.area() for rle in void])
        if area.any():
            share = 100 * area.sum() / (len(area) * size[0] * size[1])
            notes.append(
                f"void pixels left out of both sides in {np.count_nonzero(area)} of {len(area)} frames, "
                f"{share:.2g} % of all pixels"
            )
    return Inputs(frame, size, ours, theirs, notes)


def _common_frames(
    seg: Segmentation, reference: Segmentation, frames: Frames, notes: list[str]
) -> tuple[IntArray, IntArray, IntArray]:
    """Give the source frames to evaluate, and where both sides have them."""
    common, at, reference_at = np.intersect1d(
        seg.frame, reference.frame, assume_unique=True, return_indices=True
    )
    if not len(common):
        raise AlignmentError(
            f"the masks and the reference must share source frames, got {describe_frames(seg)} and "
            f"{describe_frames(reference)}; give the right frame numbers when loading them"
        )
    if len(common) < max(len(seg.frame), len(reference.frame)):
        notes.append(
            f"judged in the {len(common)} frames that both have, of {len(seg.frame)} with masks and "
            f"{len(reference.frame)} of the reference"
        )
    if frames == "davis":
        if len(common) < 3:
            raise ValueError(
                f"frames='davis' leaves out the first and the last frame, which leaves none of "
                f"{len(common)}; use frames='all'"
            )
        notes.append(f"the first and the last common frame, {common[0]} and {common[-1]}, are left out")
        common, at, reference_at = common[1:-1], at[1:-1], reference_at[1:-1]
    return common, at, reference_at


def _common_size(
    seg: Segmentation, reference: Segmentation, resize: Resize | None, notes: list[str]
) -> tuple[int, int]:
    """Give (H, W) of both, the reference's; a side without objects has the size of the other."""
    height, width = seg.shape[1:]
    if not reference.objects and reference.void is None:
        return height, width
    to_height, to_width = reference.shape[1:]
    if seg.objects and (height, width) != (to_height, to_width):
        if resize is None:
            raise AlignmentError(
                f"the masks must have the reference's size, {to_width}x{to_height}, got {width}x{height}; "
                "resize='reference' samples them at the nearest pixel"
            )
        notes.append(f"masks resized from {width}x{height} to {to_width}x{to_height}, at the nearest pixel")
        if abs(width * to_height / (height * to_width) - 1) > _ASPECT_TOLERANCE:
            notes.append("the masks' aspect ratio is not the reference's: they were stretched to fit")
    return to_height, to_width


def _fitted(masks: Masks, at: IntArray, size: tuple[int, int]) -> tuple[RLEMask, ...]:
    """Take the masks of some frames, in a size: each pixel is that of the old grid its centre lies in."""
    if masks.size == size:
        return tuple(masks.rles[t] for t in at)
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(size, masks.size, strict=True)
    )
    return tuple(RLEMask.from_array(masks[t][rows[:, None], columns]) for t in at)


def _without(lanes: Sequence[Lane], void: Sequence[RLEMask]) -> Iterator[Lane]:
    """Take the void pixels out of every mask."""
    for lane in lanes:
        rles = tuple(rle - out for rle, out in zip(lane.rles, void, strict=True))
        yield Lane(lane.index, lane.phrase, rles, lane.stand_in)
