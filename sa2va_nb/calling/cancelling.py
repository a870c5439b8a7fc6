"""Cancels the job of a run that is not waited for any more."""

from pathlib import Path

from sa2va_nb.errors import RunError
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.model.fal.receipt import RECEIPT_FILE, read_receipt
from sa2va_nb.model.fal.words import REQUESTS_PAGE
from sa2va_nb.run_folder import RunFolder, locate_run, only_one
from sa2va_nb.run_record import ENDED


def cancel(run_or_path: str | Path, *, runs_dir: str | Path | None = None) -> bool:
    """Cancel a run's job at the service, such as one whose cell was interrupted.

    A job that runs already is told to stop; the model may end it all the same, and ``resume`` then gets the result.
    Whether it is billed, the service doesn't say; the estimate stays in the ledger.

    Args:
        run_or_path: the run's name, as ``runs()`` lists it, or its folder.
        runs_dir: where names are looked up; as in ``segment``.

    Returns:
        True if the service took it. False if its job had ended before: ``resume`` gets what came of it.

    Raises:
        RunError: if there is no such run, or it has no job at the service.
        MissingKeyError, ModelError: if the service can't be asked.
    """
    run = locate_run(run_or_path, runs_dir)
    record = run.record
    if record["status"] == "cancelled":
        return True
    app, request_id = record.get("app"), record.get("request_id") or read_receipt(run.path)
    if record.get("engine") != FalEngine.name or not app or not request_id:
        raise RunError(
            f"run {run.name} has no job at the service that could be cancelled (status {record['status']!r})"
            f"{_advice(run)}"
        )
    if record["status"] in ENDED:
        return False
    is_cancelled = FalEngine().cancel(app, request_id)
    if is_cancelled:
        _record(run, request_id)
    return is_cancelled


def _advice(run: RunFolder) -> str:
    """Say what to do about a run of which no job is known."""
    match run.record["status"]:
        case "new" | "uploading":
            return "; nothing was sent. If a cell or a shell still works on it, interrupt that"
        case "submitting" | "unknown":
            return (
                f"; one may have been sent. If {REQUESTS_PAGE} lists it, cancel it there, or write its id into "
                f"{run.path / RECEIPT_FILE} and cancel it here"
            )
        case _:
            return ""


def _record(run: RunFolder, request_id: str) -> None:
    """Save the end, unless somebody waits for the job and will see and save it."""
    with only_one(run.path.parent, str(run.record.get("key", run.name)), wait=False) as is_held:
        if is_held:
            RunFolder.open(run.path).save(status="cancelled", request_id=request_id)
