"""Tells addresses that may be fetched from those that may not."""

import ipaddress
import re
import socket

import httpx

from sa2va_nb.errors import FetchError

_LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_HOST = re.compile(rb"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
_MOST_PORT = 65535
_SHOWN_CHARACTERS = 300  # of an address that came from outside


def check_url(url: str) -> None:
    """Check the address that somebody gave; see ``check_address``.

    Raises:
        FetchError: if it is none, or not one that may be fetched.
    """
    try:
        request = httpx.Request("GET", httpx.URL(url))
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise FetchError(
            f"expected an https address, got {str(url)[:_SHOWN_CHARACTERS]!r}: {error}"
        ) from error
    check_address(request)


def check_address(request: httpx.Request) -> None:
    """Refuse addresses that are not https, or that lead into this machine or a private network.

    Raises:
        FetchError: if it is one of these.
    """
    url, host = request.url, request.url.host.rstrip(".").lower()
    named = _HOST.fullmatch(url.raw_host) and (url.port or 0) <= _MOST_PORT
    if url.scheme != "https" or not host or not named:
        raise FetchError(f"expected an https address, got {shown_address(str(url))}")
    if f".{host}".endswith(_LOCAL_NAMES) or not is_public(host):
        raise FetchError(f"{shown_address(str(url))} is on this machine or a private network; not fetched")


def is_public(host: str) -> bool:
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


def shown_address(url: str) -> str:
    """Give the address without what may be secret: user, password and query."""
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{parsed.host}{parsed.path}"[:_SHOWN_CHARACTERS]
