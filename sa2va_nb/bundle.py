"""Bundles: a run in one .zip, to hand on and open anywhere."""

import atexit
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sa2va_nb.errors import RunError

_MEMBER = re.compile(r"run\.json|masks/\d{3}\.\w{2,4}|video\.\w{2,4}", re.ASCII)
MAX_BUNDLE_BYTES = 4 * 2**30  # unpacked


def write_bundle(path: Path, record: Mapping[str, Any], files: Mapping[str, Path]) -> Path:
    """Write a .zip of a record and files by their names inside; beside, then renamed."""
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as bundle:
            bundle.writestr("run.json", json.dumps(dict(record), indent=1))
            for name, file in files.items():
                bundle.write(file, name)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
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
            for member in bundle.infolist():
                if member.filename == "masks/":
                    continue  # a folder's own entry, as other programs write it
                if not _MEMBER.fullmatch(member.filename):
                    raise RunError(
                        f"{path.name} is not a bundle: it holds {member.filename[:80]!r}; nothing was used"
                    )
                for chunk in _unpack_member(bundle, member, folder / member.filename):
                    unpacked += chunk
                    if unpacked > max_bytes:
                        raise RunError(
                            f"{path.name} unpacks to more than {max_bytes} bytes and was not opened; if you "
                            "trust it, unpack it yourself and open the folder"
                        )
    # RuntimeError: encrypted, or packed in a way that Python doesn't know.
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise RunError(f"{path.name} can't be opened as a bundle (.zip): {error}") from error
    return folder


def _unpack_member(bundle: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Iterator[int]:
    """Copy one member; gives the size of each chunk as it really comes, whatever the header says."""
    target.parent.mkdir(exist_ok=True)
    with bundle.open(member) as source, target.open("wb") as file:
        while chunk := source.read(2**20):
            file.write(chunk)
            yield len(chunk)
