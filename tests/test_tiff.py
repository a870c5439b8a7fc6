import json
import logging

import numpy as np
import pytest
import tifffile

import sa2va_nb as sa
from sa2va_nb.errors import DecodeError
from sa2va_nb.media.limits import Limits

LABELS = np.zeros((3, 8, 9), np.uint8)
LABELS[:, :2] = 1
LABELS[1:, 4:6] = 3
LABELS[:, -1] = 255
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def written(path, labels=LABELS, **options):
    tifffile.imwrite(path, labels, photometric="minisblack", **options)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"imagej": True, "metadata": {"axes": "TYX"}},
        {"ome": True, "metadata": {"axes": "TYX"}},
        {"metadata": {"axes": "TYX"}, "compression": "zlib"},
        {"imagej": True, "metadata": {"axes": "TYX", "Info": "taken on a Monday"}, "byteorder": ">"},
        {"imagej": True, "metadata": {"axes": "TYX", "Info": '{"other": 1}'}},
    ],
)
def test_labels_of_others_are_read_where_the_axes_are_told(tmp_path, options):
    seg = sa.load_reference(written(tmp_path / "a.tif", **options))
    assert [item.masks.area_px.tolist() for item in seg] == [[18, 18, 18], [0, 18, 18]]
    assert seg.void.area_px.tolist() == [9, 9, 9]
    assert "objects 0 to 1 are the labels 1, 3" in seg.notes
    assert any("counted, as nothing tells them" in note for note in seg.notes)


def test_axes_are_never_guessed(tmp_path):
    with pytest.raises(ValueError, match=r"must have the axes T, Y, X, got .* which is time"):
        sa.load_reference(written(tmp_path / "a.tif"))
    with pytest.raises(ValueError, match="must have the axes T, Y, X, got"):
        sa.load_reference(written(tmp_path / "b.tif", imagej=True, metadata={"axes": "ZYX"}))


def test_one_image_is_one_frame(tmp_path):
    seg = sa.load_reference(written(tmp_path / "a.tif", LABELS[0]))
    assert seg.shape == (1, 8, 9)


def test_colours_and_floats_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 9, 3), np.uint8), photometric="rgb")
    with pytest.raises(ValueError, match="must have the axes T, Y, X"):
        sa.load_reference(tmp_path / "a.tif")
    with pytest.raises(TypeError, match="bool or integers, got float32"):
        sa.load_reference(written(tmp_path / "b.tif", LABELS.astype(np.float32), metadata={"axes": "TYX"}))


def test_limits_hold(tmp_path):
    path = written(tmp_path / "a.tif", metadata={"axes": "TYX"})
    with pytest.raises(DecodeError, match="limit"):
        sa.load_reference(path, limits=Limits(max_pixels=71))
    with pytest.raises(DecodeError, match="limit"):
        sa.load_reference(path, limits=Limits(max_frames=2))


@pytest.mark.parametrize("keep", [4, 9, 60, 300])
def test_a_file_cut_off_is_damaged(tmp_path, keep):
    path = written(tmp_path / "a.tif", metadata={"axes": "TYX"}, compression="zlib")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DecodeError):
        sa.load_reference(path)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"frame": [0, 1, 2]}, "must be lists"),
        ({"frame": [0, 1], "time_s": [None] * 3, "phrases": ["a"]}, "'frame' .* must be 3 whole numbers"),
        ({"frame": [0, 2, 1], "time_s": [None] * 3, "phrases": ["a"]}, "doesn't fit"),
        ({"frame": [0, 1, 2], "time_s": [None] * 2, "phrases": ["a"]}, "doesn't fit"),
        ({"frame": [0, 1, 2], "time_s": ["x"] * 3, "phrases": ["a"]}, "must be seconds or null"),
        ({"frame": [0, 1, 2], "time_s": [None] * 3, "phrases": [1]}, "must be texts or null"),
        (
            {"frame": [0, 1, 2], "time_s": [None] * 3, "phrases": ["a"], "void": 255},
            "labels that 'Info' doesn't tell",
        ),
    ],
)
def test_a_damaged_info_is_told(tmp_path, told, words):
    info = json.dumps({"sa2va_nb": told})
    path = written(tmp_path / "a.tif", imagej=True, metadata={"axes": "TYX", "Info": info})
    with pytest.raises(DecodeError, match=words):
        sa.load_reference(path)


def test_what_tifffile_remarks_is_a_note_and_not_on_the_screen(tmp_path, capfd, monkeypatch):
    path = sa.save_masks(sa.load_masks([np.ones((4, 8, 9), bool)]), tmp_path / "a.tif").path
    data = bytearray(path.read_bytes())
    at = data.index((282).to_bytes(2, "little"), 100)  # the entry of the resolution, which nobody needs
    data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"
    path.write_bytes(data)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as outside of pytest
    seg = sa.load_reference(path)
    assert np.asarray(seg[0].masks).all()
    assert any("a.tif may be damaged: " in note and "282" in note for note in seg.notes)
    assert capfd.readouterr().err == ""
    assert logging.getLogger("tifffile").handlers == []
