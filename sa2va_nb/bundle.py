"""Bundles: a run in one .zip, to hand on and open anywhere."""

import atexit
import json
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sa2va_nb.beside import write_beside
from sa2va_nb.errors import RunError

_MEMBER = re.compile(r"run\.json|masks/\d{3}\.\w{2,4}|video\.\w{2,4}", re.ASCII)
MAX_BUNDLE_BYTES = 4 * 2**30  # unpacked
_MAX_MEMBERS = 1010  # masks have three digits
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what any program writes; others can ask for gigabytes
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(OSError, EOFError, ValueError, OverflowError, IndexError),
    RuntimeError,  # encrypted, or packed in a way that Python doesn't know
)


def write_bundle(path: Path, record: Mapping[str, Any], files: Mapping[str, Path]) -> Path:
    """Write a .zip of a record and files by their names inside; beside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_beside(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as bundle:
        bundle.writestr("run.json", json.dumps(dict(record), indent=1))
        for name, file in files.items():
            bundle.write(file, name)
    return path


def unpack_bundle(path: Path, *, max_bytes: int = MAX_BUNDLE_BYTES) -> Path:
    """Unpack a bundle to a temporary folder, removed when Python ends; gives the folder.

    Raises:
        RunError: if it is no .zip, holds anything but a run's files, or is too large.
    """
    folder = Path(tempfile.mkdtemp(prefix="sa2va_nb-bundle-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as bundle:
            unpacked = 0
            for member in _members(bundle, path.name):
                for chunk in _unpack_member(bundle, member, folder / member.filename):
                    unpacked += chunk
                    if unpacked > max_bytes:
                        raise RunError(
                            f"{path.name} unpacks to more than {max_bytes} bytes and was not opened; if you "
                            "trust it, unpack it yourself and open the folder"
                        )
    except _UNREADABLE as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise RunError(f"{path.name} can't be opened as a bundle (.zip): {error}") from error
    except RunError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _members(bundle: zipfile.ZipFile, name: str) -> Iterator[zipfile.ZipInfo]:
    """Give the files in a bundle, none of them before all are known to be a run's."""
    # a folder's own entry, as other programs write it, is passed over
    members = [member for member in bundle.infolist() if member.filename != "masks/"]
    if len(members) > _MAX_MEMBERS:
        raise RunError(f"{name} is not a bundle: it holds {len(members)} files; nothing was used")
    seen: set[str] = set()
    for member in members:
        refused = _refused(member, seen)
        if refused:
            raise RunError(
                f"{name} is not a bundle: it holds {member.filename[:80]!r}{refused}; nothing was used"
            )
        seen.add(member.filename.lower())
    yield from members


def _refused(member: zipfile.ZipInfo, seen: set[str]) -> str | None:
    """Say what speaks against a file in a bundle; None for nothing."""
    if not _MEMBER.fullmatch(member.filename):
        return ", which is no file of a run"
    if member.filename.lower() in seen:
        return " twice"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        return ", which is a link or another thing than a file"
    if member.compress_type not in _PACKED:
        return f", packed by method {member.compress_type} instead of deflate"
    return None


def _unpack_member(bundle: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Iterator[int]:
    """Copy one member; gives the size of each chunk as it really comes, whatever the header says."""
    target.parent.mkdir(exist_ok=True)
    with bundle.open(member) as source, target.open("wb") as file:
        while chunk := source.read(2**20):
            file.write(chunk)
            yield len(chunk)
