"""Pictures of figures that tests compare with those kept in tests/baseline.

``python -m tests.pictures`` draws them anew; look at what changed before it is committed. Text and legends
are left out and places are fixed: fonts and how they are drawn differ between machines and versions.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from PIL import Image

from sa2va_nb.analysis.instances.events import instance_events
from sa2va_nb.analysis.instances.split import Instance
from sa2va_nb.analysis.measure import measure
from sa2va_nb.analysis.units import to_units
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.area_plot import plot_area
from sa2va_nb.view.figures.kymograph import plot_kymograph
from sa2va_nb.view.figures.overlap_plot import plot_overlaps
from sa2va_nb.view.figures.quality_plots import plot_quality
from sa2va_nb.view.figures.strips import plot_errors, plot_strip
from sa2va_nb.view.figures.style import figure_style
from sa2va_nb.view.figures.sweep_plot import plot_sweep
from sa2va_nb.view.figures.tracks_plot import plot_tracks
from tests.scenes import rectangles

BASELINE = Path(__file__).parent / "baseline"
_SIZE = (60, 90)
_FRAMES = 24
_INCHES, _DPI = (3.2, 2.0), 280
_SHRINK = 4  # what versions of matplotlib place a pixel apart is a quarter of one then


def scene() -> Segmentation:
    """Three boxes: two that meet and part, and one that comes late and has a gap."""
    t = np.arange(_FRAMES)
    meet = 20 - np.abs(t - 12)
    boxes = [
        [(10 + d, 10, 22 + d, 30) for d in meet],
        [(62 - d, 12, 70 - d + k // 4, 28) for d, k in zip(meet, t, strict=True)],
        [None if k < 5 or 10 <= k < 14 else (2 * k, 40, 2 * k + 15, 44 + k // 2) for k in t],
    ]
    return Segmentation(
        tuple(
            Instance(k, f"a thing #{k}", Masks.from_array(rectangles(own, size=_SIZE)), 0, "a thing", k)
            for k, own in enumerate(boxes)
        ),
        t,
        t / 25,
    )


def twelve() -> Segmentation:
    """Twelve boxes, so that colours come round again."""
    t = np.arange(_FRAMES)
    stacks = [
        rectangles(
            [(6 * k + j // 2, 4 * k, 6 * k + j // 2 + k + 4, 4 * k + 3 + j // 4) for j in t], size=_SIZE
        )
        for k in range(12)
    ]
    objects = [Instance(k, f"thing {k}", Masks.from_array(own), k, None, 0) for k, own in enumerate(stacks)]
    return Segmentation(tuple(objects), t, t / 25)


def _scores() -> pd.DataFrame:
    table = measure(scene())[["object", "phrase", "frame", "time_s"]]
    score = 0.5 + 0.5 * np.cos(table["frame"] / (3 + table["object"]))
    return table.assign(score=score, flags=np.where(score < 0.1, "area jumps by 60 %", ""))


def _asked() -> SimpleNamespace:
    done = {"what moves": scene(), "things": twelve()}
    table = pd.DataFrame(
        {"run": [*done], "control": False, "status": "done", "error": None, "n_objects": [3, 12]}
    )
    table = table.assign(
        estimate_usd=0.5, cost_usd=0.5, agreement=0.25, quality=[0.5, np.nan], visible_frac=1.0
    )
    return SimpleNamespace(table=table, segmentations=done)


def _on_image() -> Figure:
    image = np.full((*_SIZE, 3), 90, np.uint8)
    image[::8] = 150
    return plot_tracks(measure(scene()), image=image).figure


FIGURES: dict[str, Callable[[], Figure]] = {
    "area": lambda: plot_area(measure(scene()), events=instance_events(scene())).figure,
    "area_12": lambda: plot_area(to_units(measure(twelve()), 10, unit="cm")).figure,
    "tracks": _on_image,
    "tracks_12": lambda: plot_tracks(measure(twelve())).figure,
    "strip": lambda: plot_strip(scene(), n=4),
    "errors": lambda: plot_errors(scene(), twelve(), n=3),
    "quality": lambda: plot_quality(_scores()),
    "kymograph": lambda: plot_kymograph(scene(), row=20).figure,
    "overlaps": lambda: plot_overlaps(twelve(), value="containment").figure,
    "sweep": lambda: plot_sweep(_asked(), n=2),
}


def draw_bare(make: Callable[[], Figure], path: Path) -> None:
    """Draw a figure without its words, at fixed places and size."""
    with figure_style("double"), mpl.rc_context({"backend": "agg"}):
        figure = make()
        figure.set_layout_engine("none")
        figure.set_size_inches(*_INCHES)
        for artist in figure.findobj(lambda one: isinstance(one, (Text, Legend))):
            artist.set_visible(False)
        drawn = BytesIO()
        figure.savefig(drawn, dpi=_DPI)
        plt.close(figure)
    Image.open(drawn).convert("RGB").reduce(_SHRINK).save(path, optimize=True)


if __name__ == "__main__":
    BASELINE.mkdir(exist_ok=True)
    for name, make in FIGURES.items():
        draw_bare(make, BASELINE / f"{name}.png")
