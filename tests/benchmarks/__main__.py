"""Measures, side by side, how fast mask videos become numbers; prints Markdown tables.

A frame is one object's mask in one frame. Times are medians over the rounds, ratios medians of each round's ratio;
CPU time is that of all threads. Clips are made on the spot, or found in --clips.
"""

import argparse
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks import ways
from tests.benchmarks.clips import SIZES, mask_videos
from tests.benchmarks.judged import METHODS, RENDERED, SEQUENCES, at_hand, judged_clip
from tests.benchmarks.overhead import measure_overhead
from tests.benchmarks.turns import Turn, missing, run_in_turns
from tests.benchmarks.ways import Way


@dataclass(frozen=True)
class Case:
    """Masks, the ways that are tried on them, and how often.

    The first way is what the others are compared with; ratios are left out where it is alone. With
    ``judged``, there is one object and its ground truth, else there are mask videos.
    """

    size: str
    objects: int
    frames: int
    ways: tuple[Way, ...]
    rounds: int
    judged: str | None = None

    def material(self, folder: Path) -> list[Path]:
        """Make or find what the ways start from."""
        if self.judged:
            return [judged_clip(folder, self.judged, self.size, frames=self.frames)]
        return mask_videos(folder, self.size, objects=self.objects, frames=self.frames)

    def warm_up(self, folder: Path) -> Path:
        """Make or find a tiny clip of the same kind."""
        tiny = replace(self, size="tiny", objects=1, frames=8, judged=RENDERED if self.judged else None)
        return tiny.material(folder)[0]

    @property
    def title(self) -> str:
        height, width = SIZES[self.size]
        if self.judged:
            return f"{width}x{height}, {self.judged}, {self.frames} frames"
        return f"{width}x{height}, {self.objects} object{'s' * (self.objects > 1)}, {self.frames} frames"


_TABLE = (
    ways.FLOOR,
    ways.OURS,
    ways.SUPERVISION,
    ways.REGIONPROPS,
    ways.REGIONPROPS_BY_FRAME,
    ways.TORCHCODEC,
)
_LONG = (ways.FLOOR, ways.OURS_WITH_TRACKS)
_SHAPES = (ways.OUR_SHAPES, ways.SKIMAGE_SHAPES)
_JUDGES = (ways.OUR_J_AND_F, ways.OUR_JUDGEMENT, ways.OFFICIAL)
_JUDGED = {f"{sequence}/{method}": frames for sequence, frames in SEQUENCES.items() for method in METHODS}
_JUDGED[RENDERED] = 60
PLANS = {
    "smoke": (
        Case("tiny", 2, 8, _TABLE, 1),
        Case("tiny", 1, 8, _SHAPES, 1),
        Case("tiny", 1, 8, _JUDGES, 1, RENDERED),
    ),
    "judges": tuple(
        Case(size, 1, min(frames, most), (ways.OUR_J_AND_F, ways.OFFICIAL), 3, clip)
        for size, most in (("480p", 90), ("1080p", 20))
        for clip, frames in _JUDGED.items()
    ),
    "quick": (
        Case("480p", 1, 100, _TABLE, 3),
        Case("1080p", 1, 100, _TABLE, 3),
        Case("1080p", 8, 100, _LONG, 3),
        Case("480p", 1, 30, _SHAPES, 3),
        Case("1080p", 1, 15, _SHAPES, 3),
        Case("480p", 1, 40, _JUDGES, 3, RENDERED),
        Case("1080p", 1, 40, _JUDGES, 3, RENDERED),
    ),
    "full": (
        Case("480p", 1, 300, _TABLE, 7),
        Case("1080p", 1, 300, _TABLE, 7),
        Case("480p", 8, 100, _TABLE, 3),
        Case("1080p", 8, 100, _TABLE, 3),
        Case("1080p", 1, 3000, _LONG, 3),
        Case("1080p", 8, 500, _LONG, 3),
        Case("1080p", 8, 1000, _LONG, 3),
        Case("480p", 1, 60, _SHAPES, 5),
        Case("1080p", 1, 30, _SHAPES, 5),
        *(Case(size, 1, 40, _JUDGES, 3, clip) for size in ("480p", "1080p") for clip in _JUDGED),
    ),
}
_HEAD = (
    "| clip | way | wall, ms a frame | CPU, ms a frame | wall ratio | CPU ratio | peak, MB |\n"
    "|---|---|---:|---:|---:|---:|---:|\n"
)


