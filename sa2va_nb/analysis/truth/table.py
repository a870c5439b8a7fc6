"""The tables of an evaluation: a row a pair and frame, a row a pair, the means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.means import mean_known
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.analysis.truth.inputs import Lane
from sa2va_nb.analysis.truth.pair_scores import PairScores
from sa2va_nb.analysis.truth.presence import count_presence, target_accuracy

FloatArray = NDArray[np.float64]

_FRAME_DTYPES = {"object": "int64", "frame": "int64"} | dict.fromkeys(
    ("J", "F", "JF", "boundary_iou", "precision", "recall"), "float64"
)
_FRAME_DTYPES |= {"visible": "bool", "reference_visible": "bool"}
_FIGURES = (
    *("J_mean", "J_recall", "J_decay", "F_mean", "F_recall", "F_decay"),
    *("JF_mean", "boundary_iou_mean", "precision_mean", "recall_mean"),
)
_COUNTS = ("tp_frames", "fp_frames", "fn_frames", "tn_frames")
_OBJECT_DTYPES = {
    "object": "int64",
    "phrase": "object",
    "reference": "int64",
    "reference_phrase": "object",
    "matched": "bool",
    **dict.fromkeys(_FIGURES, "float64"),
    **dict.fromkeys(_COUNTS, "int64"),
}


@dataclass(frozen=True)
class Pair:
    """An object, the reference object it is judged by, and how well they agree."""

    ours: Lane
    theirs: Lane
    scores: PairScores

    @classmethod
    def of(cls, ours: Lane, theirs: Lane) -> "Pair":
        """Pair two objects."""
        return cls(ours, theirs, PairScores(ours.rles, theirs.rles))

    @property
    def visible(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(T,) whether the masks, and whether the reference, have a pixel."""
        return self.scores.area_px > 0, self.scores.reference_area_px > 0


def frame_table(pairs: Sequence[Pair], frame: NDArray[np.int64]) -> pd.DataFrame:
    """Build one row a pair and frame."""
    parts = [_frame_columns(pair, frame) for pair in pairs]
    return pd.DataFrame(
        {
            name: np.concatenate([np.empty(0, dtype), *(part[name] for part in parts)])
            for name, dtype in _FRAME_DTYPES.items()
        }
    )


def object_table(pairs: Sequence[Pair]) -> pd.DataFrame:
    """Build one row a pair."""
    return table_of([_row(pair) for pair in pairs], _OBJECT_DTYPES)


def summarize(objects: pd.DataFrame, pairs: Sequence[Pair]) -> "pd.Series[float]":
    """Give the mean of each figure over the pairs, and how often a target, or none, was rightly seen."""
    means = {name: float(mean_known(objects[name].to_numpy(), axis=0)) for name in _FIGURES}
    return pd.Series({**means, **target_accuracy(pair.visible for pair in pairs)}, dtype="float64")


def statistics(name: str, values: FloatArray) -> dict[str, float]:
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


def _frame_columns(pair: Pair, frame: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    scores, (visible, reference_visible) = pair.scores, pair.visible
    return {
        "object": np.full(len(frame), pair.ours.index, np.int64),
        "frame": frame,
        "J": scores.j,
        "F": scores.f,
        "JF": (scores.j + scores.f) / 2,
        "boundary_iou": scores.boundary_iou,
        "precision": scores.precision,
        "recall": scores.recall,
        "visible": visible,
        "reference_visible": reference_visible,
    }


def _row(pair: Pair) -> dict[str, object]:
    scores = pair.scores
    return {
        "object": pair.ours.index,
        "phrase": pair.ours.phrase,
        "reference": pair.theirs.index,
        "reference_phrase": pair.theirs.phrase,
        "matched": not pair.ours.stand_in,
        **statistics("J", scores.j),
        **statistics("F", scores.f),
        "JF_mean": float(scores.j.mean() + scores.f.mean()) / 2,
        "boundary_iou_mean": scores.boundary_iou.mean(),
        "precision_mean": float(mean_known(scores.precision, axis=0)),
        "recall_mean": float(mean_known(scores.recall, axis=0)),
        **count_presence(*pair.visible),
    }
