"""From videos and sentences to a ``Segmentation`` each: the calls that a user makes."""

import asyncio
import contextvars
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sa2va_nb.call import Job, find_engine, finish_call, make_call
from sa2va_nb.errors import RunError, Sa2VAError
from sa2va_nb.loading import open_run, recorded_video
from sa2va_nb.media.video import Video
from sa2va_nb.model.request import Engine, Request
from sa2va_nb.run_folder import RunFolder, locate_run, only_one, resolve_runs_dir
from sa2va_nb.run_record import check_holds
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.sources import sha256_of
from sa2va_nb.view.progress import progress_display


def segment(
    video: str | Path | Video,
    prompt: str,
    *,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    first_frames: Sequence[int] | None = None,
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
        first_frames: up to five source frames, increasing, that Sa2VA's language part shall see. It sees
            only the first five frames that it is given, so a new clip is sent: these frames, and behind them
            the whole clip. Their masks there are left out, the others are those of the clip's own frames.
            SAM 2 then starts from the frames put in, and the jump behind them may mislead it; the clip is
            encoded anew, a little longer, and without sound. That the service passes every frame on, as
            without ``num_frames_to_sample``, which can't be given as well, is unverified.
        runs_dir: where run folders go; None for ``$SA2VA_NB_RUNS``, or ``sa2va_runs`` here.
        reuse: give the earlier result where the same video's content, prompt, engine, endpoint, sampling
            and first frames were asked for before; False makes a new call.
        max_cost_usd: refuse before anything is sent if the estimate is higher.
        progress: show progress in the notebook or on the terminal.

    Returns:
        The segmentation; ``.notes`` says what was inferred.

    Raises:
        ValueError: if an argument is out of range.
        DecodeError: if the video can't be read.
        MissingKeyError, ModelError, BudgetError, FetchError: if the call fails; the message says
            what is kept and how to go on.
        AlignmentError, RunError: if the masks that came can't be matched with the video, or the run
            folder that keeps the call is damaged.
    """
    folder = resolve_runs_dir(runs_dir)
    job = Job(
        video, prompt, engine, num_frames_to_sample, endpoint, folder, reuse, max_cost_usd, first_frames
    )
    with progress_display(shown=progress) as show:
        return make_call(job, show)


async def segment_async(
    video: str | Path | Video,
    prompt: str,
    *,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    first_frames: Sequence[int] | None = None,
    runs_dir: str | Path | None = None,
    reuse: bool = True,
    max_cost_usd: float | None = None,
    progress: bool = True,
) -> Segmentation:
    """Segment without blocking the kernel: ``seg = await sa.segment_async(…)``; see ``segment``.

    Widgets stay alive meanwhile. Cancelling the task stops the waiting, not the run, which ends by itself.
    """
    folder = resolve_runs_dir(runs_dir)
    job = Job(
        video, prompt, engine, num_frames_to_sample, endpoint, folder, reuse, max_cost_usd, first_frames
    )
    with progress_display(shown=progress) as show:
        return await asyncio.to_thread(make_call, job, show)


def segment_many(
    jobs: Iterable[Sequence[Any] | Mapping[str, Any]],
    *,
    concurrency: int = 2,
    engine: str | Engine = "fal",
    num_frames_to_sample: int | None = None,
    endpoint: str = "8b",
    first_frames: Sequence[int] | None = None,
    runs_dir: str | Path | None = None,
    reuse: bool = True,
    max_cost_usd: float | None = None,
    progress: bool = True,
) -> list[Segmentation | Exception]:
    """Segment several videos, or one by several sentences; a failure stops nothing.

    Args:
        jobs: (video, prompt) pairs, or dicts with ``video``, ``prompt`` and any of ``engine``,
            ``num_frames_to_sample``, ``endpoint``, ``first_frames``, ``reuse``, ``max_cost_usd`` that differs
            for this job.
        concurrency: how many run at a time.
        engine: as in ``segment``; this and what follows is for every job that doesn't say otherwise.
        num_frames_to_sample: as in ``segment``.
        endpoint: as in ``segment``.
        first_frames: as in ``segment``.
        runs_dir: as in ``segment``, for all jobs.
        reuse: as in ``segment``.
        max_cost_usd: as in ``segment``, for each job by itself.
        progress: show how many are done.

    Returns:
        In the jobs' order, a ``Segmentation`` or the error that this job ended with.

    Raises:
        ValueError: if ``concurrency`` is below 1, or a job has another form.
    """
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ValueError(f"concurrency must be a whole number of at least 1, got {concurrency}")
    common = {
        "engine": engine,
        "num_frames_to_sample": num_frames_to_sample,
        "endpoint": endpoint,
        "first_frames": first_frames,
        "reuse": reuse,
        "max_cost_usd": max_cost_usd,
    }
    folder = resolve_runs_dir(runs_dir)
    planned = [Job(**{**common, **_as_fields(job)}, runs_dir=folder) for job in jobs]
    with progress_display(shown=progress) as show, ThreadPoolExecutor(concurrency) as pool:
        futures = [pool.submit(contextvars.copy_context().run, _outcome, job) for job in planned]
        results = []
        try:
            for count, future in enumerate(futures, start=1):
                results.append(future.result())
                stage = "done" if count == len(planned) else "segmenting"
                show(stage, f"{count} of {len(planned)}", count / len(planned))
        except BaseException:  # such as an interrupt: what has not begun is not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def resume(
    run_or_path: str | Path,
    *,
    engine: Engine | None = None,
    runs_dir: str | Path | None = None,
    progress: bool = True,
) -> Segmentation:
    """Pick up a run whose result was not fetched yet; nothing that was submitted is submitted again.

    Args:
        run_or_path: the run's name, as ``runs()`` lists it, or its folder.
        engine: the engine that made the run, where it was one of your own or had settings of your own.
        runs_dir: where names are looked up; as in ``segment``.
        progress: show progress.

    Returns:
        The segmentation; of a run that is done, what ``open_run`` gives.

    Raises:
        RunError: if there is no such run, or its source video is gone.
        ValueError: if the run was made by another engine, or one of other settings.
        MissingKeyError, ModelError, FetchError, DecodeError, AlignmentError: as in ``segment``.
    """
    run = locate_run(run_or_path, runs_dir)
    if run.record["status"] == "done" and run.is_whole():
        return open_run(run.path)
    check_holds(run.record, ("video", "request", "engine"), run.name)
    maker = find_engine(engine if engine is not None else run.record["engine"])
    made_by = run.record["engine"], run.record.get("settings", {})
    if (maker.name, dict(maker.settings)) != made_by:
        raise ValueError(
            f"run {run.name} was made by engine {made_by[0]!r} with settings {made_by[1]}; give that one: "
            "resume(…, engine=…)"
        )
    source = recorded_video(run)
    if source is None:
        raise RunError(f"run {run.name} can't go on without its source video {run.record['video']['name']!r}")
    if run.record["video"].get("sha256") not in (None, sha256_of(source)):
        raise RunError(
            f"{source} is no longer the video of run {run.name}; put the original back, or make a new call"
        )
    asked = run.record["request"]
    request = Request(
        Video(source),
        asked["prompt"],
        asked.get("num_frames_to_sample"),
        asked.get("endpoint", "8b"),
        run.record["video"].get("url"),
        tuple(asked.get("first_frames") or ()),
    )
    key = str(run.record.get("key", run.name))
    with progress_display(shown=progress) as show, only_one(run.path.parent, key):
        run = RunFolder.open(run.path)  # another process may have gone on with it meanwhile
        if run.record["status"] == "done" and run.is_whole():
            return open_run(run.path)
        return finish_call(maker, request, run, show)


def _outcome(job: Job) -> Segmentation | Exception:
    """Run one of several jobs; its failure is its result."""
    with progress_display(shown=False) as quiet:
        try:
            return make_call(job, quiet)
        except (Sa2VAError, ValueError, TypeError, OSError) as error:
            return error


def _as_fields(job: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(job) if isinstance(job, Mapping) else dict(zip(("video", "prompt"), job, strict=False))
    known = set(Job.__dataclass_fields__) - {"runs_dir"}
    if not {"video", "prompt"} <= set(fields) <= known or (not isinstance(job, Mapping) and len(job) != 2):
        raise ValueError(f"a job must be a (video, prompt) pair or a dict of {sorted(known)}, got {job!r}")
    return fields
