"""One HTML page about a segmentation: the scrubber, the answer, the numbers, and which run it was."""

import html
import numbers
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sa2va_nb.analysis.measure import measure
from sa2va_nb.analysis.tracks import tracks
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.area_svg import area_svg
from sa2va_nb.view.colors import hex_color
from sa2va_nb.view.page import write_page
from sa2va_nb.view.scene import make_scene


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
    the record of the run. All text of the model, the prompt and file names is escaped.

    Args:
        seg: what was segmented, with at least one frame.
        path: the file to write; its folder must exist.
        width: at most so many pixels wide are the frames in the page. At 640 a frame takes about 40 kB.
        reference: ground truth, to be seen in the scrubber beside the masks.
        quality: the table of ``sa.quality(seg)``: its score is among the numbers, its flags are marked.

    Returns:
        The path written.

    Raises:
        ValueError: if there is no frame, or ``quality`` is no frame table with a score.
        Sa2VAError: if the video can't be read.
    """
    table = measure(seg)
    return write_page(
        make_scene(seg, reference=reference, width=width),
        path,
        table=table if quality is None else _with_quality(table, quality),
        title=_title(seg),
        before=f"<h1>{html.escape(_title(seg))}</h1>\n{_subtitle(seg)}",
        after="\n".join([_area_section(seg), _object_section(seg, tracks(table)), _run_section(seg.run)]),
    )


def _with_quality(table: pd.DataFrame, quality: pd.DataFrame) -> pd.DataFrame:
    """Add the score and the flags of each object and frame to a frame table."""
    wanted = ["object", "frame", "score", "flags"]
    missing = [name for name in wanted if name not in quality]
    if missing:
        raise ValueError(
            f"quality must be a table as sa.quality(seg) gives it, with the columns {', '.join(wanted)}; "
            f"it lacks {', '.join(missing)}"
        )
    return table.merge(quality[wanted], on=["object", "frame"], how="left")


def _title(seg: Segmentation) -> str:
    return str(seg.run.get("request", {}).get("prompt") or "Segmented video")


def _subtitle(seg: Segmentation) -> str:
    frames, height, width = seg.shape
    name = seg.video.path.name if seg.video is not None else "no video at hand"
    count = f"{len(seg)} object{'' if len(seg) == 1 else 's'}"
    engine = f" · engine {seg.run['engine']}" if "engine" in seg.run else ""
    words = f"{name} · {count} in {frames} frames of {width}×{height}{engine}"
    return f'<p class="subtitle" dir="auto">{html.escape(words)}</p>'


def _area_section(seg: Segmentation) -> str:
    if not len(seg) or len(seg.frame) < 2:
        return ""
    return f"<h2>Area over time</h2>\n<figure>{area_svg(seg)}</figure>"


def _object_section(seg: Segmentation, table: pd.DataFrame) -> str:
    """The object table, an object a column: there are few objects and many measures."""
    if table.empty:
        return ""
    head = "".join(
        f'<th scope="col"><span class="swatch" style="background:{hex_color(item.index)}"></span>'
        f"<bdi>{html.escape(item.name)}</bdi></th>"
        for item in seg
    )
    rows = "\n".join(
        f'<tr><th scope="row">{html.escape(str(name))}</th>'
        + "".join(f"<td>{html.escape(_number_or_text(value))}</td>" for value in table[name])
        + "</tr>"
        for name in table.columns.drop("phrase")
    )
    return (
        f'<h2>Objects</h2>\n<div class="scroll"><table><thead><tr><td></td>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _number_or_text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return f"{float(value):.4g}" if abs(float(value)) < 1e4 else f"{float(value):.0f}"
    return str(value)


def _run_section(run: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<dt>{html.escape(label)}</dt><dd dir="auto">{html.escape(_number_or_text(value))}</dd>'
        for label, value in _run_facts(run).items()
        if value is not None
    )
    return f'<h2>Run</h2>\n<dl class="run">{rows}</dl>' if rows else ""


def _run_facts(run: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader wants of a run's record, in the page's order and words; no local paths."""
    request = run.get("request", {})
    return {
        "Prompt": request.get("prompt"),
        "Engine": run.get("engine"),
        "Model": run.get("app"),
        "Video": run.get("video", {}).get("name"),
        "Frames sampled": request.get("num_frames_to_sample"),
        "Date": run.get("created"),
        "Request": run.get("request_id"),
        "Seconds": run.get("seconds"),
        "Cost, US$, estimated" if run.get("cost_is_estimate") else "Cost, US$": run.get("cost_usd"),
    }
