"""Writes files and folders that are whole or not there: beside their place, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def write_beside(path: Path, *, lasting: bool = False) -> Iterator[Path]:
    """Give the place to write a file at; what is there at the end takes the file's name.

    Args:
        path: the file; its folder must exist. ``<path>.part`` is used meanwhile, so only one may write at a time.
        lasting: whether a power cut must not leave half a file under its name, as where it was paid for: its content
            then waits for the disk, which takes some milliseconds. What was there before may come back, whole;
            ``settle`` sees to that.

    Raises:
        OSError: if it can't be written; what was at ``path`` before is still there.
    """
    part = path.with_name(path.name + ".part")
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
        path: the folder; the one that holds it must exist. ``<path>.part`` and, for what is replaced,
            ``<path>.old`` are used meanwhile, so only one may write at a time.

    Raises:
        OSError: if it can't be written; what was at ``path`` before is still there.
    """
    part, old = (path.with_name(path.name + ending) for ending in (".part", ".old"))
    shutil.rmtree(part, ignore_errors=True)
    try:
        yield part
        if path.exists():
            path.rename(old)
        try:
            part.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


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
