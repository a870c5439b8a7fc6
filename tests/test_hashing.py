import hashlib
import os
import time
from pathlib import Path

import pytest

from sa2va_nb import hashing
from sa2va_nb.hashing import sha256_of


@pytest.fixture
def reads(monkeypatch) -> list[Path]:
    """List the files that are read to be hashed."""
    hashing._remembered.cache_clear()
    read, done = hashing._read, []

    def note(path: Path) -> str:
        done.append(path)
        return read(path)

    monkeypatch.setattr(hashing, "_read", note)
    return done


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "clip.mp4"
    path.write_bytes(content)
    return path


def let_it_settle(monkeypatch) -> None:
    now = time.time_ns()
    monkeypatch.setattr(hashing.time, "time_ns", lambda: now + int(2 * hashing.SETTLED_S * 1e9))


def test_the_hash_is_that_of_the_content(tmp_path):
    assert sha256_of(file_of(tmp_path, b"abc")) == hashlib.sha256(b"abc").hexdigest()


def test_an_unchanged_file_is_read_once(tmp_path, monkeypatch, reads):
    path = file_of(tmp_path, b"abc")
    let_it_settle(monkeypatch)
    assert sha256_of(path) == sha256_of(path)
    assert len(reads) == 1


def test_a_file_that_has_just_changed_is_read_each_time(tmp_path, reads):
    path = file_of(tmp_path, b"abc")
    first = sha256_of(path)
    with path.open("r+b") as file:
        file.write(b"xyz")  # the same size, and maybe the same tick of the clock
    assert sha256_of(path) != first
    assert len(reads) == 2


@pytest.mark.parametrize("keep_times", [False, True])
def test_a_file_of_other_content_is_read_again(tmp_path, monkeypatch, reads, keep_times):
    path = file_of(tmp_path, b"abc")
    stat = path.stat()
    let_it_settle(monkeypatch)
    first = sha256_of(path)
    time.sleep(0.02)  # a tick of the file system's clock
    file_of(tmp_path, b"xyz")
    if keep_times:  # as some copying programs do
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert sha256_of(path) == hashlib.sha256(b"xyz").hexdigest() != first
