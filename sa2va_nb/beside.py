"""Writes files and folders that are whole or not there: beside their place, then renamed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SHOWN = 32  # characters of a file's name in that of its place meanwhile: names have an end


@contextmanager
def write_beside(path: Path, *, lasting: bool = False, alone: bool = False) -> Iterator[Path]:
    """Give the place to write a file at; what is there at the end takes the file's name.

    Args:
        path: the file; its folder must exist.
        lasting: whether a power cut must not leave half a file under its name, as where it was paid for: its content
            then waits for the disk, which takes some milliseconds. What was there before may come back, whole;
            ``settle`` sees to that.
        alone: whether a lock keeps other writers away, and the folder holds no files of the user's: the place is
            then ``<path>.part``, so that the next writer clears away what a killed one left.

    Raises:
        OSError: if it can't be written; what was at ``path`` before is still there. It names ``path``.
    """
    with _place_alone(path) if alone else _place_beside(path) as part:
        try:
            yield part
            if lasting:
                _wait_for_disk(part, os.O_RDWR)
            part.replace(path)
        finally:
            with suppress(OSError):  # the error that led here tells more
                part.unlink(missing_ok=True)


@contextmanager
def write_folder_beside(path: Path) -> Iterator[Path]:
    """Give the place to make a folder at; at the end it takes the folder's name, and the place of one there.

    Args:
        path: the folder; the one that holds it must exist.

    Raises:
        OSError: if it can't be written; what was at ``path`` before is still there. It names ``path``.
    """
    with _place_beside(path) as part:
        yield part
        old = part.with_name("old")  # cleared away with the place
        try:
            if path.exists():
                path.rename(old)
            part.rename(path)
        finally:
            if old.exists() and not path.exists():
                old.rename(path)


@contextmanager
def _place_beside(path: Path) -> Iterator[Path]:
    """Give a place in a new folder, in which nobody else writes and nothing was before."""
    with _named_as(path, path.parent / f".{path.name[:_SHOWN]}-"):
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:_SHOWN]}-", suffix=".part"))
        try:
            yield folder / "new"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _place_alone(path: Path) -> Iterator[Path]:
    """Give the place ``<path>.part``; what is there, such as a link that leads elsewhere, is removed."""
    part = path.with_name(f"{path.name}.part")
    with _named_as(path, part):
        part.unlink(missing_ok=True)
        yield part


@contextmanager
def _named_as(path: Path, hidden: Path) -> Iterator[None]:
    """Let errors about places whose names begin with ``hidden`` name the path that the user gave."""
    try:
        yield
    except OSError as error:
        if str(error.filename).startswith(str(hidden)):
            error.filename = str(path)
            if error.filename2 is not None:
                del error.filename2  # where it should have gone: the same
        raise


def settle(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, so that no power cut brings former files back.

    Raises:
        OSError: if that fails.
    """
    if os.name != "nt":  # Windows opens no folders, and keeps names by itself
        _wait_for_disk(folder, os.O_RDONLY)


def _wait_for_disk(path: Path, mode: int) -> None:
    opened = os.open(path, mode)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
