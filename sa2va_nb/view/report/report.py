"""One HTML page about a segmentation: the scrubber, the answer, the numbers, and which run it was."""

import html
from pathlib import Path

import pandas as pd

from sa2va_nb.analysis.measure import measure
from sa2va_nb.analysis.tracks import tracks
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.axes import check_columns
from sa2va_nb.view.painting.scene import make_scene
from sa2va_nb.view.report.sections import (
    area_section,
    object_section,
    quality_section,
    run_section,
    truth_section,
)
from sa2va_nb.view.widget.page import write_page


def report(
    seg: Segmentation,
    path: str | Path,
    *,
    width: int = 640,
    reference: Segmentation | None = None,
    quality: pd.DataFrame | None = None,
) -> Path:
    """Write one HTML page that works from a file, with no kernel and no network.

    It holds the scrubber with every frame, the answer, the object table, each object's area over time and
    the record of the run; with ``quality`` the scores over time and a contact sheet of the worst moments, with
    ``reference`` J, F and error maps. All text of the model, the prompt and file names is escaped.

    Args:
        seg: what was segmented, with at least one frame.
        path: the file to write; its folder is made where there is none.
        width: at most so many pixels wide are the frames in the page. At 640 a frame takes about 40 kB.
        reference: ground truth, which the masks are judged by. For the figures objects are paired as by
            ``evaluate(…, match="hungarian")``, for the pictures by phrase, then overlap.
        quality: the table of ``sa.quality(seg)``: its score is among the scrubber's numbers, its flags are marked.

    Returns:
        The path written.

    Raises:
        ValueError: if there is no frame, or ``quality`` is no frame table with a score.
        AlignmentError: if ``seg`` and ``reference`` share no frame, or differ in size.
        Sa2VAError: if the video can't be read.
    """
    table = measure(seg)
    shown = table if quality is None else _with_quality(table, quality)
    sections = [area_section(seg), object_section(seg, tracks(table))]
    sections += [] if quality is None else [quality_section(seg, quality)]
    sections += [] if reference is None else [truth_section(seg, reference)]
    return write_page(
        make_scene(seg, reference=reference, width=width),
        path,
        table=shown,
        title=_title(seg),
        before=f"<h1>{html.escape(_title(seg))}</h1>\n{_subtitle(seg)}",
        after="\n".join([*sections, run_section(seg.run)]),
    )


def _with_quality(table: pd.DataFrame, quality: pd.DataFrame) -> pd.DataFrame:
    """Add the score and the flags of each object and frame to a frame table."""
    check_columns(quality, ("object", "phrase", "frame", "time_s", "score", "flags"), "quality()")
    return table.merge(quality[["object", "frame", "score", "flags"]], on=["object", "frame"], how="left")


def _title(seg: Segmentation) -> str:
    return str(seg.run.get("request", {}).get("prompt") or "Segmented video")


def _subtitle(seg: Segmentation) -> str:
    frames, height, width = seg.shape
    name = seg.video.path.name if seg.video is not None else "no video at hand"
    count = f"{len(seg)} object{'' if len(seg) == 1 else 's'}"
    engine = f" · engine {seg.run['engine']}" if "engine" in seg.run else ""
    words = f"{name} · {count} in {frames} frames of {width}×{height}{engine}"
    return f'<p class="subtitle" dir="auto">{html.escape(words)}</p>'
