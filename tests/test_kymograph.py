import dataclasses

import numpy as np
import pytest

from sa2va_nb.media.video import Video
from sa2va_nb.view.figures.kymograph import plot_kymograph
from sa2va_nb.view.painting.colors import GROUND, rgb_color
from tests.clips import textured_clip
from tests.drawn import draw, words
from tests.scenes import rectangles, segmentation

pytestmark = pytest.mark.usefixtures("headless")

SIZE = (40, 60)


def scene(**timing):
    """Two boxes of 6 px: one goes right by 3 px a frame in rows 10 to 15, one goes down in columns 50 to 55."""
    right = rectangles([(3 * t, 10, 3 * t + 6, 16) for t in range(8)], size=SIZE)
    down = rectangles([(50, 2 * t, 56, 2 * t + 6) for t in range(8)], size=SIZE)
    return segmentation(right, down, phrases=("goes right", "goes down $"), **timing)


def columns(ax):
    """The picture, (T, L, 3): the places along the line, frame by frame."""
    return np.asarray(ax.images[0].get_array()).transpose(1, 0, 2)


def test_a_row_shows_where_along_it_each_object_is_at_each_frame():
    ax = plot_kymograph(scene(), row=12, opacity=1)
    draw(ax.figure)
    painted = (columns(ax) == rgb_color(0)).all(axis=2)

    assert painted.shape == (8, 60)
    assert [np.flatnonzero(line).tolist() for line in painted] == [
        [*range(3 * t, 3 * t + 6)] for t in range(8)
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "x (px)")
    assert ax.images[0].get_extent() == pytest.approx([-0.02, 0.3, -0.5, 59.5])


def test_a_column_runs_downwards_as_in_the_picture():
    ax = plot_kymograph(scene(), column=52, opacity=1)
    painted = (columns(ax) == rgb_color(1)).all(axis=2)

    assert [line.argmax() for line in painted] == [2 * t for t in range(8)]
    assert ax.get_ylabel() == "y (px)"
    assert ax.yaxis_inverted()
    assert words(ax) == [r"goes down \$"]  # the other one isn't on the line


def test_any_other_line_is_as_long_as_it_is():
    ax = plot_kymograph(scene(), line=((0, 0), (30, 39)))

    assert ax.get_ylabel() == "along the line (px)"
    assert ax.images[0].get_extent()[3] == np.hypot(30, 39) + 0.5


def test_without_a_line_it_is_the_row_with_the_most_of_the_objects():
    assert np.array_equal(columns(plot_kymograph(scene())), columns(plot_kymograph(scene(), row=10)))


def test_frames_far_apart_are_wide_and_unknown_times_are_frames():
    ax = plot_kymograph(scene(frame=[0, 1, 2, 3, 4, 5, 6, 12], time_s=[np.nan] * 8), row=12, opacity=1)
    painted = (columns(ax) == rgb_color(0)).all(axis=2)

    assert ax.get_xlabel() == "frame"
    assert [line.argmax() // 3 for line in painted] == [0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 7, 7, 7]


def test_the_video_is_read_along_the_line_and_plain_ground_stands_for_it(tmp_path):
    video = Video(textured_clip(tmp_path / "clip.mp4", frames=8, height=80, width=120))
    ax = plot_kymograph(dataclasses.replace(scene(), video=video), row=30, opacity=0)

    expected = np.stack([video[t][61, 1::2] for t in range(8)])
    assert np.array_equal(columns(ax), expected)
    assert (columns(plot_kymograph(scene(), row=30)) == GROUND).all()


def test_a_scale_is_on_the_axis():
    ax = plot_kymograph(scene(), row=12, px_per_unit=10, unit="um")

    assert ax.get_ylabel() == "x (µm)"
    assert ax.images[0].get_extent()[2:] == [-0.05, 5.95]
    with pytest.raises(ValueError, match="belong together"):
        plot_kymograph(scene(), px_per_unit=10)
    with pytest.raises(ValueError, match="above 0 and finite"):
        plot_kymograph(scene(), px_per_unit=0, unit="um")


def test_one_frame_many_objects_and_none_are_drawn():
    draw(plot_kymograph(segmentation(rectangles([(2, 2, 5, 5)], size=SIZE))).figure)
    draw(plot_kymograph(segmentation(*[rectangles([(2, 2, 5, 5)] * 3, size=SIZE)] * 12)).figure)
    draw(plot_kymograph(segmentation(rectangles([None, None], size=SIZE))).figure)


@pytest.mark.parametrize(
    "line", [{"row": 40}, {"column": -1}, {"line": ((0, 0), (60, 0))}, {"row": float("nan")}]
)
def test_lines_outside_the_picture_are_refused(line):
    with pytest.raises(ValueError, match="must lie in the picture, x from 0 to 59 and y from 0 to 39"):
        plot_kymograph(scene(), **line)


def test_other_slips_are_refused():
    with pytest.raises(ValueError, match="one of row, column and line"):
        plot_kymograph(scene(), row=1, column=2)
    with pytest.raises(ValueError, match=r"line must be \(\(x, y\), \(x, y\)\)"):
        plot_kymograph(scene(), line=((1, 2, 3), (4, 5, 6)))
    with pytest.raises(ValueError, match="at least one frame"):
        plot_kymograph(segmentation(np.zeros((0, 4, 5), bool)))
    with pytest.raises(ValueError, match=r"of some size, got \(T, H, W\) = \(2, 0, 0\)"):
        plot_kymograph(segmentation(frame=[0, 1]))


def test_times_that_are_all_the_same_are_frames():
    ax = plot_kymograph(scene(time_s=np.zeros(len(scene().frame))))
    assert ax.get_xlabel() == "frame"
