"""From a video and a sentence to a ``Segmentation``: puts engine, run folder and decoding together."""

import asyncio
import contextvars
import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import BudgetError, RunError, Sa2VAError
from sa2va_nb.loading import open_run, recorded_video
from sa2va_nb.media.encode import write_mask_video
from sa2va_nb.media.video import Video
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.model.motion import MotionEngine
from sa2va_nb.model.request import Engine, Progress, Request
from sa2va_nb.run_folder import RunFolder, find_run, locate_run, resolve_runs_dir
from sa2va_nb.segmentation import Segmentation, VideoSource
from sa2va_nb.sources import Source, open_source
from sa2va_nb.view.progress import Display, progress_display

_ENGINES: dict[str, type[FalEngine] | type[MotionEngine]] = {"fal": FalEngine, "motion": MotionEngine}


def segment(
    video: str | Path | Video,
    prompt: str,
    *,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    runs_dir: str | Path | None = None,
    reuse: bool = True,
    max_cost_usd: float | None = None,
    progress: bool = True,
) -> Segmentation:
    """Segment a video by a sentence.

    The call is kept in a run folder from its first moment, so that what was paid for can be opened
    again (``open_run``), picked up (``resume``), and is not paid for twice.

    Args:
        video: a path, an https URL, or a ``Video``. A local file is uploaded to the service, where
            whoever knows its address can read it until it expires.
        prompt: what to segment, such as "Please segment the dog and the ball."
        engine: ``"fal"`` for Sa2VA on fal (needs ``FAL_KEY``, costs money), ``"motion"`` for the
            embedded baseline, which finds what moves and doesn't read the prompt, or your own ``Engine``.
        num_frames_to_sample: how many frames the model is given, 1 to 100; None for all.
        endpoint: which hosted Sa2VA: ``"8b"`` or ``"4b"``.
        runs_dir: where run folders go; None for ``$SA2VA_NB_RUNS``, or ``sa2va_runs`` here.
        reuse: give the earlier result where the same video's content, prompt, engine, endpoint and
            sampling were asked for before; False makes a new call.
        max_cost_usd: refuse before anything is sent if the estimate is higher.
        progress: show progress in the notebook or on the terminal.

    Returns:
        The segmentation; ``.notes`` says what was inferred.

    Raises:
        ValueError: if an argument is out of range.
        DecodeError: if the video can't be read.
        MissingKeyError, ModelError, BudgetError, FetchError: if the call fails; the message says
            what is kept and how to go on.
    """
    job = _Job(
        video, prompt, engine, num_frames_to_sample, endpoint, resolve_runs_dir(runs_dir), reuse, max_cost_usd
    )
    with progress_display(shown=progress) as show:
        return _segment(job, show)


async def segment_async(
    video: str | Path | Video,
    prompt: str,
    *,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    runs_dir: str | Path | None = None,
    reuse: bool = True,
    max_cost_usd: float | None = None,
    progress: bool = True,
) -> Segmentation:
    """Segment without blocking the kernel: ``seg = await sa.segment_async(…)``; see ``segment``.

    Widgets stay alive meanwhile. Cancelling the task stops the waiting, not the run, which ends by itself.
    """
    job = _Job(
        video, prompt, engine, num_frames_to_sample, endpoint, resolve_runs_dir(runs_dir), reuse, max_cost_usd
    )
    with progress_display(shown=progress) as show:
        return await asyncio.to_thread(_segment, job, show)


