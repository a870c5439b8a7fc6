"""Masks against ground truth, by the measures of DAVIS 2017."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.optimize import linear_sum_assignment

from sa2va_nb.analysis.boundary import boundary_f, boundary_iou
from sa2va_nb.errors import AlignmentError
from sa2va_nb.segmentation import Segmentation

Frames = Literal["all", "davis"]
Match = Literal["order", "hungarian", "union"]
Lane = tuple[RLEMask, ...]  # one object's masks in the evaluated frames

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
    for name, value, choices in (("frames", frames, Frames), ("match", match, Match)):
        if value not in get_args(choices):
            raise ValueError(f"{name} must be one of {', '.join(map(repr, get_args(choices)))}, got {value!r}")
    if match == "order" and len(seg) != len(reference):
        raise ValueError(
            f"match='order' needs as many objects as the reference's {len(reference)}, got {len(seg)}; "
            "use match='hungarian' to pair them by overlap, or match='union'"
        )
    common, at, reference_at = _common_frames(seg, reference, frames)
    size = _common_size(seg, reference)
    ours, theirs = _lanes(seg, at), _lanes(reference, reference_at)
    if match == "union":
        ours, theirs = [_union(ours, len(common), size)], [_union(theirs, len(common), size)]
    if match == "hungarian":
        empty = (RLEMask.zeros(size),) * len(common)
        ours += [empty] * (len(theirs) - len(ours))
        pairs = _assign(ours, theirs)
    else:
        pairs = [(i, i, _score(a, b)) for i, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    phrases = [None] if match == "union" else [item.phrase for item in seg]
    reference_phrases = [None] if match == "union" else [item.phrase for item in reference]
    phrases += [None] * (len(ours) - len(phrases))
    frame_rows, object_rows = [], []
    for i, j, scores in pairs:
        bands = np.array([boundary_iou(a, b) for a, b in zip(ours[i], theirs[j], strict=True)], np.float64)
        frame_rows.append(_frame_rows(i, common, scores, bands))
        about = {"object": i, "phrase": phrases[i], "reference": j, "reference_phrase": reference_phrases[j]}
        matched = match == "union" or i < len(seg)
        object_rows.append({**about, "matched": matched, **_figures(*scores, bands)})
    objects = pd.DataFrame(object_rows, columns=list(_OBJECT_DTYPES)).astype(_OBJECT_DTYPES)
    return Evaluation(
        frames=_concat(frame_rows),
        objects=objects,
        summary=objects[list(_FIGURES)].mean(),
        protocol={"frames": frames, "match": match},
    )
