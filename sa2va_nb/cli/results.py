"""The commands that show what a run found."""

from pathlib import Path
from typing import Annotated, Literal

import typer

import sa2va_nb as sa
from sa2va_nb.analysis.units import PIXEL, scale_or_pixels
from sa2va_nb.cli.output import choose_format, errors_in_words, print_table, show_objects
from sa2va_nb.cli.root import Csv, Form, Json, Result, Run, RunsDir, SourceVideo, app
from sa2va_nb.opening.results import load_one


@app.command("open")
def open_(
    run: Run, runs_dir: RunsDir = None, form: Form = None, as_csv: Csv = False, as_json: Json = False
) -> None:
    """Print the answer of an earlier run and its table of objects.

    Example: `sa2va-nb open lesson.zip`
    """
    with errors_in_words():
        show_objects(sa.open_run(run, runs_dir=runs_dir), choose_format(form, as_csv, as_json))


@app.command()
def measure(
    result: Result,
    columns: Annotated[Literal["basic", "all"], typer.Option(help="basic, or all with shapes.")] = "basic",
    video: SourceVideo = None,
    runs_dir: RunsDir = None,
    px_per_unit: Annotated[float | None, typer.Option(help="How many pixels a --unit is long.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of lengths in the table, such as cm.")] = None,
    form: Form = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Print the frame table: where each object is in each frame, and how large.

    Example: `sa2va-nb measure 20260101-120000-0123456789ab --columns all --csv > frames.csv`

    Example: `sa2va-nb measure lesson.zip --px-per-unit 12.8 --unit cm`
    """
    with errors_in_words():
        scale, name = scale_or_pixels(px_per_unit, unit)
        table = sa.measure(load_one(result, video=video, runs_dir=runs_dir), columns=columns)
        table = table if name == PIXEL else sa.to_units(table, scale, unit=name)
        print_table(table, choose_format(form, as_csv, as_json))


@app.command()
def report(
    result: Result,
    path: Annotated[Path, typer.Argument(help="The page to write.")] = Path("report.html"),
    video: SourceVideo = None,
    runs_dir: RunsDir = None,
) -> None:
    """Write one HTML page with the scrubber and the tables; it works offline.

    Example: `sa2va-nb report 20260101-120000-0123456789ab dog.html`

    Example: `sa2va-nb report masks/dog dog.html --video dog.mp4`
    """
    with errors_in_words():
        typer.echo(sa.report(load_one(result, video=video, runs_dir=runs_dir), path))