def segment_many(
    jobs: Iterable[Sequence[Any] | Mapping[str, Any]],
    *,
    concurrency: int = 2,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    runs_dir: str | Path | None = None,
    reuse: bool = True,
    max_cost_usd: float | None = None,
    progress: bool = True,
) -> list[Segmentation | Exception]:
    """Segment several videos, or one by several sentences; a failure stops nothing.

    Args:
        jobs: (video, prompt) pairs, or dicts with ``video``, ``prompt`` and any of ``engine``,
            ``num_frames_to_sample``, ``endpoint``, ``reuse``, ``max_cost_usd`` that differs for this job.
        concurrency: how many run at a time.
        engine: as in ``segment``; this and what follows is for every job that doesn't say otherwise.
        num_frames_to_sample: as in ``segment``.
        endpoint: as in ``segment``.
        runs_dir: as in ``segment``, for all jobs.
        reuse: as in ``segment``.
        max_cost_usd: as in ``segment``, for each job by itself.
        progress: show how many are done.

    Returns:
        In the jobs' order, a ``Segmentation`` or the error that this job ended with.

    Raises:
        ValueError: if ``concurrency`` is below 1, or a job has another form.
    """
    if concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, got {concurrency}")
    common = {
        "engine": engine,
        "num_frames_to_sample": num_frames_to_sample,
        "endpoint": endpoint,
        "reuse": reuse,
        "max_cost_usd": max_cost_usd,
    }
    folder = resolve_runs_dir(runs_dir)
    planned = [_Job(**{**common, **_as_fields(job)}, runs_dir=folder) for job in jobs]
    with progress_display(shown=progress) as show, ThreadPoolExecutor(concurrency) as pool:
        futures = [pool.submit(contextvars.copy_context().run, _outcome, job) for job in planned]
        results = []
        for count, future in enumerate(futures, start=1):
            results.append(future.result())
            show(
                "done" if count == len(planned) else "segmenting",
                f"{count} of {len(planned)}",
                count / len(planned),
            )
    return results


def resume(
    run_or_path: str | Path, *, runs_dir: str | Path | None = None, progress: bool = True
) -> Segmentation:
    """Pick up a run whose result was not fetched yet; nothing that was submitted is submitted again.

    Args:
        run_or_path: the run's name, as ``runs()`` lists it, or its folder.
        runs_dir: where names are looked up; as in ``segment``.
        progress: show progress.

    Raises:
        RunError: if there is no such run, or its source video is gone.
        ModelError, FetchError: as in ``segment``.
    """
    run = locate_run(run_or_path, runs_dir)
    if run.record["status"] == "done":
        return open_run(run.path)
    source = recorded_video(run)
    if source is None:
        raise RunError(f"run {run.name} can't go on without its source video {run.record['video']['name']!r}")
    asked = run.record["request"]
    request = Request(
        Video(source),
        asked["prompt"],
        asked["num_frames_to_sample"],
        asked["endpoint"],
        run.record["video"]["url"],
    )
    with progress_display(shown=progress) as show:
        return _answer(_engine(run.record["engine"]), request, run, show)


@dataclass(frozen=True)
class _Job:
    """The arguments of one call."""

    video: str | Path | Video
    prompt: str
    engine: str | Engine
    num_frames_to_sample: int | None
    endpoint: str
    runs_dir: Path
    reuse: bool
    max_cost_usd: float | None


class _Workspace:
    """A run folder as engines see it."""

    def __init__(self, run: RunFolder, video: VideoSource, show: Display) -> None:
        self._run, self._video, self._show = run, video, show
        self.folder = run.path
        self.record = run.record
        self.save = run.save

    def report(self, progress: Progress) -> None:
        self._show(progress.stage, progress.message, progress.fraction)

    def write_mask_video(self, index: int, masks: Iterable[NDArray[np.bool_]]) -> Path:
        n_masks = len(self.record.get("sampled_frames", self._video))
        path = self.folder / "masks" / f"{index:03}.mp4"
        return write_mask_video(path, masks, n_masks / self._video.duration_s)


