"""The command line, ``sa2va-nb``: the package's functions from a shell."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

import sa2va_nb as sa

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

_BRIEF = ["object", "phrase", "first_frame", "last_frame", "visible_frac", "gaps", "area_mean_px", "path_px"]


Format = Literal["text", "csv", "json"]

Run = Annotated[
    str, typer.Argument(help="A run's name (see `sa2va-nb runs`), its folder, or a bundle (.zip).")
]
RunsDir = Annotated[
    Path | None, typer.Option(help="Where run folders are; else $SA2VA_NB_RUNS, else ./sa2va_runs.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, a list of rows.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(sa.__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Hold the options that come before a command."""


@app.command()
def demo(
    video: Annotated[Path | None, typer.Argument(help="Your own video; else a rendered sample clip.")] = None,
    out: Annotated[Path, typer.Option(help="Where the results go.")] = Path("sa2va_demo"),
    quiet: Quiet = False,
) -> None:
    """Do the whole job without a key: segment, measure, and write a page to scrub through.

    The embedded engine finds what moves; it is a baseline, not Sa2VA, and reads no prompt.

    Example: `sa2va-nb demo my.mp4 --out my_results`
    """
    with _errors_in_words():
        path, truth = sa.sample_clip() if video is None else (video, None)
        out = out if video is None else out / video.stem
        seg = sa.segment(
            path, "Please segment what moves.", engine="motion", runs_dir=out / "runs", progress=not quiet
        )
        table = sa.measure(seg)
        _describe(seg, table)
        if truth is not None:
            summary = sa.evaluate(seg, truth, match="hungarian").summary
            print(
                f"\nAgainst the clip's exact truth: mean J {summary['J_mean']:.3f}, mean F {summary['F_mean']:.3f}"
            )
        frames = out / "frames.csv"
        table.to_csv(frames, index=False)
        page = sa.report(seg, out / "report.html")
    print(f"\nFrame table   {frames}")
    print(f"Scrubber      {page}  (open it in a browser; it works offline)")
    print(f"Run folder    {_from_here(Path(seg.run['folder']))}  (sa2va-nb open takes it)")
    notebook = Path(sa.__file__).parents[1] / "notebooks" / "01_quickstart.ipynb"
    if notebook.is_file():
        print(f"Next          jupyter lab {_from_here(notebook)}")


