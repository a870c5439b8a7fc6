"""Runs many cases in guarded processes, and counts the outcomes."""

import json
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.cases import make_seeds

MAX_SECONDS = 10.0
MAX_MB = 500.0
_GOOD = {"result", "DecodeError", "RunError", "AlignmentError"}
_KEPT = 20  # findings that are reported in full


@dataclass
class Tally:
    """What came of a campaign.

    Attributes:
        counts: how often each outcome came.
        findings: name, outcome and detail of the first cases of each sort that did not end well.
        slowest_s: seconds of the slowest case.
        peak_mb: resident size of the largest process.
    """

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, str, str]] = field(default_factory=list)
    slowest_s: float = 0.0
    peak_mb: float = 0.0

    def add(self, name: str, outcome: str, detail: str, seconds: float, peak_mb: float) -> None:
        """Count one case."""
        self.counts[outcome] += 1
        self.slowest_s, self.peak_mb = max(self.slowest_s, seconds), max(self.peak_mb, peak_mb)
        new = all(detail != seen for _, _, seen in self.findings) or not detail
        if outcome not in _GOOD and new and len(self.findings) < _KEPT:
            self.findings.append((name, outcome, detail))

    @property
    def bad(self) -> int:
        """How many cases ended in anything but a result or a ``Sa2VAError``."""
        return sum(count for outcome, count in self.counts.items() if outcome not in _GOOD)


def run_campaign(kind: str, *, count: int, seed: int, workers: int = 2) -> Tally:
    """Read ``count`` mutated files of a kind: "mp4", "other" (containers) or "run"."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        make_seeds(seeds)
        with ThreadPoolExecutor(workers) as pool:
            names = [[f"{seed}-{i}" for i in range(w, count, workers)] for w in range(workers)]
            for done in [pool.submit(_work, kind, each, seeds, tally) for each in names]:
                done.result()
    return tally


def _work(kind: str, names: list[str], seeds: Path, tally: Tally) -> None:
    process: subprocess.Popen[str] | None = None
    for name in names:
        process = process or _start(seeds)
        started = time.monotonic()
        answer = _ask(process, f"{kind} {name}")
        seconds = time.monotonic() - started
        outcome = answer["outcome"]
        if outcome in ("crash", "hang") or answer["peak_mb"] > MAX_MB:
            _stop(process)
            process = None
            outcome = "memory" if outcome not in ("crash", "hang") else outcome
        tally.add(f"{kind} {name}", outcome, answer["detail"], seconds, answer["peak_mb"])
    if process is not None:
        _stop(process)


def _start(seeds: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.worker", str(seeds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        text=True,
        bufsize=1,
    )


def _ask(process: "subprocess.Popen[str]", line: str) -> dict[str, Any]:
    """Have a worker read a case; "hang" if no answer comes in time, "crash" if the process ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(line + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return {"outcome": "crash", "peak_mb": 0.0, "detail": f"exit {process.poll()}"}
    if not select.select([process.stdout], [], [], MAX_SECONDS)[0]:
        return {"outcome": "hang", "peak_mb": 0.0, "detail": f"no answer in {MAX_SECONDS} s"}
    text = process.stdout.readline()
    if not text:
        return {"outcome": "crash", "peak_mb": 0.0, "detail": f"exit {process.wait()}"}
    answer: dict[str, Any] = json.loads(text)
    return answer


def _stop(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()
