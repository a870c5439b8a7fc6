"""Follows a job in fal's queue to its result."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fal_client import Completed, FalClientHTTPError, InProgress, Queued, Status, SyncRequestHandle

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.answer import check_depth
from sa2va_nb.model.fal.guard import OverdueError, bound_calls
from sa2va_nb.model.fal.words import CANCELLED_STATUS, client_errors_in_words, clip, explain
from sa2va_nb.model.request import Progress, Workspace

_TRIES = 4  # to fetch the result of a job that has ended may take so many times the longest silence
_UNITS_HEADER = "x-fal-billable-units"
_ALREADY_ENDED = "ALREADY_COMPLETED"  # the service's word, with status 400


@dataclass(frozen=True)
class Outcome:
    """What a job that went well gave.

    Attributes:
        raw: the decoded JSON as it came.
        inference_s: how long the model took in seconds, if the service said so.
        billed_units: what is billed, if the service said so.
    """

    raw: Any
    inference_s: float | None
    billed_units: float | None


@dataclass(frozen=True)
class Patience:
    """How long a job is waited for, all in seconds.

    Attributes:
        poll_s: pause between two looks.
        queue_s: how long the job may wait in the queue.
        run_s: how long it may run.
        silence_s: the longest silence of the service.
    """

    poll_s: float
    queue_s: float
    run_s: float
    silence_s: float


def wait_for_result(
    handle: SyncRequestHandle, workspace: Workspace, patience: Patience, *, advice: str
) -> Outcome:
    """Poll until the job has ended; report and save its logs on the way.

    Args:
        handle: the job.
        workspace: where logs and failure are saved.
        patience: how long to wait.
        advice: what to do where the wait ends and the job may not have; put behind the error's message.

    Raises:
        ModelError: if the job has failed, as the record then says, or takes longer in the queue or for its run than
            there is patience for, or the service can't be reached or understood.
    """
    units: list[str] = []
    watch = _Watch(handle.client, patience, _note_units(units))
    try:
        completed = _wait(handle, workspace, watch, advice)
        with client_errors_in_words(advice), watch.bounds():
            raw = _result(handle, completed, patience.poll_s, workspace)
            check_depth(raw)
    except OverdueError as error:
        raise ModelError(f"{watch.overdue}. {advice}") from error
    return Outcome(raw, _number((completed.metrics or {}).get("inference_time")), _number(*units[-1:]))


class _Watch:
    """Counts how long a job waits in the queue, and how long it runs; bounds the calls by what is left of that."""

    def __init__(
        self, http: httpx.Client, patience: Patience, on_response: Callable[[httpx.Response], None]
    ) -> None:
        self._http, self._patience, self._on_response = http, patience, on_response
        self._left_s = {
            "queued": patience.queue_s,
            "running": patience.run_s,
            "ended": _TRIES * patience.silence_s,
        }
        self.poll_s = patience.poll_s
        self.stage = "queued"
        self.seen = Progress("")  # at the last look

    @contextmanager
    def bounds(self) -> Iterator[None]:
        """Bound calls by the time that is left for the stage of the job, and count what goes by here."""
        began, stage = time.monotonic(), self.stage
        deadline = began + self._left_s[stage]
        bound_calls(self._http, self._patience.silence_s, deadline=deadline, on_response=self._on_response)
        try:
            yield
        finally:
            self._left_s[stage] -= time.monotonic() - began

    def note(self, status: Status) -> bool:
        """Take in what a look showed; says whether that is anything new."""
        now = _stage(status)
        self.stage = "ended" if isinstance(status, Completed) else now.stage
        is_new, self.seen = now != self.seen, now
        return is_new

    @property
    def overdue(self) -> str:
        """Say where the job is after its time is over."""
        queue_s, run_s = f"{self._patience.queue_s:g} s", f"{self._patience.run_s:g} s"
        match self.stage:
            case "ended":
                return "the job has ended, but the service does not hand out its result"
            case "running":
                return f"the job runs for more than {run_s} (run_timeout_s), and runs on at the service"
            case _ if self.seen.stage:
                return (
                    f"the job waits in the service's queue for more than {queue_s} (queue_timeout_s), at last at "
                    f"{self.seen.message}, and waits on there"
                )
            case _:
                return f"the service has told nothing of the job for {queue_s} (queue_timeout_s)"


def _wait(handle: SyncRequestHandle, workspace: Workspace, watch: _Watch, advice: str) -> Completed:
    logs: list[dict[str, str]] = list(workspace.record.get("logs") or [])
    while True:
        with client_errors_in_words(advice), watch.bounds():
            status = handle.status(with_logs=True)
        if watch.note(status):  # a long wait is not told twice a second
            workspace.report(watch.seen)
        if fresh := _fresh_logs(status, logs):
            logs += fresh
            workspace.save(logs=logs)
        for log in fresh:
            workspace.report(Progress("log", log["message"]))
        if isinstance(status, Completed):
            return status
        with watch.bounds():
            time.sleep(watch.poll_s)


def _stage(status: Status) -> Progress:
    if isinstance(status, Queued):
        return Progress("queued", f"position {status.position} in the queue")
    return Progress("running")


def _fresh_logs(status: Status, known: list[dict[str, str]]) -> list[dict[str, str]]:
    """Give the log lines that are not known yet; the service sends a window that moves and overlaps."""
    lines = (status.logs or []) if isinstance(status, (InProgress, Completed)) else []
    seen = {(log["timestamp"], log["message"]) for log in known}
    fresh = []
    for line in (line for line in lines if isinstance(line, dict)):
        log = {key: clip(str(line.get(key, ""))) for key in ("timestamp", "level", "message")}
        if (log["timestamp"], log["message"]) not in seen:
            seen.add((log["timestamp"], log["message"]))
            fresh.append(log)
    return fresh


def _result(handle: SyncRequestHandle, completed: Completed, poll_s: float, workspace: Workspace) -> Any:
    """Get the job's result; a job that failed is saved as such."""
    try:
        return handle.get(interval=poll_s)
    except FalClientHTTPError as error:
        # Anything else, such as a busy gateway, says nothing of the job: it stays to be picked up.
        if completed.error or error.error_type or error.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            is_cancelled = error.status_code == CANCELLED_STATUS
            workspace.save(status="cancelled" if is_cancelled else "failed", error=explain(error))
            said = f"{handle.request_id} was cancelled" if is_cancelled else f"{handle.request_id} has failed"
            reason = "" if is_cancelled else f"{explain(error)}. "
            raise ModelError(
                f"{reason}Request {said}; nothing comes of it any more. The same call makes a new one"
            ) from error
        raise


def cancel_job(handle: SyncRequestHandle) -> bool:
    """Ask the service to cancel a job; False where it had ended before.

    Raises:
        ModelError: if the service can't be reached, or refuses.
    """
    try:
        with client_errors_in_words():
            handle.cancel()
    except ModelError as error:
        cause = error.__cause__
        if isinstance(cause, FalClientHTTPError) and _ALREADY_ENDED in cause.response.text:
            return False
        raise
    return True


def _note_units(units: list[str]) -> Callable[[httpx.Response], None]:
    """Make a hook that keeps the billed units, which ``fal_client`` drops with the other headers."""

    def note(response: httpx.Response) -> None:
        if _UNITS_HEADER in response.headers:
            units.append(response.headers[_UNITS_HEADER])

    return note


def _number(value: object = None) -> float | None:
    """Read a number that came from outside; None for anything that is none from 0 up."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
