"""Names files by their content."""

import hashlib
import time
from functools import lru_cache
from pathlib import Path

SETTLED_S = 2.0  # file systems count time in steps; two changes within one look like one
_REMEMBERED = 1000  # files


def sha256_of(path: Path) -> str:
    """Hash a file's content, a gigabyte in a second or so; gives 64 hexadecimal digits.

    What was hashed before isn't read again while the file is the same by its size and times. A program that keeps the
    file mapped into its memory can write there without these telling; they do once the system has written that out.

    Raises:
        OSError: if it can't be read.
    """
    stat = path.stat()
    stamp = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    is_settled = time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > SETTLED_S * 1e9
    return _remembered(path.absolute(), stamp) if is_settled else _read(path)


@lru_cache(_REMEMBERED)
def _remembered(path: Path, _stamp: tuple[int, ...]) -> str:
    return _read(path)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
