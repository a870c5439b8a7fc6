"""Masks against ground truth, by the measures of DAVIS 2017."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from rlemasklib import RLEMask
from scipy.optimize import linear_sum_assignment

from sa2va_nb.analysis.arguments import check_choice, check_segmentations
from sa2va_nb.analysis.truth.boundary import boundary_f_each
from sa2va_nb.analysis.truth.inputs import (
    Frames,
    Inputs,
    Lane,
    Resize,
    align_inputs,
)
from sa2va_nb.analysis.truth.pair_scores import PairScores
from sa2va_nb.analysis.truth.table import Pair, frame_table, object_table, summarize
from sa2va_nb.segmentation import Segmentation

Match = Literal["order", "hungarian", "union"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well masks agree with ground truth.

    Attributes:
        frames: ``object, frame, J, F, JF, boundary_iou, precision, recall, visible, reference_visible``: one
            row a pair of objects and evaluated frame.
        objects: ``object, phrase, reference, reference_phrase, matched, J_mean, J_recall, J_decay, F_mean,
            F_recall, F_decay, JF_mean, boundary_iou_mean, precision_mean, recall_mean, tp_frames, fp_frames,
            fn_frames, tn_frames``: one row a pair.
        summary: the mean of each figure over the pairs, then ``N_acc`` and ``T_acc``, a Series.
        protocol: which ``frames``, ``match`` and ``resize`` it was made with.
        notes: what was left out, stood in for or changed, in words.
    """

    frames: pd.DataFrame
    objects: pd.DataFrame
    summary: "pd.Series[float]"
    protocol: dict[str, str]
    notes: tuple[str, ...] = ()


def evaluate(
    seg: Segmentation,
    reference: Segmentation,
    *,
    frames: Frames = "all",
    match: Match = "order",
    resize: Resize | None = None,
) -> Evaluation:
    """Compare masks with ground truth, in the source frames that both have.

    With M a mask and G the reference's, every measure from 0 (worst) to 1 unless said otherwise:

    - J: ``|M ∩ G| / |M ∪ G|``, 1 where both are empty. It lies where objects are small or thin: a contour off
      by a pixel costs a thin object most of it, a large one nothing.
    - F: the agreement of the contours, :func:`~sa2va_nb.analysis.truth.boundary.boundary_f`; JF: the mean of
      J and F.
    - boundary_iou: :func:`~sa2va_nb.analysis.truth.boundary.boundary_iou`.
    - precision: ``|M ∩ G| / |M|``, NaN where M is empty; recall: ``|M ∩ G| / |G|``, NaN where G is empty.
      Each lies alone: a mask of everything has recall 1, one sure pixel precision 1.
    - ``…_mean`` over frames, of precision and recall over those where they are defined (missed frames don't
      lower precision, ghosts don't lower recall: see the counts).
    - ``…_recall``: share of frames above 0.5. ``…_decay``: mean of the first quarter of the frames minus that
      of the last, -1 to 1, 0 best; it lies where the clip gets easier or harder by itself. ``JF_mean`` is the
      mean of ``J_mean`` and ``F_mean``.
    - ``tp_frames``, ``fp_frames`` (ghosts), ``fn_frames`` (missed), ``tn_frames``:
      :func:`~sa2va_nb.analysis.truth.presence.count_presence`. An object that is absent most of the time gets J = F = 1
      for every empty frame: read J beside them.
    - ``N_acc``, ``T_acc``: :func:`~sa2va_nb.analysis.truth.presence.target_accuracy`.

    J, F, their statistics and void are those of the official ``davis2017-evaluation`` (Perazzi et al., CVPR
    2016; Pont-Tuset et al., arXiv:1704.00675), except that its decay wraps frame indices at 256, and is wrong
    for longer clips. Pixels that are void in the reference are background on both sides.

    Args:
        seg: the masks to judge.
        reference: ground truth, as from ``load_reference``; it may have fewer frames.
        frames: ``"all"`` common frames (MeViS, Ref-DAVIS), or ``"davis"``: all but the first and the last
            of them (DAVIS semi-supervised, SA-V).
        match: how objects are paired. ``"order"``: by index. ``"union"``: all masks together against all
            of the reference, one pair called object 0. ``"hungarian"``: the assignment with the highest
            sum of mean JF, as in DAVIS unsupervised: objects too many are left out at no cost; where
            there are too few, empty ones, numbered from ``len(seg)`` on, stand in (``matched`` is False).
        resize: ``"reference"`` samples masks of another size at the nearest pixel of the reference's.

    Returns:
        The figures for each frame, object, and over all.

    Raises:
        TypeError: if either is no ``Segmentation``.
        ValueError: if ``frames``, ``match`` or ``resize`` is unknown, the object counts differ with
            ``match="order"``, or ``"davis"`` leaves no frame.
        AlignmentError: if no frame is common, or the sizes differ and ``resize`` is None.
    """
    check_segmentations(seg=seg, reference=reference)
    check_choice("frames", frames, Frames)
    check_choice("match", match, Match)
    if resize is not None:
        check_choice("resize", resize, Resize)
    if match == "order" and len(seg) != len(reference):
        raise ValueError(
            f"match='order' needs as many objects as the reference's {len(reference)}, got {len(seg)}; "
            "use match='hungarian' to pair them by overlap, or match='union'"
        )
    inputs = align_inputs(seg, reference, frames=frames, resize=resize)
    pairs = _pairs(inputs, match)
    objects = object_table(pairs)
    return Evaluation(
        frames=frame_table(pairs, inputs.frame),
        objects=objects,
        summary=summarize(objects, pairs),
        protocol={"frames": frames, "match": match, "resize": resize or "none"},
        notes=(*inputs.notes, *(_partner_notes(inputs, pairs) if match == "hungarian" else ())),
    )


