"""Runs a campaign from the shell: ``python -m tests.quality study`` or ``… defects --seeds 5``."""

import argparse
import sys
import tempfile
from collections.abc import Iterable

import pandas as pd

from sa2va_nb.segmentation import Segmentation
from tests.quality.clips import clean_clips, davis_sequences
from tests.quality.rates import by_defect, flag_rates, try_defects
from tests.quality.study import figures, judged, worst_ranked


def main() -> int:
    """Print the tables asked for; 1 where the data for them is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("what", choices=["study", "defects"])
    parser.add_argument("--flow", action="store_true", help="study: with optical flow")
    parser.add_argument("--cases", type=int, default=3, help="defects: of each kind in each clip")
    parser.add_argument("--seeds", type=int, default=3, help="defects: so many times, each with other cases")
    parser.add_argument("--clip", action="append", help="defects: only this clip; again for more")
    asked = parser.parse_args()
    if asked.what == "study":
        return _study(flow=asked.flow)
    with tempfile.TemporaryDirectory() as folder:
        clips = [(name, seg) for name, seg in clean_clips(folder) if not asked.clip or name in asked.clip]
        return _defects(clips, asked.cases, asked.seeds)


def _study(*, flow: bool) -> int:
    if not davis_sequences():
        sys.stderr.write("needs shared/data/davis beside the repository, which is not here\n")
        return 1
    table = judged(flow=flow)
    _show(f"{len(table)} masks of {table['clip'].nunique()} clips, two methods each", [figures(table)])
    _show("the score without the picture", [figures(judged(pixels=False)).loc[["score"]]])
    one_out = {
        clip: figures(table[table["clip"] != clip], draws=50).loc["score", ["spearman", "within", "auroc"]]
        for clip in table["clip"].unique()
    }
    _show("the score, one clip left out", [pd.DataFrame(one_out).T])
    _show("where the score's rank is furthest off", [worst_ranked(table)])
    return 0


def _defects(clips: list[tuple[str, Segmentation]], cases: int, seeds: int) -> int:
    _show("flags on right masks, with the picture and without", [flag_rates(clips)])
    tried = pd.concat(
        [try_defects(clips, cases=cases, seed=seed) for seed in range(seeds)], ignore_index=True
    )
    missed = tried.loc[~tried["raised"], ["clip", "defect", "seed", "case", "frames", "flags"]]
    by_seed = tried.pivot_table(index="defect", columns="seed", values="raised")
    by_clip = tried.pivot_table(index="defect", columns="clip", values="raised")
    _show(f"{len(tried)} spoiled masks", [by_defect(tried), by_seed, by_clip, missed])
    return 0


def _show(title: str, tables: Iterable[pd.DataFrame]) -> None:
    sys.stdout.write(f"\n{title}\n")
    with pd.option_context("display.width", 160, "display.max_colwidth", 70, "display.max_rows", 500):
        for table in tables:
            sys.stdout.write(f"{table.round(3).to_string()}\n")


if __name__ == "__main__":
    sys.exit(main())
