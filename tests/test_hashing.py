import hashlib
import os
import time
from pathlib import Path

import pytest

from sa2va_nb.hashing import SETTLED_S, _remembered, sha256_of


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "clip.mp4"
    path.write_bytes(content)
    return path


def reads() -> int:
    """Count the files that were read to be remembered."""
    return _remembered.cache_info().misses


def test_the_hash_is_that_of_the_content(tmp_path):
    assert sha256_of(file_of(tmp_path, b"abc")) == hashlib.sha256(b"abc").hexdigest()


def test_an_unchanged_file_is_read_once():
    path = Path(pytest.__file__)  # older than a moment
    first, before = sha256_of(path), reads()
    assert sha256_of(path) == first == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reads() == before


def test_what_has_just_changed_is_not_remembered(tmp_path):
    path, before = file_of(tmp_path, b"abc"), reads()
    first = sha256_of(path)
    with path.open("r+b") as file:
        file.write(b"xyz")  # the same size, and maybe the same tick of the file system's clock
    assert sha256_of(path) != first
    assert reads() == before


def test_other_content_is_read_again_though_size_and_time_are_the_same(tmp_path):
    path = file_of(tmp_path, b"abc")
    stat = path.stat()
    time.sleep(SETTLED_S + 0.1)
    first = sha256_of(path)
    file_of(tmp_path, b"xyz")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as some copying programs do
    time.sleep(SETTLED_S + 0.1)
    assert sha256_of(path) == hashlib.sha256(b"xyz").hexdigest() != first
