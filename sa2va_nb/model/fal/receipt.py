"""Keeps a request's id where ``run.json`` can't, such as on a disk that has become full."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path

from sa2va_nb.errors import RunError

RECEIPT_FILE = "request_id.txt"  # in the run folder, while a job is submitted
ID = re.compile(r"\w[\w.:-]{0,199}", re.ASCII)  # of a request; becomes a part of addresses
_ROOM_BYTES = 256  # an id has 36


class Receipt:
    """A file whose room on the disk is taken before a job is sent, so that its id surely fits in afterwards."""

    def __init__(self, file: FileIO) -> None:
        """Take an open file; see ``keep_room``."""
        self._file = file
        self.write("")

    def write(self, request_id: str) -> None:
        """Put the id in; after the first time, no further room is taken.

        Raises:
            OSError: if it can't be written.
        """
        self._file.seek(0)
        self._file.write(request_id.encode().ljust(_ROOM_BYTES))
        os.fsync(self._file.fileno())


@contextmanager
def keep_room(folder: Path) -> Iterator[Receipt]:
    """Take the room for a receipt.

    Raises:
        RunError: if the disk has none.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context((folder / RECEIPT_FILE).open("wb", buffering=0))
            receipt = Receipt(file)
        except OSError as error:
            raise RunError(
                f"{folder / RECEIPT_FILE} could not be written ({error}), so nothing was sent"
            ) from error
        yield receipt


def read_receipt(folder: Path) -> str | None:
    """Give the id that a receipt holds; None if there is none."""
    try:
        with (folder / RECEIPT_FILE).open("rb") as file:
            written = file.read(_ROOM_BYTES + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return written if ID.fullmatch(written) else None


def drop_receipt(folder: Path) -> None:
    """Remove the receipt, once ``run.json`` has the id."""
    (folder / RECEIPT_FILE).unlink(missing_ok=True)
