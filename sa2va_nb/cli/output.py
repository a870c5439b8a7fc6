"""Prints results and errors to a terminal."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import typer

import sa2va_nb as sa
from sa2va_nb.view.tables import Format, format_table, printable

_BRIEF = ["object", "phrase", "first_frame", "last_frame", "visible_frac", "gaps", "area_mean_px", "path_px"]


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Print an error's message without a traceback, and end with 1."""
    try:
        yield
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        typer.secho(
            "interrupted; a job that was sent runs on: `sa2va-nb runs` lists it, `sa2va-nb resume` fetches it, "
            "`sa2va-nb cancel` calls it off",
            err=True,
        )
        raise typer.Exit(130) from None
    except (sa.Sa2VAError, ValueError, TypeError, OSError, ImportError) as error:
        words = "\n  ".join(printable(line.strip()) for line in str(error).splitlines())
        typer.secho(f"error: {words}", fg="red", err=True)
        raise typer.Exit(1) from error


def show_objects(seg: sa.Segmentation, form: Format) -> None:
    """Print the table of objects; as text with the answer and the run's folder."""
    if form == "text":
        describe(seg, sa.measure(seg))
        typer.echo(f"\nRun folder    {from_here(Path(seg.run['folder']))}")
    else:
        print_table(sa.tracks(seg), form)


def describe(seg: sa.Segmentation, table: pd.DataFrame) -> None:
    """Print the answer, the notes, and the table of objects in brief."""
    typer.echo(f"\n{printable(seg.answer.text)}")
    for note in seg.notes:
        typer.echo(f"note: {printable(note)}")
    typer.echo()
    print_table(sa.tracks(table)[_BRIEF], "text")


def print_table(table: pd.DataFrame, form: Format, *, brief: Sequence[str] = ()) -> None:
    """Print a table; as text the brief columns alone where they are named, of them those that hold something."""
    if form == "text" and brief and len(table):
        table = table[list(brief)].dropna(axis="columns", how="all")
    typer.echo(format_table(table, form), nl=False)


def choose_format(form: Format | None, as_csv: bool = False, as_json: bool = False) -> Format:
    """Give the one format that is asked for; text unless told."""
    wanted: tuple[tuple[Format | None, bool], ...] = ((form, True), ("csv", as_csv), ("json", as_json))
    asked = [each for each, is_wanted in wanted if each is not None and is_wanted]
    if len(asked) > 1:
        raise ValueError("--format, --csv and --json exclude each other; choose one")
    return asked[0] if asked else "text"


def from_here(path: Path) -> Path:
    """Give a path as seen from the working directory, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
