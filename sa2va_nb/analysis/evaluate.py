"""Masks against ground truth, by the measures of DAVIS 2017."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.optimize import linear_sum_assignment

from sa2va_nb.analysis.boundary import boundary_f, boundary_iou
from sa2va_nb.errors import AlignmentError
from sa2va_nb.segmentation import Segmentation, SegmentedObject

Frames = Literal["all", "davis"]
Match = Literal["order", "hungarian", "union"]
FloatArray = NDArray[np.float64]

_FRAME_DTYPES = {
    "object": "int64",
    "frame": "int64",
    "J": "float64",
    "F": "float64",
    "JF": "float64",
    "boundary_iou": "float64",
}
_FIGURES = (
    *("J_mean", "J_recall", "J_decay", "F_mean", "F_recall", "F_decay"),
    *("JF_mean", "boundary_iou_mean"),
)
_OBJECT_DTYPES = {
    "object": "int64",
    "phrase": "object",
    "reference": "int64",
    "reference_phrase": "object",
    "matched": "bool",
} | dict.fromkeys(_FIGURES, "float64")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well masks agree with ground truth.

    Attributes:
        frames: ``object, frame, J, F, JF, boundary_iou``: one row a pair of objects and evaluated frame.
        objects: ``object, phrase, reference, reference_phrase, matched, J_mean, J_recall, J_decay, F_mean,
            F_recall, F_decay, JF_mean, boundary_iou_mean``: one row a pair.
        summary: the mean of each figure over the objects, a Series.
        protocol: which ``frames`` and ``match`` it was made with.
    """

    frames: pd.DataFrame
    objects: pd.DataFrame
    summary: "pd.Series[float]"
    protocol: dict[str, str]


def evaluate(
    seg: Segmentation, reference: Segmentation, *, frames: Frames = "all", match: Match = "order"
) -> Evaluation:
    """Compare masks with ground truth, in the source frames that both have.

    - J: intersection over union, 1 where both masks are empty.
    - F: :func:`~sa2va_nb.analysis.boundary.boundary_f`; JF: the mean of J and F.
    - boundary_iou: :func:`~sa2va_nb.analysis.boundary.boundary_iou`.
    - ``…_mean`` over frames; ``…_recall``: share of frames above 0.5; ``…_decay``: mean of the first
      quarter of the frames minus that of the last. ``JF_mean`` is the mean of ``J_mean`` and ``F_mean``.

    These are the definitions of the official ``davis2017-evaluation`` (Perazzi et al., CVPR 2016;
    Pont-Tuset et al., arXiv:1704.00675), except that its decay wraps frame indices at 256, and is wrong
    for longer clips.

    Args:
        seg: the masks to judge.
        reference: ground truth, as from ``load_reference``; it may have fewer frames.
        frames: ``"all"`` common frames (MeViS, Ref-DAVIS), or ``"davis"``: all but the first and the last
            of them (DAVIS semi-supervised, SA-V).
        match: how objects are paired. ``"order"``: by index. ``"union"``: all masks together against all
            of the reference, one pair called object 0. ``"hungarian"``: the assignment with the highest
            sum of mean JF, as in DAVIS unsupervised: objects too many are left out at no cost; where
            there are too few, empty ones, numbered from ``len(seg)`` on, stand in (``matched`` is False).

    Returns:
        The figures for each frame, object, and over all.

    Raises:
        ValueError: if ``frames`` or ``match`` is unknown, the object counts differ with ``match="order"``,
            or ``"davis"`` leaves no frame.
        AlignmentError: if no frame is common, or the sizes differ.
    """
    for name, given in (("seg", seg), ("reference", reference)):
        if not isinstance(given, Segmentation):
            raise TypeError(
                f"{name} must be a Segmentation, got {type(given).__name__}; load_reference(path) reads ground "
                "truth, load_masks and open_run read masks"
            )
    for name, value, choices in (("frames", frames, Frames), ("match", match, Match)):
        if value not in get_args(choices):
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, get_args(choices)))}, got {value!r}"
            )
    if match == "order" and len(seg) != len(reference):
        raise ValueError(
            f"match='order' needs as many objects as the reference's {len(reference)}, got {len(seg)}; "
            "use match='hungarian' to pair them by overlap, or match='union'"
        )
    common, at, reference_at = _common_frames(seg, reference, frames)
    size = _common_size(seg, reference)
    ours = [_Lane.of(item, at) for item in seg]
    theirs = [_Lane.of(item, reference_at) for item in reference]
    if match == "union":
        ours, theirs = [_union(ours, len(common), size)], [_union(theirs, len(common), size)]
    if match == "hungarian":
        pairs = _assign(ours + _stand_ins(len(ours), len(theirs), len(common), size), theirs)
    else:
        pairs = [_Pair.of(a, b) for a, b in zip(ours, theirs, strict=True)]
    # As objects first: a guess of the types would turn a phrase of None into NaN.
    rows = pd.DataFrame([pair.row() for pair in pairs], columns=list(_OBJECT_DTYPES), dtype="object")
    objects = rows.astype(_OBJECT_DTYPES)
    return Evaluation(
        frames=_frame_table(pairs, common),
        objects=objects,
        summary=objects[list(_FIGURES)].mean(),
        protocol={"frames": frames, "match": match},
    )


@dataclass(frozen=True)
class _Lane:
    """One object's masks in the evaluated frames; ``stand_in`` for an object that is missing."""

    index: int
    phrase: str | None
    rles: tuple[RLEMask, ...]
    stand_in: bool = False

    @classmethod
    def of(cls, item: SegmentedObject, at: NDArray[np.int64]) -> "_Lane":
        return cls(item.index, item.phrase, tuple(item.masks.rles[t] for t in at))


