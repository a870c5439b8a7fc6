import sys
import threading

import numpy as np
import pytest

from sa2va_nb import DecodeError, Video
from sa2va_nb.media.encode import write_video
from tests.clips import audio_only, no_frames, textured_clip
from tests.encoders import encode, paint, shapes
from tests.roundtrips import wrong_random_frames
from tests.shared import shared_data


def moving(*, frames=50, height=64, width=96):
    """Give (T, H, W, 3) pictures that move and are all different."""
    noise = np.random.default_rng(0).integers(0, 200, (height // 8, width // 8, 3), dtype=np.uint8)
    blocks = noise.repeat(8, axis=0).repeat(8, axis=1)
    return [np.roll(blocks, 3 * t, axis=1) + np.uint8(t) for t in range(frames)]


def decoded_packets(use):
    """Count the packets that are sent to the decoder while ``use`` runs."""
    sent = 0

    def watch(_, event, function):
        nonlocal sent
        sent += event == "c_call" and getattr(function, "__qualname__", "") == "VideoStream.decode"

    sys.setprofile(watch)
    try:
        use()
    finally:
        sys.setprofile(None)
    return sent


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


@pytest.mark.parametrize(
    "name",
    [
        "bedroom.mp4",
        *(f"davis/{clip}/video.mp4" for clip in ("bmx-trees", "car-shadow", "dog", "drift-straight")),
    ],
)
def test_random_frames_of_real_clips_are_exact(name):
    assert wrong_random_frames(shared_data(name), count=25) == 0


GROUPS = {"g": "12", "bf": "3"}
VP9 = {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "12", "cpu-used": "6"}
AV1 = {"g": "16", "preset": "12", "svtav1-params": "irefresh-type=1"}
X265 = "log-level=none:keyint=12:bframes=4:open-gop="


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        ("b.mp4", {"options": GROUPS}),
        ("open.mp4", {"options": {**GROUPS, "x264-params": "open-gop=1"}}),
        ("open.mkv", {"options": {**GROUPS, "x264-params": "open-gop=1"}}),
        ("open.ts", {"options": {**GROUPS, "x264-params": "open-gop=1"}}),
        ("refresh.mp4", {"options": {"g": "20", "x264-params": "intra-refresh=1"}}),
        ("short.mp4", {"options": {"g": "3", "bf": "2"}}),
        ("untimed.avi", {"options": GROUPS}),
        ("untimed.h264", {"options": GROUPS}),
        ("open.hevc.mp4", {"codec": "libx265", "options": {"x265-params": X265 + "1"}}),
        ("closed.hevc.mkv", {"codec": "libx265", "options": {"x265-params": X265 + "0"}}),
        ("hidden.webm", {"codec": "libvpx-vp9", "options": VP9}),
        ("av1.mp4", {"codec": "libsvtav1", "options": {"g": "12", "preset": "12"}}),
        ("open.av1.mkv", {"codec": "libsvtav1", "options": AV1}),
        ("b.mpeg4.mp4", {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}}),
        ("b.mpeg4.avi", {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}}),
        ("b.mpg", {"codec": "mpeg2video", "options": {"g": "12", "bf": "2"}}),
        ("one.gif", {"codec": "gif", "pix_fmt": "rgb8"}),
        ("one.apng", {"codec": "apng", "pix_fmt": "rgba"}),
        ("all.mov", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_random_access_is_exact_whatever_the_codec(tmp_path, file, encoding):
    images = moving()
    path = encode(tmp_path / file, images, **encoding)
    video = Video(path)
    assert len(video) == len(images)
    for frame, image in enumerate(video):
        errors = [
            np.abs(image.astype(int) - images[k]).mean()
            for k in (max(0, frame - 1), frame, min(frame + 1, 49))
        ]
        assert min(errors) == errors[1], f"frame {frame} is another"
    assert wrong_random_frames(path, count=60) == 0


def test_going_backwards_does_not_decode_each_group_again_for_each_step(tmp_path):
    path = encode(tmp_path / "long.mp4", moving(frames=120), options={"g": "120", "bf": "2"})
    in_order, video = list(Video(path)), Video(path)

    def backwards():
        for frame in reversed(range(120)):
            np.testing.assert_array_equal(video[frame], in_order[frame])

    assert 120 <= decoded_packets(backwards) < 2 * 120


def test_memory_is_bounded_when_going_through_a_long_clip(tmp_path):
    import tracemalloc

    path = encode(tmp_path / "large.mp4", moving(frames=60, height=720, width=1280))
    video = Video(path)
    tracemalloc.start()
    for frame in [*range(60), *reversed(range(60))]:
        video[frame]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * 2**20  # 60 images are 158 MB


def test_negative_times_and_edit_lists_are_followed(tmp_path):
    import av

    whole = textured_clip(tmp_path / "whole.mp4", frames=24)
    path = tmp_path / "trimmed.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.pts -= 4 * packet.duration
                packet.dts -= 4 * packet.duration
                packet.stream = stream
                target.mux(packet)
    expected, video = list(Video(whole))[4:], Video(path)
    assert len(video) == 20
    assert video.time_s[0] == 0
    for frame in np.random.default_rng(0).permutation(20):
        np.testing.assert_array_equal(video[frame], expected[frame])


def test_a_turned_clip_is_shown_upright_and_that_is_noted(tmp_path):
    plain = Video(encode(tmp_path / "plain.mp4", paint(shapes())))
    turned = Video(encode(tmp_path / "turned.mp4", paint(shapes()), rotation=90))
    assert plain.notes == ()
    assert turned.notes == ("turned.mp4 was turned by 90° counterclockwise for display, as its metadata say",)
    assert turned.shape == (12, 128, 96, 3)
    for frame in (5, 2, 11):
        np.testing.assert_array_equal(turned[frame], np.rot90(plain[frame]))
    np.testing.assert_array_equal(next(iter(turned)), turned[0])


def test_a_clip_cut_off_gives_the_frames_that_are_there_and_says_so(tmp_path):
    path = textured_clip(tmp_path / "cut.mp4", frames=40)
    whole = list(Video(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    video = Video(path)
    assert 10 < len(video) < 40
    assert video.notes == (f"cut.mp4 is cut off or damaged: {len(video)} of 40 frames are there",)
    for frame in (len(video) - 6, 0, 7):
        np.testing.assert_array_equal(video[frame], whole[frame])


def test_a_damaged_frame_is_said_and_the_next_group_is_sound(tmp_path):
    path = encode(tmp_path / "damaged.mp4", moving(frames=48), options={"g": "12", "bf": "0"})
    whole = list(Video(path))
    import av

    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    at, size = packets[15]
    data[at + 4 : at + size] = bytes(size - 4)
    path.write_bytes(data)
    video = Video(path)
    assert len(video) == 48
    np.testing.assert_array_equal(video[14], whole[14])
    for frame in (15, 20):
        with pytest.raises(DecodeError, match=rf"frame {frame} of damaged\.mp4 can't be decoded"):
            video[frame]
    np.testing.assert_array_equal(video[24], whole[24])
    np.testing.assert_array_equal(video[47], whole[47])
    with pytest.raises(DecodeError, match="frame 15"):
        list(video)


def test_images_are_rgb_and_cannot_be_changed(tmp_path):
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
