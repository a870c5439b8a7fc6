"""Follows a job in fal's queue to its result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from fal_client import Completed, FalClientHTTPError, InProgress, Status, SyncRequestHandle

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.answer import check_depth
from sa2va_nb.model.fal.guard import OverdueError
from sa2va_nb.model.fal.patience import Patience, Watch
from sa2va_nb.model.fal.words import CANCELLED_STATUS, client_errors_in_words, clip, explain
from sa2va_nb.model.request import Progress, Workspace
from sa2va_nb.run_record import LARGEST

_UNITS_HEADER = "x-fal-billable-units"


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
    watch = Watch(handle.client, patience, _note_units(units))
    try:
        completed = _wait(handle, workspace, watch, advice)
        with client_errors_in_words(advice), watch.bounds():
            raw = _result(handle, completed, patience.poll_s, workspace)
            check_depth(raw)
    except OverdueError as error:
        raise ModelError(f"{watch.overdue}. {advice}") from error
    return Outcome(raw, _number((completed.metrics or {}).get("inference_time")), _number(*units[-1:]))


def _wait(handle: SyncRequestHandle, workspace: Workspace, watch: Watch, advice: str) -> Completed:
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
        watch.pause()


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
    return number if 0 <= number < LARGEST else None
