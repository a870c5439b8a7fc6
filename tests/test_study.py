import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from distributed import Client, LocalCluster

import sa2va_nb as sa
from sa2va_nb.studies.study import ProcessCrew
from tests.clips import mask_clip, rectangle, textured_clip

RUNS = 200


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Make 200 runs: one real run of the motion engine, copied, each with masks of its own; two are broken."""
    folder = tmp_path_factory.mktemp("study")
    clip = textured_clip(folder / "clip.mp4", frames=12)
    seg = sa.segment(clip, "what moves", engine="motion", runs_dir=folder / "first", progress=False)
    first = Path(seg.run["folder"])
    record = json.loads((first / "run.json").read_text())
    shutil.rmtree(first / "masks", ignore_errors=True)
    paths = []
    for number in range(RUNS):
        path = folder / "runs" / f"run-{number:03d}"
        (path / "masks").mkdir(parents=True)
        count = number % 3  # none, one or two objects
        record["masks"] = [{"file": f"masks/{i:03d}.mp4"} for i in range(count)]
        record["output"] = " ".join(f"<p> thing {i} of {number} </p> [SEG]" for i in range(count))
        (path / "run.json").write_text(json.dumps(record))
        for i in range(count):
            mask_clip(path / "masks" / f"{i:03d}.mp4", rectangle(start=(number % 30, 5 * i), step=1 + i))
        paths.append(path)
    (paths[50] / "masks" / "000.mp4").write_bytes(b"not a video")
    (paths[100] / "run.json").unlink()
    return paths


@pytest.fixture(scope="module")
def serial(study: list[Path]) -> pd.DataFrame:
    return sa.measure_runs(study, workers=1)


@contextmanager
def local_cluster() -> Iterator[Client]:
    """Start two worker processes on this machine."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def killing(find_pids: Callable[[], list[int]], temporary: Path) -> Iterator[list[int]]:
    """Kill a process, with no chance to clean up, as soon as a bundle is unpacked; gives its id."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            if any(temporary.iterdir()):
                killed.append(find_pids()[0])
                os.kill(killed[0], signal.SIGKILL)
                return
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield killed
    over.set()
    watcher.join()


@pytest.fixture
def with_bundles(study: list[Path], tmp_path: Path) -> list[Path]:
    """Give the runs with some bundles half-way, whose unpacking can be seen from outside."""
    seg = sa.open_run(study[4])
    bundles = [sa.save_bundle(seg, tmp_path / f"{number}.zip") for number in range(5)]
    return [*study[: RUNS // 2], *bundles, *study[RUNS // 2 :]]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, in which processes started from now on put what is temporary."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_every_run_has_the_rows_of_measure(study, serial):
    for path in (study[1], study[2]):
        expected = sa.measure(sa.open_run(path))
        rows = serial[serial["run"] == str(path)].reset_index(drop=True)
        assert list(rows.columns) == ["run", *expected.columns, "error"]
        assert rows["error"].isna().all()
        pd.testing.assert_frame_equal(rows[expected.columns], expected, check_dtype=False)


def test_runs_keep_the_order_in_which_they_are_given(study, serial):
    given = [str(path) for number, path in enumerate(study) if number % 3 or number in (50, 100)]
    assert serial["run"].drop_duplicates().tolist() == given
    turned = sa.measure_runs(study[:5][::-1], workers=1)
    assert turned["run"].drop_duplicates().tolist() == [str(study[n]) for n in (4, 2, 1)]


def test_a_run_that_fails_becomes_an_error_row(study, serial):
    failed = serial[serial["error"].notna()]
    assert failed["run"].tolist() == [str(study[50]), str(study[100])]
    assert failed["error"].str.startswith(("DecodeError: ", "RunError: ")).all()
    assert failed.drop(columns=["run", "error"]).isna().all(axis=None)


def test_kinds_of_columns_dont_depend_on_failures_or_rows(study, serial):
    whole = sa.measure_runs(study[1:2], workers=1)
    nothing = sa.measure_runs([], workers=1)
    assert whole.dtypes.to_dict() == serial.dtypes.to_dict() == nothing.dtypes.to_dict()
    assert serial.dtypes[["object", "visible", "x", "run", "error"]].astype(str).tolist() == [
        "Int64",
        "boolean",
        "float64",
        "string",
        "string",
    ]


def test_names_are_looked_up_and_bundles_opened(study, tmp_path):
    bundle = sa.save_bundle(sa.open_run(study[4]), tmp_path / "lesson.zip")
    table = sa.measure_runs(["run-004", bundle], runs_dir=study[0].parent, workers=1, columns="all")
    by_name, by_bundle = (table[table["run"] == run].drop(columns="run") for run in ("run-004", str(bundle)))
    assert len(by_name) == 12
    assert "solidity" in table
    pd.testing.assert_frame_equal(by_name, by_bundle.set_axis(by_name.index))


def test_processes_give_the_serial_result_also_when_one_is_killed_half_way(with_bundles, temporary):
    def pids() -> list[int]:
        return [child.pid for child in multiprocessing.active_children() if child.pid]

    with killing(pids, temporary) as killed:
        table = sa.measure_runs(with_bundles, workers=2)
    assert killed
    pd.testing.assert_frame_equal(table, sa.measure_runs(with_bundles, workers=1))


def test_a_dask_cluster_gives_the_serial_result_also_when_a_worker_is_killed_half_way(
    study, serial, with_bundles, temporary
):
    with local_cluster() as client:
        undisturbed = sa.measure_runs(study, client=client)
        pids = list(client.run(os.getpid).values())
        with killing(lambda: pids, temporary) as killed:
            table = sa.measure_runs(with_bundles, client=client)
    assert killed
    pd.testing.assert_frame_equal(undisturbed, serial)
    pd.testing.assert_frame_equal(table, sa.measure_runs(with_bundles, workers=1))


def die_at_poison(name: str) -> pd.DataFrame:
    if name == "poison":
        os._exit(1)
    return pd.DataFrame({"run": [name]})


def test_a_run_that_kills_its_process_each_time_is_given_up_and_costs_no_other():
    names = ["a", "b", "poison", "c", "d"]
    crew = ProcessCrew(die_at_poison, 2)
    outcomes = dict(crew.in_order(names))
    crew.executor.shutdown()
    assert list(outcomes) == names
    assert isinstance(outcomes["poison"].exception(), sa.RunError)
    assert [outcomes[name].result()["run"].item() for name in "abcd"] == [*"abcd"]


def test_parquet_parts_hold_the_same_table(study, serial, tmp_path, monkeypatch):
    monkeypatch.setattr("sa2va_nb.studies.study.ROWS_PER_PART", 1000)
    summary = sa.measure_to_parquet(study, tmp_path / "tables", workers=1)
    parts = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert parts == [f"part-{number:05d}.parquet" for number in range(len(parts))]
    assert len(parts) > 1
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "tables"), serial)
    assert summary["run"].tolist() == [str(path) for path in study]
    assert summary["rows"].sum() == serial["error"].isna().sum()
    assert summary["error"].count() == 2
    assert summary["file"].unique().tolist() == parts


def test_parquet_of_the_table_itself_works(serial, tmp_path):
    serial.to_parquet(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), serial)


def test_parquet_is_not_mixed_with_what_is_there(tmp_path):
    (tmp_path / "part-00000.parquet").write_bytes(b"earlier")
    with pytest.raises(ValueError, match="new or empty"):
        sa.measure_to_parquet([], tmp_path)


def test_wrong_arguments_are_refused(study):
    with pytest.raises(ValueError, match="workers must be 1 or more, got"):
        sa.measure_runs(study, workers=0)
    with pytest.raises(ValueError, match="columns must be one of"):
        sa.measure_runs(study, columns="few", workers=1)
    with pytest.raises(ValueError, match="give one of them"):
        sa.measure_runs(study, workers=1, client=object())


def test_wrong_arguments_leave_no_folder(tmp_path):
    with pytest.raises(ValueError, match="columns must be one of"):
        sa.measure_to_parquet([], tmp_path / "parts", columns="few")
    assert not (tmp_path / "parts").exists()


def test_no_run_gives_a_folder_that_reads_as_an_empty_table(tmp_path):
    assert sa.measure_to_parquet([], tmp_path, workers=1).empty
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path), sa.measure_runs([], workers=1))
