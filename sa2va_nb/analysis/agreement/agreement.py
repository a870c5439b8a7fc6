"""How far many segmentations of one video agree, and what most of them show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.agreement.grouping import Lanes, group_objects
from sa2va_nb.analysis.agreement.matching import check_sizes
from sa2va_nb.analysis.agreement.voting import Vote
from sa2va_nb.analysis.means import mean_known
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.analysis.timing import align_positions, describe_alignment
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

FloatArray = NDArray[np.float64]

_OBJECTS = {
    "object": "int64",
    "phrase": "object",
    "runs": "int64",
    "in_consensus": "bool",
    "frames": "int64",
    "pairwise_iou_mean": "float64",
    "pairwise_iou_min": "float64",
    "consensus_iou_mean": "float64",
}
_FRAMES = {
    "object": "int64",
    "frame": "int64",
    "time_s": "float64",
    "runs": "int64",
    "runs_visible": "int64",
    "pairwise_iou": "float64",
    "consensus_iou": "float64",
    "consensus_px": "int64",
}
_RUNS = {
    "run": "object",
    "agreement": "float64",
    "consensus_iou": "float64",
    "objects": "int64",
    "missing": "int64",
    "extra": "int64",
    "frames": "int64",
}
_PAIRS = {"run_a": "object", "run_b": "object", "iou": "float64"}


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far several segmentations of one video agree; ``agreement`` makes it.

    IoU is intersection over union, 0 to 1: 0 where just one of two masks is empty (also because a run lacks
    the object), NaN where both are, which no mean counts.

    Attributes:
        consensus: for each object that more than half of the runs have, the pixels that are in the masks of
            more than half of the runs that have the frame (of two: of both).
        objects: ``object, phrase, runs, in_consensus, frames, pairwise_iou_mean, pairwise_iou_min,
            consensus_iou_mean``: one row a thing that any run found. ``runs`` counts those that have it; the
            phrase is the most frequent one, numbered where two of the consensus share it ("a duck #2"). Those
            of the consensus come first, with its indices.
        frames: ``object, frame, time_s, runs, runs_visible, pairwise_iou, consensus_iou, consensus_px``: one
            row an object and frame. ``runs`` counts those that have the frame, ``runs_visible`` those with a
            mask there that isn't empty; ``pairwise_iou`` is the mean over every two runs, ``consensus_iou``
            that over the runs' IoU with the consensus.
        runs: ``run, agreement, consensus_iou, objects, missing, extra, frames``: one row a run, the odd one
            out first. ``agreement`` is the mean of its IoU with each other run (see ``pairs``), ``consensus_iou``
            the mean over the objects of its mean IoU with the consensus, 0 for one that it or the consensus
            lacks; ``missing`` counts the consensus' objects that it lacks, ``extra`` those of its own that aren't
            in the consensus, ``frames`` the moments that it shares with another run: all figures are of those.
        pairs: ``run_a, run_b, iou``: one row for two runs: the mean over the objects that at least one of
            them has, of the mean over the frames.
        notes: how frames were aligned and what was left out, in words.
    """

    consensus: Segmentation
    objects: pd.DataFrame
    frames: pd.DataFrame
    runs: pd.DataFrame
    pairs: pd.DataFrame
    notes: tuple[str, ...]


def agreement(
    segs: Sequence[Segmentation], *, names: Sequence[str] | None = None, tolerance_s: float | None = None
) -> Agreement:
    """Tell how far runs of one video agree: of several prompts, models, or numbers of sampled frames.

    Objects are found again in the other runs by their overlap alone, whatever their phrases and order
    (:func:`~sa2va_nb.analysis.agreement.grouping.group_objects`). The frames are those of the run that has most,
    as far as a second run has them.

    It needs no ground truth, and is the best sign of quality there is without it: where models err, they
    seldom err alike. But it doesn't show what is right. Runs of one model, or of one prompt in other words,
    may all be wrong in the same way and agree; IoU falls with an object's size, as edges count for more in a
    small one; and with frames that are some way apart (``notes`` say how far) it shows motion as well.

    Args:
        segs: at least two runs, of one size.
        names: what to call each, no two alike; None for "run 0", "run 1" and so on.
        tolerance_s: how far apart frames may be to count as one moment, in seconds; None for half of the
            coarser typical step, see :func:`~sa2va_nb.analysis.timing.align_positions`.

    Returns:
        The agreement, and the consensus.

    Raises:
        TypeError: if something else than segmentations is given.
        ValueError: if there are fewer than two, ``names`` don't name each of them differently, or
            ``tolerance_s`` is negative.
        AlignmentError: if the sizes differ, or no frame is in two runs.
    """
    labels = _check(segs, names)
    grid = min(segs, key=lambda seg: (-len(seg.frame), seg.frame.tolist()))
    at = np.stack([align_positions(grid, seg, tolerance_s=tolerance_s) for seg in segs])  # (R, T)
    shared = np.flatnonzero((at >= 0).sum(0) >= 2)
    if not len(shared):
        raise AlignmentError(
            "at least two runs must have masks of the same moments, got none; give the right frame numbers when "
            "loading them, or a larger tolerance_s"
        )
    size = next((seg.objects[0].masks.size for seg in segs if seg.objects), (0, 0))
    lanes = Lanes.of(segs, at[:, shared], size)
    votes = [Vote.of(group, lanes, size) for group in group_objects(lanes)]
    notes = [
        f"{label}: {note}"
        for label, seg, positions in zip(labels, segs, at, strict=True)
        for note in describe_alignment(grid, seg, positions)
    ]
    if len(shared) < len(grid.frame):
        notes.append(f"{len(grid.frame) - len(shared)} frames that only one run has were left out")
    frame, time_s = grid.frame[shared], grid.time_s[shared]
    pairs = _pair_matrix(votes, len(segs))
    return Agreement(
        consensus=_consensus(votes, segs, grid, shared, notes),
        objects=table_of([vote.row(k) for k, vote in enumerate(votes)], _OBJECTS),
        frames=_frame_table(votes, lanes, frame, time_s),
        runs=_run_table(votes, lanes, labels, pairs),
        pairs=_pair_table(labels, pairs),
        notes=tuple(notes),
    )


