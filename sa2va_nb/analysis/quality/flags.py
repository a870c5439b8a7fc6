"""What looks wrong with a mask, in words."""

from collections.abc import Callable

import numpy as np

from sa2va_nb.analysis.quality.evidence import Evidence, Marks
from sa2va_nb.analysis.quality.flags_edge import off_the_edge
from sa2va_nb.analysis.quality.flags_motion import freezes, jumps, outlives
from sa2va_nb.analysis.quality.flags_shape import holes, ragged, specks, splits
from sa2va_nb.analysis.quality.flags_size import sizes
from sa2va_nb.analysis.quality.score import absence, runs
from sa2va_nb.analysis.quality.steps import rises

SUDDEN = 0.5  # an absence less plausible than that is a hole in the track
RECOLORED = 0.3  # of the object's usual fit, lost within one frame
WHOLE = 0.5  # of the usual area: a last sliver has few colours
MOSTLY = 0.5  # of a mask is grey in its video


def flags_of(evidence: Evidence, exchanged: Marks) -> list[list[str]]:
    """List what looks wrong with each mask of one object, T lists of words.

    Args:
        evidence: of the object.
        exchanged: what :func:`sa2va_nb.analysis.quality.swaps.swaps` says of it.
    """
    gone = missing(evidence)
    words = [[gone[t]] if t in gone else [] for t in range(len(evidence))]
    for marks in (exchanged, *(rule(evidence) for rule in RULES)):
        for t, text in marks.items():
            if evidence.visible[t]:  # an absence within a run of bad masks has its own word
                words[t].append(text)
    return words


def missing(e: Evidence) -> Marks:
    """Mark sudden holes in the track: "missing for 3 frames", or "never visible"."""
    if not e.visible.any():
        return dict.fromkeys(range(len(e)), "never visible")
    plausible = absence(e.masks.area_px, e.touches)
    marks: Marks = {}
    for start, stop in runs(~e.visible):
        if plausible[start] < SUDDEN:
            marks |= dict.fromkeys(range(start, stop), f"missing for {count(stop - start, 'frame')}")
    return marks


def recolored(e: Evidence) -> Marks:
    """Mark masks whose colours are not the object's: "colour changes"."""
    if e.seen is None:
        return {}
    fit = e.parts["fit"] / e.usual_fit
    marks: Marks = {}
    for step in rises(e, -fit, least=RECOLORED):
        if e.area[step.start] >= WHOLE * e.usual(e.area)[step.start]:
            marks |= dict.fromkeys(range(step.start, step.stop), "colour changes")
    return marks


def doubtful(e: Evidence) -> Marks:
    """Mark masks that are mostly grey in the mask video: "mostly grey in the mask video"."""
    grey = e.masks.grey_frac
    if grey is None:
        return {}
    return dict.fromkeys(
        np.flatnonzero(e.visible & (grey > MOSTLY)).tolist(), "mostly grey in the mask video"
    )


def count(number: int, noun: str) -> str:
    """Say how many: "1 frame", "3 frames"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


RULES: tuple[Callable[[Evidence], Marks], ...] = (
    jumps,
    sizes,
    splits,
    holes,
    specks,
    ragged,
    freezes,
    outlives,
    recolored,
    off_the_edge,
    doubtful,
)
