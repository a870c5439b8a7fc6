"""Asks one video many ways: several prompts, models and numbers of sampled frames."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.agreement.agreement import Agreement, agreement
from sa2va_nb.analysis.arguments import check_several
from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.calling.estimates import estimate_plan
from sa2va_nb.calling.ledger import budget_of, check_budget, check_limit
from sa2va_nb.calling.many import check_concurrency, run_jobs
from sa2va_nb.calling.planning import Job, make_plan
from sa2va_nb.calling.sources import Source, open_source
from sa2va_nb.errors import AlignmentError, BudgetError, DecodeError
from sa2va_nb.media.video import Video
from sa2va_nb.model.request import Engine
from sa2va_nb.run_folder import resolve_runs_dir
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.status.progress import progress_display

_SAME_FRAME = 0.5  # of a frame's time: runs of one video are compared in the very same frames
_TABLE = {
    "run": "object",
    "prompt": "object",
    "control": "bool",
    "endpoint": "object",
    "num_frames_to_sample": "Int64",
    "status": "object",
    "error": "object",
    "n_objects": "Int64",
    "visible_frac": "float64",
    "area_frac_mean": "float64",
    "correct": "boolean",
    "agreement": "float64",
    "consistency": "float64",
    "quality": "float64",
    "estimate_usd": "float64",
    "cost_usd": "float64",
    "seconds": "float64",
    "reused": "bool",
}


@dataclass(frozen=True, eq=False)
class Sweep:
    """What many ways of asking about one video gave; ``sweep`` makes it.

    Attributes:
        table: a row a job:

            - ``run`` (its name here), ``prompt``, ``control``, ``endpoint``, ``num_frames_to_sample`` (<NA> for
              all frames), ``status`` ("done", "failed"; with ``dry_run`` "kept" where the answer is there
              already, else "planned"), ``error`` (None without one)
            - ``n_objects``; ``visible_frac``: share of the frames in which any object is visible;
              ``area_frac_mean``: share of the image that they cover together, mean over the frames
            - ``correct``: a prompt found something, or a control nothing (T-acc. and N-acc. of Liu et al., GRES,
              CVPR 2023, counted over jobs); whether what it found is the right thing, it doesn't say
            - ``agreement``, ``consistency``: mean IoU with the other prompts' runs, and with what most of them
              show, see ``agreement``; NaN for controls
            - ``quality``: mean score over all objects and frames, also those where the object is absent, see
              ``quality``; NaN without an object
            - ``estimate_usd``: what the job was expected to cost beforehand, 0 where it was paid for already;
              ``cost_usd``: what its run cost, whenever that was made; ``seconds``: how long that took
            - ``reused``: an earlier run had the answer, or was waiting for it; nothing was billed for it now
        segmentations: those of the jobs that are done, by the name in ``run``.
        agreement: that of the prompts' runs, controls left out; None if fewer than two are done.
        estimate_usd: what the jobs were expected to cost beforehand, without what was paid for already.
        summary: ``jobs, failed, reused, T_acc`` (share of the prompts that are ``correct``), ``N_acc`` (of the
            controls), ``agreement`` (mean over the runs), ``estimate_usd, spent_usd`` (cost of what isn't
            reused), a Series.
        notes: how the runs were compared, in words.
    """

    table: pd.DataFrame
    segmentations: dict[str, Segmentation]
    agreement: Agreement | None
    estimate_usd: float
    summary: "pd.Series[float]"
    notes: tuple[str, ...]


def sweep(
    video: str | Path | Video,
    prompts: Sequence[str],
    *,
    controls: Sequence[str] = (),
    engine: str | Engine = "fal",
    num_frames_to_sample: Sequence[int | None] = (None,),
    endpoints: Sequence[str] = ("8b",),
    first_frames: Sequence[int] | None = None,
    runs_dir: str | Path | None = None,
    reuse: bool = True,
    max_cost_usd: float | None = None,
    budget_usd: float | None = None,
    concurrency: int = 2,
    dry_run: bool = False,
    progress: bool = True,
) -> Sweep:
    """Ask about one video in several ways, and see which of them agree.

    Every prompt and control is asked of every endpoint with every number of sampled frames. All is priced
    before anything is sent, and a failure stops nothing. Each job is a run as of ``segment``, so what is
    interrupted goes on with the same call.

    Args:
        video: as in ``segment``. A URL is downloaded for every job.
        prompts: ways to ask for the same things.
        controls: prompts for things that are not in the video, which should find nothing.
        engine: as in ``segment``.
        num_frames_to_sample: numbers of frames that the model is given; None for all.
        endpoints: which hosted models.
        first_frames: as in ``segment``, for every job.
        runs_dir: as in ``segment``.
        reuse: as in ``segment``.
        max_cost_usd: refuse before anything is sent if the estimate of all jobs together is higher.
        budget_usd: as in ``segment``, for all jobs together; what it doesn't cover is refused before anything
            is sent.
        concurrency: how many run at a time.
        dry_run: price the jobs, and send nothing.
        progress: show how many are done.

    Returns:
        The results, with a row for every job.

    Raises:
        ValueError, TypeError: if an argument is out of range, or something is asked twice.
        DecodeError, FetchError: if the video can't be read.
        BudgetError: if all jobs together may cost more than ``max_cost_usd``, or than the budget has left.
    """
    check_limit(max_cost_usd)
    check_concurrency(concurrency)
    budget_usd = budget_of(budget_usd)
    folder = resolve_runs_dir(runs_dir)
    asked = [
        (Job(video, words, engine, n, endpoint, folder, reuse, None, first_frames, budget_usd), control)
        for (words, control), (endpoint, n) in _questions(prompts, controls, endpoints, num_frames_to_sample)
    ]
    with progress_display(shown=progress) as show, open_source(video, folder, show) as source:
        rows = _plan(asked, source)
    estimate_usd = float(np.nansum([row["estimate_usd"] for row in rows]))
    if dry_run:
        return _result(rows, {}, estimate_usd)
    n_new = sum(not row["reused"] for row in rows)
    if max_cost_usd is not None and estimate_usd > max_cost_usd:
        raise BudgetError(
            f"these {n_new} calls are estimated at ${estimate_usd:.2f} together, more than "
            f"max_cost_usd={max_cost_usd:g}; nothing was sent. Allow more, ask less, or use engine='motion'"
        )
    check_budget(folder, estimate_usd, budget_usd, f"these {n_new} calls together are")
    results = run_jobs([job for job, _ in asked], concurrency=concurrency, progress=progress)
    judged = [row | _judge(result, row["control"]) for row, result in zip(rows, results, strict=True)]
    named = zip(judged, results, strict=True)
    done = {row["run"]: seg for row, seg in named if isinstance(seg, Segmentation)}
    return _result(judged, done, estimate_usd)


def _questions(
    prompts: Sequence[str],
    controls: Sequence[str],
    endpoints: Sequence[str],
    numbers: Sequence[int | None],
) -> list[tuple[tuple[str, bool], tuple[str, int | None]]]:
    """Combine every prompt or control, and whether it is one, with every endpoint and number of frames."""
    check_several("prompts", prompts)
    check_several("controls", controls)
    check_several("endpoints", endpoints)
    check_several("num_frames_to_sample", numbers)
    kinds = [(prompt, False) for prompt in prompts] + [(prompt, True) for prompt in controls]
    ways = [*product(endpoints, numbers)]
    _check_once("prompts and controls", [prompt for prompt, _ in kinds])
    _check_once("the pairs of endpoints and num_frames_to_sample", ways)
    return [*product(kinds, ways)]


def _check_once(name: str, values: Sequence[object]) -> None:
    """Check that something is asked, and nothing twice."""
    if not values:
        raise ValueError(f"a sweep must ask for something, got nothing in {name}")
    if twice := [value for value, count in Counter(values).items() if count > 1]:
        raise ValueError(
            f"a sweep must ask for nothing twice, got {twice} more than once in {name}; give each once"
        )


def _plan(asked: Sequence[tuple[Job, bool]], source: Source) -> list[dict[str, Any]]:
    """Name and price the jobs."""
    one_endpoint = len({job.endpoint for job, _ in asked}) == 1
    one_number = len({job.num_frames_to_sample for job, _ in asked}) == 1
    content = source.sha256()
    rows = []
    for job, control in asked:
        told = estimate_plan(make_plan(job, source, content), job.prompt)
        paid = told.paid_by is not None
        name = [job.prompt]
        name += [] if one_endpoint else [job.endpoint]
        name += [] if one_number else [f"{job.num_frames_to_sample or 'all'} frames"]
        row = {column: getattr(job, column) for column in ("prompt", "endpoint", "num_frames_to_sample")}
        row |= {"run": " · ".join(name), "control": control, "error": None, "reused": paid}
        rows.append(row | {"status": "kept" if paid else "planned", "estimate_usd": told.cost_usd})
    return rows


def _judge(result: Segmentation | Exception, control: bool) -> dict[str, Any]:
    """Sum up what came of a job."""
    if not isinstance(result, Segmentation):
        return {"status": "failed", "error": f"{type(result).__name__}: {result}"}
    area = _covered_px(result)
    _, height, width = result.shape
    return {
        "status": "done",
        "n_objects": len(result),
        "visible_frac": float(np.mean(area > 0)) if len(area) else 0.0,
        "area_frac_mean": float(np.mean(area)) / max(height * width, 1) if len(area) else 0.0,
        "correct": bool(area.any()) != control,
        "quality": _mean_quality(result),
        "cost_usd": result.run.get("cost_usd", np.nan),
        "seconds": result.run.get("seconds", np.nan),
    }


def _mean_quality(seg: Segmentation) -> float:
    """Average the scores over objects and frames; NaN without objects, or where the video can't be read."""
    try:
        return float(quality(seg)["score"].mean()) if len(seg) else float("nan")
    except DecodeError:
        return float("nan")


