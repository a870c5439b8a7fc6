"""Runs ways in fresh processes, in turns; as a program, it is such a process."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.benchmarks.ways import WAYS, Way

_SETTLING_S = 0.2  # threads that libraries have started spin for a while, at nobody's cost


@dataclass(frozen=True)
class Turn:
    """What one process found.

    Attributes:
        wall_s, cpu_s: of the job alone, after a warm-up on a tiny clip; CPU time of all threads.
        peak_mb: peak resident memory of the whole process, libraries included.
        means: of each column, over all rows where it is defined.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    means: tuple[float, ...]


def missing(way: Way) -> list[str]:
    """Name the modules that aren't installed."""
    return [module for module in way.needs if find_spec(module) is None]


def run_in_turns(ways: Sequence[Way], paths: Sequence[Path], warm_up: Path, rounds: int) -> list[list[Turn]]:
    """Run each way once a round; gives the turns of each way, in the ways' order."""
    turns: list[list[Turn]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, taken in zip(ways, turns, strict=True):
            taken.append(run_apart(way, paths, warm_up))
    return turns


def run_apart(way: Way, paths: Sequence[Path], warm_up: Path) -> Turn:
    """Run a way in a process of its own."""
    command = [sys.executable, "-m", __name__, way.name, str(warm_up), *map(str, paths)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{way.name} failed:\n{done.stderr}")
    return Turn(**json.loads(done.stdout.splitlines()[-1]))


def _take_turn(way: Way, warm_up: Path, paths: Sequence[Path]) -> Turn:
    way.run(way.prepare([warm_up]))  # imports, first calls
    material = way.prepare(paths)
    time.sleep(_SETTLING_S)
    wall, cpu = time.perf_counter(), time.process_time()
    table = way.run(material)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    means = np.nanmean(table, axis=0).tolist() if len(table) else []
    return Turn(wall, cpu, _peak_mb(), tuple(means))


def _peak_mb() -> float:
    """Give this program's peak resident memory in 10^6 bytes.

    ``ru_maxrss`` is a last resort: on Linux, it counts what the parent held before this program started.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    name, first, *rest = sys.argv[1:]
    turn = _take_turn(WAYS[name], Path(first), [Path(path) for path in rest])
    sys.stdout.write(json.dumps(vars(turn)) + "\n")
