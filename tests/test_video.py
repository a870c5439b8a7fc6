import threading

import numpy as np
import pytest

from sa2va_nb import DecodeError, Video
from tests.clips import audio_only, no_frames, textured_clip
from tests.shared import shared_data


def test_describes_the_clip(tmp_path):
    video = Video(textured_clip(tmp_path / "clip.mp4", frames=12, fps=24))
    assert video.shape == (12, 48, 64, 3)
    assert video.fps == pytest.approx(24)
    assert video.duration_s == pytest.approx(0.5)
    np.testing.assert_allclose(video.time_s, np.arange(12) / 24)
    assert repr(video) == "Video('clip.mp4', 12 frames of 64x48, 24 fps)"


def test_a_fractional_rate_does_not_drift(tmp_path):
    video = Video(textured_clip(tmp_path / "ntsc.mp4", frames=120, fps=30000 / 1001))
    np.testing.assert_allclose(video.time_s, np.arange(120) * 1001 / 30000, atol=1e-6)


def test_random_access_equals_reading_in_order(tmp_path):
    video = Video(textured_clip(tmp_path / "clip.mp4", frames=60))
    in_order = list(video)
    assert len(in_order) == 60
    for frame in np.random.default_rng(1).integers(-60, 60, 80):
        np.testing.assert_array_equal(video[frame], in_order[frame])


def test_random_access_is_exact_with_b_frames():
    video = Video(shared_data("davis/libby/video.mp4"))
    in_order = list(video)
    for frame in np.random.default_rng(2).permutation(len(video))[:25]:
        np.testing.assert_array_equal(video[frame], in_order[frame])


def test_images_are_rgb_and_cannot_be_changed(tmp_path):
    from sa2va_nb.media.encode import write_video

    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 220
    image = Video(write_video(tmp_path / "red.mp4", [red], 1))[0]
    assert np.abs(image.astype(int) - red).max() < 12
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0, 0] = 1


def test_threads_may_share_a_video(tmp_path):
    video = Video(textured_clip(tmp_path / "clip.mp4", frames=40))
    in_order = list(video)
    wrong = []

    def read(seed):
        for frame in np.random.default_rng(seed).integers(0, 40, 20):
            if not np.array_equal(video[frame], in_order[frame]):
                wrong.append(frame)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_frame_out_of_range_is_an_index_error(tmp_path):
    video = Video(textured_clip(tmp_path / "clip.mp4"))
    with pytest.raises(IndexError, match="frame must be 0 to 11, got 12"):
        video[12]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: path.write_text("no video at all"), "can't be read as one"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.mkdir(), "there is no file"),
        (lambda path: None, "there is no file"),
        (audio_only, "has no video stream \\(it has: audio\\)"),
        (no_frames, "film.mp4"),
    ],
    ids=["text", "zero bytes", "folder", "missing", "audio only", "no frames"],
)
def test_what_is_no_video_is_said_clearly(tmp_path, make, expected):
    path = tmp_path / "film.mp4"
    make(path)
    with pytest.raises(DecodeError, match=expected):
        Video(path)


def test_a_playlist_is_not_followed(tmp_path):
    clip = textured_clip(tmp_path / "clip.ts.mp4")
    playlist = tmp_path / "list.mp4"
    playlist.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{clip}\n#EXT-X-ENDLIST\n", encoding="utf-8"
    )
    with pytest.raises(DecodeError):
        Video(playlist)
