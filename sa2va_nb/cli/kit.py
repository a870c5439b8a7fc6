"""The command that writes a kit for a class."""

from pathlib import Path
from typing import Annotated

import typer

from sa2va_nb.cli.output import errors_in_words, from_here
from sa2va_nb.cli.root import RunsDir, app
from sa2va_nb.kit import write_kit
from sa2va_nb.view.tables import printable


@app.command()
def kit(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    run: Annotated[
        list[str] | None,
        typer.Option(
            help="A run to hand out: its name, folder or bundle; several of them. Else one of the sample."
        ),
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Download the packages, too; some 200 MB.")
    ] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Write all that a class needs to work without a key or a network into a folder.

    Packages' exact versions, this package itself, the sample clip, the notebooks, runs as bundles, and a README
    for the class.

    Example: `sa2va-nb kit lesson --run 20260101-120000-0123456789ab --download`
    """
    if not run:
        typer.echo(
            "The sample clip is segmented first, for the class to open; it takes some seconds.", err=True
        )
    with errors_in_words():
        made = write_kit(folder, run or (), runs_dir=runs_dir, download=download)
    typer.echo(f"Kit           {from_here(made.folder)}  (README.md says what to do with it)")
    for bundle in made.bundles:
        typer.echo(f"Bundle        {printable(str(from_here(bundle)))}")
    for each in made.missing:
        typer.echo(f"missing: {printable(each)}", err=True)
