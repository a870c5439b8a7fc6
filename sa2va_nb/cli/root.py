"""The app that the commands are put into, with the options that they share."""

from pathlib import Path
from typing import Annotated

import typer

import sa2va_nb as sa
from sa2va_nb.view.tables import Format

app = typer.Typer(
    name="sa2va-nb",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="See, measure and judge what Sa2VA segmented in a video.\n\n"
    "Start with `sa2va-nb demo`: it needs no key and no network. With a key in `FAL_KEY`, "
    '`sa2va-nb segment dog.mp4 "Please segment the dog."` asks Sa2VA itself; each result is kept in a '
    "run folder, which the other commands take.",
)

Run = Annotated[
    str, typer.Argument(help="A run's name (see `sa2va-nb runs`), its folder, or a bundle (.zip).")
]
Result = Annotated[
    str,
    typer.Argument(
        help="A run's name, its folder, a bundle (.zip), a folder of mask PNGs or mask videos, or an annotation file."
    ),
]
SourceVideo = Annotated[Path | None, typer.Option(help="The source video, for masks without one.")]
RunsDir = Annotated[
    Path | None, typer.Option(help="Where run folders are; else $SA2VA_NB_RUNS, else ./sa2va_runs.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, a list of rows.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Form = Annotated[Format | None, typer.Option("--format", help="How the table is printed; text unless told.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(sa.__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Hold the options that come before a command."""
