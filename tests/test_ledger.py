import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.calling.ledger import charge, ledger_totals
from sa2va_nb.run_folder import RunFolder
from tests.clips import textured_clip
from tests.engines import Bright
from tests.standin import StandIn


@dataclass
class Paid(Bright):
    """An engine that tells what its run cost."""

    billed_usd: float = 0.0

    def run(self, request, workspace):
        workspace.save(cost_usd=self.billed_usd, cost_is_estimate=False)
        return super().run(request, workspace)


def ask(tmp_path, prompt, engine, **options):
    clip = tmp_path / "clip.mp4"
    if not clip.exists():
        textured_clip(clip)
    return sa.segment(clip, prompt, engine=engine, runs_dir=tmp_path / "runs", progress=False, **options)


def test_a_call_that_the_budget_does_not_cover_is_refused_and_told_why(tmp_path):
    ask(tmp_path, "one", Paid(price_usd=4, billed_usd=3), budget_usd=5)
    engine = Bright(price_usd=4)
    with pytest.raises(
        sa.BudgetError,
        match=r"estimated at \$4\.00, but of the budget of \$5\.00 .* \$2\.00 is left: \$3\.00 is spent and \$0\.00",
    ):
        ask(tmp_path, "two", engine, budget_usd=5)
    assert engine.asked == []
    assert len(sa.runs(tmp_path / "runs")) == 1
    ask(tmp_path, "two", engine, budget_usd=7)  # to the cent


def test_what_costs_nothing_is_never_refused(tmp_path):
    ask(tmp_path, "one", Paid(price_usd=4, billed_usd=4))
    assert len(ask(tmp_path, "two", Bright(), budget_usd=0)) == 1
    assert len(ask(tmp_path, "one", Paid(price_usd=4), budget_usd=0)) == 1  # answered already


def test_the_estimate_counts_where_an_engine_does_not_tell_its_cost(tmp_path):
    ask(tmp_path, "one", Bright(price_usd=4))
    (run,) = sa.runs(tmp_path / "runs").itertuples()
    assert (run.cost_usd, run.cost_is_estimate, run.estimate_usd) == (4, True, 4)


def test_the_budget_may_be_set_for_all_calls_and_an_argument_goes_before(tmp_path, monkeypatch):
    monkeypatch.setenv("SA2VA_NB_BUDGET_USD", "1")
    with pytest.raises(sa.BudgetError, match=r"budget of \$1\.00"):
        ask(tmp_path, "one", Bright(price_usd=4))
    ask(tmp_path, "one", Bright(price_usd=4), budget_usd=4)


@pytest.mark.parametrize("written", ["a lot", "-1", "nan"])
def test_a_budget_that_is_no_amount_is_refused(tmp_path, monkeypatch, written):
    monkeypatch.setenv("SA2VA_NB_BUDGET_USD", written)
    with pytest.raises(ValueError, match="SA2VA_NB_BUDGET_USD must be"):
        ask(tmp_path, "one", Bright())
    with pytest.raises(TypeError, match="budget_usd must be a number"):
        ask(tmp_path, "one", Bright(), budget_usd="2")


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -1, True, "5", 10**400])
def test_an_amount_that_is_none_is_refused_before_anything_is_asked(tmp_path, amount):
    for limit in ("max_cost_usd", "budget_usd"):
        with pytest.raises((ValueError, TypeError), match=f"{limit} must be"):
            ask(tmp_path, "one", Bright(price_usd=1), **{limit: amount})
    engine = Bright(price_usd=amount)
    with pytest.raises(ValueError, match=r"'bright' must quote a number of US\$ from 0 up"):
        ask(tmp_path, "one", engine)
    assert engine.asked == []


@pytest.mark.parametrize("kind", [np.float32, np.int64])
def test_amounts_may_be_numpys(tmp_path, kind):
    seg = ask(tmp_path, "one", Bright(price_usd=kind(2)), max_cost_usd=kind(2), budget_usd=kind(2))
    assert seg.run["cost_usd"] == 2


