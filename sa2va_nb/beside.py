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
        lasting: whether a power cut must not take the file back, as where it was paid for: it then waits for the
            disk, which takes some milliseconds.

    Raises:
        OSError: if it can't be written; what was at ``path`` before is still there.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        if lasting:
            _wait_for_disk(part)
        part.replace(path)
        if lasting:
            _wait_for_disk(path.parent)
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


def _wait_for_disk(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders, and keeps names by itself
        return
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
