import av
import numpy as np
import pytest

from sa2va_nb import DecodeError, decode_masks
from sa2va_nb.media.decode import decode_mask_video
from tests.clips import audio_only, mask_clip, rectangle
from tests.shared import shared_data


def encode(path, dense, *, codec="libx264", pix_fmt="yuv420p", options=None, color_range=None, format=None):
    with av.open(str(path), "w", format=format) as container:
        stream = container.add_stream(codec, rate=24)
        stream.height, stream.width = dense.shape[1:]
        stream.pix_fmt = pix_fmt
        stream.options = options or {}
        if color_range is not None:
            stream.codec_context.color_range = color_range
        for mask in dense:
            image = np.where(mask, np.uint8(255), np.uint8(0))
            frame = av.VideoFrame.from_ndarray(np.stack([image] * 3, axis=-1), format="rgb24")
            if color_range is not None:
                frame = frame.reformat(format=pix_fmt, dst_color_range=color_range)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_an_encoded_mask_comes_back_exactly(tmp_path):
    dense = rectangle()
    masks = decode_masks(mask_clip(tmp_path / "mask.mp4", dense))
    np.testing.assert_array_equal(np.asarray(masks), dense)


def test_odd_sizes_come_back_exactly(tmp_path):
    dense = rectangle(height=45, width=61)
    np.testing.assert_array_equal(np.asarray(decode_masks(mask_clip(tmp_path / "m.mp4", dense))), dense)


@pytest.mark.parametrize(
    "case",
    [
        {"codec": "mpeg4", "options": {"qscale": "2"}},
        {"codec": "libx264rgb", "pix_fmt": "rgb24", "options": {"crf": "0"}},
        {"codec": "libx264", "pix_fmt": "yuv444p"},
        {"codec": "libx264", "pix_fmt": "yuv420p10le"},
        {"codec": "libx264", "pix_fmt": "gray"},
        {"codec": "libx264", "pix_fmt": "yuv420p", "color_range": 2},
        {"codec": "libx264", "pix_fmt": "yuv420p", "color_range": 1},
        {"codec": "mjpeg", "pix_fmt": "yuvj420p", "format": "mov"},
        {"codec": "png", "pix_fmt": "rgb24", "format": "mov"},
        {"codec": "ffv1", "pix_fmt": "yuv420p", "format": "matroska"},
        {"codec": "libvpx-vp9", "pix_fmt": "yuv420p", "format": "webm"},
    ],
    ids=lambda case: f"{case['codec']}-{case.get('pix_fmt', 'yuv420p')}-{case.get('color_range', '')}",
)
def test_other_codecs_and_pixel_formats_decode_alike(tmp_path, case):
    dense = rectangle()
    decoded = np.asarray(decode_masks(encode(tmp_path / "mask.mp4", dense, **case)))
    assert (decoded & dense).sum() / (decoded | dense).sum() > 0.99


def test_real_predictions_decode_to_their_originals():
    from PIL import Image

    folder = shared_data("davis/bmx-trees")
    for label in (1, 2):
        original = [np.array(Image.open(path)) == label for path in sorted((folder / "osvos").glob("*.png"))]
        decoded = np.asarray(decode_masks(folder / "masks" / f"output_{label - 1}.mp4"))
        np.testing.assert_array_equal(decoded, np.stack(original))


def test_a_threshold_of_the_callers_is_used(tmp_path):
    dense = rectangle(frames=1)
    path = mask_clip(tmp_path / "m.mp4", dense)
    assert decode_masks(path, threshold=254).area_px.sum() == 0
    assert decode_masks(path, threshold=1).area_px.sum() == dense[0].size  # limited range: black is 16
    with pytest.raises(ValueError, match="luma code from 0 to 254, got 300"):
        decode_masks(path, threshold=300)


def test_a_file_cut_off_gives_the_frames_before_the_cut(tmp_path):
    rng = np.random.default_rng(0)
    dense = rng.random((40, 64, 96)) > 0.5
    path = mask_clip(tmp_path / "cut.mp4", dense)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = decode_mask_video(path)
    assert 5 < len(video.masks) < 35
    assert video.n_declared == 40
    assert f"{len(video.masks)} of 40 frames can be decoded" in video.notes[0]
    whole = np.asarray(decode_masks(mask_clip(tmp_path / "whole.mp4", dense)))
    np.testing.assert_array_equal(np.asarray(video.masks), whole[: len(video.masks)])


def test_what_is_no_mask_video_is_said(tmp_path):
    with pytest.raises(DecodeError, match="no video stream"):
        decode_masks(audio_only(tmp_path / "sound.mp4"))
    (tmp_path / "text.mp4").write_text("text")
    with pytest.raises(DecodeError, match=r"text\.mp4"):
        decode_masks(tmp_path / "text.mp4")
