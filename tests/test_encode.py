import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sa2va_nb import Video, decode_masks
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


def test_a_rougher_factor_takes_less_room_and_loses_more(tmp_path):
    rng = np.random.default_rng(0)
    masks = np.stack([gaussian_filter(rng.standard_normal((96, 96)), 2) > 0.05 for _ in range(4)])
    fine, rough = (write_mask_video(tmp_path / f"{crf}.mp4", masks, 25, crf=crf) for crf in (10, 45))
    assert rough.stat().st_size < fine.stat().st_size / 2
    wrong = [
        np.count_nonzero(np.asarray(decode_masks(path, threshold=125)) != masks) for path in (fine, rough)
    ]
    assert wrong[0] == 0
    assert wrong[1] > 100
