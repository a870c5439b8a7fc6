"""Sends a job to fal's queue at most once."""

import json
from typing import Any

import httpx
from fal_client.auth import FAL_QUEUE_RUN_HOST
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
)

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.receipt import ID
from sa2va_nb.model.fal.words import clip, explain, explain_response
from sa2va_nb.model.retrying import PoliteWait

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_ATTEMPTS = 3
_TOO_MANY_REQUESTS = 429


class UnknownOutcomeError(ModelError):
    """The job was sent, and no answer says whether it runs."""


def submit_once(http: httpx.Client, app: str, arguments: dict[str, Any]) -> str:
    """Send one job.

    ``SyncClient.submit`` sends it again when the answer is lost; then two jobs run, both are billed,
    and the service knows no key by which to tell them apart. So the one POST is made here, over the same
    HTTP client, and repeated only after a failure that shows that nothing was taken: no connection, or a 429.

    Args:
        http: the client's own, with its key.
        app: the model's id.
        arguments: the model's input.

    Returns:
        The request's id.

    Raises:
        UnknownOutcomeError: if a job may be running of which no id is known.
        ModelError: if there is certainly no job.
    """
    retrying = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=PoliteWait(0.5, 5.0),
        retry=retry_if_exception_type(NOT_SENT) | retry_if_result(_is_refused_for_now),
        retry_error_callback=_last_outcome,
    )
    url = f"https://{FAL_QUEUE_RUN_HOST}/{app}"
    try:
        response = retrying(http.post, url, json=arguments, follow_redirects=False)
    except NOT_SENT as error:
        raise ModelError(explain(error)) from error
    except httpx.HTTPError as error:
        raise UnknownOutcomeError(explain(error)) from error
    return _request_id(response)


def _is_refused_for_now(response: httpx.Response) -> bool:
    return response.status_code == _TOO_MANY_REQUESTS


def _last_outcome(state: RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None


def _request_id(response: httpx.Response) -> str:
    """Find the id in the answer; what is neither a clear yes nor a clear no is an unknown outcome."""
    if response.is_redirect or (
        response.is_client_error and response.status_code != httpx.codes.REQUEST_TIMEOUT
    ):
        raise ModelError(explain_response(response))
    if not response.is_success:
        raise UnknownOutcomeError(explain_response(response))
    try:
        request_id = json.loads(response.text)["request_id"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = clip(response.text)
        raise UnknownOutcomeError(f"expected an answer with a 'request_id', got {said!r}") from error
    if not isinstance(request_id, str) or not ID.fullmatch(request_id):
        raise UnknownOutcomeError(f"expected an id as 'request_id', got {clip(repr(request_id))}")
    return request_id
