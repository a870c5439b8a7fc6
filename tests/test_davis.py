import contextlib
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.davis import read_pngs as load_reference
from sa2va_nb.media.limits import Limits
from tests.shared import shared_data

LABELS = np.array([[0, 1, 1, 0], [0, 2, 2, 2], [0, 0, 2, 0]], np.uint8)


def mode_of(file: Path) -> str:
    with Image.open(file) as image:
        return image.mode


def write(folder: Path, name: str, pixels: np.ndarray, mode: str) -> None:
    image = Image.fromarray(pixels)
    if mode == "P":
        image = image.convert("P")
        image.putpalette([value for value in range(256) for _ in "rgb"])
        image.frombytes(pixels.tobytes())
    image.convert(mode).save(folder / name)


def test_palette_pngs_hold_an_object_a_label(tmp_path):
    write(tmp_path, "00000.png", LABELS, "P")
    write(tmp_path, "00001.png", np.zeros_like(LABELS), "P")
    seg = load_reference(tmp_path)

    assert mode_of(tmp_path / "00000.png") == "P"
    assert [item.masks.area_px.tolist() for item in seg] == [[2, 0], [4, 0]]
    assert np.array_equal(seg[1].masks[0], LABELS == 2)
    assert [(item.index, item.phrase) for item in seg] == [(0, None), (1, None)]
    assert seg.frame.tolist() == [0, 1]
    assert all(math.isnan(time) for time in seg.time_s)
    assert seg.video is None


def test_one_bit_pngs_hold_one_object(tmp_path):
    Image.fromarray(LABELS > 0).save(tmp_path / "00000.png")
    seg = load_reference(str(tmp_path))

    assert mode_of(tmp_path / "00000.png") == "1"
    assert len(seg) == 1
    assert np.array_equal(seg[0].masks[0], LABELS > 0)


def test_black_and_white_pngs_hold_one_object(tmp_path):
    write(tmp_path, "a.png", (LABELS > 0) * np.uint8(255), "L")
    seg = load_reference(tmp_path)

    assert np.array_equal(seg[0].masks[0], LABELS > 0)
    assert "value 255 is the one object" in seg.notes


def test_void_pixels_beside_labels_are_no_object_but_void(tmp_path):
    void = LABELS.copy()
    void[0, 0] = 255
    write(tmp_path, "0.png", void, "P")
    seg = load_reference(tmp_path)

    assert [item.masks.area_px.tolist() for item in seg] == [[2], [4]]
    assert np.array_equal(np.asarray(seg.void), [void == 255])
    assert any("void" in note for note in seg.notes)


def test_without_void_pixels_there_is_no_void(tmp_path):
    write(tmp_path, "0.png", LABELS, "P")
    write(tmp_path, "1.png", (LABELS > 0) * np.uint8(255), "L")
    assert load_reference(tmp_path).void.area_px.tolist() == [0, 6]
    (tmp_path / "1.png").unlink()
    assert load_reference(tmp_path).void is None


def test_labels_with_a_gap_are_numbered_on_and_noted(tmp_path):
    write(tmp_path, "0.png", np.where(LABELS == 1, 7, LABELS).astype(np.uint8), "L")
    seg = load_reference(tmp_path)

    assert [item.masks.area_px.tolist() for item in seg] == [[4], [2]]
    assert "objects 0 to 1 are the labels 2, 7" in seg.notes


def test_an_object_that_comes_later_is_absent_before(tmp_path):
    write(tmp_path, "0.png", np.minimum(LABELS, 1), "L")
    write(tmp_path, "1.png", LABELS, "L")

    assert load_reference(tmp_path)[1].masks.area_px.tolist() == [0, 4]


def test_empty_pngs_are_a_reference_without_objects(tmp_path):
    write(tmp_path, "0.png", np.zeros_like(LABELS), "L")

    assert len(load_reference(tmp_path)) == 0


