import os
from pathlib import Path

import pytest

from sa2va_nb.beside import settle, write_beside, write_folder_beside
from tests.disk import full_disk


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("lasting", [False, True])
def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path, lasting: bool, alone: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with write_beside(path, lasting=lasting, alone=alone) as part:
        part.write_text("after")
        assert path.read_text() == "before"
    settle(tmp_path)
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


@pytest.mark.skipif(os.name == "nt", reason="needs limits of a process")
@pytest.mark.parametrize("alone", [False, True])
def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with full_disk(), pytest.raises(OSError, match="too large"), write_beside(path, alone=alone) as part:
        part.write_text("after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_no_link_in_the_place_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "a.txt.part").symlink_to(tmp_path / "elsewhere")
    with write_beside(tmp_path / "a.txt", alone=True) as part:
        part.write_text("text")
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not (tmp_path / "a.txt").is_symlink()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.txt", "elsewhere"]


@pytest.mark.parametrize("alone", [False, True])
def test_errors_name_the_users_own_path(tmp_path: Path, alone: bool) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    for path, words in (
        (tmp_path / "nowhere" / "a.txt", "No such file or directory"),
        (taken, "Is a directory"),
        (tmp_path / ("x" * 250) / "a.txt", "No such file or directory"),
    ):
        with pytest.raises(OSError, match=words) as caught, write_beside(path, alone=alone) as part:
            part.write_text("text")
        assert str(caught.value).endswith(f"{words}: {str(path)!r}")
    with pytest.raises(FileNotFoundError) as caught, write_folder_beside(tmp_path / "nowhere" / "masks"):
        pass
    assert str(caught.value).endswith(f": {str(tmp_path / 'nowhere' / 'masks')!r}")


def test_errors_about_other_files_stay_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, write_beside(tmp_path / "a.txt"):
        (tmp_path / "other.txt").read_text()
    assert caught.value.filename == str(tmp_path / "other.txt")


def test_a_folder_takes_the_place_of_another_when_it_is_whole(tmp_path):
    folder = tmp_path / "masks"
    for text in ("old", "new"):
        with write_folder_beside(folder) as part:
            part.mkdir()
            (part / text).write_text(text)
    assert [file.name for file in folder.iterdir()] == ["new"]
    assert [file.name for file in tmp_path.iterdir()] == ["masks"]


def test_a_folder_that_fails_leaves_the_one_there(tmp_path):
    folder = tmp_path / "masks"
    folder.mkdir()
    (folder / "old").write_text("old")

    def fail(*, making: bool) -> None:
        with write_folder_beside(folder) as part:
            if making:
                part.mkdir()
                raise KeyError

    with pytest.raises(KeyError):
        fail(making=True)
    with pytest.raises(OSError, match=r"No such file or directory: .*masks'"):  # nothing was made
        fail(making=False)
    assert (folder / "old").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["masks"]


def test_an_interrupt_while_folders_change_places_loses_neither(tmp_path, monkeypatch):
    folder = tmp_path / "masks"
    folder.mkdir()
    (folder / "old").write_text("old")
    rename = Path.rename

    def interrupt(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt), write_folder_beside(folder) as part:
        part.mkdir()
    assert (folder / "old").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["masks"]


def test_no_file_of_the_users_is_taken_for_what_was_left_behind(tmp_path):
    for ending in ("part", "old"):
        (tmp_path / f"masks.{ending}").mkdir()
        (tmp_path / f"masks.{ending}" / "mine").touch()
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "a.txt.part").symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    for _ in range(2):
        with write_folder_beside(tmp_path / "masks") as part:
            part.mkdir()
        with write_beside(tmp_path / "a.txt") as part:
            part.write_text("text")
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "masks", tmp_path / "a.txt"])
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_of_two_that_write_the_same_file_at_once_the_last_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    with write_beside(path) as one:
        one.write_text("first")
        with write_beside(path) as two:
            two.write_text("second, longer")
        assert path.read_text() == "second, longer"
    assert path.read_text() == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