def _pairs(inputs: Inputs, match: Match) -> list[Pair]:
    """Pair the objects."""
    ours, theirs = inputs.masks, inputs.reference
    if match == "union":
        return [Pair.of(_union(ours, inputs), _union(theirs, inputs))]
    if match == "hungarian":
        return _assign([*ours, *_stand_ins(inputs)], theirs)
    return [Pair.of(a, b) for a, b in zip(ours, theirs, strict=True)]


def _union(lanes: Sequence[Lane], inputs: Inputs) -> Lane:
    """Merge the objects into one, called object 0."""
    if len(lanes) == 1:
        return Lane(0, None, lanes[0].rles)
    empty = RLEMask.zeros(inputs.size)
    by_frame = zip(*(lane.rles for lane in lanes), strict=True) if lanes else [(empty,)] * len(inputs.frame)
    return Lane(0, None, tuple(RLEMask.union(list(rles)) for rles in by_frame))


def _stand_ins(inputs: Inputs) -> list[Lane]:
    """Make an empty object for each that is missing."""
    empty = (RLEMask.zeros(inputs.size),) * len(inputs.frame)
    missing = range(len(inputs.masks), len(inputs.reference))
    return [Lane(index, None, empty, stand_in=True) for index in missing]


def _assign(ours: Sequence[Lane], theirs: Sequence[Lane]) -> list[Pair]:
    """Pair each reference object with one of ours so that the sum of mean JF is the highest."""
    if not theirs:
        return []
    gain = np.array([[_mean_jf(a, b) for b in theirs] for a in ours])
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [Pair.of(ours[i], theirs[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)]


def _mean_jf(a: Lane, b: Lane) -> float:
    """Compute the mean of J and F over the frames; where contours are too far apart, F needs no counting."""
    return float(PairScores(a.rles, b.rles).j.mean() + boundary_f_each(a.rles, b.rles).mean()) / 2


def _partner_notes(inputs: Inputs, pairs: Sequence[Pair]) -> list[str]:
    """Say which objects have no partner."""
    paired = {pair.ours.index for pair in pairs}
    alone = [lane.name for lane in inputs.masks if lane.index not in paired]
    missing = [pair.theirs.name for pair in pairs if pair.ours.stand_in]
    notes = []
    if alone:
        notes.append(f"without a partner in the reference, left out at no cost: {', '.join(alone)}")
    if missing:
        notes.append(f"of the reference, judged against empty masks: {', '.join(missing)}")
    if not inputs.reference:
        notes.append("the reference has no object, so nothing was judged: match='union' judges that, too")
    return notes
