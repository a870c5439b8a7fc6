import numpy as np
import pytest

from sa2va_nb import Video
from sa2va_nb.media.encode import write_mask_video, write_video


def test_nothing_is_left_behind_when_writing_fails(tmp_path):
    images = [np.zeros((16, 16, 3), np.uint8), np.zeros((16, 18, 3), np.uint8)]
    with pytest.raises(ValueError, match="must be 16x16, got 18x16"):
        write_video(tmp_path / "clip.mp4", images, 10)
    assert list(tmp_path.iterdir()) == []


def test_no_frame_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="at least one frame"):
        write_mask_video(tmp_path / "mask.mp4", [], 10)


def test_folders_are_made_and_the_rate_is_kept(tmp_path):
    path = write_mask_video(tmp_path / "masks" / "000.mp4", np.ones((6, 16, 16), bool), 30000 / 1001)
    assert Video(path).fps == pytest.approx(30000 / 1001, rel=1e-4)
