"""Follows a job in fal's queue to its result."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from fal_client import Completed, FalClientHTTPError, InProgress, Queued, Status, SyncRequestHandle

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.answer import check_depth
from sa2va_nb.model.fal.guard import OverdueError, bound_calls
from sa2va_nb.model.fal.words import client_errors_in_words, clip, explain
from sa2va_nb.model.request import Progress, Workspace

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
    handle: SyncRequestHandle,
    workspace: Workspace,
    *,
    poll_s: float,
    deadline_s: float,
    timeout_s: float,
    advice: str,
) -> Outcome:
    """Poll until the job has ended; report and save its logs on the way.

    Args:
        handle: the job.
        workspace: where logs and failure are saved.
        poll_s: pause between two looks, in seconds.
        deadline_s: how long to wait in all, in seconds.
        timeout_s: the longest silence of the service, in seconds.
        advice: what to do where the wait ends and the job may not have; put behind the error's message.

    Raises:
        ModelError: if the job has failed, as the record then says, or is not done by the deadline, or the
            service can't be reached or understood.
    """
    units: list[str] = []
    deadline = time.monotonic() + deadline_s
    bound_calls(handle.client, timeout_s, deadline=deadline, on_response=_note_units(units))
    try:
        completed = _wait(handle, workspace, poll_s, advice)
        with client_errors_in_words(advice):
            raw = _result(handle, completed, poll_s, workspace)
            check_depth(raw)
    except OverdueError as error:
        raise ModelError(f"the job did not end within {deadline_s:g} s and runs on. {advice}") from error
    return Outcome(raw, _number((completed.metrics or {}).get("inference_time")), _number(*units[-1:]))


def _wait(handle: SyncRequestHandle, workspace: Workspace, poll_s: float, advice: str) -> Completed:
    logs: list[dict[str, str]] = list(workspace.record.get("logs") or [])
    shown = Progress("")
    while True:
        with client_errors_in_words(advice):
            status = handle.status(with_logs=True)
        now = _stage(status)
        if now != shown:  # a long wait is not told twice a second
            workspace.report(now)
            shown = now
        if fresh := _fresh_logs(status, logs):
            logs += fresh
            workspace.save(logs=logs)
        for log in fresh:
            workspace.report(Progress("log", log["message"]))
        if isinstance(status, Completed):
            return status
        time.sleep(poll_s)


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
            workspace.save(status="failed", error=explain(error))
            raise ModelError(f"{explain(error)}. Request {handle.request_id} has failed") from error
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
    return number if 0 <= number < float("inf") else None
