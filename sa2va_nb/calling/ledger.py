"""Keeps what calls may cost within what the user allows."""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from sa2va_nb.calling.planning import AMOUNTS, Plan
from sa2va_nb.errors import BudgetError, RunError
from sa2va_nb.run_folder import RunFolder, only_one, resolve_runs_dir, runs
from sa2va_nb.run_record import ENDED, FRUITLESS, LARGEST

BUDGET_VARIABLE = "SA2VA_NB_BUDGET_USD"
_SENT = ("submitted", "unknown")  # what these cost may not be recorded yet
_LEDGER_LOCK = "ledger"
_ROUNDING_USD = 1e-9  # sums of cents are not exact


def budget_of(budget_usd: float | None) -> float | None:
    """Give the budget that is asked for; for None ``$SA2VA_NB_BUDGET_USD``, else None.

    Raises:
        ValueError, TypeError: if it is no amount.
    """
    written = os.environ.get(BUDGET_VARIABLE, "").strip()
    if budget_usd is None and written:
        try:
            budget_usd = float(written)
        except ValueError:
            raise ValueError(f"{BUDGET_VARIABLE} must be a number of US$, got {written!r}") from None
        check_limit(budget_usd, BUDGET_VARIABLE)
    check_limit(budget_usd, "budget_usd")
    return budget_usd


def check_limit(limit_usd: float | None, name: str = "max_cost_usd") -> None:
    """Check that a limit on costs is one.

    Raises:
        ValueError, TypeError: if it isn't.
    """
    if limit_usd is None:
        return
    if isinstance(limit_usd, bool) or not isinstance(limit_usd, AMOUNTS):
        raise TypeError(f"{name} must be a number of US$ or None, got {limit_usd!r}")
    if not 0 <= limit_usd < LARGEST:
        raise ValueError(f"{name} must be 0 or more, got {str(limit_usd)[:40]}; None sets no limit")


def check_affordable(plan: Plan, besides: str | None = None) -> None:
    """Refuse a call that may cost more than its job allows.

    Args:
        plan: the call.
        besides: the run that is meant for it, which doesn't count against the budget.

    Raises:
        BudgetError: if it may cost more than ``max_cost_usd``, or than the folder's budget has left.
    """
    job, cost_usd = plan.job, plan.cost_usd
    if job.max_cost_usd is not None and cost_usd > job.max_cost_usd:
        raise BudgetError(
            f"this call is estimated at {usd(cost_usd)}, more than max_cost_usd={job.max_cost_usd:g}; "
            "nothing was sent. Allow more, shorten the clip, or use engine='motion'"
        )
    check_budget(job.runs_dir, cost_usd, job.budget_usd, "this call is", besides)


def check_budget(
    runs_dir: Path, cost_usd: float, budget_usd: float | None, asked: str, besides: str | None = None
) -> None:
    """Refuse what a runs folder's budget doesn't cover; what costs nothing is never refused.

    Args:
        runs_dir: the folder.
        cost_usd: what is asked for.
        budget_usd: the budget, None for no limit.
        asked: what asks for it, for the message, with its verb.
        besides: the name of a run that doesn't count.

    Raises:
        BudgetError: if spent, open and asked are more than the budget.
    """
    if budget_usd is None or cost_usd <= 0:
        return
    charged = {name: charge for name, charge in _charges(runs_dir) if name != besides}
    spent_usd = sum(spent for spent, _ in charged.values())
    open_usd = sum(pending for _, pending in charged.values())
    left_usd = budget_usd - spent_usd - open_usd
    if cost_usd > left_usd + _ROUNDING_USD:
        raise BudgetError(
            f"{asked} estimated at {usd(cost_usd)}, but of the budget of {usd(budget_usd)} for {runs_dir} "
            f"{usd(max(left_usd, 0))} is left: {usd(spent_usd)} is spent and {usd(open_usd)} set aside for calls "
            f"under way. Nothing was sent. Raise budget_usd or {BUDGET_VARIABLE}, or take another runs_dir"
        )


