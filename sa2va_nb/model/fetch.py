"""Downloads one file to disk, within limits."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay

from sa2va_nb.beside import write_beside
from sa2va_nb.errors import FetchError
from sa2va_nb.model.addresses import check_address, check_url, shown_address
from sa2va_nb.model.retrying import PoliteWait
from sa2va_nb.model.transfer import MAX_REDIRECTS, FetchLimits, Transfer, TransientError, size_from


def fetch(
    url: str,
    path: Path,
    *,
    client: httpx.Client | None = None,
    limits: FetchLimits | None = None,
    only_video: bool = False,
    announced_bytes: int | None = None,
    on_bytes: Callable[[int, int | None], None] | None = None,
) -> Path:
    """Download a file; it appears at ``path`` only when it is complete.

    Passing faults (a lost connection, a busy server) are tried again after a growing pause, going on where
    the last attempt stopped if the server can do that and the file is still the same.
    Addresses on this machine or a private network are refused, also when a redirect leads there.
    The check is of the address as written; what a name resolves to is not looked at.

    Args:
        url: an https address.
        path: where to put the file; its folder must exist. ``<path>.part`` is used meanwhile.
        client: of ``open_client``, to go over the same connection as another download; None opens one.
        limits: what it may take; None for ``FetchLimits()``.
        only_video: refuse what doesn't begin as a video or a picture does.
        announced_bytes: the size that is expected; another is accepted only if it comes twice.
        on_bytes: called with the bytes so far and the bytes in all, None where the server does not say.

    Returns:
        ``path``.

    Raises:
        FetchError: with what happened, once no attempt succeeded.
    """
    check_url(url)
    limits = limits or FetchLimits()
    deadline = time.monotonic() + limits.max_s
    retrying = Retrying(
        stop=stop_after_attempt(limits.attempts) | stop_after_delay(limits.max_s),
        wait=PoliteWait(0.2, 5.0),
        retry=retry_if_exception_type(TransientError),
        reraise=True,
    )
    try:
        with (
            nullcontext(client) if client else open_client(limits) as http,
            write_beside(path, lasting=True, alone=True) as part,
        ):
            transfer = Transfer(url, part, limits, only_video, announced_bytes, on_bytes, deadline)
            retrying(transfer.attempt, http)
    except OSError as error:
        raise FetchError(f"{shown_address(url)} could not be written to {path}: {error}") from error
    return path


def is_there(url: str, size_bytes: int, *, timeout_s: float) -> bool:
    """Say whether a file of a size can be read at an address; none of it is downloaded.

    Args:
        url: an https address.
        size_bytes: the size that it must have.
        timeout_s: the longest silence of the server in seconds.
    """
    try:
        check_url(url)
        first_byte = {"Range": "bytes=0-0"}
        with (
            open_client(FetchLimits(timeout_s=timeout_s)) as client,
            client.stream("GET", url, headers=first_byte) as response,
        ):
            written = response.headers.get("Content-Range", "").rpartition("/")[2]
            total = written or response.headers.get("Content-Length", "")
            return response.is_success and size_from(total) == size_bytes
    except (httpx.HTTPError, httpx.InvalidURL, FetchError):
        return False


def open_client(limits: FetchLimits) -> httpx.Client:
    """Make a client for downloads that checks every address, also those that redirects lead to."""
    return httpx.Client(
        timeout=min(limits.timeout_s, limits.max_s),
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        event_hooks={"request": [check_address]},
        headers={"Accept-Encoding": "identity"},
        verify=httpx.create_ssl_context(),  # else it reads the certificates again for each proxy
    )