def _segment(job: _Job, show: Display) -> Segmentation:
    """Give the earlier result of the same request, go on with it where it stopped, or make the call."""
    engine = _engine(job.engine)
    with open_source(job.video, job.runs_dir, show) as source:
        request = Request(source.video, job.prompt, job.num_frames_to_sample, job.endpoint, source.url)
        content = source.sha256()
        key = _key(engine, request, content)
        run = find_run(job.runs_dir, key) if job.reuse else None
        if run is not None and run.record["status"] == "done":
            show("done", f"the earlier result of run {run.name}", 1.0)
            return open_run(run.path, video=None if source.url else source.video)
        cost_usd = engine.quote(request)
        if job.max_cost_usd is not None and cost_usd > job.max_cost_usd:
            raise BudgetError(
                f"this call is estimated at ${cost_usd:.2f}, more than max_cost_usd={job.max_cost_usd:g}; "
                "nothing was sent. Allow more, shorten the clip, or use engine='motion'"
            )
        if run is None:
            run = RunFolder.create(job.runs_dir, key, **_first_fields(engine, request, source, content))
        request = replace(request, video=source.keep_in(run))
    return _answer(engine, request, run, show)


def _answer(engine: Engine, request: Request, run: RunFolder, show: Display) -> Segmentation:
    """Let the engine fill the run folder, and open it."""
    started = time.monotonic()
    try:
        response = engine.run(request, _Workspace(run, request.video, show))
    except Sa2VAError as error:
        if run.record["status"] == "new":
            run.save(status="failed", error=str(error))
        show("failed", str(error))
        raise
    run.save(
        status="done",
        output=response.output,
        masks=[
            {"file": mask.path.relative_to(run.path).as_posix(), "label": mask.label}
            for mask in response.masks
        ],
        notes=list(response.notes),
        seconds=round(time.monotonic() - started, 3),
    )
    show("done", f"{len(response.masks)} masks in {run.record['seconds']:.1f} s, kept in {run.path}", 1.0)
    return open_run(run.path, video=request.video)


def _outcome(job: _Job) -> Segmentation | Exception:
    """Run one of several jobs; its failure is its result."""
    with progress_display(shown=False) as quiet:
        try:
            return _segment(job, quiet)
        except (Sa2VAError, ValueError, TypeError, OSError) as error:
            return error


def _as_fields(job: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(job) if isinstance(job, Mapping) else dict(zip(("video", "prompt"), job, strict=False))
    known = set(_Job.__dataclass_fields__) - {"runs_dir"}
    if not {"video", "prompt"} <= set(fields) <= known or (not isinstance(job, Mapping) and len(job) != 2):
        raise ValueError(f"a job must be a (video, prompt) pair or a dict of {sorted(known)}, got {job!r}")
    return fields


def _engine(engine: str | Engine) -> Engine:
    if not isinstance(engine, str):
        if not (hasattr(engine, "run") and hasattr(engine, "quote")):
            raise TypeError(f"engine must be 'fal', 'motion' or an Engine, got {type(engine).__name__}")
        return engine
    if engine not in _ENGINES:
        raise ValueError(
            f"engine must be one of {', '.join(map(repr, _ENGINES))} or an Engine, got {engine!r}"
        )
    return _ENGINES[engine]()


def _first_fields(engine: Engine, request: Request, source: Source, content: str) -> dict[str, Any]:
    """Describe a request for its record."""
    path = source.video.path
    return {
        "engine": engine.name,
        "settings": dict(engine.settings),
        "cost_usd": 0.0,  # nothing is spent yet
        "request": {
            "prompt": request.prompt,
            "num_frames_to_sample": request.num_frames_to_sample,
            "endpoint": request.endpoint,
        },
        "video": {
            "name": source.name,
            "url": source.url,
            "path": str(path.resolve()),
            "bytes": path.stat().st_size,
            "sha256": content,
            "frames": len(source.video),
        },
    }


def _key(engine: Engine, request: Request, content: str) -> str:
    """Name a request by what decides its answer; the same key means the same result."""
    asked = [
        request.prompt,
        request.num_frames_to_sample,
        request.endpoint,
        engine.name,
        dict(engine.settings),
    ]
    return hashlib.sha256(json.dumps([content, *asked], sort_keys=True).encode()).hexdigest()
