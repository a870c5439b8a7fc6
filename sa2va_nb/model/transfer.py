"""One download over all its attempts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from sa2va_nb.errors import FetchError
from sa2va_nb.model.addresses import shown_address
from sa2va_nb.model.content import HEAD_BYTES, is_text, kind_of_video
from sa2va_nb.model.retrying import PASSING_STATUS, asked_pause_s

MAX_BYTES = 2 * 1024**3  # far above a clip that a hosted model takes
MAX_SECONDS = 3600.0
MAX_REDIRECTS = 5
_RANGE_NOT_SATISFIABLE = 416
_MOST_DIGITS = 18  # of a size


class TransientError(FetchError):
    """A fault that a second attempt may not meet; the server may have asked for a pause before that."""

    def __init__(self, message: str, asked_s: float = 0.0) -> None:
        super().__init__(message)
        self.asked_s = asked_s


class _RestartError(TransientError):
    """What is there of the file is of no use."""


@dataclass(frozen=True)
class FetchLimits:
    """What a download may take.

    Attributes:
        max_bytes: the largest file that is accepted.
        timeout_s: the longest silence of the server in seconds.
        max_s: how long the download may take in all, in seconds, however it trickles.
        attempts: how often to try in all.
    """

    max_bytes: int = MAX_BYTES
    timeout_s: float = 30.0
    max_s: float = MAX_SECONDS
    attempts: int = 4


class Transfer:
    """One download over all its attempts: what is there of it, and what that is a part of."""

    def __init__(
        self,
        url: str,
        part: Path,
        limits: FetchLimits,
        only_video: bool,
        announced_bytes: int | None,
        on_bytes: Callable[[int, int | None], None] | None,
        deadline: float,
    ) -> None:
        self.url, self.part, self.limits = url, part, limits
        self._only_video, self._expected, self._on_bytes = only_video, announced_bytes, on_bytes
        self._deadline = deadline
        self._validator = ""  # names the version of the file that the part belongs to

    def attempt(self, client: httpx.Client) -> None:
        """Make one attempt."""
        have = self.part.stat().st_size if self._validator and self.part.exists() else 0
        asked = {"Range": f"bytes={have}-", "If-Range": self._validator} if have else {}
        try:
            with client.stream("GET", self.url, headers=asked) as response:
                start, total = _accepted(response, have, self.limits.max_bytes)
                self._validator = _validator(response)
                self._write(response, start, total)
        except _RestartError:
            self._validator = ""
            raise
        except httpx.TooManyRedirects as error:
            raise FetchError(
                f"{self._name} redirects more than {MAX_REDIRECTS} times; give the address of the file itself"
            ) from error
        except httpx.TimeoutException as error:
            raise TransientError(f"{self._name} did not answer in time; check the network") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise TransientError(f"{self._name} could not be read to its end: {error}") from error
        self._judge(total)

    @property
    def _name(self) -> str:
        return shown_address(self.url)

    def _write(self, response: httpx.Response, start: int, total: int | None) -> None:
        """Put what comes behind the first ``start`` bytes."""
        written, checked = start, start > 0
        with self.part.open("r+b" if start else "wb") as file:
            file.seek(start)
            for chunk in response.iter_raw():  # never unpacked, so nothing can grow
                written += len(chunk)
                if written > self.limits.max_bytes:
                    raise FetchError(_too_large(self.url, None, self.limits.max_bytes))
                if time.monotonic() > self._deadline:
                    raise FetchError(
                        f"{self._name} took more than {self.limits.max_s:g} s: {written:,} bytes came; "
                        "try again, or allow more time"
                    )
                file.write(chunk)
                if not checked and written >= HEAD_BYTES:
                    file.flush()
                    self._check_kind()
                    checked = True
                if self._on_bytes:
                    self._on_bytes(written, total)

    def _judge(self, total: int | None) -> None:
        """Check what came as a whole."""
        size = self.part.stat().st_size
        if total is not None and size != total:
            raise TransientError(f"{self._name} broke off: {size:,} of {total:,} bytes came")
        if size == 0:
            raise TransientError(f"{self._name} is empty; expected a file with something in it")
        self._check_kind()
        if self._expected is not None and size != self._expected:
            message = f"{self._name} has {size:,} bytes, {self._expected:,} were announced"
            self._validator = ""  # from the start
            if size > self._expected:
                self._expected = size  # if as much comes again, that is its size; less is never taken
            raise TransientError(message)

    def _check_kind(self) -> None:
        """Refuse what is no video by its first bytes."""
        with self.part.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if not self._only_video or kind_of_video(head):
            return
        self._validator = ""  # not to be gone on with
        kind = "a text or a web page" if is_text(head) else f"no known kind of video; it begins {head[:16]!r}"
        raise TransientError(f"{self._name} is {kind}; expected a video")


def _accepted(response: httpx.Response, have: int, max_bytes: int) -> tuple[int, int | None]:
    """Check the head of the answer.

    Args:
        response: not read yet.
        have: how many bytes are there, behind which it was asked for.
        max_bytes: the largest file that is accepted.

    Returns:
        Where in the file the answer begins, and the size of the whole file, if it says so.
    """
    url, status = str(response.url), response.status_code
    if status in PASSING_STATUS:
        raise TransientError(
            f"{shown_address(url)} answered {status} {response.reason_phrase}; try again later",
            asked_pause_s(response),
        )
    if status in (404, 410):
        raise FetchError(
            f"{shown_address(url)} is not there (any more): the server answered {status}; check the address"
        )
    if status != (206 if have else 200) and not (have and status in (200, _RANGE_NOT_SATISFIABLE)):
        raise FetchError(
            f"{shown_address(url)} answered {status} {response.reason_phrase}; expected the file"
        )
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise FetchError(f"{shown_address(url)} is a web page; give the address of the file itself")
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchError(
            f"{shown_address(url)} comes compressed, though it was asked for as it is; not fetched"
        )
    start, total = _extent(response, have)
    if total is not None and total > max_bytes:
        raise FetchError(_too_large(url, total, max_bytes))
    return start, total


def _extent(response: httpx.Response, have: int) -> tuple[int, int | None]:
    """Read where an answer begins and how large the whole file is."""
    if response.status_code == httpx.codes.OK:
        return 0, size_from(response.headers.get("Content-Length", ""))
    unit, _, written = response.headers.get("Content-Range", "").partition(" ")
    place, _, total = written.partition("/")
    if unit == "bytes" and place.partition("-")[0] == str(have) and response.status_code == 206:
        return have, size_from(total)
    raise _RestartError(f"{shown_address(str(response.url))} can't be gone on with at byte {have:,}")


def _validator(response: httpx.Response) -> str:
    """Give what names this version of the file, by which the rest of just it can be asked for."""
    tag: str = response.headers.get("ETag", "")
    return "" if tag.startswith("W/") else tag or response.headers.get("Last-Modified", "")


def size_from(written: str) -> int | None:
    """Read a size from a header; None for what is none."""
    return int(written) if written.isdecimal() and len(written) <= _MOST_DIGITS else None


def _too_large(url: str, size: int | None, max_bytes: int) -> str:
    told = f"more than {max_bytes:,}" if size is None else f"{size:,}"
    return f"{shown_address(url)} is too large: {told} bytes, at most {max_bytes:,} are accepted"
