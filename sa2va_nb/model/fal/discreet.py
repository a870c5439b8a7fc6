"""Keeps the key out of what is raised.

The client's frames hold the key in their variables, and its errors in the request that they carry. Python's own
tracebacks show neither, but IPython's ``%xmode Verbose``, rich, and services that collect errors do.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

import httpx

_LOG = logging.getLogger(__name__)
_CLIENTS = ("fal_client", "httpx", "httpcore", "h11", "anyio", "tenacity", "ssl", "socket")


@contextmanager
def discreet() -> Iterator[None]:
    """Take the client's frames and requests out of all that is raised; the log has the frames, without variables."""
    try:
        yield
    except BaseException as error:
        _LOG.debug("raised on the way to the service", exc_info=True)
        for each in _chain(error):
            _drop_key(each)
            each.__traceback__ = _own(each.__traceback__)
        raise


def _chain(error: BaseException) -> list[BaseException]:
    """Give an error with all that led to it, each once."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__]
    return found


def _own(trace: TracebackType | None) -> TracebackType | None:
    """Cut a traceback off where the client begins."""
    if trace is None or _is_the_clients(trace):
        return None
    last = trace
    while last.tb_next is not None and not _is_the_clients(last.tb_next):
        last = last.tb_next
    last.tb_next = None
    return trace


def _is_the_clients(trace: TracebackType) -> bool:
    return str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] in _CLIENTS


def _drop_key(error: BaseException) -> None:
    """Take the key out of the request that an error carries."""
    for holder in (error, getattr(error, "response", None)):
        with suppress(RuntimeError):  # httpx's, where there is no request
            request = getattr(holder, "request", None)
            if isinstance(request, httpx.Request):
                request.headers.pop("Authorization", None)
