import numpy as np
import pytest

from sa2va_nb.analysis.overlaps import overlaps
from sa2va_nb.view.figures.overlap_plot import plot_overlaps
from tests.drawn import draw, texts
from tests.scenes import rectangles, segmentation

pytestmark = pytest.mark.usefixtures("headless")

SIZE = (20, 30)


def scene():
    """A box, its right half for one of two frames, and nothing."""
    boxes = [[(0, 0, 10, 10)] * 2, [(5, 0, 10, 10), (20, 0, 25, 10)], [None, None]]
    return segmentation(*(rectangles(own, size=SIZE) for own in boxes), phrases=("a bed", "a $pillow$", None))


def matrix(ax):
    return np.ma.filled(ax.images[-1].get_array(), np.nan)


def test_cells_hold_the_means_over_the_frames_in_which_they_are_defined():
    ax = plot_overlaps(scene())
    draw(ax.figure)

    np.testing.assert_array_equal(
        matrix(ax), [[np.nan, np.nan, np.nan], [0.25, np.nan, np.nan], [0, 0, np.nan]]
    )
    assert texts(ax) == ["0.25", "0", "0"]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "0 a bed",
        r"1 a \$pillow\$",
        "2 object 2",
    ]
    assert ax.get_title(loc="left") == "mean IoU"


def test_containment_is_a_dash_where_one_is_never_visible():
    ax = plot_overlaps(scene(), value="containment")

    assert texts(ax) == ["0.50", "–", "–"]


def test_the_table_gives_the_same_with_the_objects_numbers():
    ax = plot_overlaps(overlaps(scene()))

    assert np.array_equal(matrix(ax), matrix(plot_overlaps(scene())), equal_nan=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["object 0", "object 1", "object 2"]


def test_one_object_and_many_are_drawn():
    ax = plot_overlaps(segmentation(rectangles([(0, 0, 3, 3)], size=SIZE)))
    assert texts(ax) == ["no two objects"]
    draw(ax.figure)
    draw(plot_overlaps(overlaps(segmentation(frame=[0]))).figure)
    many = plot_overlaps(segmentation(*[rectangles([(k, 0, k + 9, 9)], size=SIZE) for k in range(14)]))
    draw(many.figure)
    sizes = [text.get_window_extent().width for text in many.texts]
    assert len(sizes) == 91
    assert max(sizes) < many.bbox.width / 14


def test_other_things_are_refused():
    with pytest.raises(ValueError, match="value must be one of 'iou', 'containment', got 'J'"):
        plot_overlaps(scene(), value="J")
    with pytest.raises(ValueError, match=r"lacks containment; pass what overlaps\(\)"):
        plot_overlaps(overlaps(scene()).drop(columns="containment"))
    with pytest.raises(TypeError, match="expected a Segmentation"):
        plot_overlaps([1])
