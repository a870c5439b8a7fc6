from pathlib import Path

import pytest

from sa2va_nb.beside import write_beside


@pytest.mark.parametrize("lasting", [False, True])
def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path, lasting: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with write_beside(path, lasting=lasting) as part:
        part.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("lasting", [False, True])
def test_whatever_ends_the_writing_leaves_what_was_there(tmp_path: Path, lasting: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write_half(part: Path) -> None:
        part.write_text("half of")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), write_beside(path, lasting=lasting) as part:
        write_half(part)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_written_is_an_error_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), write_beside(tmp_path / "a.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    (tmp_path / "a.txt.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"), write_beside(path) as part:
        part.write_text("after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
