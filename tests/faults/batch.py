"""Segments many clips at once while a tenth of all calls goes wrong."""

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sa2va_nb as sa
from tests.clips import textured_clip
from tests.faults.cells import KINDS
from tests.faults.matrix import PATIENT, environment
from tests.memory import resident_mb
from tests.standin import StandIn
from tests.standin.server import Fault
from tests.standin.service import Answer

SHARE = 0.1  # of the calls that go wrong
_CONCURRENCY = 8
_ROUND = 50  # clips between two looks at the memory
_MOST_GROWTH_MB = 60.0  # from the first round to the last; a clip's masks and records have some 100 kB


class Unlucky(StandIn):
    """A stand-in where a share of all calls goes wrong, in any way."""

    def __init__(self, seed: int) -> None:
        super().__init__(queue_polls=1, run_polls=1)
        self.rng, self.unlucky, self.n_faults = random.Random(seed), True, 0

    def take_fault(self, line: str) -> Fault | None:
        if not self.unlucky or self.rng.random() >= SHARE:
            return None
        kind = self.rng.choice([kind for kind in KINDS if (kind == "refused") == line.startswith("CONNECT")])
        action, status = KINDS[kind]
        self.n_faults += 1
        return Fault(
            "", action, answer=Answer(status or 500, {"detail": kind}), delay_s=3.0 if kind == "hang" else 0.3
        )


@dataclass
class Batch:
    """What a batch came to.

    Attributes:
        outcomes: how the clips ended, at first and after the same calls were made again with no faults.
        memory_mb: the process's resident size after each round.
        wrong: what went wrong, in words.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    n_faults: int = 0

    @property
    def summary(self) -> str:
        memory = ", ".join(f"{size:.0f}" for size in self.memory_mb)
        return f"{self.n_faults} faults; {dict(self.outcomes)}; MB after each {_ROUND} clips: {memory}"


def run_batch(count: int, seed: int, scratch: Path) -> Batch:
    """Segment so many clips, each by a sentence of its own."""
    batch, clip = Batch(), textured_clip(scratch / "clip.mp4")
    for start in range(0, count, _ROUND):
        prompts = [f"Please segment thing {number}." for number in range(start, min(count, start + _ROUND))]
        with Unlucky(seed + start) as standin, environment(standin.env()):
            _run_round(prompts, clip, scratch / "runs", standin, batch)
        batch.memory_mb.append(resident_mb())
    growth_mb = batch.memory_mb[-1] - batch.memory_mb[0]
    if growth_mb > _MOST_GROWTH_MB:
        batch.wrong.append(f"memory grew by {growth_mb:.0f} MB")
    shutil.rmtree(scratch / "runs")
    return batch


def _run_round(prompts: list[str], clip: Path, runs_dir: Path, standin: Unlucky, batch: Batch) -> None:
    first = _segment_many(prompts, clip, runs_dir)
    standin.unlucky = False
    again = _segment_many(prompts, clip, runs_dir)
    batch.n_faults += standin.n_faults
    for prompt, one, other in zip(prompts, first, again, strict=True):
        batch.outcomes[f"at first {_named(one)}, again {_named(other)}"] += 1
        if not isinstance(other, sa.Segmentation) and "is unknown" not in str(other):
            batch.wrong.append(f"{prompt}: {one!r}, then {other!r}")
    sent = Counter(job.arguments["prompt"] for job in standin.jobs.values())
    batch.wrong += [f"{prompt}: {times} jobs" for prompt, times in sent.items() if times > 1]
    batch.wrong += [f"the stand-in failed: {error!r}" for error in standin.errors]


def _segment_many(prompts: list[str], clip: Path, runs_dir: Path) -> list[sa.Segmentation | Exception]:
    jobs = [(clip, prompt) for prompt in prompts]
    return sa.segment_many(jobs, concurrency=_CONCURRENCY, engine=PATIENT, runs_dir=runs_dir, progress=False)


def _named(outcome: sa.Segmentation | Exception) -> str:
    if isinstance(outcome, sa.Segmentation):
        return "done"
    return "unknown" if "is unknown" in str(outcome) else type(outcome).__name__
