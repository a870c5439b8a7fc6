import av
import numpy as np
import pytest

from sa2va_nb import DecodeError, Video, decode_masks, load_masks
from sa2va_nb.media.decode import decode_mask_video
from tests.clips import audio_only, mask_clip, rectangle, textured_clip
from tests.encoders import encode, iou, paint, shapes
from tests.shared import shared_data


def test_an_encoded_mask_comes_back_exactly(tmp_path):
    dense = rectangle()
    masks = decode_masks(mask_clip(tmp_path / "mask.mp4", dense))
    np.testing.assert_array_equal(np.asarray(masks), dense)


def test_odd_sizes_come_back_exactly(tmp_path):
    dense = rectangle(height=45, width=61)
    np.testing.assert_array_equal(np.asarray(decode_masks(mask_clip(tmp_path / "m.mp4", dense))), dense)


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


def test_frames_lost_inside_a_file_leave_the_others_where_they_are(tmp_path):
    dense = shapes(frames=36)
    path = encode(tmp_path / "m.mp4", paint(dense), options={"g": "12", "bf": "0", "crf": "12"})
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    at, size = packets[15]
    data[at + 4 : at + size] = bytes(size - 4)
    path.write_bytes(data)
    video = decode_mask_video(path)
    np.testing.assert_array_equal(video.index, np.r_[0:15, 24:36])
    np.testing.assert_allclose(video.time_s, video.index / 24)
    assert iou(np.asarray(video.masks), dense[video.index]) > 0.995
    assert "27 of 36 frames can be decoded" in video.notes[0]
    clip = textured_clip(tmp_path / "clip.mp4", frames=36, height=96, width=128)
    seg = load_masks(path, video=clip)
    np.testing.assert_array_equal(seg.frame, video.index)
    with pytest.raises(ValueError, match="frame must give 36 increasing source frames"):
        load_masks(path, video=clip, frame=range(20))
    told = load_masks(path, frame=range(100, 136))
    np.testing.assert_array_equal(told.frame, 100 + video.index)


def test_a_file_of_two_sizes_is_refused(tmp_path):
    small, large = shapes(frames=5), shapes(frames=5, height=192, width=256)
    parts = [
        encode(tmp_path / f"{i}.h264", paint(dense), container="h264").read_bytes()
        for i, dense in enumerate((small, large))
    ]
    (tmp_path / "both").write_bytes(b"".join(parts))
    with pytest.raises(DecodeError, match="change from 128x96 to 256x192 at frame 5"):
        decode_masks(tmp_path / "both")
    video = Video(tmp_path / "both")
    assert video[4].shape == (96, 128, 3)
    with pytest.raises(DecodeError, match="change from 128x96 to 256x192 at frame 5"):
        video[5]
