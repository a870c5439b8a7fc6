"""Compares two segmentations of one video, without ground truth."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.agreement.comparison import Comparison, Lane, disagreement
from sa2va_nb.analysis.agreement.matching import Match, check_sizes, describe_size, match_along
from sa2va_nb.analysis.arguments import check_choice, check_segmentations
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.analysis.timing import align_positions, describe_alignment, describe_frames
from sa2va_nb.analysis.truth.boundary import boundary_f_each
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

Columns = Literal["basic", "all"]

_AGREE = 0.5  # of IoU, from where two masks show the same thing; DAVIS' recall
_PAIR = {
    "pair": "int64",
    "object_a": "Int64",
    "object_b": "Int64",
    "phrase_a": "object",
    "phrase_b": "object",
}
_MATCHES = _PAIR | {"by": "object", "iou_mean": "float64"}
_OBJECTS = _PAIR | {
    "frames": "int64",
    "iou_mean": "float64",
    "iou_min": "float64",
    "agree_frac": "float64",
    "only_a_frames": "int64",
    "only_b_frames": "int64",
}
_FRAMES = {
    "pair": "int64",
    "object": "Int64",
    "frame": "int64",
    "frame_b": "int64",
    "time_s": "float64",
    "iou": "float64",
    "area_a_px": "int64",
    "area_b_px": "int64",
    "differing_px": "int64",
}


def compare(
    a: Segmentation,
    b: Segmentation,
    *,
    match: Match = "phrase",
    columns: Columns = "basic",
    tolerance_s: float | None = None,
    resize: bool = False,
) -> Comparison:
    """Compare two segmentations of one video: where, when and in what they differ.

    It needs no ground truth, and so can't say which of the two is right; where both are wrong alike, they
    agree. Masks are compared in the frames that show the same moment
    (:func:`~sa2va_nb.analysis.timing.align_positions`); where those are not all, ``notes`` say so.

    Args:
        a: one segmentation; frames and times in the tables are its own.
        b: the other.
        match: how objects are paired. ``"phrase"``: by equal phrases, the rest by overlap, see
            ``match_objects``. ``"overlap"``: by overlap only, for phrases that just count, such as
            "moving object 1".
        columns: ``"basic"``, or ``"all"`` for the agreement of the contours as well
            (:func:`~sa2va_nb.analysis.truth.boundary.boundary_f_each`, 0 to 1), which takes most of the time.
        tolerance_s: how far apart two frames may be to be compared, in seconds; None for half of the coarser
            typical step of both. Unused where times aren't known, and equal frame numbers decide.
        resize: scale ``b``'s masks to ``a``'s size where they differ, to the nearest pixel.

    Returns:
        The comparison.

    Raises:
        TypeError: if either is no ``Segmentation``.
        ValueError: if ``match``, ``columns`` or ``tolerance_s`` is none of what it may be.
        AlignmentError: if no frame is common, or the sizes differ and ``resize`` is False.
    """
    check_segmentations(a=a, b=b)
    check_choice("match", match, Match)
    check_choice("columns", columns, Columns)
    notes = []
    if resize and a.objects and b.objects and a.shape[1:] != b.shape[1:]:
        notes.append(f"the second's masks were scaled from {describe_size(b)} to {describe_size(a)}")
        b = _resized(b, a.objects[0].masks.size)
    check_sizes(a, b)
    at = align_positions(a, b, tolerance_s=tolerance_s)
    if not (at >= 0).any():
        raise AlignmentError(
            f"both must have masks of the same moments to be compared, got {describe_frames(a)} and "
            f"{describe_frames(b)}; give the right frame numbers when loading them, or a larger tolerance_s"
        )
    pairs = _pair(a, b, at, match)
    objects = table_of([pair.row(columns) for pair in pairs], _with("F_mean", _OBJECTS, columns))
    lanes = tuple(pair.lane for pair in pairs)
    by = pd.Series([pair.by for pair in pairs], dtype="object")
    return Comparison(
        a=a,
        b=b,
        matches=objects.assign(by=by)[list(_MATCHES)],
        frames=_frame_table(pairs, a, b, at, columns),
        objects=objects,
        summary=_summary(objects, by, lanes, (a if a.objects else b).shape[1:], int((at >= 0).sum())),
        notes=(*notes, *describe_alignment(a, b, at), *(pair.note() for pair in pairs if pair.by == "none")),
        _lanes=lanes,
    )


@dataclass(frozen=True)
class _Pair:
    """Two objects, or one and None, with their masks and IoU, (N,), in the compared frames."""

    number: int
    a: SegmentedObject | None
    b: SegmentedObject | None
    by: str
    lane: Lane

    @cached_property
    def area_px(self) -> NDArray[np.int64]:
        """(2, N) of ``a``'s and ``b``'s masks."""
        return np.array([[rle.area() for rle in side] for side in (self.lane.a, self.lane.b)], np.int64)

    @cached_property
    def iou(self) -> NDArray[np.float64]:
        """(N,) intersection over union; NaN where both masks are empty."""
        values = np.array([one.iou(other) for one, other in self.masks()])
        return np.where(self.area_px.any(axis=0), values, np.nan)

    @cached_property
    def f(self) -> NDArray[np.float64]:
        """(N,) agreement of the contours; NaN where both masks are empty."""
        values = boundary_f_each(self.lane.a, self.lane.b)
        return np.where(self.area_px.any(axis=0), values, np.nan)

    def masks(self) -> Iterator[tuple[RLEMask, RLEMask]]:
        """Give both masks of each frame."""
        return zip(self.lane.a, self.lane.b, strict=True)

    def row(self, columns: Columns) -> dict[str, Any]:
        """Sum the pair up, over the frames where one of the masks isn't empty."""
        iou = pd.Series(self.iou)  # its means of nothing are NaN, without a warning
        area_a, area_b = self.area_px
        row = {
            "pair": self.number,
            "object_a": pd.NA if self.a is None else self.a.index,
            "object_b": pd.NA if self.b is None else self.b.index,
            "phrase_a": self.a and self.a.phrase,
            "phrase_b": self.b and self.b.phrase,
            "frames": iou.count(),
            "iou_mean": iou.mean(),
            "iou_min": iou.min(),
            "agree_frac": (iou.dropna() > _AGREE).mean(),
            "only_a_frames": np.count_nonzero((area_a > 0) & (area_b == 0)),
            "only_b_frames": np.count_nonzero((area_b > 0) & (area_a == 0)),
        }
        return row | ({"F_mean": pd.Series(self.f).mean()} if columns == "all" else {})

    def note(self) -> str:
        """Say that an object has no partner."""
        if self.a is not None:
            return f"only the first has {self.a.name!r}"
        return f"only the second has {self.b.name!r}" if self.b is not None else ""


