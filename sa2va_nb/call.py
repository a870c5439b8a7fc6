"""Makes one call: an engine fills a run folder, which is then opened."""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import BudgetError, RunError, Sa2VAError
from sa2va_nb.loading import open_run
from sa2va_nb.media.cut import Cut
from sa2va_nb.media.encode import write_mask_video
from sa2va_nb.media.video import Video
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.model.motion import MotionEngine
from sa2va_nb.model.request import Engine, MaskFile, Progress, Request
from sa2va_nb.run_folder import RunFolder, find_run, only_one
from sa2va_nb.segmentation import Segmentation, VideoSource
from sa2va_nb.sources import Source, open_source
from sa2va_nb.view.progress import Display

CUT_FILE = "cut.mp4"  # in the run folder: what was sent in the clip's place
_ENGINES: dict[str, type[FalEngine] | type[MotionEngine]] = {"fal": FalEngine, "motion": MotionEngine}


@dataclass(frozen=True)
class Job:
    """The arguments of one call; see ``segment``."""

    video: str | Path | Video
    prompt: str
    engine: str | Engine
    num_frames_to_sample: int | None
    endpoint: str
    runs_dir: Path
    reuse: bool
    max_cost_usd: float | None
    first_frames: Sequence[int] | None = None


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
    engine = find_engine(job.engine)
    check_limit(job.max_cost_usd)
    with open_source(job.video, job.runs_dir, show) as source:
        request = make_request(job, source)
        content = source.sha256()
        key = _key(engine, request, content)
        run = find_run(job.runs_dir, key) if job.reuse else None
        if run is None:
            _check_budget(quote(engine, request), job.max_cost_usd)  # before anything is made
        with only_one(job.runs_dir, key):
            run = find_run(job.runs_dir, key) if job.reuse else None
            if run is not None and run.record["status"] == "done":
                show("done", f"the earlier result, from run {run.name}; nothing was billed", 1.0)
                return open_run(run.path, video=None if source.url else source.video)
            if run is None or run.record.get("request_id") is None:
                _check_budget(quote(engine, request), job.max_cost_usd)
            if run is None:
                run = RunFolder.create(job.runs_dir, key, **_first_fields(engine, request, source, content))
            return finish_call(engine, replace(request, video=source.keep_in(run)), run, show)


def make_request(job: Job, source: Source) -> Request:
    """Ask for what a job says, of an opened source.

    Raises:
        ValueError, TypeError: if an argument is out of range.
    """
    first_frames = () if job.first_frames is None else tuple(job.first_frames)
    return Request(source.video, job.prompt, job.num_frames_to_sample, job.endpoint, source.url, first_frames)


def earlier_run(job: Job, source: Source, content: str) -> RunFolder | None:
    """Find the run that has the answer already, or whose answer is on its way and paid for.

    Args:
        job: what is asked.
        source: its video, opened.
        content: the hash of that.
    """
    if not job.reuse:
        return None
    run = find_run(job.runs_dir, _key(find_engine(job.engine), make_request(job, source), content))
    known = run is not None and (run.record["status"] == "done" or run.record.get("request_id") is not None)
    return run if known else None


def quote(engine: Engine, request: Request) -> float:
    """Let an engine price what it would be sent, in USD."""
    return engine.quote(as_sent(request))


def as_sent(request: Request) -> Request:
    """Put the cut in the clip's place, where first frames are asked for; no file is made for it."""
    if not len(request.first_frames):
        return request
    return replace(request, video=Cut(request.video, request.first_frames), video_url=None)


def check_limit(max_cost_usd: float | None) -> None:
    """Check that a limit on costs is one."""
    if max_cost_usd is None:
        return
    if isinstance(max_cost_usd, bool) or not isinstance(max_cost_usd, (int, float)):
        raise TypeError(f"max_cost_usd must be a number of US$ or None, got {max_cost_usd!r}")
    if not 0 <= max_cost_usd < float("inf"):
        raise ValueError(f"max_cost_usd must be 0 or more, got {max_cost_usd}; None sets no limit")


def _check_budget(cost_usd: float, max_cost_usd: float | None) -> None:
    if max_cost_usd is not None and cost_usd > max_cost_usd:
        raise BudgetError(
            f"this call is estimated at ${cost_usd:.2f}, more than max_cost_usd={max_cost_usd:g}; "
            "nothing was sent. Allow more, shorten the clip, or use engine='motion'"
        )


def finish_call(engine: Engine, request: Request, run: RunFolder, show: Display) -> Segmentation:
    """Let the engine fill the run folder, and open it."""
    started = time.monotonic()
    try:
        sent = _with_cut(request, run, show)
        response = engine.run(sent, _Workspace(run, sent.video, show))
        files = [_file_of(mask, run) for mask in response.masks]
    except Sa2VAError as error:
        if run.record["status"] in ("new", "uploading"):
            run.save(status="failed", error=str(error))
        show("failed", str(error))
        raise
    run.save(
        status="done",
        output=response.output,
        masks=files,
        notes=list(response.notes),
        seconds=round(time.monotonic() - started, 3),
    )
    show("done", f"{len(response.masks)} masks in {run.record['seconds']:.1f} s, kept in {run.path}", 1.0)
    return open_run(run.path, video=request.video)


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


def find_engine(engine: str | Engine) -> Engine:
    """Give the engine of a name, or the caller's own.

    Raises:
        ValueError: if there is none of that name.
        TypeError: if it is neither a name nor an engine.
    """
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
            **_first_frames(request),
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


def _first_frames(request: Request) -> dict[str, list[int]]:
    """Give the record's field on first frames, which only some requests have."""
    return (
        {"first_frames": [int(frame) for frame in request.first_frames]} if len(request.first_frames) else {}
    )


def _key(engine: Engine, request: Request, content: str) -> str:
    """Name a request by what decides its answer; the same key means the same result."""
    asked = [
        request.prompt,
        request.num_frames_to_sample,
        request.endpoint,
        engine.name,
        dict(engine.settings),
        *_first_frames(request).values(),
    ]
    return hashlib.sha256(json.dumps([content, *asked], sort_keys=True).encode()).hexdigest()
