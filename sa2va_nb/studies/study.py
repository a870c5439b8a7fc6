"""Measures many runs: in processes on this machine, or on a Dask cluster."""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sa2va_nb.analysis.arguments import check_count, check_several
from sa2va_nb.analysis.measure import Columns, measure
from sa2va_nb.beside import write_beside
from sa2va_nb.bundle import unpack_bundle
from sa2va_nb.errors import RunError
from sa2va_nb.extras import import_extra
from sa2va_nb.opening.loading import open_run
from sa2va_nb.segmentation import Segmentation

if TYPE_CHECKING:
    from distributed import Client

_NULLABLE = {"int64": "Int64", "bool": "boolean", "object": "string"}  # an error row has no numbers
_AHEAD = 4  # runs in flight for each worker: busy workers, bounded memory
_DEATHS = 3  # of the process that measures a run, before the run is given up; Dask's allowed-failures
ROWS_PER_PART = 500_000  # of a Parquet part: some 70 MB in memory

Task = Callable[[str], pd.DataFrame]
Paths = Iterable[str | Path]


def measure_runs(
    paths: Paths,
    *,
    columns: Columns = "basic",
    workers: int | None = None,
    client: "Client | None" = None,
    runs_dir: str | Path | None = None,
) -> pd.DataFrame:
    """Measure every object in every frame of many runs; a run that fails stops nothing.

    The result doesn't depend on where the runs are measured. What a process was at when it was killed is
    measured again. For more than fits into memory, see ``measure_to_parquet``.

    Args:
        paths: run folders, names as ``runs()`` lists them, or bundles; as for ``open_run``.
        columns: as for ``measure``.
        workers: processes on this machine, started afresh ("spawn", so that a script that calls this needs
            ``if __name__ == "__main__":``); 1 measures in this process; None takes one a core.
        client: a ``distributed.Client``, to measure on its cluster instead. Its workers need this package
            and must see the runs under the same paths.
        runs_dir: where names are looked up; None for ``$SA2VA_NB_RUNS``, or ``sa2va_runs`` here.

    Returns:
        The rows of ``measure``, run after run in the given order: ``run`` (as given in ``paths``), the
        columns of ``measure``, ``error``. A run that failed has one row: its name, the error's kind and
        message, and nothing else; elsewhere ``error`` is <NA>. Whole numbers are Int64, truth values
        boolean, words string: nullable, whether or not a run failed. A run with no object has no rows.

    Raises:
        TypeError: if ``paths`` is a lone path, or ``workers`` no whole number.
        ValueError: if ``columns`` or ``workers`` is out of range, or both ``workers`` and ``client`` are given.
    """
    tables = [table for _, table in _measure_all(paths, columns, workers, client, runs_dir)]
    return pd.concat([_empty(columns), *tables], ignore_index=True)


def measure_to_parquet(
    paths: Paths,
    folder: str | Path,
    *,
    columns: Columns = "basic",
    workers: int | None = None,
    client: "Client | None" = None,
    runs_dir: str | Path | None = None,
) -> pd.DataFrame:
    """Measure many runs into a folder of Parquet files, in memory that doesn't grow with the runs.

    ``pandas.read_parquet(folder)``, or Dask's, DuckDB's or Polars' reader, gives the table of
    ``measure_runs``: the parts are in the order of ``paths``, and a run is never cut in two.

    Args:
        paths: as for ``measure_runs``.
        folder: a new or empty folder, for ``part-00000.parquet`` …
        columns: as for ``measure_runs``.
        workers: as for ``measure_runs``.
        client: as for ``measure_runs``. The files are written here, not by the cluster.
        runs_dir: as for ``measure_runs``.

    Returns:
        A row a run: ``run``, ``rows`` (0 if it failed), ``file`` (the part's name), ``error``.

    Raises:
        ImportError: without pyarrow.
        TypeError, ValueError: as for ``measure_runs``; also if the folder holds anything.
    """
    import_extra("pyarrow", "parquet")
    measured = _measure_all(paths, columns, workers, client, runs_dir)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise ValueError(f"folder must be new or empty, but {target} is not; choose another or clear it")
    done: list[dict[str, object]] = []
    part: list[pd.DataFrame] = []
    n_parts = 0
    for path, table in measured:
        if sum(map(len, part)) >= ROWS_PER_PART:
            _write_part(target, n_parts, part)
            part, n_parts = [], n_parts + 1
        part.append(table)
        error = table["error"].iloc[0] if len(table) else pd.NA
        done.append(
            {
                "run": path,
                "rows": len(table) if pd.isna(error) else 0,
                "file": _part_name(n_parts),
                "error": error,
            }
        )
    _write_part(target, n_parts, part or [_empty(columns)])
    kinds = {"run": "string", "rows": "int64", "file": "string", "error": "string"}
    return pd.DataFrame(done, columns=list(kinds)).astype(kinds)


def _part_name(number: int) -> str:
    return f"part-{number:05d}.parquet"


def _write_part(folder: Path, number: int, tables: list[pd.DataFrame]) -> None:
    """Write a part beside its name, then rename: a file that is there is whole."""
    with write_beside(folder / _part_name(number)) as unfinished:
        pd.concat(tables, ignore_index=True).to_parquet(unfinished, engine="pyarrow", index=False)


