"""Judges many results at once: folders of them, or several runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sa2va_nb.analysis.truth.evaluate import Evaluation, evaluate
from sa2va_nb.errors import RunError, Sa2VAError
from sa2va_nb.opening.reference import load_reference
from sa2va_nb.opening.results import Result, find_references
from sa2va_nb.segmentation import Segmentation

JUDGED = (
    *("JF_mean", "J_mean", "J_recall", "J_decay"),
    *("F_mean", "F_recall", "F_decay", "boundary_iou_mean"),
)
RATED = ("score_mean", "score_min", "flagged_frac")
_SHOWN = 3  # reasons why nothing could be judged; they tend to be alike


@dataclass(frozen=True)
class Batch:
    """Figures of many results.

    Attributes:
        objects: ``results, clip, object, phrase, n_frames`` and the figures: one row an object.
        figures: the names of the figures.
        left_out: what could not be judged, and why, in words.
        notes: what else to know of a clip's figures, in words.
    """

    objects: pd.DataFrame
    figures: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def summary(self) -> pd.DataFrame:
        """Give one row a clip, then one a folder of results, called "all".

        Figures are means over the objects, as DAVIS counts: a clip of many objects weighs more. ``n_objects``
        and ``n_frames`` say of how many.
        """
        clips = self._means(["group", "results", "clip"])
        every = self._means(["group"]).assign(clip="all", results=lambda rows: rows["group"])
        every["n_frames"] = clips.groupby("group", sort=False)["n_frames"].sum().to_numpy()
        columns = ["results", "clip", "n_objects", "n_frames", *self.figures]
        table = pd.concat([clips, every], ignore_index=True)[columns]
        return table if table["results"].nunique() > 1 else table.drop(columns="results")

    def _means(self, keys: list[str]) -> pd.DataFrame:
        grouped = self.objects.groupby(keys, sort=False)
        counts = grouped.agg(n_objects=("object", "size"), n_frames=("n_frames", "max"))
        return pd.concat([counts, grouped[list(self.figures)].mean()], axis=1).reset_index()

    @property
    def count(self) -> str:
        """Say what the means are over."""
        n_results = self.objects[["results", "clip"]].drop_duplicates().shape[0]
        return f"means over objects; n = {len(self.objects)} objects in {n_results} results"


def evaluate_batch(
    results: Sequence[Result],
    reference: Path,
    judge: Callable[[Segmentation, Segmentation], Evaluation] = evaluate,
) -> Batch:
    """Judge results against the references of the same names, or all against the only one.

    Args:
        results: as from ``find_results``.
        reference: one reference, or a folder of them.
        judge: compares one result with its reference.

    Returns:
        The figures of DAVIS. What has no reference, or can't be judged, is named in ``left_out``; so are
        references without a result, where folders of results were given.
    """
    references = find_references(reference)
    used: set[str] = set()
    notes: list[str] = []

    def table(result: Result) -> pd.DataFrame:
        name = next((name for name in result.names if name in references), None)
        if references and name is None:
            raise ValueError(f"there is no reference called {' or '.join(result.names)} in {reference}")
        used.add(name or "")
        judged = judge(result.load(), load_reference(references.get(name or "", reference)))
        notes.extend(f"{name or result.names[-1]}: {note}" for note in judged.notes)
        n_frames = judged.frames["frame"].nunique()
        return judged.objects.assign(clip=name or result.names[-1], n_frames=n_frames)

    batch = _over(results, table, JUDGED)
    is_whole = any(result.is_in_folder for result in results)  # else some were picked
    missing = [
        f"{name}: there is no result for this reference"
        for name in references
        if is_whole and name not in used
    ]
    return replace(batch, left_out=(*batch.left_out, *missing), notes=tuple(dict.fromkeys(notes)))


def rate_batch(
    results: Sequence[Result],
    rate: Callable[[Segmentation], pd.DataFrame],
    *,
    videos: Mapping[str, Path] | None = None,
) -> Batch:
    """Rate results without ground truth.

    Args:
        results: as from ``find_results``.
        rate: gives ``object, phrase, frame, score, flags``, a row an object and frame, as ``quality`` does.
        videos: source videos by their clips' names, for results that have none.

    Returns:
        An object's mean and lowest score, and the share of its frames that have flags.
    """

    def table(result: Result) -> pd.DataFrame:
        return rate_objects(rate(result.load(videos))).assign(clip=result.names[-1])

    return _over(results, table, RATED)


def rate_objects(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up one result's ``object, phrase, frame, score, flags``: a row an object, with what ``RATED`` names."""
    grouped = rows.assign(flagged=rows["flags"].fillna("") != "").groupby(
        ["object", "phrase"], sort=False, dropna=False
    )
    return grouped.agg(
        n_frames=("frame", "size"),
        score_mean=("score", "mean"),
        score_min=("score", "min"),
        flagged_frac=("flagged", "mean"),
    ).reset_index()


def _over(
    results: Sequence[Result], table: Callable[[Result], pd.DataFrame], figures: tuple[str, ...]
) -> Batch:
    """Make one table of each result's; a result that fails is left out and named."""
    tables, left_out = [], []
    for result in results:
        try:
            rows = table(result)
        except (Sa2VAError, ValueError, TypeError, OSError) as error:
            left_out.append(f"{result}: {error}")
            continue
        if rows.empty:
            left_out.append(f"{result}: there is no object to judge")
        else:
            group = result.given if result.is_in_folder else ""
            tables.append(rows.assign(results=result.given, group=group, source=result.path.name))
    if not tables:
        more = [f"and {len(left_out) - _SHOWN} more"] if len(left_out) > _SHOWN else []
        reasons = [*left_out[:_SHOWN], *more] or ["there are no results"]
        raise RunError("\n  ".join(["nothing could be judged:", *reasons]))
    objects = pd.concat(tables, ignore_index=True)
    columns = ["group", "results", "clip", "object", "phrase", "n_frames", *figures]
    return Batch(_told_apart(objects)[columns], figures, tuple(left_out))


def _told_apart(objects: pd.DataFrame) -> pd.DataFrame:
    """Add the run's name to the clip's where a folder has several results of one clip."""
    shared = objects.groupby(["results", "clip"])["source"].transform("nunique") > 1
    return objects.assign(
        clip=objects["clip"].where(~shared, objects["clip"] + " (" + objects["source"] + ")")
    )
