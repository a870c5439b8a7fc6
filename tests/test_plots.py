import subprocess
import sys
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from sa2va_nb.analysis.measure import measure
from sa2va_nb.opening.reference import load_reference
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.plots import plot_area, plot_tracks
from sa2va_nb.view.figures.strips import plot_strip
from sa2va_nb.view.painting.colors import hex_color
from tests.scenes import rectangles, segmentation
from tests.shared import shared_data

SIZE = (40, 60)
PHRASE = "Two children in white night shirts who jump on the bed of their parents"


@pytest.fixture(autouse=True)
def _headless():
    with mpl.rc_context():
        mpl.use("Agg")
        yield
        plt.close("all")


def moving(*, absent: tuple[int, ...] = (), frames: int = 8, size: tuple[int, int] = SIZE) -> np.ndarray:
    return rectangles([None if t in absent else (t, 5, t + 6, 9) for t in range(frames)], size=size)


def scene(phrases: tuple[str | None, ...] = (PHRASE, None), **timing: list) -> Segmentation:
    return segmentation(*[moving(absent=(3, 4), frames=8)] * len(phrases), phrases=phrases, **timing)


def texts(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def draw(figure: plt.Figure) -> np.ndarray:
    """Render for real, (H, W, 3), with every warning an error."""
    canvas = mpl.backends.backend_agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def test_area_has_a_line_an_object_with_gaps_where_it_is_absent():
    table = measure(scene())
    ax = plot_area(table)
    draw(ax.figure)

    assert len(ax.get_lines()) == 2
    for index, line in enumerate(ax.get_lines()):
        assert line.get_color() == hex_color(index)
        assert line.get_xdata().tolist() == table["time_s"][:8].tolist()
        assert np.isnan(line.get_ydata()).nonzero()[0].tolist() == [3, 4]
        assert np.nanmax(line.get_ydata()) == 24
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() == "area (px)"
    assert ax.get_ylim()[0] == 0


def test_area_labels_are_short_in_the_order_of_the_lines_ends_and_apart():
    ax = plot_area(measure(scene((PHRASE, None, "a bed"))))
    labels = sorted(ax.texts, key=lambda text: text.get_position()[1])

    assert any(text.startswith("Two children in white") and text.endswith("…") for text in texts(ax))
    assert {"object 1", "a bed"} < set(texts(ax))
    boxes = [label.get_window_extent(ax.figure.canvas.get_renderer()) for label in labels]
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))


def test_many_objects_get_a_legend_and_dashes_when_colours_repeat():
    ax = plot_area(measure(scene(tuple(f"thing {i}" for i in range(12)))))
    draw(ax.figure)
    lines = ax.get_lines()

    assert len(ax.get_legend().get_texts()) == 12
    assert lines[0].get_color() == lines[10].get_color()
    assert lines[0].get_linestyle() != lines[10].get_linestyle()


def test_a_single_visible_frame_shows_as_a_dot():
    stack = moving(absent=(0, 1, 2, 4, 5, 6, 7))
    (line,) = plot_area(measure(segmentation(stack))).get_lines()

    assert line.get_markevery() == [3]
    assert line.get_marker() == "o"


def test_area_counts_frames_where_times_are_unknown():
    ax = plot_area(measure(scene(frame=[0, 5, 6, 7, 8, 9, 10, 11], time_s=[np.nan] * 8)))

    assert ax.get_xlabel() == "frame"
    assert ax.get_lines()[0].get_xdata().tolist() == [0, 5, 6, 7, 8, 9, 10, 11]


def test_an_object_never_visible_is_named_as_such():
    seg = segmentation(moving(), moving(absent=tuple(range(8))), phrases=["a dog", "a cat"])
    tracks_ax = plot_tracks(measure(seg))

    assert "a cat (never visible)" in texts(plot_area(measure(seg)))
    assert "a cat (never visible)" in [text.get_text() for text in tracks_ax.get_legend().get_texts()]


def test_equal_phrases_are_told_apart_by_the_index():
    ax = plot_area(measure(scene(("child", "child"))))

    assert set(texts(ax)) == {"child (#0)", "child (#1)"}


@pytest.mark.parametrize("phrase", ["costs $5 and $6", "_hidden", "a_b^c \\frac{1}", "two\nlines", "$"])
def test_phrases_with_special_characters_are_drawn_as_they_are(phrase):
    table = measure(scene((phrase, None)))

    draw(plot_area(table).figure)
    draw(plot_tracks(table).figure)
    draw(plot_strip(scene((phrase, None))))


