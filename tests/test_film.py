import av
import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageSequence

from sa2va_nb.errors import DecodeError
from sa2va_nb.media.video import Video
from sa2va_nb.view.widget.scrubber import Scrubber, scrub
from tests.scenes import disk, segmentation
from tests.widgets import filmed

TIMES = [0.0, 0.04, 0.14, 0.2, 0.5]


def rolling(times: list[float] = TIMES, size: tuple[int, int] = (90, 120)) -> Scrubber:
    """A disk that moves over plain ground, at times of its own."""
    stack = np.array([disk(20, center=(30 + 15 * t, 40), size=size) for t in range(len(times))])
    return scrub(segmentation(stack, time_s=times))


def close_to(picture: np.ndarray, scrubber: Scrubber, frame: int, *, within: float) -> bool:
    return bool(np.abs(picture.astype(int) - scrubber.to_image(frame)).mean() < within)


def test_an_mp4_shows_what_the_scrubber_shows_at_the_same_times(tmp_path):
    scrubber = rolling()
    scrubber.opacity = 1.0
    video = Video(scrubber.save_video(tmp_path / "film.mp4"))
    assert video.shape == (5, 90, 120, 3)
    assert video.time_s == pytest.approx(TIMES, abs=1e-4)
    with av.open(str(video.path)) as container:
        [stream] = container.streams
        assert float(stream.duration * stream.time_base) == pytest.approx(0.58)  # the last one lasts 0.08 s
    assert all(close_to(video[t], scrubber, t, within=4) for t in range(5))


def test_a_rate_of_ones_own_takes_the_place_of_the_times(tmp_path):
    video = Video(rolling().save_video(tmp_path / "film.mp4", fps=5))
    assert np.diff(video.time_s) == pytest.approx([0.2] * 4)


def test_odd_sides_are_doubled_at_the_end(tmp_path):
    video = Video(rolling(size=(91, 121)).save_video(tmp_path / "film.mp4"))
    assert video.shape[1:] == (92, 122, 3)


@pytest.mark.parametrize(
    ("suffix", "shown_ms"), [("gif", [40, 100, 60, 300, 80]), ("WEBP", [40, 100, 60, 300, 80])]
)
def test_moving_pictures_for_pages_keep_the_times_too(tmp_path, suffix, shown_ms):
    scrubber = rolling()
    with PilImage.open(scrubber.save_video(tmp_path / f"film.{suffix}")) as film:
        assert film.n_frames == 5
        assert film.info.get("loop") == 0
        for t, picture in enumerate(ImageSequence.Iterator(film)):
            assert close_to(np.asarray(picture.convert("RGB")), scrubber, t, within=6)
            assert picture.info["duration"] == shown_ms[t]


def test_a_range_is_the_part_that_plays(tmp_path):
    scrubber = rolling()
    scrubber.range = (1, 3)
    assert len(Video(scrubber.save_video(tmp_path / "a.mp4"))) == 3
    part = Video(scrubber.save_video(tmp_path / "b.mp4", range=(2, 3)))
    assert part.time_s == pytest.approx([0, 0.06], abs=1e-4)
    assert close_to(part[0], scrubber, 2, within=4)


def test_a_comparison_side_by_side_makes_a_wide_film(tmp_path):
    seg = filmed(tmp_path)
    video = Video(scrub(seg, compare=seg).save_video(tmp_path / "film.mp4"))
    assert video.shape == (12, 48, 128, 3)


def test_one_frame_is_a_film(tmp_path):
    assert len(Video(rolling([0.0]).save_video(tmp_path / "film.mp4"))) == 1


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("film.avi", {}, r"a film's name must end in .mp4, .gif, .webp, got 'film.avi'"),
        ("film.mp4", {"fps": 0}, "fps must be 0.01 to 1000 frames a second, got 0; leave it out"),
        ("film.mp4", {"fps": -25.0}, "got -25.0"),
        ("film.mp4", {"fps": float("nan")}, "got nan"),
        ("film.mp4", {"fps": 1e9}, "got 1000000000.0"),
        ("film.gif", {"fps": 10**400}, "fps must be"),
        ("film.mp4", {"range": (3, 1)}, r"range must be \(first, last\) source frames"),
    ],
)
def test_what_can_not_be_written_is_said(tmp_path, name, options, message):
    with pytest.raises(ValueError, match=message):
        rolling().save_video(tmp_path / name, **options)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "film.webp"])
def test_frames_of_one_time_are_a_film_at_a_rate_alone(tmp_path, name):
    still = rolling([0.0, 0.5, 0.5])
    with pytest.raises(ValueError, match=r"some have the same time as the next; say how fast .* with fps="):
        still.save_video(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    assert still.save_video(tmp_path / name, fps=5).is_file()


@pytest.mark.parametrize("fps", ["30", True, [30]])
def test_a_rate_that_is_no_number_is_a_type_error(tmp_path, fps):
    with pytest.raises(TypeError, match="fps must be a number of frames a second, got"):
        rolling().save_video(tmp_path / "film.mp4", fps=fps)


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "film.webp"])
@pytest.mark.parametrize("fps", [0.01, 1000])
def test_the_slowest_and_the_fastest_rate_can_be_written(tmp_path, name, fps):
    assert rolling().save_video(tmp_path / name, fps=fps).stat().st_size > 0


def test_what_the_encoder_refuses_is_said_and_nothing_stays(tmp_path):
    too_wide = scrub(segmentation(np.zeros((1, 2, 17_000), bool)), width=17_000)
    with pytest.raises(DecodeError, match=r"film.mp4 could not be encoded"):
        too_wide.save_video(tmp_path / "new" / "film.mp4")
    assert [*(tmp_path / "new").iterdir()] == []


@pytest.mark.parametrize(
    ("name", "step_s", "most"),
    [
        ("a.gif", 900.0, "655"),
        ("a.webp", 20_000.0, "16,777"),
        ("a.mp4", 24_000.0, "23,860"),
        ("a.mp4", 4e14, "23,860"),
    ],
)
def test_frames_that_last_longer_than_the_form_can_say_are_refused(tmp_path, name, step_s, most):
    lapse = rolling([0.0, step_s, 2 * step_s])
    with pytest.raises(ValueError, match=rf"at most {most} s, got .* with fps="):
        lapse.save_video(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    assert lapse.save_video(tmp_path / name, fps=5).is_file()
