"""Works out a call before it is made: what is asked, whether that is answered already, what it costs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sa2va_nb.calling.sources import Source
from sa2va_nb.media.cut import Cut
from sa2va_nb.media.video import Video
from sa2va_nb.model.endpoints import frame_notes
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.model.motion import MotionEngine
from sa2va_nb.model.request import Engine, Request
from sa2va_nb.run_folder import RunFolder, find_run
from sa2va_nb.run_record import LARGEST

AMOUNTS = (int, float, np.integer, np.floating)
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
    budget_usd: float | None = None


@dataclass(frozen=True)
class Plan:
    """A job whose video is open.

    Attributes:
        job: what the user asked for.
        engine: who is to answer.
        request: what that one is asked.
        source: the opened video.
        content: the hash of it.
    """

    job: Job
    engine: Engine
    request: Request
    source: Source
    content: str

    @cached_property
    def key(self) -> str:
        """Name the request by what decides its answer; the same key means the same result."""
        asked = [
            self.request.prompt,
            self.request.num_frames_to_sample,
            self.request.endpoint,
            self.engine.name,
            dict(self.engine.settings),
            *_first_frames(self.request).values(),
        ]
        return hashlib.sha256(json.dumps([self.content, *asked], sort_keys=True).encode()).hexdigest()

    @cached_property
    def cost_usd(self) -> float:
        """What the engine expects the call to cost, asked once, as that may check a key as well.

        Raises:
            MissingKeyError, ValueError: if the engine finds that the call can't be made, or its price is none.
        """
        price: object = self.engine.quote(self.sent)
        if isinstance(price, bool) or not isinstance(price, AMOUNTS) or not 0 <= price < LARGEST:
            raise ValueError(
                f"engine {self.engine.name!r} must quote a number of US$ from 0 up, got {str(price)[:40]}; "
                "nothing was sent"
            )
        return float(price)

    @cached_property
    def sent(self) -> Request:
        """The request with the cut in the clip's place, where first frames are asked for; no file is made for it."""
        if not len(self.request.first_frames):
            return self.request
        cut = Cut(self.request.video, self.request.first_frames)
        return replace(self.request, video=cut, video_url=None)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What speaks against asking like this, in words."""
        if not isinstance(self.engine, FalEngine):
            return ()
        return frame_notes(self.request.endpoint, self.request.num_frames_to_sample)

    def earlier_run(self) -> RunFolder | None:
        """Find the run of the same request that came furthest; none where a new answer is wanted."""
        return find_run(self.job.runs_dir, self.key) if self.job.reuse else None

    def first_fields(self) -> dict[str, Any]:
        """Describe the request for the record of its run."""
        path, request, stat = self.source.video.path, self.request, self.source.stat()
        return {
            "engine": self.engine.name,
            "settings": dict(self.engine.settings),
            "cost_usd": 0.0,  # nothing is spent yet
            "request": {
                "prompt": request.prompt,
                "num_frames_to_sample": request.num_frames_to_sample,
                "endpoint": request.endpoint,
                **_first_frames(request),
            },
            "video": {
                "name": self.source.name,
                "url": self.source.url,
                "path": str(path.resolve()),
                "bytes": stat.st_size,
                "mtime_ns": stat.st_mtime_ns,
                "sha256": self.content,
                "frames": len(self.source.video),
            },
        }


def make_plan(job: Job, source: Source, content: str | None = None) -> Plan:
    """Plan a job.

    Args:
        job: what is asked.
        source: its video, opened.
        content: the hash of that, where it is known.

    Raises:
        ValueError, TypeError: if an argument is out of range.
    """
    first_frames = () if job.first_frames is None else tuple(job.first_frames)
    sampled = job.num_frames_to_sample
    sampled = int(sampled) if isinstance(sampled, np.integer) else sampled  # it is written as JSON
    request = Request(source.video, job.prompt, sampled, job.endpoint, source.url, first_frames)
    return Plan(job, find_engine(job.engine), request, source, content or source.sha256())


def is_answered(run: RunFolder | None) -> bool:
    """Tell whether a run has the answer already, or it is on its way and paid for."""
    return run is not None and (run.record["status"] == "done" or run.record.get("request_id") is not None)


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


def _first_frames(request: Request) -> dict[str, list[int]]:
    """Give the record's field on first frames, which only some requests have."""
    return (
        {"first_frames": [int(frame) for frame in request.first_frames]} if len(request.first_frames) else {}
    )
