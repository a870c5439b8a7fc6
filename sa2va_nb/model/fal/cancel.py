"""Cancels a job."""

import json
import time

import httpx
from fal_client import FalClientHTTPError, SyncRequestHandle

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.guard import OverdueError, bound_calls
from sa2va_nb.model.fal.words import REQUESTS_PAGE, client_errors_in_words, clip

_ALREADY_ENDED = "ALREADY_COMPLETED"  # the service's word, with status 400
_ADVICE = f"The job may run on: try again, or look at {REQUESTS_PAGE}"


def cancel_job(handle: SyncRequestHandle, patience_s: float) -> bool:
    """Ask the service to cancel a job; False where it had ended before.

    Args:
        handle: the job.
        patience_s: how long that may take in all, in seconds; the client itself would try for twenty minutes.

    Raises:
        ModelError: if the service can't be reached, or refuses.
    """
    answers: list[httpx.Response] = []
    deadline = time.monotonic() + patience_s
    bound_calls(handle.client, patience_s, deadline=deadline, on_response=answers.append)
    try:
        with client_errors_in_words(_ADVICE):
            handle.cancel()
    except OverdueError as error:
        raise ModelError(f"the service has not answered for {patience_s:g} s. {_ADVICE}") from error
    except ModelError as error:
        cause = error.__cause__
        if isinstance(cause, FalClientHTTPError) and _ALREADY_ENDED in cause.response.text:
            return False
        raise
    return _is_taken(answers[-1].text)


def _is_taken(said: str) -> bool:
    """Read what came with a success; a page of something on the way is none.

    Raises:
        ModelError: if it is nothing that the service would say.
    """
    try:
        is_one = not said or isinstance(json.loads(said), dict)
    except (ValueError, RecursionError):
        is_one = False
    if not is_one:
        raise ModelError(f"the service's answer was not understood ({clip(said)!r}). {_ADVICE}")
    return _ALREADY_ENDED not in said
