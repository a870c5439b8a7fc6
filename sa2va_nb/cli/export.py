"""The command that writes results for other tools."""

from pathlib import Path
from typing import Annotated

import typer

import sa2va_nb as sa
from sa2va_nb.beside import write_beside
from sa2va_nb.cli.output import errors_in_words
from sa2va_nb.cli.root import Result, RunsDir, SourceVideo, app
from sa2va_nb.extras import import_extra
from sa2va_nb.opening.results import load_one
from sa2va_nb.opening.saving import WRITTEN, Saved
from sa2va_nb.view.tables import format_table, printable

_TABLE, _FILM = "table", "film"
_SUFFIXES = {".csv": _TABLE, ".parquet": _TABLE, ".gif": _FILM, ".webp": _FILM}
_AMBIGUOUS = {".mp4": "film, or mp4 (a folder of mask videos)", ".json": "coco, ytvis or sav"}


@app.command()
def export(
    result: Result,
    path: Annotated[Path, typer.Argument(help="The file or folder to write.")],
    format: Annotated[
        str | None,
        typer.Option(
            help=f"Masks: {', '.join(WRITTEN)}. table: the frame table, .csv or .parquet. film: masks on the video, "
            ".mp4, .gif or .webp. Taken from the ending of the name where that tells it."
        ),
    ] = None,
    video: SourceVideo = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Write masks, the frame table, or a film, in the format of another tool.

    What a format has no room for is said.

    Example: `sa2va-nb export 20260101-120000-0123456789ab coco.json --format coco`

    Example: `sa2va-nb export lesson.zip labels.tif`
    """
    with errors_in_words():
        if path.exists() and not overwrite:
            raise FileExistsError(f"{path} is there already; --overwrite replaces it")
        form = format or _SUFFIXES.get(path.suffix.lower())
        if form is None and path.suffix.lower() in _AMBIGUOUS:
            raise ValueError(
                f"{path.name!r} may be several things; say --format {_AMBIGUOUS[path.suffix.lower()]}"
            )
        saved = _write(load_one(result, video=video, runs_dir=runs_dir), path, form, overwrite=overwrite)
        typer.echo(printable(path))
        for note in saved.not_kept if saved is not None else ():
            typer.echo(f"not kept: {printable(note)}", err=True)


def _write(seg: sa.Segmentation, path: Path, form: str | None, *, overwrite: bool) -> Saved | None:
    """Write what is asked for; gives what was saved where it was masks."""
    if form == _FILM:
        sa.scrub(seg).save_video(path)
    elif form == _TABLE and path.suffix.lower() == ".csv":
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_beside(path) as part:
            part.write_text(format_table(sa.measure(seg), "csv"), encoding="utf-8", newline="")
    elif form == _TABLE and path.suffix.lower() == ".parquet":
        import_extra("pyarrow", "parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_beside(path) as part:
            sa.measure(seg).to_parquet(part, engine="pyarrow", index=False)
    elif form == _TABLE:
        raise ValueError(f"a table's name must end in .csv or .parquet, got {path.name!r}")
    else:
        return sa.save_masks(seg, path, format=form, overwrite=overwrite)
    return None
