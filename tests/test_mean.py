import numpy as np
import pytest

from sa2va_nb.view.painting.mean import mean_image


class Film:
    """A video of even pictures, each one brighter by 10."""

    shape, time_s = (6, 2, 3, 3), np.arange(6.0)

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return np.full((2, 3, 3), 10 * index, np.uint8)


def test_the_mean_is_of_frames_from_the_first_to_the_last():
    assert np.array_equal(mean_image(Film()), np.full((2, 3, 3), 25, np.uint8))
    assert np.array_equal(mean_image(Film(), n=np.int8(2)), np.full((2, 3, 3), 25, np.uint8))
    assert np.array_equal(mean_image(Film(), n=1), np.zeros((2, 3, 3), np.uint8))


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3", None, float("nan")])
def test_a_number_of_frames_is_whole_and_above_0(n):
    with pytest.raises(ValueError, match="n must be a whole number from 1 up, got"):
        mean_image(Film(), n=n)


@pytest.mark.parametrize("video", ["clip.mp4", None, np.zeros((2, 3, 4, 3), np.uint8)])
def test_what_is_no_video_is_a_type_error(video):
    with pytest.raises(TypeError, match=f"video must be a Video, got {type(video).__name__}; sa.Video"):
        mean_image(video)
