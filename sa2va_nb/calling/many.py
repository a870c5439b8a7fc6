"""Runs many calls at a time, each to an end of its own."""

import contextvars
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from sa2va_nb.calling.call import make_call
from sa2va_nb.calling.planning import Job
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.status.board import Board, show_board
from sa2va_nb.view.status.progress import Display

_REFRESH_S = 0.2  # between two looks at how far the jobs are


def check_concurrency(concurrency: int) -> None:
    """Check that a number of calls at a time is one.

    Raises:
        ValueError: if it isn't.
    """
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ValueError(f"concurrency must be a whole number of at least 1, got {concurrency}")


def run_jobs(jobs: Sequence[Job], *, concurrency: int, progress: bool) -> list[Segmentation | Exception]:
    """Make the calls; the result of one that failed is its error.

    Args:
        jobs: what is asked.
        concurrency: how many run at a time.
        progress: show a table of the jobs.

    Returns:
        A result a job, in their order.

    Raises:
        KeyboardInterrupt: if the user interrupts. What has not begun is not begun then; what runs is left to
            end in its threads, and is kept in its run folder.
    """
    board = Board([(_name_of(job), job.prompt) for job in jobs])
    with show_board(board, shown=progress) as refresh:
        pool = ThreadPoolExecutor(concurrency)
        futures = [
            pool.submit(contextvars.copy_context().run, _outcome, job, board, index)
            for index, job in enumerate(jobs)
        ]
        waiting = set(futures)
        try:
            while waiting:
                _, waiting = wait(waiting, timeout=_REFRESH_S)
                refresh()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            board.interrupt()
            refresh()
            raise
        pool.shutdown()
    return [future.result() for future in futures]


def _outcome(job: Job, board: Board, index: int) -> Segmentation | Exception:
    """Run one of several jobs; its failure is its result."""
    show: Display = board.display(index)
    show("starting")
    try:
        seg = make_call(job, show)
    # An engine of the user's own may raise anything; that of one job must not take the others' results away.
    except Exception as error:  # noqa: BLE001
        show("failed", f"{type(error).__name__}: {error}")
        return error
    board.charge(index, seg.run.get("cost_usd"))
    return seg


def _name_of(job: Job) -> str:
    """Name a job by its video, which nobody has looked at yet."""
    return Path(str(getattr(job.video, "path", job.video))).name
