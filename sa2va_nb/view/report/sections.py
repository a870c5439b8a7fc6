"""The parts of a report below the scrubber, as HTML; every text from outside is escaped."""

import html
import io
import numbers
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sa2va_nb.analysis.quality.suspects import suspects
from sa2va_nb.analysis.truth.evaluate import evaluate
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.area_svg import area_svg
from sa2va_nb.view.figures.quality_plots import plot_quality, plot_suspects
from sa2va_nb.view.figures.strips import plot_errors
from sa2va_nb.view.painting.colors import hex_color
from sa2va_nb.view.widget.poster import data_uri

_DPI = 110
_MOMENTS = 6  # the worst of them are shown


def area_section(seg: Segmentation) -> str:
    """Give each object's area over time."""
    if not len(seg) or len(seg.frame) < 2:
        return ""
    return f"<h2>Area over time</h2>\n<figure>{area_svg(seg)}</figure>"


def object_section(seg: Segmentation, table: pd.DataFrame) -> str:
    """Give the object table, as from ``tracks``."""
    return "" if table.empty else f"<h2>Objects</h2>\n{_object_table(seg, table)}"


def quality_section(seg: Segmentation, quality: pd.DataFrame) -> str:
    """Give the scores over time, and the worst moments in pictures."""
    if quality.empty:
        return ""
    moments = suspects(quality, _MOMENTS)
    parts = [
        "<h2>Quality, judged without truth</h2>",
        _figure(plot_quality(quality, n=_MOMENTS), "Scores over time"),
    ]
    if len(moments):
        parts += ["<h2>Worst moments</h2>", _figure(plot_suspects(seg, moments), "The worst moments")]
    return "\n".join(parts)


def truth_section(seg: Segmentation, reference: Segmentation) -> str:
    """Give J and F of each object, and error maps."""
    result = evaluate(seg, reference, match="hungarian")
    figures = [name for name in map(str, result.objects) if name.startswith(("J_", "F_", "JF_"))]
    known = result.objects[result.objects["object"] < len(seg)]
    notes = "".join(f'<li dir="auto">{html.escape(note)}</li>' for note in result.notes)
    return "\n".join(
        [
            "<h2>Against the truth</h2>",
            _object_table(seg, known[["object", "phrase", *figures]]) if len(known) else "",
            f"<ul>{notes}</ul>" if notes else "",
            _figure(plot_errors(seg, reference), "Where the masks are right, too much, and missing"),
        ]
    )


def _object_table(seg: Segmentation, table: pd.DataFrame) -> str:
    """Lay a table of objects out with an object a column: there are few objects and many measures."""
    named = [seg.objects[index] for index in table["object"]]
    head = "".join(
        f'<th scope="col"><span class="swatch" style="background:{hex_color(item.index)}"></span>'
        f"<bdi>{html.escape(item.name)}</bdi></th>"
        for item in named
    )
    rows = "\n".join(
        f'<tr><th scope="row">{html.escape(str(name))}</th>'
        + "".join(f"<td>{html.escape(_number_or_text(value))}</td>" for value in table[name])
        + "</tr>"
        for name in table.columns.drop("phrase")
    )
    return (
        f'<div class="scroll"><table><thead><tr><td></td>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _figure(figure: Figure, words: str) -> str:
    """Put a figure into the page as a picture."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI)
    source = data_uri("image/png", buffer.getvalue())
    return f'<figure><img class="plot" alt="{html.escape(words)}" src="{source}"></figure>'


def _number_or_text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return f"{float(value):.4g}" if abs(float(value)) < 1e4 else f"{float(value):.0f}"
    return str(value)


def run_section(run: Mapping[str, Any]) -> str:
    """Give what a reader wants of the run's record."""
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
