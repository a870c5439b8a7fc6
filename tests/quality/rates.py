"""How often a simulated defect raises its own flag, and right masks raise any."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from tests.quality.defects import DEFECTS


def with_masks(seg: Segmentation, stacks: list[np.ndarray]) -> Segmentation:
    """Give the segmentation other masks."""
    items = [
        SegmentedObject(item.index, item.phrase, Masks.from_array(stack))
        for item, stack in zip(seg, stacks, strict=True)
    ]
    return replace(seg, objects=tuple(items))


def try_defects(clips: Iterable[tuple[str, Segmentation]], *, cases: int, seed: int = 0) -> pd.DataFrame:
    """Spoil each clip in every way.

    Returns:
        One row a case: clip, defect, seed, case, raised (its own flag, in a wrong frame of the object), frames
        (wrong ones), frames_raised (of them, with its own flag), score_before, score_after (means over the
        wrong frames), flags (all that the object has in wrong frames).
    """
    rows = []
    for name, seg in clips:
        truth = [np.asarray(item.masks) for item in seg]
        before = quality(seg)
        for defect, (spoil, word) in DEFECTS.items():
            for case in range(cases):
                rng = np.random.default_rng([seed, case, sum(map(ord, name + defect))])
                spoiled = spoil(truth, rng)
                if spoiled is None:
                    continue
                after = quality(with_masks(seg, spoiled.stacks))
                here = (after["object"] == spoiled.object).to_numpy() & np.tile(spoiled.wrong, len(truth))
                flags = after.loc[here, "flags"]
                own = flags.str.contains(word, regex=False)
                rows.append(
                    {
                        "clip": name,
                        "defect": defect,
                        "seed": seed,
                        "case": case,
                        "raised": own.any(),
                        "frames": len(flags),
                        "frames_raised": own.sum(),
                        "score_before": before.loc[here, "score"].mean(),
                        "score_after": after.loc[here, "score"].mean(),
                        "flags": " | ".join(sorted(set("; ".join(flags).split("; ")))),
                    }
                )
    return pd.DataFrame(rows)


def by_defect(tried: pd.DataFrame) -> pd.DataFrame:
    """Give, for each defect, the share of cases and of wrong frames that raise its own flag, and the scores."""
    grouped = tried.groupby("defect")
    return pd.DataFrame(
        {
            "cases": grouped.size(),
            "raised": grouped["raised"].mean(),
            "frames": grouped["frames"].sum(),
            "frames_raised": grouped["frames_raised"].sum() / grouped["frames"].sum(),
            "score_before": grouped["score_before"].mean(),
            "score_after": grouped["score_after"].mean(),
        }
    )


def flag_rates(clips: Iterable[tuple[str, Segmentation]]) -> pd.DataFrame:
    """Give the share of masks that have a flag in each clip and in all of them, and which flags."""
    rows = []
    for name, seg in clips:
        seen, blind = quality(seg), quality(replace(seg, video=None))
        raised = seen.loc[seen["flags"] != "", "flags"]
        rows.append(
            (name, len(seen), len(raised), (blind["flags"] != "").sum(), " | ".join(sorted(set(raised)))[:60])
        )
    table = pd.DataFrame(rows, columns=["clip", "masks", "flagged", "flagged_blind", "flags"]).set_index(
        "clip"
    )
    table.loc["all"] = [*table[["masks", "flagged", "flagged_blind"]].sum(), ""]
    table.insert(2, "share", table["flagged"] / table["masks"])
    table.insert(4, "share_blind", table["flagged_blind"] / table["masks"])
    return table
