"""Puts what the service and the way to it answer into people's words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from fal_client import FalClientError, FalClientHTTPError

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.guard import without_key
from sa2va_nb.model.request import Workspace

KEYS_PAGE = "https://fal.ai/dashboard/keys"
REQUESTS_PAGE = "https://fal.ai/dashboard/requests"
_BILLING_PAGE = "https://fal.ai/dashboard/billing"
CANCELLED_STATUS = 499
_OUR_NAMES = {"video_url": "video"}  # the service's arguments that are called otherwise here
_SHOWN_CHARACTERS = 300  # of a text that came from outside


# What the client lets through of an answer that is not as it expects.
_FROM_THE_CLIENT = (
    *(FalClientError, httpx.HTTPError, httpx.InvalidURL),
    *(ValueError, LookupError, TypeError, AttributeError, RecursionError),
)


@contextmanager
def client_errors_in_words(advice: str = "") -> Iterator[None]:
    """Turn what the client raises into a ``ModelError`` that also says what to do."""
    try:
        yield
    except _FROM_THE_CLIENT as error:
        raise ModelError(f"{explain(error)}. {advice}".removesuffix(". ")) from error


def how_to_resume(workspace: Workspace) -> str:
    """Say how to go on with a run."""
    return f"Pick it up, without paying again, with sa.resume({str(workspace.folder)!r})"


def how_to_go_on(request_id: str, workspace: Workspace) -> str:
    """Say what is left to do with a job that may still run."""
    return (
        f"Request {request_id} is kept. {how_to_resume(workspace)}, or cancel it with "
        f"sa.cancel({str(workspace.folder)!r})"
    )


def explain(error: Exception) -> str:
    """Say what went wrong and what to do, keeping the service's own words."""
    match error:
        case FalClientHTTPError() | httpx.HTTPStatusError():
            return explain_response(error.response)
        case httpx.TimeoutException():
            return "the service did not answer in time; check the network, then try again"
        case httpx.TransportError():
            return f"the service could not be reached ({error}); check the network and any proxy"
        case KeyError():
            return f"the service's answer lacks {error}"
        case _:
            return f"the service's answer was not understood ({clip(str(error))})"


def explain_response(response: httpx.Response) -> str:
    """Say what an answer other than success means.

    Args:
        response: read to its end.
    """
    detail = _detail(response)
    said = _validation(detail) if isinstance(detail, list) else clip(str(detail)) or "nothing"
    match response.status_code:
        case 401:
            return f"the key was not accepted ({said}); check FAL_KEY against {KEYS_PAGE}"
        case 402:
            return f"the account's balance does not cover the call ({said}); see {_BILLING_PAGE}"
        case 403 if "balance" in said.lower() or "locked" in said.lower():
            return (
                f"the account is locked or its balance exhausted ({said}); see {_BILLING_PAGE}. "
                "Where funds are left, this passes after some minutes"
            )
        case 403:
            return f"the key may not use this model ({said}); check its scope at {KEYS_PAGE}"
        case 404:
            return f"the service does not know this model or request ({said})"
        case 422:
            return f"the service did not accept the arguments: {said}"
        case 429:
            return f"too many calls at once ({said}); wait a little, then try again"
        case status if status == CANCELLED_STATUS:
            return f"the job was cancelled ({said})"
        case status:
            return f"the service answered {status} ({said})"


def _detail(response: httpx.Response) -> object:
    """Find the service's own message: its ``detail``, or else the whole text."""
    text = _text(response)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    return body.get("detail", text) if isinstance(body, dict) else text


def _text(response: httpx.Response) -> str:
    """Give an answer's text without the key; uploads are announced over a client that nobody can bound."""
    try:
        request = response.request
    except RuntimeError:  # httpx's, of an answer to nothing
        return response.text
    return without_key(response.content, request).decode(errors="replace")


def _validation(items: list[object]) -> str:
    """Name each argument as it is called here; every item is ``{loc, msg, type, input}``, or should be."""
    return "; ".join(_validation_item(item) if isinstance(item, dict) else clip(str(item)) for item in items)


def _validation_item(item: dict[str, object]) -> str:
    location = item.get("loc")
    steps = [str(step) for step in location if step != "body"] if isinstance(location, list) else []
    name = ".".join(_OUR_NAMES.get(step, step) for step in steps) or "the request"
    got = f", got {clip(repr(item['input']), 80)}" if item.get("input") is not None else ""
    return f"{name}: {clip(str(item.get('msg', 'not accepted')))}{got}"


def clip(text: str, characters: int = _SHOWN_CHARACTERS) -> str:
    """Shorten a text from outside to what fits in a message."""
    return text if len(text) <= characters else f"{text[:characters]}…"