def _resized(seg: Segmentation, size: tuple[int, int]) -> Segmentation:
    objects = [
        replace(item, masks=Masks([rle.resize(output_imshape=size) for rle in item.masks.rles], size))
        for item in seg
    ]
    return replace(seg, objects=tuple(objects), void=None)


def _pair(a: Segmentation, b: Segmentation, at: NDArray[np.int64], match: Match) -> list[_Pair]:
    """Pair the objects; those without a partner come with empty masks for it."""
    found: list[tuple[int | None, int | None, str]] = [*match_along(a, b, at, match)]
    lone_a = set(range(len(a))) - {i for i, _, _ in found}
    lone_b = set(range(len(b))) - {j for _, j, _ in found}
    found += [(i, None, "none") for i in lone_a]
    found.sort(key=lambda pair: pair[0] or 0)
    found += [(None, j, "none") for j in sorted(lone_b)]
    kept = np.flatnonzero(at >= 0)
    empty = (RLEMask.zeros((a if a.objects else b).shape[1:]),) * len(kept)
    pairs = []
    for number, (i, j, by) in enumerate(found):
        one, other = None if i is None else a.objects[i], None if j is None else b.objects[j]
        rles_a = empty if one is None else tuple(one.masks.rles[t] for t in kept)
        rles_b = empty if other is None else tuple(other.masks.rles[t] for t in at[kept])
        pairs.append(_Pair(number, one, other, by, Lane(rles_a, rles_b)))
    return pairs


def _with(contour: str, dtypes: dict[str, str], columns: Columns) -> dict[str, str]:
    """Add the column of the contours that ``"all"`` has."""
    return dtypes | ({contour: "float64"} if columns == "all" else {})


def _frame_table(
    pairs: list[_Pair], a: Segmentation, b: Segmentation, at: NDArray[np.int64], columns: Columns
) -> pd.DataFrame:
    """Build one row a pair and compared frame."""
    kept = np.flatnonzero(at >= 0)
    tables = [table_of([], _with("F", _FRAMES, columns))]
    for pair in pairs:
        values = {
            "pair": pair.number,
            "object": pd.NA if pair.a is None else pair.a.index,
            "frame": a.frame[kept],
            "frame_b": b.frame[at[kept]],
            "time_s": a.time_s[kept],
            "iou": pair.iou,
            "area_a_px": pair.area_px[0],
            "area_b_px": pair.area_px[1],
            "differing_px": [rle.area() for rle in pair.lane.differences()],
        }
        values |= {"F": pair.f} if columns == "all" else {}
        tables.append(pd.DataFrame(values, index=range(len(kept))).astype(tables[0].dtypes.to_dict()))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _summary(
    objects: pd.DataFrame, by: "pd.Series[Any]", lanes: tuple[Lane, ...], size: tuple[int, ...], n_frames: int
) -> "pd.Series[float]":
    """Sum up over the pairs."""
    height, width = size
    matched = int((by != "none").sum())
    differing = disagreement(lanes, (height, width))
    values = {
        "objects_matched": matched,
        "objects_only_a": objects["object_b"].isna().sum(),
        "objects_only_b": objects["object_a"].isna().sum(),
        "frames": n_frames,
        "iou_mean": objects["iou_mean"].mean(),
        "agree_frac": objects["agree_frac"].mean(),
        "differing_frac": differing.mean() if differing.size else np.nan,
    }
    return pd.Series(values, dtype="float64")
