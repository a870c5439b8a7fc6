"""Run folders: what a call was, what it gave, and where that lies.

A run folder holds ``run.json``, the mask videos ``masks/000.mp4`` …, and ``video.*`` where the source
was downloaded or bundled. It is the record, the cache and the material to work with offline.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from sa2va_nb.beside import settle, write_beside
from sa2va_nb.errors import RunError
from sa2va_nb.run_record import FRUITLESS, NOTHING_SENT, check_record, wrong_field

FORMAT, VERSION = "sa2va_nb run", 1
RUNS_DIR_VARIABLE = "SA2VA_NB_RUNS"
_KEY_CHARACTERS = 12  # of the request's key, in the folder's name
_MAX_RECORD_BYTES = 64 * 1024**2  # of a run.json; the longest clips have some 100 kB
_ABOUT_TO_SEND = "submitting"  # were this lost, the job would be sent again
_NURSERY = ".new"  # below the runs, where folders are made
_SHOWN_CHARACTERS = 500  # of a path in a message
_LEDGER = {
    "run": "string",
    "created": "string",
    "engine": "string",
    "video": "string",
    "prompt": "string",
    "status": "string",
    "request_id": "string",
    "seconds": "float64",
    "cost_usd": "float64",
    "cost_is_estimate": "boolean",
    "estimate_usd": "float64",
    "billable_units": "float64",
    "inference_s": "float64",
}


class RunFolder:
    """One run folder; every change of its record is on disk at once."""

    def __init__(self, path: Path, record: dict[str, Any]) -> None:
        """Take a folder and its record as they are; see ``create`` and ``open``."""
        self.path = path
        self._record = record

    @classmethod
    def create(cls, runs_dir: Path, key: str, **fields: Any) -> "RunFolder":
        """Make a new folder below ``runs_dir``, named by time and the start of ``key``.

        Raises:
            RunError: if no folder can be made there.
        """
        created = datetime.now(UTC)
        record = {
            "format": FORMAT,
            "version": VERSION,
            "created": created.isoformat(timespec="seconds"),
            "key": key,
        }
        # Made whole in a place where nobody looks, so that a folder is never there without its record.
        begun = runs_dir / _NURSERY / secrets.token_hex(8)
        make_folder(begun)
        run = cls(begun, record)
        run.save(status="new", **fields)
        run.path = _settle(begun, runs_dir, f"{created:%Y%m%d-%H%M%S}-{key[:_KEY_CHARACTERS]}")
        return run

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Read an existing folder.

        Raises:
            RunError: if it is none, or its record can't be read.
        """
        file = path / "run.json"
        if not is_file(file):
            raise RunError(
                f"expected a run folder with a run.json, but {_shown(path)} has none; sa.runs() lists the runs"
            )
        record = _read_json(file)
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise RunError(f"{file} is not the record of a run: its 'format' must be {FORMAT!r}")
        if record.get("version") != VERSION:
            raise RunError(
                f"{file} has version {record.get('version')!r}, but this release reads version {VERSION}; "
                "update sa2va_nb"
            )
        check_record(record, file)
        return cls(path, record)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def record(self) -> Mapping[str, Any]:
        """What ``run.json`` holds."""
        return MappingProxyType(self._record)

    def save(self, **fields: Any) -> None:
        """Put fields into the record; ``run.json`` has them when this returns.

        From the moment on that a job may be sent, a power cut leaves this record or the one before it, but never
        one from before that moment; and where somebody removed or moved the folder, it is made again.

        Raises:
            ValueError: if one is of another kind than ``run.json`` holds.
            RunError: if they can't be written; ``run.json`` is then as it was, and the record here has them.
        """
        if wrong := wrong_field(fields):  # else nobody could open the run again
            raise ValueError(f"the record of run {self.name} can't hold that: {wrong}")
        self._record.update(fields)
        lasting = self._record.get("status") not in NOTHING_SENT  # waiting for the disk takes milliseconds
        try:
            if lasting:  # what was paid for is not lost with a folder that somebody removed
                self.path.mkdir(parents=True, exist_ok=True)
            with write_beside(self.path / "run.json", lasting=lasting, alone=True) as part:
                # ASCII: the model may send what UTF-8 can't hold
                part.write_text(json.dumps(self._record, indent=1), encoding="ascii")
            if self._record.get("status") == _ABOUT_TO_SEND:
                settle(self.path)
        except OSError as error:
            advice = f"; make room, then sa.resume({str(self.path)!r}) goes on" if lasting else ""
            raise RunError(f"{self.path / 'run.json'} could not be written: {error}{advice}") from error

    def is_whole(self) -> bool:
        """Tell whether every mask video that the record names is there."""
        return all(is_file(self.path / mask["file"]) for mask in self._record.get("masks", []))

    def file(self, name: str) -> Path:
        """Give the path of a file that the record names, which must lie in the folder.

        Raises:
            RunError: if it is not there, or the name leads out of the folder.
        """
        try:
            path = (self.path / name).resolve()
        except (OSError, ValueError) as error:
            raise RunError(f"run {self.name} names a file that can't be: {name[:80]!r}") from error
        if not path.is_relative_to(self.path.resolve()):
            raise RunError(f"run {self.name} names a file outside its folder: {name!r}")
        if not is_file(path):
            raise RunError(
                f"run {self.name} is incomplete: {name} is missing; sa.resume({self.name!r}) may get it"
            )
        return path