def test_calls_at_the_same_time_do_not_share_what_is_left(tmp_path):
    engine = Paid(price_usd=1, billed_usd=1)
    clip = textured_clip(tmp_path / "clip.mp4")
    results = sa.segment_many(
        [(clip, f"thing {index}") for index in range(8)],
        concurrency=8,
        engine=engine,
        runs_dir=tmp_path / "runs",
        budget_usd=3,
        progress=False,
    )
    assert len(engine.asked) == 3
    assert sum(isinstance(result, sa.BudgetError) for result in results) == 5
    assert ledger_totals(tmp_path / "runs")["spent_usd"] == 3


def test_a_sweep_is_refused_as_a_whole(tmp_path):
    engine = Bright(price_usd=1)
    clip = textured_clip(tmp_path / "clip.mp4")
    options = {"engine": engine, "runs_dir": tmp_path / "runs", "progress": False}
    with pytest.raises(sa.BudgetError, match=r"these 3 calls together are estimated at \$3\.00"):
        sa.sweep(clip, ["a", "b", "c"], budget_usd=2, **options)
    assert engine.asked == []
    assert sa.sweep(clip, ["a", "b"], budget_usd=2, **options).summary["failed"] == 0


@pytest.mark.parametrize(
    ("record", "spent", "open_"),
    [
        ({"status": "new", "cost_usd": 0.0, "estimate_usd": 2.0}, 0, 2),
        ({"status": "uploading", "cost_usd": 0.0, "estimate_usd": 2.0}, 0, 2),
        ({"status": "submitting", "cost_usd": 2.0, "estimate_usd": 2.0}, 0, 2),
        ({"status": "submitted", "cost_usd": 0.0, "estimate_usd": 2.0}, 2, 0),
        ({"status": "unknown", "cost_usd": 2.0}, 2, 0),
        ({"status": "failed", "cost_usd": 0.0, "estimate_usd": 2.0}, 0, 0),
        ({"status": "cancelled", "cost_usd": 2.0}, 2, 0),
        ({"status": "done", "cost_usd": 1.5, "estimate_usd": 2.0}, 1.5, 0),
        ({"status": "done", "cost_usd": None}, 0, 0),
    ],
    ids=str,
)
def test_what_may_have_been_billed_counts_as_spent(record, spent, open_):
    assert charge(record) == (spent, open_)


def test_a_change_of_a_run_is_seen_at_once(tmp_path):
    run = RunFolder.create(tmp_path, "k" * 64, estimate_usd=2.0)
    assert ledger_totals(tmp_path)[["spent_usd", "open_usd"]].tolist() == [0, 2]
    run.save(status="done", cost_usd=1.0)
    os.utime(run.path / "run.json", ns=(0, 0))  # even in the same tick of the clock
    assert ledger_totals(tmp_path)[["spent_usd", "open_usd"]].tolist() == [1, 0]


def test_the_totals_sum_up_what_the_service_told(standin: StandIn, tmp_path):
    engine = sa.FalEngine(poll_s=0.01)
    ask(tmp_path, "the bed", engine)
    standin.bills = False
    ask(tmp_path, "the children", engine)
    table, totals = sa.runs(tmp_path / "runs"), ledger_totals(tmp_path / "runs")
    assert table["billable_units"].notna().tolist() == [True, False]
    assert table["inference_s"].tolist() == [2.5, 2.5]
    counts = totals[["runs", "done", "failed", "open"]].tolist()
    assert counts == [2, 2, 0, 0]
    assert {type(count) for count in counts} == {int}
    assert totals["spent_usd"] == pytest.approx(0.08, abs=1e-4)
    assert totals["estimated_usd"] == pytest.approx(0.04, abs=1e-4)
    assert totals["billable_units"] == pytest.approx(0.5)
    assert totals["inference_s"] == 5


def test_a_folder_without_runs_has_cost_nothing(tmp_path):
    assert ledger_totals(tmp_path / "none").eq(0).all()


def test_a_refused_call_goes_on_once_there_is_budget(tmp_path):
    engine = Bright(price_usd=2)
    for _ in range(2):
        with pytest.raises(sa.BudgetError):
            ask(tmp_path, "one", engine, budget_usd=1)
    with ThreadPoolExecutor(1) as pool:
        assert len(pool.submit(ask, tmp_path, "one", engine, budget_usd=2).result()) == 1
