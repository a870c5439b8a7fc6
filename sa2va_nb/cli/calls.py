"""The commands that segment a video."""

from pathlib import Path
from typing import Annotated, Literal

import typer

import sa2va_nb as sa
from sa2va_nb.calling.estimates import estimate as estimate_call
from sa2va_nb.cli.output import choose_format, describe, errors_in_words, from_here, show_objects
from sa2va_nb.cli.root import Csv, Form, Json, Quiet, RunsDir, app
from sa2va_nb.kit import notebooks_folder
from sa2va_nb.view.tables import format_table, printable


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
    with errors_in_words():
        path, truth = sa.sample_clip() if video is None else (video, None)
        out = out if video is None else out / video.stem
        seg = sa.segment(
            path, "Please segment what moves.", engine="motion", runs_dir=out / "runs", progress=not quiet
        )
        table = sa.measure(seg)
        describe(seg, table)
        if truth is not None:
            summary = sa.evaluate(seg, truth, match="hungarian").summary
            typer.echo(
                f"\nAgainst the clip's exact truth: mean J {summary['J_mean']:.3f}, mean F {summary['F_mean']:.3f}"
            )
        frames = out / "frames.csv"
        frames.write_text(format_table(table, "csv"), encoding="utf-8", newline="")
        page = sa.report(seg, out / "report.html")
    typer.echo(f"\nFrame table   {frames}")
    typer.echo(f"Scrubber      {page}  (open it in a browser; it works offline)")
    folder = from_here(Path(seg.run["folder"]))
    typer.echo(f"Run folder    {folder}  (sa2va-nb open takes it; sa2va-nb runs {folder.parent} lists it)")
    if notebooks := notebooks_folder():
        typer.echo(f"Next          jupyter lab {from_here(notebooks / '01_quickstart.ipynb')}")


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
    budget_usd: Annotated[
        float | None,
        typer.Option(
            help="Refuse what all runs of the folder may not cost together; else $SA2VA_NB_BUDGET_USD."
        ),
    ] = None,
    reuse: Annotated[bool, typer.Option(help="Give the earlier result of the same request.")] = True,
    runs_dir: RunsDir = None,
    quiet: Quiet = False,
    form: Form = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Segment a video by a sentence, and print the table of objects.

    Example: `sa2va-nb segment dog.mp4 "Please segment the dog." --max-cost-usd 1`
    """
    with errors_in_words():
        seg = sa.segment(
            video,
            prompt,
            engine=engine,
            num_frames_to_sample=num_frames_to_sample,
            endpoint=endpoint,
            max_cost_usd=max_cost_usd,
            budget_usd=budget_usd,
            reuse=reuse,
            runs_dir=runs_dir,
            progress=not quiet,
        )
        show_objects(seg, choose_format(form, as_csv, as_json))


@app.command()
def estimate(
    video: Annotated[str, typer.Argument(help="A video file or an https URL.")],
    prompt: Annotated[
        str | None, typer.Argument(help="What would be asked; with it, an earlier answer is looked for.")
    ] = None,
    num_frames_to_sample: Annotated[
        int | None, typer.Option("--frames", help="How many frames the model would be given.")
    ] = None,
    endpoint: Annotated[Literal["8b", "4b"], typer.Option(help="Which hosted Sa2VA.")] = "8b",
    runs_dir: RunsDir = None,
) -> None:
    """Tell what a call would cost, and whether it is paid for already; nothing is sent.

    Example: `sa2va-nb estimate dog.mp4 "Please segment the dog."`
    """
    with errors_in_words():
        told = estimate_call(
            video, prompt, num_frames_to_sample=num_frames_to_sample, endpoint=endpoint, runs_dir=runs_dir
        )
        for line in repr(told).splitlines():
            typer.echo(printable(line))
