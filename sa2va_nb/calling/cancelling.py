"""Cancels the job of a run that is not waited for any more."""

from pathlib import Path

from sa2va_nb.errors import RunError
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.run_folder import RunFolder, locate_run, only_one
from sa2va_nb.run_record import ENDED


def cancel(run_or_path: str | Path, *, runs_dir: str | Path | None = None) -> bool:
    """Cancel a run's job at the service, such as one whose cell was interrupted.

    Whether a job that had begun is billed all the same, the service doesn't say; the estimate stays in the ledger.

    Args:
        run_or_path: the run's name, as ``runs()`` lists it, or its folder.
        runs_dir: where names are looked up; as in ``segment``.

    Returns:
        True if the service took it: nothing comes of the run any more. False if its job had ended before:
        ``resume`` gets the result.

    Raises:
        RunError: if there is no such run, or it has no job at the service.
        MissingKeyError, ModelError: if the service can't be asked.
    """
    run = locate_run(run_or_path, runs_dir)
    record = run.record
    if record["status"] in ENDED:
        return bool(record["status"] == "cancelled")
    app, request_id = record.get("app"), record.get("request_id")
    if record.get("engine") != FalEngine.name or not app or not request_id:
        raise RunError(
            f"run {run.name} has no job at the service that could be cancelled (status {record['status']!r})"
        )
    is_cancelled = FalEngine().cancel(app, request_id)
    if is_cancelled:
        _record(run)
    return is_cancelled


def _record(run: RunFolder) -> None:
    """Save the end, unless somebody waits for the job and will see and save it."""
    with only_one(run.path.parent, str(run.record.get("key", run.name)), wait=False) as is_held:
        if is_held:
            RunFolder.open(run.path).save(status="cancelled")
