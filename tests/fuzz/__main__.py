"""Runs a campaign from the shell: ``python -m tests.fuzz --count 20000 --seed 1``."""

import argparse
import sys
import time

from tests.fuzz.campaign import run_campaign
from tests.fuzz.cases import KINDS


def main() -> int:
    """Print the counts of each kind; 1 if anything got through."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="mutated files of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=sorted(KINDS), help="only this kind")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    bad = 0
    for kind in [asked.kind] if asked.kind else sorted(KINDS):
        started = time.monotonic()
        tally = run_campaign(kind, count=asked.count, seed=asked.seed, workers=asked.workers)
        bad += tally.bad
        sys.stdout.write(
            f"{kind}: {asked.count} files, seed {asked.seed}, {time.monotonic() - started:.0f} s" + "\n"
        )
        for outcome, count in tally.counts.most_common():
            sys.stdout.write(f"  {outcome:16}{count:8}" + "\n")
        sys.stdout.write(f"  slowest {tally.slowest_s:.2f} s, largest process {tally.peak_mb:.0f} MB" + "\n")
        for name, outcome, detail in tally.findings:
            sys.stdout.write(f"--- {name}: {outcome} {detail}" + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