@app.command()
def segment(
    video: Annotated[str, typer.Argument(help="A video file or an https URL.")],
    prompt: Annotated[str, typer.Argument(help='What to segment, such as "Please segment the dog."')],
    engine: Annotated[
        Literal["fal", "motion"],
        typer.Option(help="fal: Sa2VA, needs FAL_KEY and costs money; motion: the baseline."),
    ] = "fal",
    num_frames_to_sample: Annotated[
        int | None, typer.Option("--frames", help="How many frames the model is given, 1 to 100; else all.")
    ] = None,
    endpoint: Annotated[Literal["8b", "4b"], typer.Option(help="Which hosted Sa2VA.")] = "8b",
    max_cost_usd: Annotated[float | None, typer.Option(help="Refuse if the estimate is higher.")] = None,
    reuse: Annotated[bool, typer.Option(help="Give the earlier result of the same request.")] = True,
    runs_dir: RunsDir = None,
    quiet: Quiet = False,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Segment a video by a sentence, and print the table of objects.

    Example: `sa2va-nb segment dog.mp4 "Please segment the dog." --max-cost-usd 1`
    """
    with _errors_in_words():
        seg = sa.segment(
            video,
            prompt,
            engine=engine,
            num_frames_to_sample=num_frames_to_sample,
            endpoint=endpoint,
            max_cost_usd=max_cost_usd,
            reuse=reuse,
            runs_dir=runs_dir,
            progress=not quiet,
        )
        _show_objects(seg, _format(as_csv, as_json))


@app.command("open")
def open_(run: Run, runs_dir: RunsDir = None, as_csv: Csv = False, as_json: Json = False) -> None:
    """Print the answer of an earlier run and its table of objects.

    Example: `sa2va-nb open lesson.zip`
    """
    with _errors_in_words():
        _show_objects(sa.open_run(run, runs_dir=runs_dir), _format(as_csv, as_json))


@app.command()
def measure(
    run: Run,
    columns: Annotated[Literal["basic", "all"], typer.Option(help="basic, or all with shapes.")] = "basic",
    runs_dir: RunsDir = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Print the frame table: where each object is in each frame, and how large.

    Example: `sa2va-nb measure 20260101-120000-0123456789ab --columns all --csv > frames.csv`
    """
    with _errors_in_words():
        _print_table(
            sa.measure(sa.open_run(run, runs_dir=runs_dir), columns=columns), _format(as_csv, as_json)
        )


@app.command()
def evaluate(
    run: Run,
    reference: Annotated[Path, typer.Argument(help="Ground truth: a folder of DAVIS mask PNGs.")],
    frames: Annotated[
        Literal["all", "davis"], typer.Option(help="davis leaves out the first and the last.")
    ] = "all",
    match: Annotated[
        Literal["order", "hungarian", "union"], typer.Option(help="How objects are paired.")
    ] = "order",
    runs_dir: RunsDir = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Compare a run with ground truth: J, F and boundary IoU of each object.

    Example: `sa2va-nb evaluate sa2va_runs/20260101-120000-0123456789ab truth/ --match hungarian`
    """
    with _errors_in_words():
        truth = sa.load_reference(reference)
        seg = sa.open_run(run, runs_dir=runs_dir)
        result = sa.evaluate(seg, truth, frames=frames, match=match)
        _print_table(result.objects, _format(as_csv, as_json))
        compared = result.frames["frame"].nunique()
        typer.echo(f"compared in {compared} frames that both have; match={match}", err=True)
        left_out = len(seg) - int(result.objects["matched"].sum()) if match == "hungarian" else 0
        if left_out > 0:
            typer.echo(
                f"{left_out} of {len(seg)} objects had no partner in the truth and were left out", err=True
            )


@app.command()
def report(
    run: Run,
    path: Annotated[Path, typer.Argument(help="The page to write.")] = Path("report.html"),
    runs_dir: RunsDir = None,
) -> None:
    """Write one HTML page with the scrubber and the tables; it works offline.

    Example: `sa2va-nb report 20260101-120000-0123456789ab dog.html`
    """
    with _errors_in_words():
        print(sa.report(sa.open_run(run, runs_dir=runs_dir), path))


@app.command()
def runs(runs_dir: RunsDir = None, as_csv: Csv = False, as_json: Json = False) -> None:
    """List the runs: what was asked, how it ended, what it cost.

    Example: `sa2va-nb runs --csv > ledger.csv`
    """
    with _errors_in_words():
        _print_table(sa.runs(runs_dir), _format(as_csv, as_json))


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="A run's name (see `sa2va-nb runs`) or its folder.")],
    runs_dir: RunsDir = None,
    quiet: Quiet = False,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Fetch the result of a run that was interrupted; nothing is submitted twice.

    Example: `sa2va-nb resume 20260101-120000-0123456789ab`
    """
    with _errors_in_words():
        _show_objects(sa.resume(run, runs_dir=runs_dir, progress=not quiet), _format(as_csv, as_json))


@contextmanager
def _errors_in_words() -> Iterator[None]:
    """Print an error's message without a traceback, and end with 1."""
    try:
        yield
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        typer.secho(
            "interrupted; a job that was sent runs on: `sa2va-nb runs` lists it, `sa2va-nb resume` fetches it",
            err=True,
        )
        raise typer.Exit(130) from None
    except (sa.Sa2VAError, ValueError, TypeError, OSError) as error:
        typer.secho(f"error: {_printable(str(error))}", fg="red", err=True)
        raise typer.Exit(1) from error


def _show_objects(seg: sa.Segmentation, form: Format) -> None:
    if form == "text":
        _describe(seg, sa.measure(seg))
        print(f"\nRun folder    {_from_here(Path(seg.run['folder']))}")
    else:
        _print_table(sa.tracks(seg), form)


def _describe(seg: sa.Segmentation, table: pd.DataFrame) -> None:
    print(f"\n{_printable(seg.answer.text)}")
    for note in seg.notes:
        print(f"note: {_printable(note)}")
    print()
    _print_table(sa.tracks(table)[_BRIEF], "text")


def _print_table(table: pd.DataFrame, form: Format) -> None:
    if form == "csv":
        table.to_csv(sys.stdout, index=False)
    elif form == "json":
        print(table.to_json(orient="records", indent=1))
    elif table.empty:
        print("(no rows)")
    else:
        print(_printable_cells(table).to_string(index=False, na_rep="–", float_format="{:.6g}".format))


def _format(as_csv: bool, as_json: bool) -> Format:
    if as_csv and as_json:
        raise ValueError("--csv and --json exclude each other; choose one")
    return "csv" if as_csv else "json" if as_json else "text"


def _printable_cells(table: pd.DataFrame) -> pd.DataFrame:
    words = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(_printable, na_action="ignore") for name in words})


def _printable(text: object) -> str:
    """Replace what would steer a terminal; text may come from the model or the service."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
