import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from sa2va_nb.analysis.measure import measure
from sa2va_nb.view.figures.area_plot import plot_area
from sa2va_nb.view.figures.strips import plot_strip
from sa2va_nb.view.figures.style import figure_style
from sa2va_nb.view.painting.colors import PALETTE
from tests.drawn import draw, scene

pytestmark = pytest.mark.usefixtures("headless")

MM = 1 / 25.4


@pytest.mark.parametrize(("width", "mm"), [("single", 89), ("double", 183), (120, 120), (57.5, 57.5)])
def test_figures_have_the_columns_width_and_fit_into_it(width, mm):
    seg = scene(("a dog in the grass", "a cat", None))
    with figure_style(width):
        for figure in (plot_area(measure(seg)).figure, plot_strip(seg)):
            draw(figure)
            box = figure.get_tightbbox()
            assert figure.get_figwidth() == pytest.approx(mm * MM, rel=1e-9)
            assert box.x0 >= -1e-9
            assert box.x1 <= mm * MM + 1e-9


def test_text_is_small_lines_are_thin_and_colours_those_of_the_objects():
    with figure_style():
        ax = plot_area(measure(scene()))
        sizes = [text.get_fontsize() for text in ax.findobj(mpl.text.Text) if text.get_text()]
        cycle = [line.get_color() for line in plt.figure().subplots().plot([[0] * 10])]
    assert 5 < min(sizes) <= max(sizes) <= 7
    assert cycle == [*PALETTE]


def test_text_stays_text_in_svg_and_pdf(tmp_path):
    with figure_style():
        figure = plot_area(measure(scene(("a dog & <b>", "costs $5 and $6")))).figure
        figure.savefig(tmp_path / "figure.svg")
        figure.savefig(tmp_path / "figure.pdf")
    svg = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    pdf = (tmp_path / "figure.pdf").read_bytes()

    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
    assert {"time (s)", "area (px)", "a dog &amp; &lt;b&gt;", "costs $5 and $6"} <= {*texts}
    assert "<image" not in svg
    assert b"/FontFile2" in pdf  # a TrueType font, embedded
    assert b"/Subtype /Type3" not in pdf


def test_nothing_changes_outside_and_what_is_set_outside_does_not_show():
    with plt.style.context("dark_background"):
        before = mpl.rcParams.copy()
        with figure_style():
            assert mpl.rcParams["figure.facecolor"] == "white"
        with pytest.raises(RuntimeError), figure_style():
            raise RuntimeError
        assert mpl.rcParams == before


def test_fonts_for_what_arial_lacks_are_kept():
    with mpl.rc_context({"font.family": ["DejaVu Serif", "DejaVu Sans"]}), figure_style():
        assert mpl.rcParams["font.family"] == ["sans-serif", "DejaVu Serif", "DejaVu Sans"]


@pytest.mark.parametrize("width", ["triple", 0, -1, float("nan"), float("inf")])
def test_widths_that_are_none_are_refused(width):
    with pytest.raises(ValueError, match="width must be"), figure_style(width):
        pass


@pytest.mark.parametrize("width", [None, True, [89]])
def test_widths_that_are_neither_words_nor_numbers_are_refused(width):
    with pytest.raises(TypeError, match="width must be a word or a number of mm"), figure_style(width):
        pass
