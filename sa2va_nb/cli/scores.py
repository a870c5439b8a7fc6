"""The commands that judge masks, of one run or of many."""

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

import sa2va_nb as sa
from sa2va_nb.analysis.quality.quality import quality as rate
from sa2va_nb.analysis.quality.suspects import suspects
from sa2va_nb.analysis.truth.evaluate import Evaluation
from sa2va_nb.cli.output import choose_format, errors_in_words, print_table
from sa2va_nb.cli.root import Csv, Form, Json, RunsDir, app
from sa2va_nb.opening.results import find_references, find_results, find_videos
from sa2va_nb.studies.batch import Batch, evaluate_batch, rate_batch, rate_objects
from sa2va_nb.view.tables import Format, printable

_BRIEF_SCORES = [
    *("object", "phrase", "reference", "reference_phrase", "JF_mean", "J_mean", "F_mean"),
    *("boundary_iou_mean", "precision_mean", "recall_mean"),
]

Results = Annotated[
    list[str],
    typer.Argument(
        help="A run's name, its folder, a bundle (.zip), a folder of mask PNGs or mask videos, an annotation "
        "file; several of them; or folders of them."
    ),
]
PerObject = Annotated[bool, typer.Option("--per-object", help="With many results: a row an object.")]


@app.command()
def evaluate(
    results: Results,
    reference: Annotated[
        Path,
        typer.Argument(
            help="Ground truth: DAVIS mask PNGs, COCO, YouTube-VIS or SA-V json, .npz, mask videos; or a folder "
            "of them, named as the results."
        ),
    ],
    frames: Annotated[
        Literal["all", "davis"], typer.Option(help="davis leaves out the first and the last.")
    ] = "all",
    match: Annotated[
        Literal["order", "hungarian", "union"], typer.Option(help="How objects are paired.")
    ] = "order",
    resize: Annotated[
        Literal["reference"] | None, typer.Option(help="Bring masks of another size to the reference's.")
    ] = None,
    clip: Annotated[str | None, typer.Option(help="Which clip of a json that describes several.")] = None,
    per_object: PerObject = False,
    runs_dir: RunsDir = None,
    form: Form = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Compare masks with ground truth: J, F and boundary IoU.

    One result gives a row an object; the formats other than text have more columns. Several, or a folder of
    results against a folder of references with the same names, give a row a clip, then the mean over all objects.

    Example: `sa2va-nb evaluate sa2va_runs/20260101-120000-0123456789ab truth/ --match hungarian`

    Example: `sa2va-nb evaluate results/ truth/ --frames davis --format latex > table.tex`
    """

    def judge(seg: sa.Segmentation, truth: sa.Segmentation) -> Evaluation:
        return sa.evaluate(seg, truth, frames=frames, match=match, resize=resize)

    with errors_in_words():
        chosen = choose_format(form, as_csv, as_json)
        references = find_references(reference)
        found = find_results(results, known=tuple(references), runs_dir=runs_dir)
        if references or len(found) > 1 or found[0].is_in_folder:
            if clip is not None:
                raise ValueError(
                    "--clip chooses the clip of one result; with several give a folder of references"
                )
            batch = evaluate_batch(found, reference, judge)
            _print_batch(batch, chosen, per_object=per_object, protocol=f"; frames={frames}, match={match}")
            return
        truth = sa.load_reference(reference, clip=clip)
        result = judge(found[0].load(), truth)
        print_table(result.objects, chosen, brief=_BRIEF_SCORES)
        compared, mean = result.frames["frame"].nunique(), result.summary
        typer.echo(f"mean over objects: J {mean['J_mean']:.3f}, F {mean['F_mean']:.3f}", err=True)
        typer.echo(f"compared in {compared} frames that both have; match={match}", err=True)
        for note in (*truth.notes, *result.notes):
            typer.echo(f"note: {printable(note)}", err=True)


@app.command()
def quality(
    results: Results,
    videos: Annotated[
        Path | None,
        typer.Option(
            help="The source video, or a folder of videos named as the clips, for masks without one."
        ),
    ] = None,
    per_object: PerObject = False,
    runs_dir: RunsDir = None,
    form: Form = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Judge masks without ground truth: a score for each object and frame, and what looks wrong.

    One result gives a row an object, and the moments most worth a look; CSV and JSON have every frame instead,
    with the parts of its score. Several, or a folder of results, give a row a clip: the mean and the lowest
    score, and the share of frames with flags.

    Example: `sa2va-nb quality 20260101-120000-0123456789ab --csv > quality.csv`
    """
    with errors_in_words():
        chosen = choose_format(form, as_csv, as_json)
        found = find_results(results, runs_dir=runs_dir)
        sources = None if videos is None else find_videos(videos)
        if len(found) == 1 and not found[0].is_in_folder:
            _print_quality(rate(found[0].load(sources)), chosen)
        else:
            _print_batch(rate_batch(found, rate, videos=sources), chosen, per_object=per_object)


def _print_quality(table: pd.DataFrame, form: Format) -> None:
    """Print one result's table by frame to programs, and in brief to people, who would not read hundreds of rows."""
    if form in ("csv", "json"):
        print_table(table, form)
        return
    print_table(rate_objects(table), form)
    typer.echo()
    moments = suspects(table)
    if len(moments):
        print_table(moments, form)
    else:
        typer.echo("% no suspects" if form == "latex" else "no suspects")
    typer.echo("every frame: --csv or --json", err=True)


def _print_batch(batch: Batch, form: Format, *, per_object: bool, protocol: str = "") -> None:
    """Print the table, what it is of, and, on the other stream, what is left out; then ends with 1."""
    print_table(batch.objects.drop(columns="group") if per_object else batch.summary(), form)
    said = f"{batch.count}{protocol}"
    if form in ("csv", "json"):  # a line more would not be read
        typer.echo(said, err=True)
    else:
        typer.echo(f"% {said}" if form == "latex" else f"\n{said}")
    for note in batch.notes:
        typer.echo(f"note: {printable(note)}", err=True)
    for reason in batch.left_out:
        typer.echo(f"left out: {printable(reason)}", err=True)
    if batch.left_out:
        raise typer.Exit(1)
