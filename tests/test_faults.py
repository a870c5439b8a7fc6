from pathlib import Path

import pytest

from tests.faults.batch import run_batch
from tests.faults.cells import Cell, cells, quick_cells
from tests.faults.matrix import run_cell
from tests.faults.processes import run_kills, run_same


def test_the_matrix_has_every_step_and_every_fault() -> None:
    assert len({cell.name for cell in cells()}) == 240


@pytest.mark.parametrize("cell", quick_cells(), ids=lambda cell: cell.name)
def test_a_fault_on_the_paid_way_loses_nothing_and_doubles_nothing(cell: Cell, tmp_path: Path) -> None:
    assert run_cell(cell, tmp_path) == []


def test_calls_that_are_killed_are_gone_on_with_and_paid_once(tmp_path: Path) -> None:
    kills = run_kills(6, 0, tmp_path)
    assert kills.wrong == []
    assert sum(kills.found.values()) >= 6


def test_processes_that_ask_for_the_same_thing_at_once_make_one_job(tmp_path: Path) -> None:
    assert run_same(8, tmp_path) == (1, [0] * 8)


def test_a_batch_on_a_bad_day_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    batch = run_batch(24, 0, tmp_path)
    assert batch.wrong == []
    assert batch.n_faults > 10
    assert sum(batch.outcomes.values()) == 24
