"""Tells what calls would cost, and which of them are paid for already, before any is made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sa2va_nb.calling.ledger import usd
from sa2va_nb.calling.planning import Job, Plan, is_answered, make_plan
from sa2va_nb.calling.sources import open_source
from sa2va_nb.errors import MissingKeyError, Sa2VAError
from sa2va_nb.media.video import Video
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.model.pricing import ASSUMED, estimate_cost_usd
from sa2va_nb.model.request import Engine
from sa2va_nb.run_folder import resolve_runs_dir
from sa2va_nb.view.status.progress import progress_display

_ANY_PROMPT = "Please segment."  # a price doesn't depend on the words
_TABLE = {
    "video": "string",
    "prompt": "string",
    "engine": "string",
    "endpoint": "string",
    "num_frames_to_sample": "Int64",
    "seconds": "float64",
    "cost_usd": "float64",
    "price_usd": "float64",
    "paid_by": "string",
    "error": "string",
}


@dataclass(frozen=True)
class Estimate:
    """What one call would cost; ``estimate`` makes it.

    Attributes:
        video: the clip's name.
        prompt: what would be asked; None if that is open.
        engine: the engine's name.
        endpoint: which hosted model.
        num_frames_to_sample: how many frames it would be given; None for all.
        seconds: length of the video that would be sent.
        cost_usd: what the call is expected to cost now: 0 where an earlier run has the answer.
        price_usd: what it is expected to cost if made anew; NaN if the engine can't say.
        paid_by: the run that has the answer, or waits for it; None without one.
        assumes: what the figures rest on, and what else is to be known, in words.
    """

    video: str
    prompt: str | None
    engine: str
    endpoint: str
    num_frames_to_sample: int | None
    seconds: float
    cost_usd: float
    price_usd: float
    paid_by: str | None
    assumes: tuple[str, ...]

    def __repr__(self) -> str:
        model = f"{self.engine} {self.endpoint}" if self.engine == FalEngine.name else self.engine
        if self.paid_by:
            price = f"$0.00, paid for by run {self.paid_by} ({usd(self.price_usd)} if made anew)"
        else:
            price = usd(self.cost_usd) if np.isfinite(self.cost_usd) else "a price that the engine can't tell"
        head = f"Estimate: {self.video}, {self.seconds:.1f} s, {model}: {price}"
        return "\n".join([head, *(f"  - {assumption}" for assumption in self.assumes)])


@dataclass(frozen=True)
class Estimates:
    """What several calls would cost together; ``segment_many(…, dry_run=True)`` makes it.

    Attributes:
        jobs: in their order, an ``Estimate`` or the error that the job would end with.
        table: a row a job, with the fields of ``Estimate`` and ``error``.
        cost_usd: what all would cost now; each thing that is asked twice counts once.
        n_paid: how many are answered by an earlier run.
        n_failed: how many can't be made.
    """

    jobs: tuple[Estimate | Exception, ...]
    table: pd.DataFrame
    cost_usd: float
    n_paid: int
    n_failed: int

    def __repr__(self) -> str:
        n_new = len(self.jobs) - self.n_paid - self.n_failed
        parts = [f"{n_new} to be made", f"{self.n_paid} paid for already"]
        parts += [f"{self.n_failed} can't be made"] if self.n_failed else []
        said = dict.fromkeys(note for job in self.jobs if isinstance(job, Estimate) for note in job.assumes)
        head = f"Estimates: {usd(self.cost_usd)} for {len(self.jobs)} jobs: {', '.join(parts)}"
        return "\n".join([head, *(f"  - {note}" for note in said)])


def estimate(
    video: str | Path | Video,
    prompt: str | None = None,
    *,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    first_frames: Sequence[int] | None = None,
    runs_dir: str | Path | None = None,
    reuse: bool = True,
) -> Estimate:
    """Tell what ``segment`` with these arguments would cost; nothing is sent, and no key is needed.

    Args:
        video: as in ``segment``. A URL is downloaded, to know its length.
        prompt: as in ``segment``; without one no earlier run is looked for.
        engine: as in ``segment``.
        num_frames_to_sample: as in ``segment``. It doesn't change the estimate.
        endpoint: as in ``segment``.
        first_frames: as in ``segment``; they make the clip a little longer.
        runs_dir: where to look for an earlier run; as in ``segment``.
        reuse: as in ``segment``; False prices a new call.

    Returns:
        The estimate, with what it assumes.

    Raises:
        ValueError, TypeError: if an argument is out of range.
        DecodeError, FetchError: if the video can't be read.
    """
    folder = resolve_runs_dir(runs_dir)
    words = _ANY_PROMPT if prompt is None else prompt
    looked_for = reuse and prompt is not None
    job = Job(video, words, engine, num_frames_to_sample, endpoint, folder, looked_for, None, first_frames)
    with progress_display(shown=False) as quiet, open_source(video, folder, quiet) as source:
        return estimate_plan(make_plan(job, source), prompt)


def estimate_jobs(jobs: Iterable[Job]) -> Estimates:
    """Tell what jobs would cost; one that can't be made is told so."""
    found: list[Estimate | Exception] = []
    costs: dict[str, float] = {}  # by the request's key, as the same thing is paid for once
    rows = []
    for number, job in enumerate(jobs):
        row = {"video": str(getattr(job.video, "path", job.video)), "prompt": job.prompt}
        try:
            with (
                progress_display(shown=False) as quiet,
                open_source(job.video, job.runs_dir, quiet) as source,
            ):
                plan = make_plan(job, source)
                told = estimate_plan(plan, job.prompt)
                costs[plan.key if job.reuse else str(number)] = told.cost_usd
            found.append(told)
            rows.append({column: getattr(told, column, None) for column in _TABLE})
        except (Sa2VAError, ValueError, TypeError, OSError) as error:
            found.append(error)
            rows.append({**row, "error": f"{type(error).__name__}: {error}"})
    table = pd.DataFrame(rows, columns=list(_TABLE)).astype(_TABLE)
    n_failed = sum(isinstance(job, Exception) for job in found)
    total_usd = float(np.nansum([*costs.values()]))
    return Estimates(tuple(found), table, total_usd, int(table["paid_by"].notna().sum()), n_failed)


def estimate_plan(plan: Plan, prompt: str | None) -> Estimate:
    """Tell what a planned call would cost.

    Args:
        plan: the call.
        prompt: what would be asked, as the user said it; None if that is open.

    Raises:
        ValueError: if the engine finds that an argument is out of range.
    """
    price_usd, notes = _price(plan)
    run = plan.earlier_run()
    paid_by = run.name if run is not None and is_answered(run) else None
    if prompt is None:
        notes += ("no prompt was given, so no earlier run was looked for",)
    return Estimate(
        plan.source.name,
        prompt,
        plan.engine.name,
        plan.request.endpoint,
        plan.request.num_frames_to_sample,
        plan.sent.video.duration_s,
        0.0 if paid_by else price_usd,
        price_usd,
        paid_by,
        (*notes, *plan.cautions),
    )


def _price(plan: Plan) -> tuple[float, tuple[str, ...]]:
    """Give what a call costs if it is made anew, and what that rests on; a missing key is only told."""
    assumed = (ASSUMED,) if isinstance(plan.engine, FalEngine) else ()
    try:
        return plan.cost_usd, assumed
    except MissingKeyError:
        missing = ("no key was found, and the call needs one",)
        if not isinstance(plan.engine, FalEngine):
            return float("nan"), missing
        seconds = plan.sent.video.duration_s
        return estimate_cost_usd(plan.request.endpoint, seconds), (*assumed, *missing)
