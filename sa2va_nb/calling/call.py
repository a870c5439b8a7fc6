"""Makes one call: an engine fills a run folder, which is then opened."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.calling.ledger import check_affordable, check_limit, reserve
from sa2va_nb.calling.planning import Job, find_engine, is_answered, make_plan
from sa2va_nb.calling.sources import open_source
from sa2va_nb.errors import ModelError, RunError, Sa2VAError
from sa2va_nb.media.cut import Cut
from sa2va_nb.media.encode import write_mask_video
from sa2va_nb.media.video import Video
from sa2va_nb.model.request import Engine, MaskFile, Progress, Request, Response, Workspace
from sa2va_nb.opening.loading import open_run
from sa2va_nb.run_folder import RunFolder, only_one
from sa2va_nb.run_record import NOTHING_SENT
from sa2va_nb.segmentation import Segmentation, VideoSource
from sa2va_nb.view.status.progress import Display

CUT_FILE = "cut.mp4"  # in the run folder: what was sent in the clip's place


class _Workspace:
    """A run folder as engines see it."""

    def __init__(self, run: RunFolder, video: VideoSource, show: Display) -> None:
        self._video, self._show = video, show
        self.folder = run.path
        self.record = run.record
        self.save = run.save

    def report(self, progress: Progress) -> None:
        self._show(progress.stage, progress.message, progress.fraction)

    def write_mask_video(self, index: int, masks: Iterable[NDArray[np.bool_]]) -> Path:
        n_masks = len(self.record.get("sampled_frames", self._video))
        path = self.folder / "masks" / f"{index:03}.mp4"
        return write_mask_video(path, masks, n_masks / self._video.duration_s)


def make_call(job: Job, show: Display) -> Segmentation:
    """Give the earlier result of the same request, go on with it where it stopped, or make the call."""
    find_engine(job.engine)
    check_limit(job.max_cost_usd)
    check_limit(job.budget_usd, "budget_usd")
    with open_source(job.video, job.runs_dir, show) as source:
        plan = make_plan(job, source)
        if not job.runs_dir.exists():
            check_affordable(plan)  # no folder is made for a call that can't be
        with only_one(job.runs_dir, plan.key):  # whoever had the lock before may have made the call
            run = plan.earlier_run()
            if run is not None and run.record["status"] == "done":
                show("kept", f"the earlier result, from run {run.name}; nothing was billed", 1.0)
                return open_run(run.path, video=None if source.url else source.video)
            if run is None or not is_answered(run):
                for caution in plan.cautions:
                    show("log", caution)
                run = reserve(plan, run)
            return finish_call(plan.engine, replace(plan.request, video=source.keep_in(run)), run, show)


def finish_call(engine: Engine, request: Request, run: RunFolder, show: Display) -> Segmentation:
    """Let the engine fill the run folder, and open it."""
    started = time.monotonic()
    try:
        sent = _with_cut(request, run, show)
        response = _answer(engine, sent, _Workspace(run, sent.video, show))
        files = [_file_of(mask, run) for mask in response.masks]
    except Exception as error:  # of any kind, as engines of the user's own may raise; it goes on from here
        if run.record["status"] in NOTHING_SENT:
            run.save(status="failed", error=_said(error))
        show("failed", _said(error))
        raise
    run.save(
        status="done",
        output=response.output,
        masks=files,
        notes=list(response.notes),
        seconds=round(time.monotonic() - started, 3),
        **_cost_unless_told(run.record),
    )
    show("done", f"{len(response.masks)} masks in {run.record['seconds']:.1f} s, kept in {run.path}", 1.0)
    return open_run(run.path, video=request.video)


def _answer(engine: Engine, request: Request, workspace: Workspace) -> Response:
    """Let the engine answer; one that wants to end Python, as a program's own parts may, ends its run only."""
    try:
        return engine.run(request, workspace)
    except SystemExit as error:
        raise ModelError(f"engine {engine.name!r} ended with SystemExit({error})") from error


def _said(error: Exception) -> str:
    """Give an error's words; of one that isn't ours with its kind."""
    return str(error) if isinstance(error, Sa2VAError) else f"{type(error).__name__}: {error}"


def _cost_unless_told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Put the estimate in where an engine doesn't say what the call cost, so that budgets hold."""
    estimate_usd = record.get("estimate_usd") or 0.0
    if record.get("cost_usd") or "cost_is_estimate" in record or not estimate_usd:
        return {}
    return {"cost_usd": estimate_usd, "cost_is_estimate": True}


def _with_cut(request: Request, run: RunFolder, show: Display) -> Request:
    """Put the cut in the clip's place, where first frames are asked for; it is kept in the run folder."""
    if not len(request.first_frames):
        return request
    path = run.path / CUT_FILE
    if not path.is_file():
        show("cutting", f"frames {', '.join(map(str, request.first_frames))} are put in front of the clip")
        Cut(request.video, request.first_frames).write(path)
    return replace(request, video=Video(path), video_url=None)


def _file_of(mask: MaskFile, run: RunFolder) -> dict[str, str | None]:
    """Describe a mask video for the record; it must be there, in the run folder."""
    path = mask.path.resolve()
    if not path.is_file() or not path.is_relative_to(run.path.resolve()):
        raise RunError(
            f"the engine names {mask.path} as a mask video, but there is no such file in {run.path}"
        )
    return {"file": path.relative_to(run.path.resolve()).as_posix(), "label": mask.label}
