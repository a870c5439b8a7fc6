"""Runs the campaigns from the shell, such as ``python -m tests.faults kill --count 200``."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.faults.batch import run_batch
from tests.faults.cells import cells
from tests.faults.matrix import run_cell_apart
from tests.faults.processes import run_kills, run_same


def main() -> int:
    """Print what the campaigns found; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "campaign", nargs="?", choices=["matrix", "kill", "same", "batch", "all"], default="matrix"
    )
    parser.add_argument("--count", type=int, help="kills (200), processes (8) or clips (200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes that run the matrix")
    asked = parser.parse_args()
    chosen = ["matrix", "kill", "same", "batch"] if asked.campaign == "all" else [asked.campaign]
    wrong = 0
    for name in chosen:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            found = _CAMPAIGNS[name](asked, Path(scratch))
        wrong += len(found)
        for line in found:
            _say(f"  WRONG {line}")
        _say(f"{name}: {len(found)} wrong, {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


def _matrix(asked: argparse.Namespace, scratch: Path) -> list[str]:
    every = list(cells())
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        results = pool.map(run_cell_apart, every, [scratch / str(number) for number in range(len(every))])
        wrong = [f"{cell.name}: {what}" for cell, found in zip(every, results, strict=True) for what in found]
    _say(f"{len(every)} cells; ends expected: {dict(Counter(cell.end for cell in every))}")
    return wrong


def _kill(asked: argparse.Namespace, scratch: Path) -> list[str]:
    kills = run_kills(asked.count or 200, asked.seed, scratch)
    _say(f"{asked.count or 200} kills; left behind: {dict(kills.found)}")
    return kills.wrong


def _same(asked: argparse.Namespace, scratch: Path) -> list[str]:
    count = asked.count or 8
    jobs, codes = run_same(count, scratch)
    _say(f"{count} processes: {jobs} jobs, exit codes {codes}")
    return [] if (jobs, codes) == (1, [0] * count) else ["expected one job, and a result for each"]


def _batch(asked: argparse.Namespace, scratch: Path) -> list[str]:
    batch = run_batch(asked.count or 200, asked.seed, scratch)
    _say(batch.summary)
    return batch.wrong


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


_CAMPAIGNS = {"matrix": _matrix, "kill": _kill, "same": _same, "batch": _batch}

if __name__ == "__main__":
    sys.exit(main())
