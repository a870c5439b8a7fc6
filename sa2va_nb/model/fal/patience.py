"""Bounds how long a job is waited for, stage by stage."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from fal_client import Completed, Queued, Status

from sa2va_nb.model.fal.guard import bound_calls
from sa2va_nb.model.request import Progress

_TRIES = 4  # to fetch the result of a job that has ended may take so many times the longest silence


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


class Watch:
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

    def pause(self) -> None:
        """Wait until the next look, but no longer than the stage's time.

        It counts as long as it was meant to be: where a laptop was shut meanwhile, the clock may have gone on.
        """
        pause_s = min(self._patience.poll_s, max(0.0, self._left_s[self.stage]))
        time.sleep(pause_s)
        self._left_s[self.stage] -= pause_s

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


def _stage(status: Status) -> Progress:
    if isinstance(status, Queued):
        return Progress("queued", f"position {status.position} in the queue")
    return Progress("running")
