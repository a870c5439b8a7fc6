"""Bounds the calls that the client makes: their time, where redirects may lead, what comes back."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from fal_client.auth import FAL_QUEUE_RUN_HOST

from sa2va_nb.errors import FetchError
from sa2va_nb.model.addresses import check_address

MAX_ANSWER_BYTES = 64 * 1024**2  # of JSON; the published example has less than a kilobyte
# Of an answer that is compressed though not asked to be, and may grow a thousandfold.
MAX_PACKED_BYTES = 256 * 1024
_SHORTEST_SECRET = 8  # characters; what is shorter may be a word
_PATIENCE = 4  # so many times the longest silence may an answer take as a whole


class OverdueError(Exception):
    """The deadline has passed; no ``httpx`` error, so that the client doesn't try again."""


def bound_calls(
    http: httpx.Client,
    timeout_s: float,
    *,
    deadline: float = float("inf"),
    on_response: Callable[[httpx.Response], None] | None = None,
) -> None:
    """Bound all further calls of an HTTP client, in place of the bounds that it had.

    Args:
        http: the client's own.
        timeout_s: the longest silence in seconds; an answer may take four times as long as a whole.
        deadline: when no call may begin any more, and no answer go on, a time of ``time.monotonic``; then
            ``OverdueError`` is raised.
        on_response: called with each answer, before it is read.
    """

    def prepare(request: httpx.Request) -> None:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise OverdueError
        _check_target(request)
        given = request.extensions.get("timeout", {})
        request.extensions["timeout"] = {
            step: min(timeout_s, left_s, limit if (limit := given.get(step)) is not None else timeout_s)
            for step in ("connect", "read", "write", "pool")
        }
        request.headers["Accept-Encoding"] = "identity"

    def limit(response: httpx.Response) -> None:
        if on_response:
            on_response(response)
        packed = response.headers.get("Content-Encoding", "identity").lower() != "identity"
        response.stream = _Bounded(
            response,
            MAX_PACKED_BYTES if packed else MAX_ANSWER_BYTES,
            min(deadline, time.monotonic() + _PATIENCE * timeout_s),
        )

    hooks: dict[str, list[Callable[..., Any]]] = {"request": [prepare], "response": [limit]}
    http.event_hooks = hooks


def _check_target(request: httpx.Request) -> None:
    """Refuse to be led to this machine or a private network, or out of TLS; the key is left behind by ``httpx``.

    Raises:
        httpx.TooManyRedirects: if that is so, which the client doesn't try again.
    """
    if request.url.host == FAL_QUEUE_RUN_HOST:  # which users may set, also to a host of their own
        return
    try:
        check_address(request)
    except FetchError as error:
        raise httpx.TooManyRedirects(f"it leads elsewhere: {error}", request=request) from error


def without_key(body: bytes, request: httpx.Request) -> bytes:
    """Star out the key that a request had, where the answer repeats it; what is kept and shown comes from there."""
    key = request.headers.get("Authorization", "").partition(" ")[2]
    for secret in (key, key.rpartition(":")[2]):
        if len(secret) >= _SHORTEST_SECRET:
            body = body.replace(secret.encode(), b"*" * len(secret))
    return body


class _Bounded(httpx.SyncByteStream):
    """The body of an answer, up to a size and a time, and without the key."""

    def __init__(self, response: httpx.Response, max_bytes: int, until: float) -> None:
        self._request, self._stream = response.request, response.stream
        self._max_bytes, self._until = max_bytes, until

    def __iter__(self) -> Iterator[bytes]:
        size, chunks = 0, []
        if not isinstance(self._stream, httpx.SyncByteStream):
            raise httpx.DecodingError("the answer can't be read", request=self._request)
        for chunk in self._stream:
            size += len(chunk)
            if size > self._max_bytes:
                message = f"it has more than {self._max_bytes:,} bytes"
                raise httpx.DecodingError(message, request=self._request)
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer trickles", request=self._request)
            chunks.append(chunk)
        yield without_key(b"".join(chunks), self._request)

    def close(self) -> None:
        if isinstance(self._stream, httpx.SyncByteStream):
            self._stream.close()
