import json
import os

import pytest

import sa2va_nb as sa
from sa2va_nb.run_folder import RunFolder, find_run, locate_run, only_one, resolve_runs_dir
from tests.disk import full_disk

KEY = "0123456789abcdef" * 4


def test_the_record_is_on_disk_after_each_save(tmp_path):
    run = RunFolder.create(tmp_path, KEY, engine="fal")
    run.save(status="submitted", request_id="abc")
    on_disk = json.loads((run.path / "run.json").read_text(encoding="utf-8"))
    assert on_disk["status"] == "submitted"
    assert on_disk["request_id"] == "abc"
    assert on_disk == dict(run.record)
    assert [path.name for path in run.path.iterdir()] == ["run.json"]


def test_the_record_can_only_be_changed_by_saving(tmp_path):
    run = RunFolder.create(tmp_path, KEY)
    with pytest.raises(TypeError):
        run.record["status"] = "done"


@pytest.mark.parametrize("fields", [{"cost_usd": float("nan")}, {"output": None}, {"notes": "one"}])
def test_a_record_that_nobody_could_read_again_is_not_written(tmp_path, fields):
    run = RunFolder.create(tmp_path, KEY)
    with pytest.raises(ValueError, match="can't hold that"):
        run.save(**fields)
    assert RunFolder.open(run.path).record == run.record


def test_runs_made_in_the_same_second_get_their_own_folders(tmp_path):
    names = {RunFolder.create(tmp_path, KEY).name for _ in range(5)}
    assert len(names) == 5


def test_a_run_is_found_by_its_request_unless_it_failed(tmp_path):
    assert find_run(tmp_path, KEY) is None
    run = RunFolder.create(tmp_path, KEY)
    assert find_run(tmp_path, KEY).name == run.name
    assert find_run(tmp_path, KEY[:12] + "0" * 52) is None
    run.save(status="failed")
    assert find_run(tmp_path, KEY) is None


def test_a_run_is_located_by_path_or_name(tmp_path):
    run = RunFolder.create(tmp_path, KEY)
    assert locate_run(run.path).name == run.name
    assert locate_run(run.name, tmp_path).name == run.name


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "expected a run folder with a run.json"),
        ("{", "can't be read"),
        ("[]", "not the record of a run"),
        ('{"format": "something"}', "not the record of a run"),
        ('{"format": "sa2va_nb run", "version": 99}', "has version 99"),
    ],
)
def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path, content, expected):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(sa.RunError, match=expected):
        sa.open_run(tmp_path)


def test_a_record_cannot_name_files_outside_its_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    run = RunFolder.create(tmp_path, KEY)
    with pytest.raises(sa.RunError, match="outside its folder"):
        run.file("../secret.txt")
    with pytest.raises(sa.RunError, match=r"masks/000\.mp4 is missing"):
        run.file("masks/000.mp4")


def test_a_source_of_many_gigabytes_is_no_damage(tmp_path):
    video = {"name": "long.mp4", "path": "/long.mp4", "bytes": 5 * 2**30}
    run = RunFolder.create(tmp_path, KEY, video=video)
    assert RunFolder.open(run.path).record["video"]["bytes"] == 5 * 2**30


def test_the_ledger_lists_every_run_also_damaged_ones(tmp_path):
    assert len(sa.runs(tmp_path / "nothing yet")) == 0
    run = RunFolder.create(
        tmp_path, KEY, engine="fal", request={"prompt": "a dog"}, video={"name": "dog.mp4"}
    )
    run.save(status="done", request_id="abc", seconds=12.5, cost_usd=0.4)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    ledger = sa.runs(tmp_path).set_index("run")
    assert ledger.loc[run.name, ["prompt", "status", "request_id", "seconds", "cost_usd", "video"]].tolist() == [
        "a dog", "done", "abc", 12.5, 0.4, "dog.mp4",
    ]  # fmt: skip
    assert ledger.loc["broken", "status"] == "damaged"


def test_runs_go_where_the_caller_or_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.delenv("SA2VA_NB_RUNS", raising=False)
    assert str(resolve_runs_dir(None)) == "sa2va_runs"
    monkeypatch.setenv("SA2VA_NB_RUNS", str(tmp_path))
    assert resolve_runs_dir(None) == tmp_path
    assert resolve_runs_dir(tmp_path / "mine") == tmp_path / "mine"


@pytest.mark.skipif(os.name == "nt", reason="needs limits of a process")
def test_a_full_disk_leaves_the_record_as_it_was(tmp_path):
    run = RunFolder.create(tmp_path, KEY, engine="fal")
    with full_disk(), pytest.raises(sa.RunError, match=r"could not be written.*too large"):
        run.save(status="submitted")
    assert RunFolder.open(run.path).record["status"] == "new"
    run.save(status="submitted")
    assert RunFolder.open(run.path).record["status"] == "submitted"


@pytest.mark.parametrize("where", ["a file", "below a file", "a long name"])
def test_where_no_runs_can_be_kept_is_an_error_that_says_so(tmp_path, where):
    (tmp_path / "file").write_text("x")
    runs_dir = tmp_path / {"a file": "file", "below a file": "file/runs", "a long name": "x" * 300}[where]
    with pytest.raises(sa.RunError, match="runs can't be kept in"):
        RunFolder.create(runs_dir, KEY)
    with pytest.raises(sa.RunError, match="runs can't be kept in"), only_one(runs_dir, KEY):
        pass


@pytest.mark.parametrize("name", ["x" * 300, "x/" * 5000, "a\0b", "no such run"])
def test_a_name_that_no_run_can_have_is_a_run_error(tmp_path, name):
    for open_it in (sa.open_run, sa.resume):
        with pytest.raises(sa.RunError, match="expected a run folder") as caught:
            open_it(name, runs_dir=tmp_path)
        assert len(str(caught.value)) < 1000


def test_a_name_that_is_taken_is_left_alone(tmp_path):
    first = RunFolder.create(tmp_path, KEY)
    second = RunFolder.create(tmp_path, KEY)
    assert first.path != second.path
    assert len(sa.runs(tmp_path)) == 2


def test_a_record_is_read_up_to_a_size_and_depth(tmp_path):
    run = RunFolder.create(tmp_path, KEY)
    (run.path / "run.json").write_text("[" * 100_000)
    with pytest.raises(sa.RunError, match="can't be read"):
        RunFolder.open(run.path)
    with (run.path / "run.json").open("w") as file:
        file.truncate(65 * 1024**2)
    with pytest.raises(sa.RunError, match="at most"):
        RunFolder.open(run.path)
    assert sa.runs(tmp_path)["status"].tolist() == ["damaged"]