def _measure_all(
    paths: Paths, columns: Columns, workers: int | None, client: "Client | None", runs_dir: str | Path | None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Check the arguments, and give what measures the runs: each one's path and table, in order."""
    check_several("paths", paths)
    if client is not None and workers is not None:
        raise ValueError("workers is for this machine, client for a cluster; give one of them")
    if workers is not None:
        check_count("workers", workers, least=1)
    empty = _empty(columns)
    names = [str(path) for path in paths]
    task = partial(_measure_run, columns=columns, runs_dir=None if runs_dir is None else str(runs_dir))
    return _tables(names, _crew(task, workers or min(os.cpu_count() or 1, len(names)), client), empty)


def _tables(
    names: list[str], workers: "AbstractContextManager[Crew]", empty: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Measure the runs, and give each one's path and table."""
    with workers as crew:
        for name, future in crew.in_order(names):
            error = future.exception()
            yield name, future.result() if error is None else _error_row(name, error, empty)


def _measure_run(path: str, columns: Columns, runs_dir: str | None) -> pd.DataFrame:
    """Measure one run, in whatever process."""
    if Path(path).is_file():
        folder = unpack_bundle(Path(path))
        try:
            seg = open_run(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # a process may see thousands of bundles
    else:
        seg = open_run(path, runs_dir=runs_dir)
    return _with_run(measure(seg, columns=columns), path)


def _with_run(table: pd.DataFrame, run: str | None) -> pd.DataFrame:
    """Add the outer columns, and make the others nullable."""
    kinds = {name: _NULLABLE.get(str(kind), str(kind)) for name, kind in table.dtypes.items()}
    kinds = {"run": "string", **kinds, "error": "string"}
    return table.assign(run=run, error=None)[list(kinds)].astype(kinds)


def _empty(columns: Columns) -> pd.DataFrame:
    """Give the table without a row."""
    nothing = Segmentation((), np.arange(0), np.empty(0))
    return _with_run(measure(nothing, columns=columns), None)


def _error_row(run: str, error: BaseException, empty: pd.DataFrame) -> pd.DataFrame:
    words = f"{type(error).__name__}: {error}"
    row = pd.DataFrame({"run": [run], "error": [words]}).reindex(columns=empty.columns)
    return row.astype(empty.dtypes.to_dict())


class Crew:
    """Workers that keep a bounded number of runs in flight."""

    def __init__(self, task: Task, executor: Executor, in_flight: int) -> None:
        self.task, self.executor, self.in_flight = task, executor, in_flight

    def in_order(self, names: list[str]) -> Iterator[tuple[str, "Future[pd.DataFrame]"]]:
        """Give each run's future, ended, in the order of the runs."""
        flying: deque[tuple[str, Future[pd.DataFrame]]] = deque()
        for name in names:
            if len(flying) == self.in_flight:
                yield self._land(*flying.popleft())
            flying.append((name, self.submit(name)))
        while flying:
            yield self._land(*flying.popleft())

    def submit(self, name: str) -> "Future[pd.DataFrame]":
        """Begin with a run."""
        return self.executor.submit(self.task, name)

    def _land(self, name: str, future: "Future[pd.DataFrame]") -> tuple[str, "Future[pd.DataFrame]"]:
        return name, future


class ProcessCrew(Crew):
    """Processes on this machine; one that dies breaks its whole pool, which is then replaced."""

    def __init__(self, task: Task, workers: int) -> None:
        super().__init__(task, _processes(workers), _AHEAD * workers)
        self.workers = workers

    def submit(self, name: str) -> "Future[pd.DataFrame]":
        """Begin with a run, in a new pool if the present one is broken."""
        try:
            return super().submit(name)
        except BrokenExecutor:
            self.executor.shutdown()
            self.executor = _processes(self.workers)
            return super().submit(name)

    def _land(self, name: str, future: "Future[pd.DataFrame]") -> tuple[str, "Future[pd.DataFrame]"]:
        """Measure again what was in flight when the pool broke: together, and at last by itself."""
        deaths = 0
        while isinstance(future.exception(), BrokenExecutor):
            deaths += 1
            if deaths == _DEATHS:
                future = Future()
                future.set_exception(
                    RunError(f"the process that measured it died {_DEATHS} times; is the memory too small?")
                )
            elif deaths == _DEATHS - 1:
                with _processes(1) as alone:
                    future = alone.submit(self.task, name)
            else:
                future = self.submit(name)
        return name, future


def _processes(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


@contextmanager
def _crew(task: Task, workers: int, client: "Client | None") -> Iterator[Crew]:
    """Start workers; end them, and forget what they haven't begun, on leaving."""
    if client is not None:
        threads = sum(client.nthreads().values())  # type: ignore[no-untyped-call]  # Dask has no types here
        executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        crew = Crew(task, executor, _AHEAD * max(threads, 1))
    elif workers > 1:
        crew = ProcessCrew(task, workers)
    else:
        # In a thread, because its future keeps any error, as the others do.
        crew = Crew(task, ThreadPoolExecutor(1), _AHEAD)
    try:
        yield crew
    finally:
        if client is not None:
            crew.executor.shutdown(wait=False)
        else:
            crew.executor.shutdown(cancel_futures=True)
