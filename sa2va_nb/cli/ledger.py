"""The commands for runs that were begun: to list them, go on, or call them off."""

from pathlib import Path
from typing import Annotated

import typer

import sa2va_nb as sa
from sa2va_nb.calling.ledger import ledger_totals, usd
from sa2va_nb.cli.output import choose_format, errors_in_words, print_table, show_objects
from sa2va_nb.cli.root import Csv, Form, Json, Quiet, RunsDir, app
from sa2va_nb.run_folder import resolve_runs_dir
from sa2va_nb.view.tables import printable

_BRIEF = ["run", "engine", "video", "prompt", "status", "seconds", "cost_usd"]
_SHOWN = 3  # other folders with runs, by name


@app.command()
def runs(
    folder: Annotated[
        Path | None, typer.Argument(help="Where run folders are; the same as --runs-dir.")
    ] = None,
    runs_dir: RunsDir = None,
    form: Form = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List the runs: what was asked, how it ended, what it cost; then the totals.

    As text it has the columns that fit a terminal; the other formats have all.

    Example: `sa2va-nb runs --csv > ledger.csv`
    """
    with errors_in_words():
        chosen = choose_format(form, as_csv, as_json)
        if folder is not None and runs_dir is not None:
            raise ValueError(f"give the folder once, got {folder} and --runs-dir {runs_dir}")
        if folder is not None and not folder.exists():
            raise ValueError(f"there is no folder {str(folder)!r}; give the one in which the runs are")
        where = folder or runs_dir
        table = sa.runs(where)
        print_table(table, chosen, brief=_BRIEF)
        typer.echo(_totals(where), err=chosen != "text")  # a line more would not be read
        if table.empty:
            typer.echo(_elsewhere(resolve_runs_dir(where)), err=True)


def _elsewhere(looked: Path) -> str:
    """Say where no runs were found, and in which folders of the working directory there are some."""
    near = sorted({str(file.parent.parent) for file in Path().glob("*/runs/*/run.json")})
    others = f"; there are some in {', '.join(near[:_SHOWN])}" if near else ""
    return printable(f"no runs in {looked}{others}")


def _totals(runs_dir: Path | None) -> str:
    """Sum up the runs in a line."""
    totals = ledger_totals(runs_dir)
    runs, done, failed, left = (totals[name] for name in ("runs", "done", "failed", "open"))
    spent, estimated, aside = (usd(totals[name]) for name in ("spent_usd", "estimated_usd", "open_usd"))
    return (
        f"{runs} runs: {done} done, {failed} failed, {left} open. Spent {spent}, of which {estimated} is estimated; "
        f"{aside} set aside for calls under way"
    )


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="A run's name (see `sa2va-nb runs`) or its folder.")],
    runs_dir: RunsDir = None,
    quiet: Quiet = False,
    form: Form = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Fetch the result of a run that was interrupted; nothing is submitted twice.

    Example: `sa2va-nb resume 20260101-120000-0123456789ab`
    """
    with errors_in_words():
        show_objects(
            sa.resume(run, runs_dir=runs_dir, progress=not quiet), choose_format(form, as_csv, as_json)
        )


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="A run's name (see `sa2va-nb runs`) or its folder.")],
    runs_dir: RunsDir = None,
) -> None:
    """Cancel a run's job at the service.

    Example: `sa2va-nb cancel 20260101-120000-0123456789ab`
    """
    with errors_in_words():
        if sa.cancel(run, runs_dir=runs_dir):
            typer.echo(
                f"cancelled; should it have ended all the same, `sa2va-nb resume {run}` gets its result"
            )
        else:
            typer.echo(f"the job had ended before; `sa2va-nb resume {run}` gets what came of it", err=True)
            raise typer.Exit(1)
