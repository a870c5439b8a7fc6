"""Uploads the source video to fal's storage."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from fal_client import FalClientHTTPError, StorageSettings, SyncClient
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay

from sa2va_nb.model.fal.words import client_errors_in_words
from sa2va_nb.model.retrying import PASSING_STATUS, PoliteWait

_NAME = "video"  # the user's own file name stays at home


def upload(client: SyncClient, source: Path, lifecycle: StorageSettings) -> str:
    """Upload a video under a neutral name.

    Args:
        client: with a key.
        source: the file.
        lifecycle: when the service forgets it, and who may read it until then.

    Returns:
        The upload's address, which anyone who knows it can read.

    Raises:
        ModelError: if the service refuses it or is out of reach.
    """
    # Uploading twice costs nothing. fal_client itself repeats each step but the first, the asking for a token.
    retrying = Retrying(
        stop=stop_after_attempt(3) | stop_after_delay(30),
        wait=PoliteWait(0.5, 5.0),
        retry=retry_if_exception(_may_pass),
        reraise=True,
    )
    with _neutral_name(source) as path, client_errors_in_words():
        url: str = retrying(
            client.upload_file,
            path,
            fallback_repository=[],  # the default one sends the key to the storage host
            lifecycle=lifecycle,
        )
    return url


def _may_pass(error: BaseException) -> bool:
    """Tell a fault that another attempt may not meet: in the way, at a busy server, in an answer that is none."""
    if isinstance(error, (httpx.HTTPStatusError, FalClientHTTPError)):
        return error.response.status_code in PASSING_STATUS
    return isinstance(error, (httpx.TransportError, ValueError, LookupError, TypeError))


@contextmanager
def _neutral_name(source: Path) -> Iterator[Path]:
    """Show the file under another name, which is the one that the client sends along."""
    with tempfile.TemporaryDirectory(prefix="sa2va-nb-") as folder:
        path = Path(folder) / f"{_NAME}{source.suffix.lower()}"
        try:
            path.symlink_to(source.resolve())
        except OSError:  # not every system lets everyone make links
            shutil.copyfile(source, path)
        yield path
