"""Lets several runs vote on one object's masks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.agreement.grouping import Group, Lanes
from sa2va_nb.analysis.means import mean_known

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Vote:
    """One object, with what the runs show together.

    Attributes:
        group: which lanes show it.
        consensus: (T,) masks.
        pairwise: (R, R, T) IoU of every two runs; NaN on the diagonal.
        with_consensus: (R, T) IoU of each run with the consensus.
        runs_visible: (T,) how many runs show it.
    """

    group: Group
    consensus: tuple[RLEMask, ...]
    pairwise: FloatArray
    with_consensus: FloatArray
    runs_visible: NDArray[np.int64]

    @classmethod
    def of(cls, group: Group, lanes: Lanes, size: tuple[int, int]) -> "Vote":
        """Let the runs vote in each frame; what most of them lack stays empty."""
        pairwise = lanes.iou[np.ix_(group.members, group.members)].copy()  # -1 is the lane of what is lacking
        pairwise[~(lanes.present[:, None] & lanes.present)] = np.nan
        pairwise[np.arange(len(pairwise)), np.arange(len(pairwise))] = np.nan
        members = group.members[group.members >= 0]
        needed = (
            lanes.present.sum(0) // 2 + 1 if group.is_majority else np.full(lanes.present.shape[1], np.inf)
        )
        empty = RLEMask.zeros(size)
        consensus = tuple(
            RLEMask.merge_count([lanes.rles[i][t] for i in members], int(most))
            if most <= len(members)
            else empty
            for t, most in enumerate(needed)
        )
        with_consensus = [
            [_iou(lanes.rles[i][t] if i >= 0 else empty, mask) for t, mask in enumerate(consensus)]
            for i in group.members
        ]
        return cls(
            group,
            consensus,
            pairwise,
            np.where(lanes.present, np.array(with_consensus), np.nan),
            lanes.visible[members].sum(0),
        )

    def row(self, number: int) -> dict[str, object]:
        """Sum the object up over the frames."""
        by_frame = pd.Series(mean_known(self.pairwise, axis=(0, 1)))
        return {
            "object": number,
            "phrase": self.group.phrase,
            "runs": (self.group.members >= 0).sum(),
            "in_consensus": self.group.is_majority,
            "frames": by_frame.count(),
            "pairwise_iou_mean": by_frame.mean(),
            "pairwise_iou_min": by_frame.min(),
            "consensus_iou_mean": float(mean_known(mean_known(self.with_consensus, axis=0), axis=0)),
        }


def _iou(a: RLEMask, b: RLEMask) -> float:
    """Compute the IoU; NaN where both masks are empty."""
    return float(a.iou(b)) if a.any() or b.any() else np.nan
