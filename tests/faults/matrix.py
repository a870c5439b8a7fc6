"""Runs cells of the matrix: a call that meets the fault, then what a user does next."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sa2va_nb as sa
from tests.clips import textured_clip
from tests.faults.cells import SUBMIT, Cell
from tests.standin import StandIn

PROMPT = "Please segment the children and the bed."
# Short, so that a hang is soon told; the quickest answers come in some milliseconds.
PATIENT = sa.FalEngine(poll_s=0.01, timeout_s=1.5, queue_timeout_s=60, run_timeout_s=60, download_s=20)
HURRIED = sa.FalEngine(poll_s=0.01, timeout_s=0.7, queue_timeout_s=2.5, run_timeout_s=2.5, download_s=3)
_WORDS = {
    "failed": ["nothing is billed"],
    "unknown": ["is unknown", "https://fal.ai/dashboard/requests", "Nothing is sent again", "reuse=False"],
    "kept": ["kept", "without paying again", "sa.resume("],
}


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_cell(cell: Cell, scratch: Path) -> list[str]:
    """Run one cell in an empty folder; gives what is wrong, in words."""
    clip = textured_clip(scratch / "clip.mp4")
    runs_dir = scratch / "runs"
    with StandIn(queue_polls=1, run_polls=1) as standin, environment(standin.env()):
        standin.keeps_alive = cell.kind != "refused"
        fault = cell.fault
        standin.faults.append(fault)
        engine = HURRIED if cell.lasting and cell.kind != "slow drip" else PATIENT
        first = call(clip, runs_dir, engine)
        wrong = [] if fault.times < cell.fault.times else ["the fault never came"]
        wrong += _judge_first(cell, first, standin, runs_dir)
        standin.faults.clear()
        wrong += _judge_next(cell, standin, clip, runs_dir)
        wrong += [f"the stand-in failed: {error!r}" for error in standin.errors]
    return wrong


def run_cell_apart(cell: Cell, scratch: Path) -> list[str]:
    """Run a cell among many: that one goes wrong altogether is a finding, not the campaign's end."""
    scratch.mkdir()
    try:
        return run_cell(cell, scratch)
    except Exception as error:  # noqa: BLE001
        return [f"escaped: {error!r}"]


def call(clip: Path, runs_dir: Path, engine: sa.FalEngine) -> sa.Segmentation | sa.Sa2VAError:
    try:
        return sa.segment(clip, PROMPT, engine=engine, runs_dir=runs_dir, progress=False)
    except sa.Sa2VAError as error:
        return error


def _judge_first(
    cell: Cell, first: sa.Segmentation | sa.Sa2VAError, standin: StandIn, runs_dir: Path
) -> list[str]:
    wrong = []
    (status,) = sa.runs(runs_dir)["status"]
    end = {"failed": "failed", "unknown": "unknown", "done": "done"}.get(status, "kept")
    if end != cell.end:
        wrong.append(f"expected the call to end {cell.end!r}, it ended {end!r}: {first}")
    if len(standin.jobs) != cell.jobs:
        wrong.append(f"expected {cell.jobs} jobs, there are {len(standin.jobs)}")
    if isinstance(first, sa.Sa2VAError):
        said = str(first)
        wrong += [
            f"the message lacks {word!r}: {said}" for word in _WORDS.get(cell.end, ()) if word not in said
        ]
        if (
            end == "kept"
            and cell.step.startswith(("poll", "result"))
            and next(iter(standin.jobs)) not in said
        ):
            wrong.append(f"the message lacks the request's id: {said}")
    return wrong


def _judge_next(cell: Cell, standin: StandIn, clip: Path, runs_dir: Path) -> list[str]:
    """Make the same call again, then resume; nothing may be sent twice, and all be done or still unknown."""
    sent = standin.count(SUBMIT)
    again = call(clip, runs_dir, PATIENT)
    if cell.end == "unknown":
        return _judge_unknown(cell, again, standin, runs_dir, sent)
    if isinstance(again, sa.Sa2VAError):
        return [f"the same call again failed: {again}"]
    wrong = [] if len(standin.jobs) == 1 else [f"in the end there are {len(standin.jobs)} jobs"]
    if cell.end != "failed" and standin.count(SUBMIT) != sent:
        wrong.append("the job was sent again")
    served = [data for url, data in standin.files.items() if "output" in url]
    kept = [path.read_bytes() for path in sorted(Path(again.run["folder"]).glob("masks/*"))]
    if kept != served:
        wrong.append("the mask videos are not those that the service has")
    if sa.resume(again.run["folder"], progress=False)[0].masks != again[0].masks:
        wrong.append("resume gives another result")
    return wrong


def _judge_unknown(
    cell: Cell, again: sa.Segmentation | sa.Sa2VAError, standin: StandIn, runs_dir: Path, sent: int
) -> list[str]:
    """Nothing is sent by itself; a user who finds the job's id at the service gets the result for it."""
    wrong = [] if isinstance(again, sa.ModelError) else [f"the same call gave {again!r}, expected it to stop"]
    wrong += [] if standin.count(SUBMIT) == sent == 1 else ["the job was sent again"]
    if not standin.jobs:
        return wrong
    (name,) = sa.runs(runs_dir)["run"]
    (runs_dir / name / "request_id.txt").write_text(next(iter(standin.jobs)) + "\n")
    seg = sa.resume(runs_dir / name, engine=PATIENT, progress=False)
    wrong += [] if len(seg) == 2 else [f"the found job gave {seg!r}"]
    return wrong + ([] if len(standin.jobs) == 1 else ["a second job"])
