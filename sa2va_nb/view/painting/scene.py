"""What a scrubber shows: one segmentation, alone or beside another one of the same frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.agreement.comparison import Comparison
from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.timing import align_positions, step_s
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.painting.colors import hex_color
from sa2va_nb.view.painting.frames import Image, Size, display_size, image_at, sampled, source_size

Kind = Literal["none", "reference", "compare"]

UNTIMED_FPS = 10  # plays masks whose times nobody knows
_SAME_TIME_S = 0.002  # containers round time stamps to milliseconds


@dataclass(frozen=True, eq=False)
class Scene:
    """A segmentation A with K objects at T positions, and maybe a B with L objects beside it.

    A *position* counts A's mask frames, 0..T-1. Objects are counted A's first: 0..K-1, then B's K..K+L-1.

    Attributes:
        seg: A, whose frames are the clock.
        size: (h, w) of the view.
        other: B, or None.
        kind: what B is to A.
        other_at: (T,) the position of B that is shown at each of A's, or -1; all -1 without B.
        judged_at: (T,) the same, but -1 where that position of B belongs to a nearer one of A's.
        partner: for each of B's objects the index of A's object it is paired with, or None.
        notes: what a viewer should know about A, and about how B is shown.
    """

    seg: Segmentation
    size: Size
    other: Segmentation | None
    kind: Kind
    other_at: NDArray[np.int64]
    judged_at: NDArray[np.int64]
    partner: tuple[int | None, ...]
    notes: tuple[str, ...]

    @property
    def length(self) -> int:
        """T, the number of positions."""
        return len(self.seg.frame)

    @property
    def count(self) -> int:
        """K + L, the number of objects."""
        return len(self.seg) + len(self.partner)

    @cached_property
    def timed(self) -> bool:
        """Whether the times are known; else they are made up, to play by."""
        return bool(np.isfinite(self.seg.time_s).all())

    @cached_property
    def time_s(self) -> NDArray[np.float64]:
        """(T,) the seconds that the view and its ``time_s`` go by, to a tenth of a millisecond."""
        time_s = self.seg.time_s if self.timed else np.arange(self.length) / UNTIMED_FPS
        rounded: NDArray[np.float64] = time_s.round(4)
        return rounded

    @property
    def step_s(self) -> float:
        """The median seconds from one position to the next; one second where there is just one."""
        steps = np.diff(self.time_s)
        return round(float(np.median(steps)), 4) if steps.size else 1.0

    @property
    def trail(self) -> int:
        """How many positions back a trail goes: about a second."""
        return max(1, round(1 / self.step_s)) if self.step_s > 0 else 1

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(T,) where B has masks."""
        return self.other_at >= 0

    @cached_property
    def color_index(self) -> tuple[int, ...]:
        """Which colour of the palette each object has by default: B's that of its partner, or the next."""
        k = len(self.seg)
        alone = [at for at, mate in enumerate(self.partner) if mate is None]
        own = {at: k + place for place, at in enumerate(alone)}
        return (
            *range(k),
            *(own[at] if mate is None else mate for at, mate in enumerate(self.partner)),
        )

    def colors(self, own: Sequence[str]) -> list[str]:
        """Give the colour of every object, as ``own`` has it for A's."""
        return [own[i] if i < len(self.seg) else hex_color(i) for i in self.color_index]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """A's and B's indices, within each, of the objects that are paired."""
        return [(mate, at) for at, mate in enumerate(self.partner) if mate is not None]

    def image(self, position: int) -> Image | None:
        """Read the image at a position: (h, w, 3) uint8, or None without video."""
        return image_at(self.seg, position, self.size)

    def rles(self, position: int) -> list[RLEMask]:
        """Give the K + L masks at a position, at the view's size; B's are empty where it has none."""
        own = [sampled(item.masks.rles[position], self.size) for item in self.seg]
        at = int(self.other_at[position])
        if self.other is None or at < 0:
            return own + [RLEMask.zeros(self.size)] * len(self.partner)
        return own + [sampled(item.masks.rles[at], self.size) for item in self.other]


def parent_of(item: SegmentedObject) -> int | None:
    """Give the object that an ``Instance`` is part of, or None for what is none."""
    parent: int | None = getattr(item, "object", None)  # importing the class takes 0.3 s
    return parent