def _covered_px(seg: Segmentation) -> NDArray[np.int64]:
    """Count the pixels of all objects together in each frame, (T,)."""
    lanes = [item.masks.rles for item in seg]
    return np.array([RLEMask.union(rles).area() for rles in zip(*lanes, strict=True)], np.int64)


def _agree(runs: Mapping[str, Segmentation]) -> tuple[Agreement | None, tuple[str, ...]]:
    """Compare the runs in the source frames that they share; without any, say why."""
    if len(runs) < 2:
        return None, ()
    videos = [seg.video for seg in runs.values() if seg.video is not None]
    tolerance_s = _SAME_FRAME / videos[0].fps if videos else None
    try:
        found = agreement([*runs.values()], names=[*runs], tolerance_s=tolerance_s)
    except AlignmentError as error:
        return None, (f"the runs could not be compared: {error}",)
    return found, found.notes


def _result(rows: Sequence[Mapping[str, Any]], done: dict[str, Segmentation], estimate_usd: float) -> Sweep:
    """Build the table, the agreement of the prompts' runs put in."""
    table = table_of(rows, _TABLE)
    names = table["run"]
    found, notes = _agree({name: done[name] for name in names[~table["control"]] if name in done})
    if found is not None:
        by_run = found.runs.set_index("run")
        table["agreement"] = names.map(by_run["agreement"]).astype("float64")
        table["consistency"] = names.map(by_run["consensus_iou"]).astype("float64")
    return Sweep(table, done, found, estimate_usd, _summary(table, estimate_usd), notes)


def _summary(table: pd.DataFrame, estimate_usd: float) -> "pd.Series[float]":
    """Sum the table up."""
    control = table["control"]
    correct = table["correct"].astype("Float64").to_numpy("float64", na_value=np.nan)
    summary = {
        "jobs": len(table),
        "failed": (table["status"] == "failed").sum(),
        "reused": table["reused"].sum(),
        "T_acc": pd.Series(correct[~control]).mean(),
        "N_acc": pd.Series(correct[control]).mean(),
        "agreement": table["agreement"].mean(),
        "estimate_usd": estimate_usd,
        "spent_usd": table["cost_usd"][~table["reused"]].sum(),
    }
    return pd.Series(summary, dtype="float64")