@dataclass(frozen=True)
class _Pair:
    """An object, the reference object it is judged by, and their J and F in each frame, (T,)."""

    ours: _Lane
    theirs: _Lane
    j: FloatArray
    f: FloatArray

    @classmethod
    def of(cls, ours: _Lane, theirs: _Lane) -> "_Pair":
        masks = list(zip(ours.rles, theirs.rles, strict=True))
        return cls(
            ours,
            theirs,
            np.array([_iou(a, b) for a, b in masks]),
            np.array([boundary_f(a, b) for a, b in masks]),
        )

    @cached_property
    def boundary_iou(self) -> FloatArray:
        return np.array([boundary_iou(a, b) for a, b in zip(self.ours.rles, self.theirs.rles, strict=True)])

    @property
    def jf_mean(self) -> float:
        return float(self.j.mean() + self.f.mean()) / 2

    def row(self) -> dict[str, object]:
        return {
            "object": self.ours.index,
            "phrase": self.ours.phrase,
            "reference": self.theirs.index,
            "reference_phrase": self.theirs.phrase,
            "matched": not self.ours.stand_in,
            **_statistics("J", self.j),
            **_statistics("F", self.f),
            "JF_mean": self.jf_mean,
            "boundary_iou_mean": self.boundary_iou.mean(),
        }


def _common_frames(
    seg: Segmentation, reference: Segmentation, frames: Frames
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give the source frames to evaluate, and where both sides have them."""
    common, at, reference_at = np.intersect1d(
        seg.frame, reference.frame, assume_unique=True, return_indices=True
    )
    if not len(common):
        raise AlignmentError(
            f"the masks and the reference must share source frames, got {_span(seg)} and {_span(reference)}; "
            "give the right frame numbers when loading them"
        )
    if frames == "davis":
        if len(common) < 3:
            raise ValueError(
                f"frames='davis' leaves out the first and the last frame, which leaves none of "
                f"{len(common)}; use frames='all'"
            )
        common, at, reference_at = common[1:-1], at[1:-1], reference_at[1:-1]
    return common, at, reference_at


def _span(seg: Segmentation) -> str:
    """Describe which source frames there are."""
    return f"frames {seg.frame[0]} to {seg.frame[-1]}" if len(seg.frame) else "no frames"


def _common_size(seg: Segmentation, reference: Segmentation) -> tuple[int, int]:
    """Give (H, W) of both; a side without objects has the size of the other."""
    if seg.objects and reference.objects and seg.shape[1:] != reference.shape[1:]:
        (height, width), (reference_height, reference_width) = seg.shape[1:], reference.shape[1:]
        raise AlignmentError(
            f"the masks must have the reference's size, {reference_width}x{reference_height}, got "
            f"{width}x{height}; resize one of them explicitly"
        )
    _, height, width = seg.shape if seg.objects else reference.shape
    return height, width


def _union(lanes: Sequence[_Lane], n_frames: int, size: tuple[int, int]) -> _Lane:
    """Merge the objects into one, called object 0."""
    empty = RLEMask.zeros(size)
    return _Lane(0, None, tuple(RLEMask.union([empty, *(x.rles[t] for x in lanes)]) for t in range(n_frames)))


def _stand_ins(n_ours: int, n_theirs: int, n_frames: int, size: tuple[int, int]) -> list[_Lane]:
    """Make an empty object for each that is missing."""
    empty = (RLEMask.zeros(size),) * n_frames
    return [_Lane(index, None, empty, stand_in=True) for index in range(n_ours, n_theirs)]


def _assign(ours: Sequence[_Lane], theirs: Sequence[_Lane]) -> list[_Pair]:
    """Pair each reference object with one of ours so that the sum of mean JF is the highest."""
    if not theirs:
        return []
    every = [[_Pair.of(a, b) for b in theirs] for a in ours]
    gain = np.array([[pair.jf_mean for pair in row] for row in every])
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [every[i][j] for i, j in zip(rows, columns, strict=True)]


def _iou(a: RLEMask, b: RLEMask) -> float:
    """Compute J; 1 where both are empty."""
    shared = (a & b).area()
    union = a.area() + b.area() - shared
    return shared / union if union else 1.0


def _statistics(name: str, values: FloatArray) -> dict[str, float]:
    """Compute DAVIS' mean, recall and decay of (T,) values."""
    # The official edges of the quarters; both neighbours hold the frame on an edge. Its cast of them to
    # uint8, which wraps above 256 frames, is left out.
    edges = (np.round(np.linspace(1, len(values), 5) + 1e-10) - 1).astype(np.int64)
    decay = values[: edges[1] + 1].mean() - values[edges[3] :].mean()
    recall = np.mean(values > 0.5)
    return {
        f"{name}_mean": float(values.mean()),
        f"{name}_recall": float(recall),
        f"{name}_decay": float(decay),
    }


def _frame_table(pairs: Sequence[_Pair], frame: NDArray[np.int64]) -> pd.DataFrame:
    """Build one row a pair and frame."""
    tables = [
        pd.DataFrame(
            {
                "object": pair.ours.index,
                "frame": frame,
                "J": pair.j,
                "F": pair.f,
                "JF": (pair.j + pair.f) / 2,
                "boundary_iou": pair.boundary_iou,
            }
        )
        for pair in pairs
    ]
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _FRAME_DTYPES.items()})
    return pd.concat(tables, ignore_index=True)
