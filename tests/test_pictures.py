"""Compares figures with pictures of them that were looked at; see tests/pictures.py."""

import dataclasses

import pytest
from matplotlib.testing.compare import compare_images

from sa2va_nb.analysis.measure import measure
from sa2va_nb.view.figures.area_plot import plot_area
from sa2va_nb.view.figures.kymograph import plot_kymograph
from sa2va_nb.view.figures.strips import plot_strip
from tests.pictures import BASELINE, FIGURES, draw_bare, scene

pytestmark = pytest.mark.usefixtures("headless")

# Root mean square of the difference, of 255. Matplotlib 3.10 and 3.11 differ by up to 3.9, where they lay
# images between pixels; the changes below make 8 and more.
TOLERANCE = 4.5


def swapped():
    """The scene with the colours of its objects exchanged."""
    first, *rest = scene()
    objects = (dataclasses.replace(item, index=index) for index, item in enumerate([*rest, first]))
    return dataclasses.replace(scene(), objects=tuple(objects))


def difference(name, make, folder):
    """Say how a figure differs from its picture; None where it doesn't."""
    path = folder / f"{name}.png"
    draw_bare(make, path)
    return compare_images(str(BASELINE / f"{name}.png"), str(path), tol=TOLERANCE)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name, tmp_path):
    assert difference(name, FIGURES[name], tmp_path) is None


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("area", lambda: plot_area(measure(scene())).figure),  # without its events
        ("kymograph", lambda: plot_kymograph(scene(), column=40).figure),
        ("strip", lambda: plot_strip(swapped(), n=4)),
    ],
)
def test_the_comparison_notices_what_changed(name, make, tmp_path):
    assert "RMS Value" in difference(name, make, tmp_path)


def test_the_pictures_are_small_and_none_is_left_over():
    kept = {path.stem: path.stat().st_size for path in BASELINE.glob("*.png")}
    assert kept.keys() == FIGURES.keys()
    assert max(kept.values()) < 15_000
