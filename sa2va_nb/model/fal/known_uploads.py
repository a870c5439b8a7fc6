"""Remembers what was uploaded, so that the same content is uploaded once while it lives there.

Below the runs folder, a file for each content: ``.uploads/<SHA-256 of the content>.json``. It names no key and no
account, because it needs none: whoever has its address can read an upload, so it serves the jobs of every key.
"""

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from fal_client import ObjectExpiration, StorageSettings, SyncClient
from filelock import FileLock

from sa2va_nb.beside import write_beside
from sa2va_nb.errors import ModelError, RunError
from sa2va_nb.hashing import sha256_of
from sa2va_nb.model.fal.upload import upload
from sa2va_nb.model.fetch import is_there
from sa2va_nb.model.request import Progress, Workspace

UPLOADS = ".uploads"  # in the runs folder
_LIVES_S = {"1h": 3600, "1d": 86400, "7d": 604800, "30d": 2592000, "1y": 31536000}
_MARGIN_S = 600.0  # clocks differ, and the model takes a while to read
_MOST_RECORD_BYTES = 10_000
_LATEST = 253_402_300_800  # the year 10000, of which datetime knows nothing
_CHANGED = (
    "is no longer the video that was asked for: it has changed meanwhile. Ask again once nobody writes it"
)
_PATIENCE_S = 10.0  # for the look whether an upload is still there; a new one always helps


@dataclass(frozen=True)
class Upload:
    """A video at the service.

    Attributes:
        url: its address, which anyone who has it can read.
        size_bytes: its size.
        expires: when the service forgets it, in seconds since 1970; None for never.
    """

    url: str
    size_bytes: int
    expires: float | None

    @property
    def until(self) -> str | None:
        """When it expires, in ISO 8601, UTC; None for never."""
        return (
            None
            if self.expires is None
            else datetime.fromtimestamp(self.expires, UTC).isoformat("T", "seconds")
        )


def upload_once(
    client: SyncClient,
    source: Path,
    expires_in: ObjectExpiration,
    workspace: Workspace,
    *,
    needed_s: float,
    content: str | None = None,
) -> Upload:
    """Upload a video, unless the same content lies at the service already and will for long enough.

    Of several that ask for the same content at the same time, one uploads and the others wait for it.

    Args:
        client: with a key.
        source: the video.
        expires_in: when the service shall forget a new upload; one that is there stays as long as it was meant to.
        workspace: of the run that needs it; what is uploaded is remembered beside its folder.
        needed_s: how long from now the model may still want to read it, in seconds.
        content: the SHA-256 that the video must have; None for any.

    Raises:
        ModelError: if the service refuses it or is out of reach, or the video is not what it was.
        RunError: if the video can't be read, or the runs folder not written.
    """
    try:
        before = sha256_of(source)
        if content not in (None, before):
            raise ModelError(f"{source} {_CHANGED}")
        return _upload(client, source, expires_in, workspace, needed_s, before)
    except OSError as error:
        raise RunError(
            f"{source} could not be uploaded: {error}; check the video, and that {workspace.folder.parent} is writable"
        ) from error


def _upload(
    client: SyncClient,
    source: Path,
    expires_in: ObjectExpiration,
    workspace: Workspace,
    needed_s: float,
    content: str,
) -> Upload:
    file, size_bytes = _file_of(content, workspace), source.stat().st_size
    with _alone(file):
        known = _read(file)
        if known and known.size_bytes == size_bytes and _lives_on(known, needed_s):
            workspace.report(Progress("uploading", "the same video lies at the service from an earlier call"))
            if is_there(known.url, size_bytes, timeout_s=_PATIENCE_S):
                return known
        workspace.report(Progress("uploading", f"{source.name}, {size_bytes / 1e6:.1f} MB"))
        began = time.time()  # the end of its life is counted from here, to be on the safe side
        url = upload(client, source, StorageSettings(expires_in=expires_in))
        if sha256_of(source) != content:
            raise ModelError(f"{source} {_CHANGED}")
        new = Upload(url, size_bytes, None if expires_in == "never" else began + _lives_s(expires_in))
        # What can't be remembered is uploaded again.
        with suppress(OSError), write_beside(file, alone=True) as part:
            part.write_text(json.dumps(asdict(new)), encoding="ascii")
        return new


def forget_upload(source: Path, workspace: Workspace) -> None:
    """Forget that a video was uploaded, such as when the model could do nothing with it."""
    with suppress(OSError, RunError):  # the reason to forget it tells more
        file = _file_of(sha256_of(source), workspace)
        with _alone(file):
            file.unlink(missing_ok=True)


def _file_of(content: str, workspace: Workspace) -> Path:
    return workspace.folder.parent / UPLOADS / f"{content}.json"


def _alone(file: Path) -> FileLock:
    """Make the lock of a content, which is the operating system's and is free when its holder ends."""
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(
            f"uploads can't be remembered in {file.parent}: {error}; is the folder writable?"
        ) from error
    return FileLock(file.with_suffix(".lock"))


def _read(file: Path) -> Upload | None:
    """Read what is remembered; what makes no sense is nothing."""
    try:
        with file.open(encoding="ascii") as opened:
            upload = Upload(**json.loads(opened.read(_MOST_RECORD_BYTES)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    is_one = isinstance(upload.url, str) and isinstance(upload.size_bytes, int)
    is_dated = upload.expires is None or (
        type(upload.expires) in (int, float) and 0 <= upload.expires < _LATEST
    )
    return upload if is_one and is_dated else None


def _lives_on(known: Upload, needed_s: float) -> bool:
    return known.expires is None or known.expires - time.time() > needed_s + _MARGIN_S


def _lives_s(expires_in: ObjectExpiration) -> float:
    """Give how long an upload lives in seconds; what is not known here lives no longer than now."""
    return float(expires_in if isinstance(expires_in, int) else _LIVES_S.get(expires_in, 0))