def make_scene(
    seg: Segmentation,
    *,
    reference: Segmentation | None = None,
    compare: Segmentation | Comparison | None = None,
    width: int = 640,
) -> Scene:
    """Put what is shown together, at most ``width`` pixels wide.

    B's positions are A's by time where every time is known (see ``align_positions``), else by frame number. A
    reference must be within half of A's typical step; of another segmentation the nearest masks are shown,
    if they are within half of the coarser step of both. Objects are paired as in ``match_objects``, or as in the
    comparison that is given.

    Raises:
        ValueError: if there is no frame, both a reference and a comparison, one of another segmentation, or
            ``width`` is no positive integer.
        TypeError: if either is no segmentation.
    """
    paired = compare if isinstance(compare, Comparison) else None
    compare = compare.b if isinstance(compare, Comparison) else compare
    _check(seg, reference, compare, paired)
    other = compare if reference is None else reference
    size = display_size(seg if other is None or all(source_size(seg)) else other, width)
    if other is None:
        nowhere = np.full(len(seg.frame), -1, np.int64)
        return Scene(seg, size, None, "none", nowhere, nowhere, (), seg.notes)
    kind: Kind = "reference" if compare is None else "compare"
    tolerance_s = max(_SAME_TIME_S, step_s(seg) / 2) if kind == "reference" else None
    judged_at = align_positions(seg, other, tolerance_s=tolerance_s)
    other_at = judged_at if kind == "reference" else align_positions(seg, other, unique=False)
    mates = {b: a for a, b in _pairs(seg, other, paired)}
    partner = tuple(mates.get(b) for b in range(len(other)))
    notes = (*seg.notes, *_notes_on(seg, other, kind, other_at))
    return Scene(seg, size, other, kind, other_at, judged_at, partner, notes)


def _pairs(seg: Segmentation, other: Segmentation, paired: Comparison | None) -> list[tuple[int, int]]:
    if paired is not None:
        matched = paired.matches[["object_a", "object_b"]].dropna()
        return [(int(a), int(b)) for a, b in matched.itertuples(index=False)]
    from sa2va_nb.analysis.agreement.matching import match_objects  # takes 0.3 s to import

    return match_objects(seg, resized(other, seg))


def _check(
    seg: Segmentation,
    reference: Segmentation | None,
    compare: Segmentation | None,
    paired: Comparison | None,
) -> None:
    if reference is not None and compare is not None:
        raise ValueError(
            "give either reference= or compare=, not both; show the other in a scrubber beside it"
        )
    others = {"reference": reference, "compare": compare}
    check_segmentations(seg=seg, **{name: b for name, b in others.items() if b is not None})
    if paired is not None and paired.a is not seg:
        raise ValueError(
            "compare= compares another segmentation; give scrub(comparison.a, compare=comparison)"
        )
    if not len(seg.frame):
        raise ValueError("a scrubber needs at least one frame, but this segmentation has none")


def resized(other: Segmentation, seg: Segmentation) -> Segmentation:
    """Give ``other`` with masks of ``seg``'s size, sampled at the nearest pixel; itself where they agree."""
    size = seg.shape[1:]
    if not (len(other) and len(seg)) or other.shape[1:] == size:
        return other
    objects = tuple(
        SegmentedObject(item.index, item.phrase, Masks([sampled(rle, size) for rle in item.masks.rles], size))
        for item in other
    )
    return Segmentation(objects, other.frame, other.time_s)


def _notes_on(seg: Segmentation, other: Segmentation, kind: Kind, other_at: NDArray[np.int64]) -> list[str]:
    name = "The reference" if kind == "reference" else "The other segmentation"
    notes = []
    covered = other_at >= 0
    if not covered.all():
        notes.append(f"{name} has masks for {covered.sum()} of these {len(other_at)} frames")
    apart_s = np.abs(seg.time_s[covered] - other.time_s[other_at[covered]])  # NaN where they are not known
    if (apart_s > _SAME_TIME_S).any():
        notes.append(f"{name} has other frames: the nearest are shown, up to {apart_s.max():.3g} s off")
    if len(other) and len(seg) and other.shape[1:] != seg.shape[1:]:
        (h, w), (full_h, full_w) = other.shape[1:], seg.shape[1:]
        notes.append(
            f"{name} is {w}x{h}, these masks are {full_w}x{full_h}; its nearest pixels are shown and counted, "
            "so edges are off by a pixel or so"
        )
    if other.void is not None:
        notes.append(
            f"{name} leaves some pixels unjudged; numbers leave them out, the picture shows them as they are"
        )
    return notes
