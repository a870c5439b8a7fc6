"""How well the score ranks real predictions by their true J."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.segmentation import Segmentation
from tests.quality.clips import DAVIS, davis_sequences, union_clip

FloatArray = NDArray[np.float64]
GOOD = {
    "picture_iou": 1, "fit": 1, "color_match": 1, "shape_iou": 1, "largest_frac": 1, "smoothness": 1,
    "area_steady": 1, "border_frac": -1, "holes_frac": -1, "edge_contrast": 1, "color_contrast": 1,
    "flow_iou": 1,
}  # fmt: skip  # 1 where more is better


def predictions() -> Iterator[tuple[str, str, Segmentation, FloatArray]]:
    """Give sequence, method, the union of its objects, and the official J of each frame.

    The ground truth is one foreground, so the union is what J is of; just one of these clips has two objects.
    """
    for method, file in (("osvos", "official.json"), ("rvos", "official_rvos.json")):
        official = json.loads((DAVIS / file).read_text(encoding="utf-8"))
        for sequence in davis_sequences():
            yield sequence.name, method, union_clip(sequence, method), np.array(official[sequence.name]["j"])


def judged(*, pixels: bool = True, flow: bool = False) -> pd.DataFrame:
    """Give the tables of all predictions with clip, method and J."""
    tables = []
    for clip, method, seg, j in predictions():
        table = quality(seg if pixels else replace(seg, video=None), flow=flow)
        tables.append(table.assign(clip=clip, method=method, J=j))
    return pd.concat(tables, ignore_index=True)


def figures(table: pd.DataFrame, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Compare the score and each part with J.

    Returns:
        One row a measure: Spearman pooled over all frames, with its 95 % interval from a bootstrap over clips
        (both methods of a clip stay together), the mean of Spearman within each prediction, and AUROC for
        J < 0.5 with its interval.
    """
    rows = []
    for name, sign in ({"score": 1} | GOOD).items():
        if name not in table or table[name].isna().all():
            continue
        value = (sign * table[name]).fillna(-np.inf).to_numpy()
        within = [
            spearmanr(value[rows_], table["J"].to_numpy()[rows_])[0]
            for rows_ in table.groupby(["clip", "method"]).indices.values()
            if len(np.unique(value[rows_])) > 1
        ]
        low, high = _bootstrap(table, value, draws, seed)
        rows.append(
            {
                "measure": name,
                "spearman": spearmanr(value, table["J"])[0],
                "spearman_low": low[0],
                "spearman_high": high[0],
                "within": np.mean(within),
                "auroc": auroc(value, table["J"].to_numpy() >= 0.5),
                "auroc_low": low[1],
                "auroc_high": high[1],
            }
        )
    return pd.DataFrame(rows).set_index("measure")


def auroc(value: FloatArray, good: NDArray[np.bool_]) -> float:
    """Give the chance that a good frame has a higher value than a bad one, ties half."""
    rank, n_good = rankdata(value), np.count_nonzero(good)
    n_bad = len(good) - n_good
    return float((rank[good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad))


def _bootstrap(
    table: pd.DataFrame, value: FloatArray, draws: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Give the 2.5 and 97.5 percentiles of (Spearman, AUROC) over draws of whole clips."""
    rng, j = np.random.default_rng(seed), table["J"].to_numpy()
    clips = list(table.groupby("clip").indices.values())
    found = []
    for _ in range(draws):
        rows = np.concatenate([clips[k] for k in rng.integers(len(clips), size=len(clips))])
        good = j[rows] >= 0.5
        if 0 < np.count_nonzero(good) < len(good):
            found.append((spearmanr(value[rows], j[rows])[0], auroc(value[rows], good)))
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    return low, high


def worst_ranked(table: pd.DataFrame, n: int = 12) -> pd.DataFrame:
    """Give the frames whose ranks by score and by J differ the most, at most one in 10 frames of a clip."""
    off = rankdata(table["score"]) / len(table) - rankdata(table["J"]) / len(table)
    order = table.assign(rank_off=off).sort_values("rank_off", key=np.abs, ascending=False)
    kept: list[int] = []
    for at, row in order.iterrows():
        near = [k for k in kept if (table.loc[k, ["clip", "method"]] == row[["clip", "method"]]).all()]
        if all(abs(table.loc[k, "frame"] - row["frame"]) > 10 for k in near):
            kept.append(at)
    names = ["clip", "method", "frame", "J", "score", "rank_off", "flags"]
    return order.loc[kept[:n], names]
