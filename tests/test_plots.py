import subprocess
import sys
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sa2va_nb.analysis.instances.events import instance_events
from sa2va_nb.analysis.instances.split import Instance
from sa2va_nb.analysis.measure import measure
from sa2va_nb.analysis.units import to_units
from sa2va_nb.masks import Masks
from sa2va_nb.opening.reference import load_reference
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.figures.area_plot import plot_area
from sa2va_nb.view.figures.strips import plot_strip
from sa2va_nb.view.figures.tracks_plot import plot_tracks
from sa2va_nb.view.painting.colors import hex_color
from tests.drawn import PHRASE, SIZE, draw, labels, moving, scene, texts, words
from tests.scenes import rectangles, segmentation
from tests.shared import shared_data

pytestmark = pytest.mark.usefixtures("headless")


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
    stacks = [rectangles([(0, 0, 10, height)] * 8, size=SIZE) for height in (9, 10, 30)]
    ax = plot_area(measure(segmentation(*stacks, phrases=["a dog in the grass", None, "a bed"])))
    draw(ax.figure)
    boxes = [label.get_window_extent() for label in labels(ax)]

    assert words(ax) == ["a dog in the grass", "object 1", "a bed"]
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))
    assert all(ax.bbox.x1 < box.x0 < box.x1 <= ax.figure.bbox.x1 for box in boxes)


def test_labels_that_are_too_wide_are_cut_and_stand_below():
    ax = plot_area(measure(scene((PHRASE, None))))
    draw(ax.figure)

    assert words(ax)[0].startswith("Two children in white")
    assert words(ax)[0].endswith("…")
    assert all(label.get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0 for label in labels(ax))


def test_many_objects_get_a_legend_and_dashes_when_colours_repeat():
    ax = plot_area(measure(scene(tuple(f"thing {i}" for i in range(12)))))
    draw(ax.figure)
    lines = ax.get_lines()

    assert len(ax.get_legend().get_texts()) == 12
    assert lines[0].get_color() == lines[10].get_color()
    assert lines[0].get_linestyle() != lines[10].get_linestyle()


def test_lines_are_told_apart_without_colour_by_markers_that_do_not_meet():
    still = rectangles([(5, 5, 9, 9)] * 200, size=SIZE)
    lines = plot_area(measure(segmentation(*[still] * 10))).get_lines()

    assert len({line.get_marker() for line in lines}) == 10
    places = [set(line.get_markevery()) for line in lines]
    assert all(7 <= len(own) <= 9 for own in places)
    assert sum(map(len, places)) == len(set().union(*places))


def test_events_are_marked_on_the_lines():
    meet = [
        rectangles([(x, 0, x + 4, 9)] * 3 + [(x + by, 0, x + by + 4, 9)] * 2, size=SIZE)
        for x, by in ((0, 0), (9, -5))
    ]
    late = rectangles([None, None, (40, 20, 46, 24), None, (40, 20, 46, 24)], size=SIZE)
    objects = tuple(
        Instance(i, f"a #{i}", Masks.from_array(s), 0, "a", i) for i, s in enumerate([*meet, late])
    )
    seg = Segmentation(objects, np.arange(5), np.arange(5) / 25)
    events = instance_events(seg)
    ax = plot_area(measure(seg), events=events)
    draw(ax.figure)
    drawn = {line.get_label(): line for line in ax.get_lines()}
    birth, merge, gap = drawn["birth"], drawn["merge"], ax.get_lines()[-1]

    assert birth.get_xydata().tolist() == [[2 / 25, 24]]
    assert merge.get_xydata().tolist() == [[3 / 25, 36], [3 / 25, 36]]  # on both lines
    assert gap.get_xdata().tolist() == [2 / 25, 4 / 25]
    assert {"birth", "merge", "gap"} <= set(words(ax))
    gone = segmentation(moving(absent=(6, 7)))
    (death,) = plot_area(measure(gone), events=instance_events(gone)).get_lines()[1:]
    assert death.get_xydata().tolist() == [[5 / 25, 24]]  # where it was last seen


def test_events_of_other_objects_are_refused():
    seg = scene()
    with pytest.raises(ValueError, match="objects or frames that the table lacks"):
        plot_area(measure(segmentation(moving(frames=3))), events=instance_events(seg))
    with pytest.raises(ValueError, match="lacks event, other; pass what instance_events"):
        plot_area(measure(seg), events=measure(seg))


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

    assert "a cat (never visible)" in words(plot_area(measure(seg)))
    assert "a cat (never visible)" in [text.get_text() for text in tracks_ax.get_legend().get_texts()]


def test_equal_phrases_are_told_apart_by_the_index():
    ax = plot_area(measure(scene(("child", "child"))))

    assert set(words(ax)) == {"child (#0)", "child (#1)"}