def _settle(begun: Path, runs_dir: Path, stem: str) -> Path:
    """Move a new folder to the first name that is free; gives its place."""
    for attempt in range(1, 1000):
        path = runs_dir / (stem if attempt == 1 else f"{stem}-{attempt}")
        try:
            return begun.rename(path)
        except OSError as error:
            if not path.exists():
                raise RunError(f"no run folder can be made in {runs_dir}: {error}") from error
    raise RunError(f"no new run folder could be made at {runs_dir / stem}; clean up {runs_dir}")


def resolve_runs_dir(runs_dir: str | Path | None) -> Path:
    """Give the folder that is asked for; for None ``$SA2VA_NB_RUNS``, or ``sa2va_runs`` in the working directory.

    Raises:
        RunError: if it is a file.
    """
    folder = Path(runs_dir if runs_dir is not None else os.environ.get(RUNS_DIR_VARIABLE) or "sa2va_runs")
    if folder.is_file():
        raise RunError(f"runs_dir must be a folder, got the file {folder}")
    return folder


@contextmanager
def only_one(runs_dir: Path, key: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a request: whoever asks for the same thing waits, in this process or another.

    The lock is the operating system's; it is free again when its holder ends, in whatever way.

    Args:
        runs_dir: the runs folder.
        key: the request's.
        wait: whether to wait for another holder; else False is given where there is one.

    Raises:
        RunError: if no lock can be made there.
    """
    make_folder(runs_dir)
    lock = FileLock(runs_dir / f".{key[:_KEY_CHARACTERS]}.lock")
    try:
        lock.acquire(blocking=wait)
    except Timeout:
        pass
    except OSError as error:
        raise RunError(f"no lock can be made in {runs_dir}: {error}; is the folder writable?") from error
    try:
        yield lock.is_locked
    finally:
        lock.release()


def make_folder(folder: Path) -> None:
    """Make a folder for runs, unless it is there.

    Raises:
        RunError: if that can't be, such as below a file or under too long a name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise RunError(f"runs can't be kept in {_shown(folder)}: {error}; take another runs_dir") from error


def is_file(path: Path) -> bool:
    """Say whether there is such a file; also of names that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _shown(path: Path) -> str:
    """Shorten a path that may come from anywhere."""
    return text if len(text := str(path)) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _read_json(file: Path) -> Any:
    try:
        size = file.stat().st_size
        if size > _MAX_RECORD_BYTES:
            raise RunError(f"{file} has {size:,} bytes, at most {_MAX_RECORD_BYTES:,} are read")
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise RunError(f"{file} can't be read: {error}") from error


def find_run(runs_dir: Path, key: str) -> RunFolder | None:
    """Find the run of a request that came furthest and didn't fail, of several the newest, by the request's key."""
    found: list[RunFolder] = []
    for path in sorted(runs_dir.glob(f"*-{key[:_KEY_CHARACTERS]}*"), reverse=True):
        try:
            run = RunFolder.open(path)
        except RunError:
            continue
        if run.record.get("key") == key and run.record.get("status") not in FRUITLESS:
            found.append(run)
    return max(found, key=_how_far, default=None)


def _how_far(run: RunFolder) -> int:
    """Order runs: those that are done, then those that the service knows of, then the others."""
    done, known = run.record["status"] == "done", run.record.get("request_id") is not None
    return 2 * int(done) + int(known)


def locate_run(run: str | Path, runs_dir: str | Path | None = None) -> RunFolder:
    """Open a run by its path, or by its folder's name below ``runs_dir``."""
    folder = resolve_runs_dir(runs_dir)
    found = next((path for path in (Path(run), folder / run) if is_file(path / "run.json")), None)
    if found is None:
        raise RunError(
            f"expected a run folder with a run.json, but there is none at {_shown(Path(run))}, nor one of that name in "
            f"{_shown(folder)}; sa.runs(…), or sa2va-nb runs in a shell, lists those of a folder"
        )
    return RunFolder.open(found)


def runs(runs_dir: str | Path | None = None) -> pd.DataFrame:
    """List the runs, oldest first: what was asked, how it ended, what it cost.

    Args:
        runs_dir: where to look; None for ``$SA2VA_NB_RUNS``, or ``sa2va_runs`` here.

    Returns:
        A row a run: ``run`` (its folder's name), ``created`` (ISO 8601, UTC), ``engine``, ``video``,
        ``prompt``, ``status`` ("done", or how far it came; "damaged" where ``run.json`` can't be
        read), ``request_id``, ``seconds`` (wall time of the call), ``cost_usd``,
        ``cost_is_estimate`` (False once the service said what it billed), ``estimate_usd`` (what was
        expected beforehand), ``billable_units`` and ``inference_s`` (NaN unless the service told them).
    """
    rows = [_ledger_row(name, record) for name, record in _records(resolve_runs_dir(runs_dir))]
    return pd.DataFrame(rows, columns=list(_LEDGER)).astype(_LEDGER)


def _ledger_row(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    video, request = record.get("video", {}), record.get("request", {})
    return {**record, "run": name, "video": video.get("name"), "prompt": request.get("prompt")}


def _records(runs_dir: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in sorted(runs_dir.glob("*/run.json")):
        try:
            yield file.parent.name, RunFolder.open(file.parent).record
        except RunError:
            yield file.parent.name, {"status": "damaged"}