def reserve(plan: Plan, run: RunFolder | None) -> RunFolder:
    """Make the run of a call, or take the one that didn't get as far as the service, if it can be afforded.

    Its estimate is on disk when this returns, so that calls made at the same time don't share what is left.

    Raises:
        BudgetError: if it can't be afforded.
    """
    with only_one(plan.job.runs_dir, _LEDGER_LOCK):
        check_affordable(plan, run.name if run else None)
        if run is None:
            return RunFolder.create(
                plan.job.runs_dir, plan.key, estimate_usd=plan.cost_usd, **plan.first_fields()
            )
        run.save(estimate_usd=plan.cost_usd)
        return run


def ledger_totals(runs_dir: str | Path | None = None) -> "pd.Series[Any]":
    """Sum up the runs of a folder: how many there are, and what they cost.

    Args:
        runs_dir: as in ``runs``.

    Returns:
        A Series. Counts: ``runs``, ``done``, ``failed``, ``open`` (neither). Sums: ``spent_usd`` (what is
        known or estimated to be spent), ``estimated_usd`` (the part of it that the service has not
        confirmed), ``open_usd`` (set aside for calls that were not sent yet), ``billable_units`` and ``inference_s``
        (sums of what the service told), ``seconds`` (wall time of all calls).
    """
    folder = resolve_runs_dir(runs_dir)
    table = runs(folder)
    charges = [charge for _, charge in _charges(folder)]
    done, failed = table["status"] == "done", table["status"].isin([*FRUITLESS, "damaged"])
    unconfirmed = table["cost_is_estimate"].fillna(value=False).astype(bool)
    totals = {
        "runs": len(table),
        "done": int(done.sum()),
        "failed": int(failed.sum()),
        "open": int((~done & ~failed).sum()),
        "spent_usd": float(sum(spent for spent, _ in charges)),
        "estimated_usd": float(table["cost_usd"][unconfirmed].sum()),
        "open_usd": float(sum(pending for _, pending in charges)),
        "billable_units": float(table["billable_units"].sum()),
        "inference_s": float(table["inference_s"].sum()),
        "seconds": float(table["seconds"].sum()),
    }
    return pd.Series(totals, dtype="object")  # counts stay whole numbers


def usd(amount: float) -> str:
    """Write an amount: in cents, or finer where it is less than ten of them.

    >>> usd(1.5), usd(0.004)
    ('$1.50', '$0.0040')
    """
    return f"${amount:.4f}" if 0 < amount < 0.1 else f"${amount:.2f}"


def _charges(runs_dir: Path) -> list[tuple[str, tuple[float, float]]]:
    """Give for each run what is spent, and what is set aside for it, in USD."""
    charges = []
    for file in sorted(runs_dir.glob("*/run.json")):
        with suppress(OSError):  # somebody removed it meanwhile
            stat = file.stat()
            charges.append((file.parent.name, _charge_of(file, stat.st_mtime_ns, stat.st_ino)))
    return charges


@lru_cache(maxsize=1 << 16)  # a batch asks before each of its calls
def _charge_of(file: Path, _written_ns: int, _inode: int) -> tuple[float, float]:
    try:
        return charge(RunFolder.open(file.parent).record)
    except RunError:  # nobody knows; runs() lists it as damaged
        return 0.0, 0.0


def charge(record: Mapping[str, Any]) -> tuple[float, float]:
    """Give what is spent on a run by its record, and what is set aside for it, in USD."""
    spent_usd, estimate_usd = (float(record.get(name) or 0) for name in ("cost_usd", "estimate_usd"))
    if record["status"] in ENDED:
        return spent_usd, 0.0
    if record["status"] in _SENT:
        return max(spent_usd, estimate_usd), 0.0
    return 0.0, max(spent_usd, estimate_usd)