@pytest.mark.parametrize(
    "phrase", ["狗和猫", "كلب وقطة", "כלב", "a \u202edog", "हिन्दी", "a\x00b", "_", "\U0001fae8 _x $y"]
)
def test_letters_that_no_font_has_and_those_that_steer_text_make_no_warning(phrase):
    table = measure(scene((phrase, None)))
    draw(plot_area(table).figure)
    draw(plot_strip(scene((phrase, None))))


def test_letters_that_no_font_has_become_squares_and_others_stay():
    assert words(plot_area(measure(scene(("狗 or _dog_", None)))))[0] == "□ or _dog_"
    assert words(plot_area(measure(scene(("כלב", None)))))[0] == "כלב"


@pytest.mark.parametrize(
    "phrase", ["costs $5 and $6", "_hidden", "a_b^c \\frac{1}", "two\nlines", "$", "x" * 300]
)
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


def test_an_image_of_other_size_is_laid_where_the_masks_are():
    table = measure(scene())
    ax = plot_tracks(table, image=np.zeros((2 * SIZE[0], 2 * SIZE[1], 3), np.uint8))

    assert ax.images[0].get_extent() == [-0.5, 59.5, 39.5, -0.5]


def test_units_are_on_the_axes_and_places_are_in_them():
    table = to_units(measure(scene()), 2, unit="µm")
    area, image = plot_area(table), plot_tracks(table, image=np.zeros((*SIZE, 3), np.uint8))
    boxes = plot_tracks(table)

    assert area.get_ylabel() == "area (µm²)"
    assert np.nanmax(area.get_lines()[0].get_ydata()) == 24 / 4
    assert (boxes.get_xlabel(), boxes.get_ylabel()) == ("x (µm)", "y (µm)")
    assert image.get_xlim() == (-0.25, 29.75)
    assert boxes.get_xlim() == (-0.25, 6.25)
    assert boxes.get_lines()[0].get_xdata()[0] == 1.25


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


@pytest.mark.parametrize(
    ("px_per_unit", "length_px", "words"),
    [(10, 10, "1 cm"), (1, 10, "10 cm"), (7, 14, "2 cm"), (500, 10, "0.02 cm"), (0.004, 8, "2000 cm")],
)
def test_strip_has_a_bar_of_a_round_length_in_its_last_picture(px_per_unit, length_px, words):
    seg = segmentation(moving(frames=11))
    figure = plot_strip(seg, n=3, px_per_unit=px_per_unit, unit="cm")

    assert not figure.axes[0].artists
    (bar,) = figure.axes[2].artists
    assert bar.txt_label.get_text() == words
    shown_px = figure.axes[2].images[0].get_array().shape[1]
    assert bar.size_bar.get_children()[0].get_width() == pytest.approx(length_px / SIZE[1] * shown_px)


def test_strip_has_no_bar_without_a_scale_and_refuses_half_a_scale():
    assert not any(ax.artists for ax in plot_strip(scene()).axes)
    with pytest.raises(ValueError, match="px_per_unit and unit belong together, got None and 'cm'"):
        plot_strip(scene(), unit="cm")


def test_strip_leaves_out_times_that_are_unknown():
    figure = plot_strip(scene(time_s=[np.nan] * 8), n=1)

    assert figure.axes[0].get_title() == "frame 0"


def test_strip_is_not_kept_by_pyplot_so_that_a_notebook_shows_it_once():
    plot_strip(scene())

    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be 1 or more, got 0"),
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


def test_importing_the_modules_leaves_pyplot_and_its_settings_alone():
    code = (
        "import sys, matplotlib; before = matplotlib.rcParams.copy()\n"
        "import sa2va_nb.view.figures.area_plot, sa2va_nb.view.figures.tracks_plot\n"
        "import sa2va_nb.view.figures.strips, sa2va_nb.view.figures.style\n"
        "sys.exit('matplotlib.pyplot' in sys.modules or before != matplotlib.rcParams)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("plot", [plot_area, plot_tracks])
def test_the_order_of_the_rows_and_the_index_change_nothing(plot):
    table = measure(scene())
    drawn = [
        plot(each) for each in (table, table.sample(frac=1, random_state=0).set_index("frame", drop=False))
    ]
    one, other = ([line.get_xydata() for line in ax.lines] for ax in drawn)
    assert len(one) == len(other) > 1
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("plot", [plot_area, plot_tracks])
def test_rows_of_which_no_line_can_be_made_are_refused(plot):
    table = measure(scene())
    with pytest.raises(ValueError, match="an object twice in a frame"):
        plot(pd.concat([table, table]))
    with pytest.raises(ValueError, match="rows without an object or a frame"):
        plot(table.assign(object=table["object"].where(table["frame"] > 0)))
    with pytest.raises(ValueError, match="visible must be True or False in every row, got"):
        plot(table.assign(visible=table["visible"].astype(str)))
    with pytest.raises(TypeError, match=r"expected the table from measure\(\), got Segmentation"):
        plot(scene())


def test_events_that_are_no_table_are_a_type_error():
    with pytest.raises(TypeError, match=r"expected the table from instance_events\(\), got bool"):
        plot_area(measure(scene()), events=True)