def report(plan: Sequence[Case], folder: Path) -> Iterator[str]:
    """Run the cases; gives the report in pieces, as they are ready."""
    yield f"{machine()}\n\n"
    absent = {way.name: missing(way) for case in plan for way in case.ways}
    for name, modules in absent.items():
        if modules:
            yield f"Left out: {name}, because {', '.join(modules)} is not installed.\n\n"
    unseen = {case.judged for case in plan if case.judged and not at_hand(case.judged)}
    if unseen:
        yield f"Left out: {', '.join(sorted(unseen))}, because shared/data is not beside the repository.\n\n"
    yield _HEAD
    cpu: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    for case in plan:
        if case.judged and not at_hand(case.judged):
            continue
        present = [way for way in case.ways if not absent[way.name]]
        turns = run_in_turns(present, case.material(folder), case.warm_up(folder), case.rounds)
        _check_agreement(present, turns, exactly=case.judged is not None)
        for way, taken in zip(present, turns, strict=True):
            yield _row(case, way, taken, turns[0])
        by_way = {way: [turn.cpu_s for turn in taken] for way, taken in zip(present, turns, strict=True)}
        if case.judged and ways.OUR_J_AND_F in by_way and ways.OFFICIAL in by_way:
            cpu[case.size, case.judged] = by_way[ways.OUR_J_AND_F], by_way[ways.OFFICIAL]
    if cpu:
        yield from _times_less(cpu)


def machine() -> str:
    """Describe the machine and the libraries."""
    info = Path("/proc/cpuinfo")
    models = [line.split(":")[1].strip() for line in _lines(info) if line.startswith("model name")]
    packages = (
        "av",
        "numpy",
        "rlemasklib",
        "scikit-image",
        "opencv-python-headless",
        "supervision",
        "imageio",
    )
    versions = ", ".join(f"{name} {version(name)}" for name in packages if _installed(name))
    memory = [
        int(line.split()[1]) / 1e6 for line in _lines(Path("/proc/meminfo")) if line.startswith("MemTotal")
    ]
    return (
        f"{models[0] if models else platform.processor() or platform.machine()}, {os.cpu_count()} cores"
        f"{f', {memory[0]:.0f} GB' if memory else ''}; {platform.system()}, Python {platform.python_version()}; "
        f"{versions}."
    )


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _check_agreement(
    present: Sequence[Way], turns: Sequence[Sequence[Turn]], *, exactly: bool = False
) -> None:
    """Refuse to compare ways that did not find the same, within 1 px, or 0.01 for shares and counts.

    ``exactly``: within 1e-12.
    """
    found = {way.name: taken[0].means for way, taken in zip(present, turns, strict=True) if taken[0].means}
    (first, expected), *others = found.items()
    for name, means in others:
        if any(
            abs(a - b) > (1e-12 if exactly else max(0.01 * abs(b), 1 if abs(b) > 5 else 0.01))
            for a, b in zip(means, expected, strict=True)
        ):
            raise RuntimeError(f"{name} measured {means}, but {first} {expected}: not the same job")


def _row(case: Case, way: Way, taken: Sequence[Turn], base: Sequence[Turn]) -> str:
    masks = case.objects * case.frames
    wall, cpu = median(turn.wall_s for turn in taken), median(turn.cpu_s for turn in taken)
    wall_ratio = median(turn.wall_s / other.wall_s for turn, other in zip(taken, base, strict=True))
    cpu_ratio = median(turn.cpu_s / other.cpu_s for turn, other in zip(taken, base, strict=True))
    peak = max(turn.peak_mb for turn in taken)
    return (
        f"| {case.title} | {way.name} | {1000 * wall / masks:.2f} | {1000 * cpu / masks:.2f} "
        f"| {wall_ratio:.2f} | {cpu_ratio:.2f} | {peak:.0f} |\n"
    )


def _times_less(cpu: Mapping[tuple[str, str], tuple[list[float], list[float]]]) -> Iterator[str]:
    """Say how many times less CPU time J and F take than by the official formulas, by clip and in all.

    Args:
        cpu: of a size and clip, ours and the official, each of the rounds, seconds.
    """
    sizes, clips = (list(dict.fromkeys(names)) for names in zip(*cpu, strict=True))
    heads = "".join(f" {width}x{height} |" for height, width in map(SIZES.__getitem__, sizes))
    yield f"\nJ and F: the official formulas' CPU time by ours\n\n| clip |{heads}\n|---|{'---:|' * len(sizes)}\n"
    for clip in clips:
        pairs = [cpu.get((size, clip), ([], [])) for size in sizes]
        cells = [[official / ours for ours, official in zip(*pair, strict=True)] for pair in pairs]
        yield f"| {clip} |{''.join(f' {median(cell):.0f} |' if cell else ' |' for cell in cells)}\n"
    totals = [
        [sum(median(pair[side]) for (size, _), pair in cpu.items() if size == wanted) for side in (0, 1)]
        for wanted in sizes
    ]
    yield f"| all together |{''.join(f' {official / ours:.0f} |' for ours, official in totals)}\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "plan", choices=[*PLANS, "overhead"], nargs="?", default="quick", help="how much, or what, to measure"
    )
    parser.add_argument("--clips", type=Path, help="a folder that keeps the clips for the next time")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        if options.plan == "overhead":
            sys.stdout.write(f"{machine()}\n\n{measure_overhead(Path(scratch), rounds=9)}")
            return
        for piece in report(PLANS[options.plan], options.clips or Path(scratch)):
            sys.stdout.write(piece)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