def _check(segs: Sequence[Segmentation], names: Sequence[str] | None) -> list[str]:
    """Give a name for each run."""
    if not isinstance(segs, Sequence):
        raise TypeError(f"segs must be a list of Segmentations, got {type(segs).__name__}")
    for seg in segs:
        if not isinstance(seg, Segmentation):
            raise TypeError(
                f"segs must hold Segmentations only, got {type(seg).__name__}; leave out the jobs that failed"
            )
    if len(segs) < 2:
        raise ValueError(f"segs must hold at least two runs to agree, got {len(segs)}")
    labels = [f"run {r}" for r in range(len(segs))] if names is None else [str(name) for name in names]
    if len(labels) != len(segs) or len(set(labels)) != len(labels):
        raise ValueError(f"names must name each of the {len(segs)} runs differently, got {labels}")
    first = next((seg for seg in segs if seg.objects), segs[0])
    for seg in segs:
        check_sizes(first, seg)
    return labels


def _consensus(
    votes: Sequence[Vote],
    segs: Sequence[Segmentation],
    grid: Segmentation,
    shared: NDArray[np.int64],
    notes: Sequence[str],
) -> Segmentation:
    chosen = [vote for vote in votes if vote.group.is_majority]
    return Segmentation(
        objects=tuple(
            SegmentedObject(k, vote.group.phrase, Masks(vote.consensus, vote.consensus[0].shape))
            for k, vote in enumerate(chosen)
        ),
        frame=grid.frame[shared],
        time_s=grid.time_s[shared],
        video=next((seg.video for seg in (grid, *segs) if seg.video is not None), None),
        notes=(f"these masks are what most of {len(segs)} runs show", *notes),
    )


def _pair_matrix(votes: Sequence[Vote], n_runs: int) -> FloatArray:
    """Give the mean IoU of every two runs, (R, R), over what at least one of them has; NaN if nothing."""
    if not votes:
        return np.full((n_runs, n_runs), np.nan)
    return mean_known(np.stack([mean_known(vote.pairwise, axis=-1) for vote in votes]), axis=0)


def _frame_table(
    votes: Sequence[Vote], lanes: Lanes, frame: NDArray[np.int64], time_s: FloatArray
) -> pd.DataFrame:
    tables = [
        pd.DataFrame(
            {
                "object": k,
                "frame": frame,
                "time_s": time_s,
                "runs": lanes.present.sum(0),
                "runs_visible": vote.runs_visible,
                "pairwise_iou": mean_known(vote.pairwise, axis=(0, 1)),
                "consensus_iou": mean_known(vote.with_consensus, axis=0),
                "consensus_px": [rle.area() for rle in vote.consensus],
            }
        ).astype(_FRAMES)
        for k, vote in enumerate(votes)
    ]
    return pd.concat(tables, ignore_index=True) if tables else table_of([], _FRAMES)


def _run_table(votes: Sequence[Vote], lanes: Lanes, labels: Sequence[str], pairs: FloatArray) -> pd.DataFrame:
    rows = [
        {
            "run": label,
            "agreement": float(mean_known(pairs[r], axis=0)),
            "consensus_iou": float(
                mean_known(
                    np.array([mean_known(vote.with_consensus[r], axis=0) for vote in votes]).reshape(-1),
                    axis=0,
                )
            ),
            "objects": np.count_nonzero(lanes.run == r),
            "missing": sum(vote.group.is_majority and vote.group.members[r] < 0 for vote in votes),
            "extra": sum(not vote.group.is_majority and vote.group.members[r] >= 0 for vote in votes),
            "frames": np.count_nonzero(lanes.present[r]),
        }
        for r, label in enumerate(labels)
    ]
    return table_of(rows, _RUNS).sort_values("agreement", kind="stable", ignore_index=True)


def _pair_table(labels: Sequence[str], pairs: FloatArray) -> pd.DataFrame:
    a, b = np.triu_indices(len(labels), 1)
    names = np.array(labels, object)
    return pd.DataFrame({"run_a": names[a], "run_b": names[b], "iou": pairs[a, b]}).astype(_PAIRS)
