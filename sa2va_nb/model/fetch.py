"""Downloads one file to disk, within limits."""

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from sa2va_nb.errors import FetchError

MAX_BYTES = 2 * 1024**3  # far above a clip that a hosted model takes
MAX_REDIRECTS = 5
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")


class _TransientError(FetchError):
    """A fault that a second attempt may not meet."""


def fetch(
    url: str,
    path: Path,
    *,
    max_bytes: int = MAX_BYTES,
    timeout_s: float = 30.0,
    attempts: int = 4,
    on_bytes: Callable[[int, int | None], None] | None = None,
) -> Path:
    """Download a file; it appears at ``path`` only when it is complete.

    Passing faults (a lost connection, a busy server) are tried again after a growing pause.
    Addresses on this machine or a private network are refused, also when a redirect leads there.
    The check is of the address as written; what a name resolves to is not looked at.

    Args:
        url: an https address.
        path: where to put the file; its folder must exist. ``<path>.part`` is used meanwhile.
        max_bytes: the largest file that is accepted.
        timeout_s: the longest silence of the server in seconds.
        attempts: how often to try in all.
        on_bytes: called with the bytes so far and the bytes in all, None where the server does not say.

    Returns:
        ``path``.

    Raises:
        FetchError: with what happened, once no attempt succeeded.
    """
    _check(httpx.Request("GET", _parsed(url)))
    part = path.with_name(path.name + ".part")
    retrying = Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=0.2, max=5),
        retry=retry_if_exception_type(_TransientError),
        reraise=True,
    )
    with httpx.Client(
        timeout=timeout_s,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        event_hooks={"request": [_check]},
        headers={"Accept-Encoding": "identity"},
    ) as client:
        try:
            retrying(_download, client, url, part, max_bytes, on_bytes)
            part.replace(path)
        except OSError as error:
            raise FetchError(f"{_shown(url)} could not be written to {path}: {error}") from error
        finally:
            part.unlink(missing_ok=True)
    return path


def _download(
    client: httpx.Client,
    url: str,
    part: Path,
    max_bytes: int,
    on_bytes: Callable[[int, int | None], None] | None,
) -> None:
    """Make one attempt, into ``part``."""
    try:
        with client.stream("GET", url) as response:
            total = _accepted(response, max_bytes)
            written = 0
            with part.open("wb") as file:
                for chunk in response.iter_bytes():
                    written += len(chunk)
                    if written > max_bytes:
                        raise FetchError(_too_large(url, f"more than {max_bytes:,}", max_bytes))
                    file.write(chunk)
                    if on_bytes:
                        on_bytes(written, total)
            if total is not None and response.num_bytes_downloaded != total:
                raise _TransientError(
                    f"{_shown(url)} broke off: {response.num_bytes_downloaded:,} of {total:,} bytes came"
                )
            if written == 0:
                raise FetchError(f"{_shown(url)} is empty; expected a file with something in it")
    except httpx.TooManyRedirects as error:
        raise FetchError(
            f"{_shown(url)} redirects more than {MAX_REDIRECTS} times; give the address of the file itself"
        ) from error
    except httpx.TimeoutException as error:
        raise _TransientError(f"{_shown(url)} did not answer in time; check the network") from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise _TransientError(f"{_shown(url)} could not be read to its end: {error}") from error


def _accepted(response: httpx.Response, max_bytes: int) -> int | None:
    """Check the head of the answer; gives the size it promises, if it does."""
    url, status = str(response.url), response.status_code
    if status in _TRANSIENT_STATUS:
        raise _TransientError(f"{_shown(url)} answered {status} {response.reason_phrase}; try again later")
    if status in (404, 410):
        raise FetchError(
            f"{_shown(url)} is not there (any more): the server answered {status}; check the address"
        )
    if status != 200:
        raise FetchError(f"{_shown(url)} answered {status} {response.reason_phrase}; expected the file")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise FetchError(f"{_shown(url)} is a web page; give the address of the file itself")
    length = response.headers.get("Content-Length", "")
    if not length.isdecimal():
        return None
    if int(length) > max_bytes:
        raise FetchError(_too_large(url, f"{int(length):,}", max_bytes))
    return int(length)


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise FetchError(f"expected an https address, got {url!r}: {error}") from error


def _check(request: httpx.Request) -> None:
    """Refuse addresses that are not https, or that lead into this machine or a private network."""
    host = request.url.host.rstrip(".").lower()
    if request.url.scheme != "https" or not host:
        raise FetchError(f"expected an https address, got {_shown(str(request.url))}")
    if f".{host}".endswith(_LOCAL_NAMES) or not _is_public(host):
        raise FetchError(f"{_shown(str(request.url))} is on this machine or a private network; not fetched")


def _is_public(host: str) -> bool:
    """Say whether a literal address is public; True for a name."""
    try:
        # inet_aton also knows the short and hexadecimal forms that resolvers accept, such as 127.1
        address: ipaddress.IPv4Address | ipaddress.IPv6Address
        address = (
            ipaddress.IPv6Address(host) if ":" in host else ipaddress.IPv4Address(socket.inet_aton(host))
        )
    except (OSError, ValueError):
        return True
    inner = getattr(address, "ipv4_mapped", None) or address
    return bool(inner.is_global) and not inner.is_multicast


def _too_large(url: str, size: str, max_bytes: int) -> str:
    return f"{_shown(url)} is too large: {size} bytes, at most {max_bytes:,} are accepted"


def _shown(url: str) -> str:
    """Give the address without what may be secret: user, password and query."""
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{parsed.host}{parsed.path}"
