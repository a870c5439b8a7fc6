from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from sa2va_nb import DecodeError, Video, decode_masks
from sa2va_nb.media.decode import decode_mask_video
from tests.clips import audio_only, textured_clip
from tests.encoders import encode, iou, paint, shapes
from tests.roundtrips import CODECS, LOSSLESS, real_masks, round_trip
from tests.shared import shared_data

LOSSY, EXACT = 0.995, 1.0
FAST = {"crf": "23", "preset": "veryfast"}
VP9 = {"crf": "23", "b": "0", "cpu-used": "8", "deadline": "realtime"}
AV1 = {"crf": "23", "preset": "10"}
BLUE, DARK_RED = (0, 0, 255), (128, 0, 0)


@dataclass(frozen=True)
class Case:
    name: str
    file: str = "mask.mp4"
    encoding: dict[str, Any] = field(default_factory=dict)
    painting: dict[str, Any] = field(default_factory=dict)
    decoding: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = (96, 128)
    least: float = LOSSY


def case(
    name, codec, pix_fmt="yuv420p", options=None, *, file="mask.mp4", least=LOSSY, size=(96, 128), **more
):
    painting = {key: more.pop(key) for key in ("color", "ground") if key in more}
    decoding = {key: more.pop(key) for key in ("threshold", "invert") if key in more}
    encoding = {"codec": codec, "pix_fmt": pix_fmt, "options": options or {}, **more}
    return Case(name, file, encoding, painting, decoding, size, least)


