import json
import zipfile

import pytest

import sa2va_nb as sa
from sa2va_nb.bundle import unpack_bundle, write_bundle

RECORD = json.dumps({"format": "sa2va_nb run", "version": 1, "status": "done"})


def zip_of(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../escape.txt",
        "/etc/cron.d/x",
        "masks/../../escape.mp4",
        "masks/000.mp4/x",
        "C:\\x.mp4",
        "notes.txt",
    ],
)
def test_a_bundle_may_hold_nothing_but_a_runs_files(tmp_path, name):
    path = zip_of(tmp_path / "b.zip", {"run.json": RECORD, name: "x"})
    with pytest.raises(sa.RunError, match="is not a bundle: it holds"):
        sa.open_run(path)
    assert not (tmp_path.parent / "escape.txt").exists()


def test_a_bomb_is_refused_by_what_it_unpacks_to(tmp_path):
    path = zip_of(tmp_path / "b.zip", {"run.json": RECORD, "video.mp4": b"\0" * 5000})
    with pytest.raises(sa.RunError, match="unpacks to more than 1000 bytes"):
        unpack_bundle(path, max_bytes=1000)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text"])
def test_a_file_that_is_no_zip_is_said_to_be_none(tmp_path, content):
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(sa.RunError, match="can't be opened as a bundle"):
        sa.open_run(tmp_path / "b.zip")


def test_a_damaged_or_encrypted_member_is_said_so(tmp_path):
    path = zip_of(tmp_path / "b.zip", {"run.json": RECORD * 20})
    whole = path.read_bytes()
    at = whole.index(b"run.json") + len("run.json")
    path.write_bytes(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
    with pytest.raises(sa.RunError, match="can't be opened as a bundle"):
        unpack_bundle(path)
    encrypted = bytearray(whole)
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        encrypted[encrypted.index(header) + flags] |= 1
    path.write_bytes(encrypted)
    with pytest.raises(sa.RunError, match=r"can't be opened as a bundle.*encrypted"):
        unpack_bundle(path)


def test_a_bundle_has_its_folder_made(tmp_path):
    path = write_bundle(tmp_path / "bundles" / "today" / "a.zip", {"run": "a"}, {})
    with zipfile.ZipFile(path) as bundle:
        assert bundle.namelist() == ["run.json"]


def test_a_zip_without_a_record_is_no_run(tmp_path):
    with pytest.raises(sa.RunError, match=r"run\.json"):
        sa.open_run(zip_of(tmp_path / "b.zip", {"video.mp4": "x"}))
