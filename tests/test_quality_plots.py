import numpy as np
import pandas as pd
import pytest

from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.analysis.quality.suspects import suspects
from sa2va_nb.view.figures.quality_plots import plot_quality, plot_suspects
from sa2va_nb.view.figures.strips import plot_errors
from sa2va_nb.view.painting.difference import AGREE, ONLY_A, ONLY_B
from tests.drawn import draw
from tests.scenes import rectangles, segmentation

pytestmark = pytest.mark.usefixtures("headless")

SIZE = (60, 90)


def moving(*, shift: int = 0, absent: int | None = None) -> np.ndarray:
    """A box that moves a pixel a frame; ``shift`` moves it down."""
    boxes = [None if t == absent else (10 + t, 20 + shift, 40 + t, 40 + shift) for t in range(12)]
    return rectangles(boxes, size=SIZE)


def table():
    seg = segmentation(moving(absent=6), moving(shift=15), phrases=("a box & <b>$1", None))
    return seg, quality(seg)


def test_quality_has_a_lane_an_object_a_tick_a_flagged_frame_and_its_worst_moments_in_words():
    _, q = table()
    figure = plot_quality(q)
    draw(figure)

    assert [ax.get_title(loc="left") for ax in figure.axes] == [r"a box & <b>\$1", "object 1"]
    score, ticks = figure.axes[0].get_lines()
    np.testing.assert_array_equal(score.get_ydata(), q.loc[q["object"] == 0, "score"])
    flagged = q[(q["object"] == 0) & (q["flags"] != "")]
    assert ticks.get_xdata().tolist() == flagged["time_s"].tolist()
    assert "missing for 1 frame" in figure.get_supxlabel()
    assert figure.axes[0].texts[0].get_text() == "1"


def test_quality_counts_frames_where_times_are_unknown():
    seg = segmentation(moving(), time_s=[np.nan] * 12)
    assert plot_quality(quality(seg), n=0).axes[0].get_xlabel() == "frame"


def test_quality_of_nothing_says_so_and_other_tables_are_refused():
    draw(plot_quality(quality(segmentation(moving())).head(0)))
    with pytest.raises(ValueError, match="lacks score"):
        plot_quality(pd.DataFrame({"object": [], "phrase": [], "frame": [], "time_s": [], "flags": []}))
    with pytest.raises(ValueError, match="n must be 0 or more"):
        plot_quality(table()[1], n=-1)
    with pytest.raises(ValueError, match="an object twice in a frame"):
        plot_quality(pd.concat([table()[1]] * 2), n=0)


def test_quality_is_drawn_in_the_frames_order_whatever_that_of_the_rows():
    _, q = table()
    (line, ticks), shuffled = (
        plot_quality(rows).axes[0].get_lines() for rows in (q, q.sample(frac=1, random_state=3))
    )
    np.testing.assert_array_equal(shuffled[0].get_xydata(), line.get_xydata())
    np.testing.assert_array_equal(shuffled[1].get_xydata(), ticks.get_xydata())


def test_suspects_are_shown_each_with_its_frame_score_and_flags():
    seg, q = table()
    moments = suspects(q)
    figure = plot_suspects(seg, moments)
    draw(figure)

    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.images]
    assert len(titles) == len(moments) >= 1
    for title, moment in zip(titles, moments.itertuples(), strict=True):
        assert f"frame {moment.frame} · " in title
        assert f"{moment.score:.2f}" in title
    assert "missing for 1 frame" in titles[0]
    draw(plot_suspects(seg, moments.head(0)))
    with pytest.raises(ValueError, match="object 7"):
        plot_suspects(seg, moments.assign(object=7))


def test_a_suspect_is_cut_out_around_its_mask():
    small = rectangles([(80, 50, 84, 54)] * 3, size=(200, 300))
    moments = pd.DataFrame({"object": [0], "frame": [1], "score": [0.5], "flags": [""]})
    image = plot_suspects(segmentation(small), moments).axes[0].images[0].get_array()
    assert image.shape == (60, 90, 3)


def test_error_maps_show_what_is_right_too_much_and_missed():
    seg, truth = segmentation(moving(shift=5)), segmentation(moving())
    figure = plot_errors(seg, truth, frames=[3], opacity=1)
    draw(figure)

    image = np.asarray(figure.axes[0].images[0].get_array())
    assert image[30, 20].tolist() == list(AGREE)
    assert image[42, 20].tolist() == list(ONLY_A)
    assert image[22, 20].tolist() == list(ONLY_B)
    assert figure.axes[0].get_title().endswith("J 0.60")
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["right", "too much", "missed"]
    with pytest.raises(ValueError, match="frames must be source frames"):
        plot_errors(seg, truth, frames=[99])
