from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sa2va_nb.studies.sweeps import sweep
from sa2va_nb.view.figures.style import figure_style
from sa2va_nb.view.figures.sweep_plot import plot_sweep
from sa2va_nb.view.painting.colors import rgb_color
from tests.clips import textured_clip
from tests.drawn import draw
from tests.scenes import rectangles, segmentation

pytestmark = pytest.mark.usefixtures("headless")

SIZE = (40, 60)


def asked():
    """Three prompts: one finds a box, one fails, one finds nothing, as it should."""
    box = rectangles([(t, 5, t + 20, 25) for t in range(9)], size=SIZE)
    rows = [
        ("the $5 box", False, "done", None, 1, 0.5, 0.54, 0.75, 0.5, 1.0),
        ("a box", False, "failed", "FetchError: no mask", None, 0.5, np.nan, np.nan, np.nan, np.nan),
        ("the giraffe", True, "done", None, 0, 0.5, 0.0, np.nan, np.nan, 0.0),
    ]
    names = ["run", "control", "status", "error", "n_objects", "estimate_usd", "cost_usd"]
    names += ["agreement", "quality", "visible_frac"]
    table = pd.DataFrame(rows, columns=names).astype({"n_objects": "Int64"})
    done = {"the $5 box": segmentation(box), "the giraffe": segmentation(frame=[*range(9)])}
    return SimpleNamespace(table=table, segmentations=done)


def words(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def pictures(figure):
    return [ax for ax in figure.axes if ax.images]


def test_each_row_says_what_was_asked_and_what_came_of_it():
    figure = plot_sweep(asked())
    draw(figure)

    said = words(figure)
    assert "the \\$5 box\n1 object · \\$0.54" in said
    assert "the giraffe\ncontrol · nothing found" in said
    assert "failed · FetchError: no mask" in said
    assert [word for word in said if word in ("0.75", "0.50", "1.00", "0.00", "–")] == [
        *("0.75", "0.50", "1.00"),
        *("–", "–", "–"),
        *("–", "–", "0.00"),
    ]


def test_how_it_was_asked_is_said_below_the_prompt():
    once = asked()
    once.table.loc[0, "run"] = "the $5 box · 20 frames"
    once.segmentations["the $5 box · 20 frames"] = once.segmentations.pop("the $5 box")
    figure = plot_sweep(once)
    draw(figure)
    assert "the \\$5 box\n20 frames · 1 object · \\$0.54" in words(figure)


def test_pictures_are_of_the_same_frames_with_the_masks_in_their_colours():
    found = pictures(plot_sweep(asked(), n=3))

    assert [ax.get_title() for ax in found[:3]] == [
        "frame 0 · 0.00 s",
        "frame 4 · 0.16 s",
        "frame 8 · 0.32 s",
    ]
    assert [ax.get_title() for ax in found[3:]] == ["", "", ""]
    contour = np.asarray(found[1].images[0].get_array())[5, 5]
    assert contour.tolist() == list(rgb_color(0))


def test_rows_with_other_frames_say_so():
    sparse = asked()
    sparse.segmentations["the giraffe"] = segmentation(frame=[0, 3, 8])
    found = pictures(plot_sweep(sparse))

    assert [ax.get_title()[:7] for ax in found[3:]] == ["frame 0", "frame 3", "frame 8"]


def test_narrow_figures_have_fewer_pictures_and_titles_that_do_not_meet():
    with figure_style("single"):
        figure = plot_sweep(asked(), n=6)
        draw(figure)
    boxes = [ax.title.get_window_extent() for ax in pictures(figure) if ax.get_title()]
    assert 1 <= len(boxes) < 6
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_a_real_sweep_and_its_plan_are_drawn(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4", frames=6)
    ways = {"engine": "motion", "runs_dir": tmp_path, "progress": False}
    draw(plot_sweep(sweep(clip, ["what moves", "all"], **ways)))
    planned = plot_sweep(sweep(clip, ["what else"], **ways, dry_run=True))
    assert "planned" in words(planned)


def test_nothing_asked_says_so_and_other_things_are_refused():
    nothing = SimpleNamespace(table=asked().table.head(0), segmentations={})
    assert words(plot_sweep(nothing)) == ["nothing was asked"]
    with pytest.raises(ValueError, match="n must be 1 or more, got 0"):
        plot_sweep(asked(), n=0)
    with pytest.raises(ValueError, match="lacks agreement"):
        plot_sweep(SimpleNamespace(table=asked().table.drop(columns="agreement"), segmentations={}))


@pytest.mark.parametrize("given", [None, "sweep", pd.DataFrame()])
def test_what_is_no_sweep_is_a_type_error(given):
    with pytest.raises(TypeError, match=f"expected what sweep\\(\\) gave, got {type(given).__name__}"):
        plot_sweep(given)