def test_frames_are_the_numbers_in_the_names_in_numeric_order(tmp_path):
    for number in (8, 12, 4):
        write(tmp_path, f"{number}.png", np.full((2, 2), number, np.uint8), "L")
    seg = load_reference(tmp_path)

    assert seg.frame.tolist() == [4, 8, 12]
    assert [item.masks.area_px.tolist() for item in seg] == [[4, 0, 0], [0, 4, 0], [0, 0, 4]]


def test_names_without_numbers_are_frames_in_order(tmp_path):
    for name in ("b.PNG", "a.png", "notes.txt"):
        (tmp_path / name).write_text("") if name.endswith("txt") else write(tmp_path, name, LABELS, "L")

    assert load_reference(tmp_path).frame.tolist() == [0, 1]


def test_a_number_at_the_end_of_a_name_is_its_frame(tmp_path):
    for number in (10, 9):
        write(tmp_path, f"mask_{number}.png", np.full((2, 2), number, np.uint8), "L")
    seg = load_reference(tmp_path)

    assert seg.frame.tolist() == [9, 10]
    assert [item.masks.area_px.tolist() for item in seg] == [[4, 0], [0, 4]]


def test_pngs_beyond_the_limits_are_refused(tmp_path):
    write(tmp_path, "0.png", LABELS, "L")
    write(tmp_path, "1.png", LABELS, "L")
    for limit in ("max_pixels", "max_frames", "max_mask_bytes"):
        with pytest.raises(DecodeError, match=rf"limits=Limits\({limit}=…\)"):
            load_reference(tmp_path, check=Limits(**{limit: 1}).check)


def test_real_annotations_equal_their_pixels():
    folder = shared_data("davis/bmx-trees/osvos")
    seg = load_reference(folder)

    assert seg.shape == (80, 480, 854)
    for t in (0, 41, 79):
        with Image.open(folder / f"{t:05d}.png") as image:
            labels = np.asarray(image)
        assert [np.array_equal(item.masks[t], labels == item.index + 1) for item in seg] == [True, True]


def test_pngs_of_different_sizes_are_an_alignment_error(tmp_path):
    write(tmp_path, "0.png", LABELS, "L")
    write(tmp_path, "1.png", LABELS.T.copy(), "L")
    with pytest.raises(AlignmentError, match=r"size of the first, 4x3, got 3x4 in 1\.png"):
        load_reference(tmp_path)


def test_a_file_that_only_has_the_name_of_a_png_is_a_decode_error(tmp_path):
    (tmp_path / "0.png").write_bytes(b"not a picture")
    with pytest.raises(DecodeError, match=r"0\.png is not a PNG that can be read"):
        load_reference(tmp_path)


def test_a_cut_off_png_is_a_decode_error(tmp_path):
    write(tmp_path, "0.png", np.random.default_rng(0).integers(0, 9, (64, 64)).astype(np.uint8), "L")
    data = (tmp_path / "0.png").read_bytes()
    (tmp_path / "0.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(DecodeError, match="can be read"):
        load_reference(tmp_path)


def test_a_picture_in_colours_is_refused(tmp_path):
    Image.fromarray(np.zeros((3, 4, 3), np.uint8)).save(tmp_path / "0.png")
    with pytest.raises(ValueError, match=r"palette, grey or 1-bit PNG, got mode RGB in 0\.png"):
        load_reference(tmp_path)


@pytest.mark.parametrize(
    ("name", "why"), [("", "holds none"), ("file", "is no folder"), ("gone", "not exist")]
)
def test_anything_but_a_folder_of_pngs_is_refused_with_what_is_read(tmp_path, name, why):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=f"expected a folder of PNG masks.*{why}"):
        load_reference(tmp_path / name)


def test_a_damaged_png_is_named(tmp_path):
    path = tmp_path / "00000.png"
    Image.fromarray(np.eye(64, dtype=np.uint8)).save(path)
    whole = path.read_bytes()
    for at in range(8, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with contextlib.suppress(DecodeError, ValueError):
            load_reference(tmp_path)
