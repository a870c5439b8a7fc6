"""From videos and sentences to a ``Segmentation`` each: the calls that a user makes."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload

from sa2va_nb.calling.call import make_call
from sa2va_nb.calling.estimates import Estimates, estimate_jobs
from sa2va_nb.calling.ledger import budget_of, check_limit
from sa2va_nb.calling.many import check_concurrency, run_jobs
from sa2va_nb.calling.planning import Job
from sa2va_nb.calling.resuming import pick_up
from sa2va_nb.media.video import Video
from sa2va_nb.model.request import Engine
from sa2va_nb.run_folder import locate_run, resolve_runs_dir
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.status.progress import progress_display


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
    budget_usd: float | None = None,
    progress: bool = True,
) -> Segmentation:
    """Segment a video by a sentence.

    The call is kept in a run folder from its first moment, so that what was paid for can be opened
    again (``open_run``), picked up (``resume``), and is not paid for twice. Interrupting it stops the waiting: the
    job goes on at the service, to be picked up or called off (``cancel``), unless
    ``FalEngine(cancel_on_interrupt=True)`` says that an interrupt cancels.

    Args:
        video: a path, an https URL, or a ``Video``. A local file is uploaded to the service, once while the upload
            lives, where whoever knows its address can read it until it expires.
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
        budget_usd: refuse before anything is sent if this call's estimate, and what all runs of the runs folder
            have cost or are about to cost, are more together; None for ``$SA2VA_NB_BUDGET_USD``, or no budget.
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
    folder, budget_usd = resolve_runs_dir(runs_dir), budget_of(budget_usd)
    job = Job(
        video=video,
        prompt=prompt,
        engine=engine,
        num_frames_to_sample=num_frames_to_sample,
        endpoint=endpoint,
        runs_dir=folder,
        reuse=reuse,
        max_cost_usd=max_cost_usd,
        first_frames=first_frames,
        budget_usd=budget_usd,
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
    budget_usd: float | None = None,
    progress: bool = True,
) -> Segmentation:
    """Segment without blocking the kernel: ``seg = await sa.segment_async(…)``; see ``segment``.

    Widgets stay alive meanwhile. Cancelling the task stops the waiting, not the run, which ends by itself.
    """
    folder, budget_usd = resolve_runs_dir(runs_dir), budget_of(budget_usd)
    job = Job(
        video=video,
        prompt=prompt,
        engine=engine,
        num_frames_to_sample=num_frames_to_sample,
        endpoint=endpoint,
        runs_dir=folder,
        reuse=reuse,
        max_cost_usd=max_cost_usd,
        first_frames=first_frames,
        budget_usd=budget_usd,
    )
    with progress_display(shown=progress) as show:
        return await asyncio.to_thread(make_call, job, show)


class _Options(TypedDict, total=False):
    concurrency: int
    engine: str | Engine
    num_frames_to_sample: int | None
    endpoint: str
    first_frames: Sequence[int] | None
    runs_dir: str | Path | None
    reuse: bool
    max_cost_usd: float | None
    budget_usd: float | None
    progress: bool


@overload
def segment_many(
    jobs: Iterable[Sequence[Any] | Mapping[str, Any]], *, dry_run: Literal[True], **options: Unpack[_Options]
) -> Estimates: ...
@overload
def segment_many(
    jobs: Iterable[Sequence[Any] | Mapping[str, Any]],
    *,
    dry_run: Literal[False] = False,
    **options: Unpack[_Options],
) -> list[Segmentation | Exception]: ...
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
    budget_usd: float | None = None,
    dry_run: bool = False,
    progress: bool = True,
) -> list[Segmentation | Exception] | Estimates:
    """Segment several videos, or one by several sentences; a failure stops nothing.

    Interrupting stops what has not begun. What runs then ends by itself and is kept, so the same call
    goes on where it stopped, and pays for nothing twice; ``cancel`` calls a job off.

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
        budget_usd: as in ``segment``, for the whole folder: once it is used up, the jobs that are left end
            with a ``BudgetError`` each.
        dry_run: make no call; tell what the jobs would cost, and which are paid for already.
        progress: show a table of the jobs.

    Returns:
        In the jobs' order, a ``Segmentation`` or the error that this job ended with, whatever its engine
        raised; with ``dry_run`` the ``Estimates``.

    Raises:
        ValueError: if ``concurrency`` is below 1, or a job has another form.
    """
    check_concurrency(concurrency)
    common = {
        "engine": engine,
        "num_frames_to_sample": num_frames_to_sample,
        "endpoint": endpoint,
        "first_frames": first_frames,
        "reuse": reuse,
        "max_cost_usd": max_cost_usd,
    }
    check_limit(max_cost_usd)
    folder, budget_usd = resolve_runs_dir(runs_dir), budget_of(budget_usd)
    planned = [Job(**{**common, **_as_fields(job)}, runs_dir=folder, budget_usd=budget_usd) for job in jobs]
    if dry_run:
        return estimate_jobs(planned)
    return run_jobs(planned, concurrency=concurrency, progress=progress)


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
    return pick_up(locate_run(run_or_path, runs_dir), engine, progress=progress)


def _as_fields(job: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    known = set(Job.__dataclass_fields__) - {"runs_dir", "budget_usd"}
    fields: dict[str, Any] = {}
    if isinstance(job, Mapping):
        fields = dict(job)
    elif isinstance(job, Sequence) and not isinstance(job, (str, bytes)) and len(job) == 2:
        fields = {"video": job[0], "prompt": job[1]}
    if not {"video", "prompt"} <= set(fields) <= known:
        raise ValueError(f"a job must be a (video, prompt) pair or a dict of {sorted(known)}, got {job!r}")
    return fields