CASES = [
    case("H.264", "libx264", options=FAST),
    case("H.264 4:2:2", "libx264", "yuv422p", FAST),
    case("H.264 4:4:4", "libx264", "yuv444p", FAST),
    case("H.264 gray", "libx264", "gray", FAST),
    case("H.264 10 bit", "libx264", "yuv420p10le", FAST),
    case("H.264 4:2:2 10 bit", "libx264", "yuv422p10le", FAST),
    case("H.264 full range", "libx264", options=FAST, color_range=ColorRange.JPEG),
    case("H.264 limited range, said", "libx264", options=FAST, color_range=ColorRange.MPEG),
    case("H.264 10 bit full range", "libx264", "yuv420p10le", FAST, color_range=ColorRange.JPEG),
    case("H.264 yuvj420p", "libx264", "yuvj420p", FAST),
    case("H.264 lossless", "libx264", options={"qp": "0"}, least=EXACT),
    case("H.264 RGB lossless", "libx264rgb", "rgb24", {"crf": "0"}, least=EXACT),
    case("H.264 GBR", "libx264rgb", "bgr24", {"crf": "18"}),
    case("H.264 odd size", "libx264", "yuv444p", FAST, size=(97, 131)),
    case("H.264 one pixel wide", "libx264", "yuv444p", {"crf": "10"}, size=(96, 2)),
    case("H.264 all intra", "libx264", options={**FAST, "g": "1"}),
    case("H.264 in mkv", "libx264", options=FAST, file="mask.mkv"),
    case("H.264 in avi", "libx264", options=FAST, file="mask.avi"),
    case("H.264 in ts", "libx264", options=FAST, file="mask.ts"),
    case("H.264 raw", "libx264", options=FAST, file="mask.h264"),
    case("H.264 without a suffix", "libx264", options=FAST, file="output", container="mp4"),
    case("H.264 with a wrong suffix", "libx264", options=FAST, file="output.gif", container="mp4"),
    case("H.264 fragmented", "libx264", options=FAST, file="mask.ismv"),
    case("H.265", "libx265", options=FAST),
    case("H.265 10 bit", "libx265", "yuv420p10le", FAST),
    case("H.265 12 bit 4:4:4", "libx265", "yuv444p12le", FAST),
    case("H.265 gray", "libx265", "gray", FAST),
    case("H.265 GBR", "libx265", "gbrp", {"crf": "18", "preset": "veryfast"}),
    case("MPEG-4 part 2", "mpeg4", options={"qscale": "2"}),
    case("MPEG-4 part 2 with B-frames in avi", "mpeg4", options={"qscale": "2", "bf": "2"}, file="mask.avi"),
    case("MPEG-2 in a program stream", "mpeg2video", options={"qscale": "2"}, file="mask.mpg"),
    case("VP9", "libvpx-vp9", options=VP9, file="mask.webm"),
    case("VP9 4:4:4 in mp4", "libvpx-vp9", "yuv444p", VP9),
    case("VP9 odd size 4:2:0", "libvpx-vp9", options=VP9, file="mask.webm", size=(97, 131)),
    case("VP9 GBR", "libvpx-vp9", "gbrp", VP9, file="mask.webm"),
    case("VP9 lossless in ivf", "libvpx-vp9", options={"lossless": "1", "cpu-used": "8"}, file="m.ivf", least=EXACT),
    case("AV1", "libsvtav1", options=AV1),
    case("AV1 10 bit in webm", "libsvtav1", "yuv420p10le", AV1, file="mask.webm"),
    case("FFV1", "ffv1", file="mask.mkv", least=EXACT),
    case("FFV1 gray", "ffv1", "gray", file="mask.mkv", least=EXACT),
    case("FFV1 gray 16 bit", "ffv1", "gray16le", file="mask.mkv", least=EXACT),
    case("FFV1 10 bit 4:2:2", "ffv1", "yuv422p10le", file="mask.mkv", least=EXACT),
    case("FFV1 RGB", "ffv1", "bgr0", file="mask.mkv", least=EXACT),
    case("MJPEG in mov", "mjpeg", "yuvj420p", {"qscale": "2"}, file="mask.mov"),
    case("MJPEG 4:4:4 in avi", "mjpeg", "yuvj444p", {"qscale": "2"}, file="mask.avi"),
    case("PNG in mov", "png", "rgb24", file="mask.mov", least=EXACT),
    case("PNG gray in mp4", "png", "gray", least=EXACT),
    case("PNG 16 bit gray in mov", "png", "gray16be", file="mask.mov", least=EXACT),
    case("PNG one bit in mov", "png", "monob", file="mask.mov", least=EXACT),
    case("PNG palette in mov", "png", "pal8", file="mask.mov", least=EXACT),
    case("PNG on transparent ground", "png", "rgba", file="m.mov", least=EXACT,
         color=(255, 255, 255, 255), ground=(255, 255, 255, 0)),
    case("GIF", "gif", "rgb8", file="mask.gif", least=EXACT),
    case("GIF gray", "gif", "gray", file="mask.gif", least=EXACT),
    case("GIF, blue", "gif", "rgb8", file="mask.gif", least=EXACT, color=BLUE),
    case("animated PNG", "apng", "rgba", file="mask.apng", least=EXACT),
    case("QuickTime animation with alpha", "qtrle", "argb", file="mask.mov", least=EXACT),
    case("ProRes", "prores_ks", "yuv422p10le", file="mask.mov"),
    case("raw pixels in nut", "rawvideo", "rgb24", file="mask.nut", least=EXACT),
    case("YUV4MPEG", "wrapped_avframe", "yuv444p", file="mask.y4m", least=EXACT),
    case("Flash video", "flv", options={"qscale": "2"}, file="mask.flv"),
    case("Windows media", "wmv2", options={"qscale": "2"}, file="mask.wmv"),
    case("blue in H.264", "libx264", "yuv444p", FAST, color=BLUE),
    case("blue in H.264 4:2:0", "libx264", options=FAST, color=BLUE, least=0.98),
    case("yellow in VP9 4:4:4", "libvpx-vp9", "yuv444p", VP9, color=(255, 255, 0)),
    case("dark red in PNG", "png", "rgb24", file="mask.mov", color=DARK_RED, least=EXACT),
    case("dark red in H.264 10 bit", "libx264", "yuv444p10le", FAST, color=DARK_RED),
    case("blue as a palette", "png", "pal8", file="mask.mov", color=(0, 0, 170), least=EXACT),
    case("dark grey", "libx264", options=FAST, color=(90, 90, 90)),
    case("black on white, told", "libx264", options=FAST, color=(0, 0, 0), ground=(255, 255, 255), invert=True),
    case("blue on white, told", "png", "rgb24", file="mask.mov", color=(0, 0, 0), ground=BLUE, invert=True,
         least=EXACT),
    case("a threshold of the caller's", "libx264", options=FAST, color=(90, 90, 90), threshold=50),
    case("slow cinema rate", "libx264", options=FAST, rate=1),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mask_comes_back(tmp_path, case):
    height, width = case.size
    dense = shapes(height=height, width=width)
    path = encode(tmp_path / case.file, paint(dense, **case.painting), **case.encoding)
    masks = decode_masks(path, **case.decoding)
    assert masks.shape == dense.shape
    assert iou(np.asarray(masks), dense) >= case.least


def test_the_table_is_long_enough():
    assert len(CASES) + len(REFUSED) >= 40
    assert len({each.name for each in CASES}) == len(CASES)


def natural(*, frames=12, height=96, width=128, seed=0):
    """Give (T, H, W, 3) pictures with smooth patches of many colours, as in a film."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(seed).normal(size=(frames, height, width, 3))
    smooth = gaussian_filter(noise, (2, 5, 5, 0))
    return np.clip(128 + smooth / smooth.std() * 50, 0, 255).astype(np.uint8)


def overlay(color, alpha, *, source=None):
    source = natural() if source is None else source
    mixed = source * (1 - alpha) + np.array(color) * alpha
    return np.where(shapes()[..., None], mixed, source).astype(np.uint8)


def grey(images):
    return np.repeat(images.mean(axis=-1, keepdims=True).astype(np.uint8), 3, axis=-1)


def labels():
    masks = shapes()
    return paint(masks, color=(255, 0, 0)) + paint(np.roll(masks, 45, axis=1) & ~masks, color=(0, 255, 0))


REFUSED = {
    "the source itself": lambda: natural(),
    "the source in grey": lambda: grey(natural()),
    "a red overlay": lambda: overlay((255, 0, 0), 0.5),
    "a blue overlay": lambda: overlay((0, 0, 255), 0.3),
    "a white overlay": lambda: overlay((255, 255, 255), 0.7),
    "an opaque overlay": lambda: overlay((0, 255, 0), 1),
    "an overlay on grey": lambda: overlay((255, 128, 0), 0.6, source=grey(natural())),
    "a darkened source": lambda: np.where(shapes()[..., None], natural(), natural() // 3),
    "a picture of labels": labels,
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize(
    "encoding",
    [{"codec": "libx264", "options": FAST}, {"codec": "png", "pix_fmt": "rgb24", "container": "mov"}],
    ids=["H.264", "PNG"],
)
def test_what_is_no_mask_is_refused_with_an_explanation(tmp_path, name, encoding):
    path = encode(tmp_path / "output.mp4", REFUSED[name](), **encoding)
    with pytest.raises(DecodeError, match=r"output\.mp4 is no mask video: \d+% of its"):
        decode_masks(path)
    assert decode_masks(path, threshold=128).shape == (12, 96, 128)  # the caller may insist


def test_real_clips_and_overlays_on_them_are_refused(tmp_path):
    from PIL import Image

    for name in ("dog", "libby", "bmx-trees"):
        folder = shared_data(f"davis/{name}")
        with pytest.raises(DecodeError, match="no mask video"):
            decode_masks(folder / "video.mp4")
        video = Video(folder / "video.mp4")
        mask = np.array(Image.open(min((folder / "gt").glob("*.png")))) > 0
        height, width = mask.shape
        red = np.uint8(0.5 * video[0][:height, :width] + 0.5 * np.array([255, 0, 0]))
        image = np.where(mask[..., None], red, video[0][:height, :width])
        path = encode(tmp_path / f"{name}.mp4", [image] * 3, options=FAST)
        with pytest.raises(DecodeError, match="no mask video"):
            decode_masks(path)


def test_a_colour_is_found_and_noted(tmp_path):
    path = encode(tmp_path / "m.mov", paint(shapes(), color=DARK_RED), codec="png", pix_fmt="rgb24")
    assert decode_mask_video(path).notes == (
        "m.mov has the colour (128, 0, 0) on black: its brightest channel above 64 is foreground",
    )


def test_an_object_that_appears_late_is_found_whatever_its_colour(tmp_path):
    dense = shapes(frames=60)
    dense[:53] = False
    dense[56:] = False
    path = encode(tmp_path / "m.mp4", paint(dense, color=BLUE), pix_fmt="yuv444p", options=FAST)
    assert iou(np.asarray(decode_masks(path)), dense) > LOSSY


def test_white_where_black_should_be_is_noted_and_read_when_told(tmp_path):
    dense = shapes()
    path = encode(tmp_path / "m.mp4", paint(~dense), options=FAST)
    (note,) = decode_mask_video(path).notes
    assert "if it is black on white, read it with decode_masks(…, invert=True)" in note
    told = decode_mask_video(path, invert=True)
    assert told.notes == ()
    assert iou(np.asarray(told.masks), dense) > LOSSY


def test_hard_edges_have_no_grey_and_soft_ones_are_measured_and_noted(tmp_path):
    from scipy.ndimage import gaussian_filter

    dense = shapes()
    hard = decode_mask_video(encode(tmp_path / "hard.mp4", paint(dense), options={"crf": "12"}))
    assert hard.masks.grey_frac.shape == (12,)
    assert hard.masks.grey_frac.max() < 0.02
    blurred = [gaussian_filter(mask.astype(np.float32) * 255, 2.5).astype(np.uint8) for mask in dense]
    images = [np.repeat(image[..., None], 3, axis=-1) for image in blurred]
    soft = decode_mask_video(encode(tmp_path / "soft.mkv", images, codec="ffv1", pix_fmt="gray"))
    expected = [
        ((image > 64) & (image <= 191)).sum() / (image > 64).sum() for image in map(np.asarray, blurred)
    ]
    np.testing.assert_allclose(soft.masks.grey_frac, expected, atol=1e-3)
    assert "soft.mkv is soft: " in soft.notes[0]
    assert soft.masks[2:5].grey_frac.tolist() == soft.masks.grey_frac[2:5].tolist()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(bytes(5000)), "can't be read as one"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"), "no picture of output can be decoded"),
        (lambda path: path.write_text("<html><body>403 Forbidden</body></html>"), "can't be read as one"),
        (audio_only, r"has no video stream \(it has: audio\)"),
        (lambda path: None, "there is no file"),
    ],
    ids=["nothing", "zeros", "a cut PNG", "a web page", "sound", "missing"],
)
def test_what_is_no_video_says_what_it_is(tmp_path, make, expected):
    make(tmp_path / "output")
    with pytest.raises(DecodeError, match=expected):
        decode_masks(tmp_path / "output")


def test_the_picture_is_chosen_among_several_streams(tmp_path):
    dense = shapes()
    path = tmp_path / "several.mkv"
    with av.open(str(path), "w") as container:
        streams = []
        for height, width in ((48, 64), (96, 128), (32, 32)):
            stream = container.add_stream("ffv1", rate=24)
            stream.width, stream.height, stream.pix_fmt = width, height, "gray"
            streams.append(stream)
        for mask in dense:
            for stream in streams:
                image = np.zeros((stream.height, stream.width), np.uint8)
                if stream.height == 96:
                    image[mask] = 255
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="gray")))
        for stream in streams:
            container.mux(stream.encode())
    np.testing.assert_array_equal(np.asarray(decode_masks(path)), dense)


@pytest.mark.parametrize(
    ("rotation", "mirrored"), [(90, False), (180, False), (270, False), (0, True), (90, True)]
)
def test_pictures_are_turned_as_the_metadata_say(tmp_path, rotation, mirrored):
    dense = shapes()
    path = encode(tmp_path / "turned.mp4", paint(dense), options=FAST, rotation=rotation, mirrored=mirrored)
    shown = np.rot90(dense, rotation // 90, axes=(1, 2))  # counterclockwise, as ffmpeg counts
    shown = shown[..., ::-1] if mirrored else shown
    video = decode_mask_video(path)
    assert iou(np.asarray(video.masks), shown) > LOSSY
    assert "as its metadata say" in video.notes[0]


def test_frames_at_uneven_times_keep_them(tmp_path):
    times = np.cumsum([0, 40, 40, 200, 20, 20, 80, 33, 33, 34, 500, 41]).tolist()
    path = encode(tmp_path / "vfr.mkv", paint(shapes()), options=FAST, times_ms=times)
    video = decode_mask_video(path)
    np.testing.assert_allclose(video.time_s, np.array(times) / 1000, atol=1.1e-3)


def test_a_frame_count_that_lies_is_seen_through(tmp_path):
    path = encode(
        tmp_path / "m.avi", paint(shapes()), codec="mjpeg", pix_fmt="yuvj444p", options={"qscale": "2"}
    )
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"avih", 24), (b"strh", 40)):
        at = data.find(mark) + offset
        assert data[at : at + 4] == (12).to_bytes(4, "little")
        data[at : at + 4] = (999).to_bytes(4, "little")
    path.write_bytes(data)
    video = decode_mask_video(path)
    assert len(video.masks) == 12
    assert video.n_declared == 999
    assert "12 of 999 frames" in video.notes[0]


def test_frames_hidden_by_an_edit_list_are_not_counted_as_lost(tmp_path):
    whole = textured_clip(tmp_path / "whole.mp4", frames=24)
    path = tmp_path / "trimmed.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.pts -= 4 * packet.duration  # the first four are before time 0: hidden
                packet.dts -= 4 * packet.duration
                packet.stream = stream
                target.mux(packet)
    video = decode_mask_video(path, threshold=128)
    assert len(video.masks) == video.n_declared == 20
    assert "cut off" not in " ".join(video.notes)
    assert len(Video(path)) == 20


@pytest.mark.parametrize("name", CODECS)
def test_real_masks_come_back_through_every_codec(tmp_path, name):
    davis = shared_data("davis")
    for which, dense in real_masks(davis, frames=4):
        if which.startswith(("bmx-trees osvos", "libby gt", "dog rvos")):
            score = round_trip(dense, name, tmp_path)
            assert score >= (EXACT if name in LOSSLESS else LOSSY), which


def test_a_title_in_another_encoding_does_not_matter(tmp_path):
    dense = shapes()
    path = tmp_path / "m.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Zuerich"
        stream = container.add_stream("ffv1", rate=24)
        stream.height, stream.width, stream.pix_fmt = 96, 128, "gray"
        for mask in dense:
            frame = av.VideoFrame.from_ndarray(np.where(mask, np.uint8(255), np.uint8(0)), format="gray")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    path.write_bytes(path.read_bytes().replace(b"Zuerich", "Zürich!".encode("latin-1")))
    np.testing.assert_array_equal(np.asarray(decode_masks(path)), dense)
