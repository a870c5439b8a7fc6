import matplotlib.pyplot as plt
import numpy as np
import pytest

from sa2va_nb.view.figures.images import plot_images

pytestmark = pytest.mark.usefixtures("headless")


def shown(ax: plt.Axes) -> np.ndarray:
    """Give the colours that an axes paints, (H, W, 3) uint8."""
    (image,) = ax.images
    painted = image.make_image(None, unsampled=True)[0]
    return painted[..., :3]


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.array([[0, 100], [200, 255]], np.uint8), id="grey"),
        pytest.param(np.array([[False, True], [True, False]]), id="mask"),
        pytest.param(np.array([[0.0, 0.25], [0.5, 1.0]]), id="share"),
    ],
)
def test_black_and_white_are_the_ends_of_the_kind_not_of_the_picture(image):
    scale = 1 if image.dtype == np.uint8 else 255
    (ax,) = plot_images({"a": image}).axes
    assert np.abs(shown(ax)[..., 0] - image.astype(float) * scale).max() <= 1
    (dim,) = plot_images({"a": image[:1, :1]}).axes
    assert shown(dim).max() == 0  # a picture of nothing but black stays black


def test_colours_are_painted_as_they_are():
    image = np.random.default_rng(0).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    (ax,) = plot_images({"a": image}).axes
    assert np.array_equal(shown(ax), image)


def test_pictures_stand_in_rows_under_their_titles():
    figure = plot_images({name: np.ones((4, 6), bool) for name in "abcde"}, columns=3)
    assert [ax.get_title() for ax in figure.axes if ax.images] == [*"abcde"]
    assert figure.axes[0].get_subplotspec().get_geometry()[:2] == (2, 3)


def test_nothing_to_draw_is_the_callers_mistake():
    with pytest.raises(ValueError, match="at least one picture is needed, got none"):
        plot_images({})
    with pytest.raises(ValueError, match="columns must be 1 or more, got 0"):
        plot_images({"a": np.ones((2, 2), bool)}, columns=0)


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        ([[0, 1]], TypeError, "got list for 'a'"),
        (np.ones((2, 2), np.uint16), TypeError, "floats from 0 to 1, got uint16 for 'a'"),
        (np.ones(3), ValueError, r"\(H, W\) or \(H, W, 3\), got \(3,\) for 'a'"),
        (np.ones((2, 2, 4)), ValueError, r"got \(2, 2, 4\)"),
        (np.ones((0, 2)), ValueError, r"got \(0, 2\)"),
    ],
)
def test_what_is_no_picture_is_refused_rather_than_drawn_by_luck(image, error, words):
    with pytest.raises(error, match=words):
        plot_images({"a": image})
