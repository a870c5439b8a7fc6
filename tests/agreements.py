"""How well the agreement of two methods tells their true quality: ``python -m tests.agreements``."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rlemasklib import RLEMask
from scipy.stats import rankdata, spearmanr

from sa2va_nb.analysis.agreement.agreement import agreement
from sa2va_nb.analysis.truth.evaluate import evaluate
from sa2va_nb.masks import Masks
from sa2va_nb.opening.reference import load_reference
from sa2va_nb.segmentation import Segmentation, SegmentedObject

METHODS = ("osvos", "rvos")


def true_and_agreed(clip: Path) -> pd.DataFrame:
    """Give each frame's agreement of two real methods on a DAVIS clip, and each one's true J."""
    truth = load_reference(clip / "gt")
    runs = {name: foreground(load_reference(clip / name)) for name in METHODS}
    result = agreement(list(runs.values()), names=list(runs))
    # Two groups where the methods never overlap: then they agree on nothing.
    agreed = result.frames.groupby("frame")["pairwise_iou"].mean()
    j = {
        name: evaluate(run, truth, match="union").frames.set_index("frame")["J"] for name, run in runs.items()
    }
    return pd.DataFrame({"agreement": agreed, **j}).rename_axis("frame").reset_index()


def foreground(seg: Segmentation) -> Segmentation:
    """Merge all objects into one."""
    rles = [RLEMask.union([item.masks.rles[t] for item in seg]) for t in range(len(seg.frame))]
    return Segmentation(
        (SegmentedObject(0, None, Masks(rles, seg.shape[1:])),), seg.frame, seg.time_s, seg.video
    )


def auroc(score: np.ndarray, bad: np.ndarray) -> float:
    """Compute how often a good frame has the higher score than a bad one, ties half."""
    ranks = rankdata(score)
    n_good, n_bad = (~bad).sum(), bad.sum()
    return float((ranks[~bad].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad))


def study(davis: Path) -> pd.DataFrame:
    """Give a row a frame and method, over all clips."""
    tables = [
        true_and_agreed(clip).melt(["frame", "agreement"], METHODS, "method", "J").assign(clip=clip.name)
        for clip in sorted(path for path in davis.iterdir() if (path / "rvos").is_dir())
    ]
    return pd.concat(tables, ignore_index=True).dropna(subset="agreement")


def main() -> None:
    """Print the rank correlation over all frames, for each method and each clip."""
    table = study(Path(__file__).resolve().parents[2] / "shared" / "data" / "davis")
    rows = {"all": table, **dict(iter(table.groupby("method"))), **dict(iter(table.groupby("clip")))}
    for name, part in rows.items():
        bad = (part["J"] < 0.5).to_numpy()
        area = auroc(part["agreement"].to_numpy(), bad) if 0 < bad.sum() < len(bad) else float("nan")
        sys.stdout.write(
            f"{name:16}{len(part):5} frames  mean J {part['J'].mean():.3f}  below .5 {bad.mean():6.1%}  "
            f"Spearman {spearmanr(part['agreement'], part['J']).statistic:.2f}  AUROC {area:.2f}\n"
        )


if __name__ == "__main__":
    main()