def test_one_frame_and_no_objects_are_drawn_too():
    for seg in (
        segmentation(moving(frames=1)),
        segmentation(frame=[0, 1]),
        segmentation(moving(absent=tuple(range(8)))),
    ):
        table = measure(seg)
        draw(plot_area(table).figure)
        draw(plot_tracks(table).figure)
        draw(plot_strip(seg))

    assert texts(plot_area(measure(segmentation(frame=[0])))) == ["no objects"]


def test_plots_draw_on_the_axes_they_are_given():
    figure, (left, right) = plt.subplots(1, 2)
    table = measure(scene())

    assert plot_area(table, ax=left) is left
    assert plot_tracks(table, ax=right) is right
    assert plt.get_fignums() == [figure.number]


def test_tracks_follow_the_centroids_with_gaps_start_and_end():
    table = measure(segmentation(moving(absent=(3, 4)), phrases=["a dog"]))
    image = np.zeros((*SIZE, 3), np.uint8)
    ax = plot_tracks(table, image=image)
    path, gap = ax.get_lines()
    start, end = (marks.get_offsets()[0].tolist() for marks in ax.collections)

    assert np.array_equal(path.get_xydata(), table[["x", "y"]].to_numpy(), equal_nan=True)
    assert gap.get_xydata().tolist() == table.loc[[2, 5], ["x", "y"]].to_numpy().tolist()
    assert gap.get_linestyle() == ":"
    assert (start, end) == ([2.5, 6.5], [9.5, 6.5])
    assert ax.get_xlim() == (-0.5, 59.5)
    assert ax.get_ylim() == (39.5, -0.5)  # y downwards
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a dog", "start", "end"]
    assert len(ax.images) == 1


def test_tracks_without_an_image_show_all_boxes_with_y_downwards():
    ax = plot_tracks(measure(scene()))

    assert ax.get_xlim() == (-0.5, 12.5)
    assert ax.get_ylim() == (8.5, 4.5)


def test_tables_that_lack_columns_are_refused_by_name():
    table = measure(scene())
    with pytest.raises(ValueError, match="lacks area_px; pass what measure"):
        plot_area(table.drop(columns="area_px"))
    with pytest.raises(ValueError, match="lacks x, y; pass what measure"):
        plot_tracks(table.drop(columns=["x", "y"]))


def test_strip_shows_evenly_spaced_frames_with_number_and_time():
    seg = segmentation(moving(frames=11), phrases=["a dog"])
    figure = plot_strip(seg, n=3)

    assert [ax.get_title() for ax in figure.axes] == [
        "frame 0 · 0.00 s",
        "frame 5 · 0.20 s",
        "frame 10 · 0.40 s",
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a dog"]


def test_strip_paints_the_masks_of_its_frames():
    figure = plot_strip(segmentation(moving(frames=11)), frames=[2, 9])

    for ax, left in zip(figure.axes, (2, 9), strict=True):
        picture = np.asarray(ax.images[0].get_array())
        painted = (picture != picture[-1, -1]).any(axis=2)
        assert np.flatnonzero(painted.any(axis=0)).tolist() == list(range(left, left + 6))


def test_strip_shows_each_frame_once_when_there_are_fewer_and_wraps_when_there_are_many():
    assert [ax.get_title()[:7] for ax in plot_strip(segmentation(moving(frames=2)), n=6).axes] == [
        "frame 0",
        "frame 1",
    ]
    many = plot_strip(segmentation(moving(frames=10)), n=10)
    assert sum(bool(ax.images) for ax in many.axes) == 10
    assert len({ax.get_subplotspec().rowspan.start for ax in many.axes}) == 2


def test_strip_leaves_out_times_that_are_unknown():
    figure = plot_strip(scene(time_s=[np.nan] * 8), n=1)

    assert figure.axes[0].get_title() == "frame 0"


def test_strip_is_not_kept_by_pyplot_so_that_a_notebook_shows_it_once():
    plot_strip(scene())

    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"frames": [0, 99]}, r"source frames that have masks \(0 to 7, 8 in all\), got \[99\]"),
        ({"frames": []}, "got none"),
    ],
)
def test_strip_refuses_frames_it_does_not_have(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_strip(scene(), **arguments)


def test_strip_of_no_frames_is_refused():
    with pytest.raises(ValueError, match="at least one frame"):
        plot_strip(segmentation(moving(frames=0)))


def test_real_masks_are_drawn_in_light_and_dark():
    seg = load_reference(shared_data("davis/bmx-trees/osvos"))
    table = measure(seg)
    for style in ("default", "dark_background"):
        with plt.style.context(style):
            for figure in (plot_area(table).figure, plot_tracks(table).figure, plot_strip(seg)):
                assert np.ptp(draw(figure)) > 200


def test_importing_the_module_leaves_pyplot_alone():
    code = "import sys, sa2va_nb.view.figures.plots; sys.exit('matplotlib.pyplot' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
