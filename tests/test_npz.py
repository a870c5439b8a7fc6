import io
import zipfile

import numpy as np
import pytest

import sa2va_nb as sa
from tests.annotations import blobs


def save(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


def both():
    """Give two objects that overlap, (2, T, H, W)."""
    return np.stack([blobs(seed=1), blobs(seed=2)])


def label_stack():
    """Give (T, H, W) labels 0, 1, 2 and void, 255."""
    labels = np.zeros((3, 30, 40), np.uint8)
    labels[0, :4] = 1
    labels[1:, 4:9] = 2
    labels[:, -1] = 255
    return labels


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, ">i2"])
def test_one_mask_an_object_comes_back(tmp_path, kind, order):
    array = np.array(both().astype(kind), order=order)
    np.save(tmp_path / "a.npy", array)
    for source in (array, save(tmp_path / "a.npz", masks=array), tmp_path / "a.npy"):
        seg = sa.load_reference(source)
        assert np.array_equal(np.stack([np.asarray(item.masks) for item in seg]), both())
        assert seg.frame.tolist() == [0, 1, 2]


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.uint64])
def test_labels_are_objects_and_255_beside_them_is_void(tmp_path, kind):
    labels = label_stack()
    for source in (labels.astype(kind), save(tmp_path / "a.npz", anything=labels.astype(kind))):
        seg = sa.load_reference(source)
        assert len(seg) == 2
        assert all(np.array_equal(np.asarray(item.masks), labels == item.index + 1) for item in seg)
        assert np.array_equal(np.asarray(seg.void), labels == 255)


def test_labels_above_255_are_objects_and_255_is_then_one():
    labels = label_stack().astype(np.int64)
    labels[0, 5] = 70_000
    seg = sa.load_reference(labels)
    assert [int(item.masks.area_px.sum()) for item in seg] == [160, 400, 120, 40]
    assert seg.void is None
    assert "objects 0 to 3 are the labels 1, 2, 255, 70000" in seg.notes


def test_a_bool_stack_is_one_object_even_if_it_is_never_seen():
    assert sa.load_reference(blobs())[0].masks == sa.Masks.from_array(blobs())
    assert sa.load_reference(np.zeros((2, 3, 4), bool))[0].masks.area_px.tolist() == [0, 0]
    assert len(sa.load_reference(np.zeros((2, 3, 4), np.uint8))) == 0


def test_frames_void_and_phrases_are_kept(tmp_path):
    void = blobs(seed=3)
    path = save(tmp_path / "a.npz", masks=both(), frame=[0, 4, 8], void=void, phrases=["a dog", ""])
    seg = sa.load_reference(path)
    assert seg.frame.tolist() == [0, 4, 8]
    assert np.array_equal(np.asarray(seg.void), void)
    assert [item.phrase for item in seg] == ["a dog", None]


def test_void_of_the_labels_and_the_void_told_are_both_void(tmp_path):
    void = np.zeros((3, 30, 40), bool)
    void[:, 0, 0] = True
    seg = sa.load_reference(save(tmp_path / "a.npz", masks=label_stack(), void=void))
    assert np.array_equal(np.asarray(seg.void), void | (label_stack() == 255))


def test_arrays_by_name_are_objects_by_phrase(tmp_path):
    dog, ball = both()
    seg = sa.load_reference(save(tmp_path / "a.npz", dog=dog, ball=ball))
    assert [item.phrase for item in seg] == ["dog", "ball"]
    assert np.array_equal(np.asarray(seg["ball"].masks), ball)
    np.savez(tmp_path / "b.npz", dog, ball)
    assert [item.phrase for item in sa.load_reference(tmp_path / "b.npz")] == [None, None]


def test_arrays_that_are_not_used_are_noted(tmp_path):
    seg = sa.load_reference(save(tmp_path / "a.npz", masks=both(), scores=np.ones(2)))
    assert seg.notes == (
        "not used: scores in a.npz",
        "frames 0 to 2: counted, as nothing tells them",
    )


@pytest.mark.parametrize(
    ("arrays", "error", "expected"),
    [
        ({"masks": np.ones((2, 3, 4))}, TypeError, "bool or integers, got float64 in masks in a.npz"),
        ({"masks": np.zeros((3, 4), bool)}, ValueError, r"got shape \(3, 4\)"),
        ({"masks": np.array(3)}, ValueError, r"got shape \(\)"),
        ({"masks": np.zeros((2, 0, 4), bool)}, ValueError, "must have pixels"),
        ({"masks": np.full((2, 3, 4), -1)}, ValueError, "above 0, got -1"),
        ({"masks": np.full((2, 2, 3, 4), 7)}, ValueError, "values from 7 to 7"),
        ({"masks": np.array([None])}, TypeError, "got object"),
        ({"masks": np.zeros((2, 3, 4), "m8[s]")}, TypeError, "got timedelta64"),
        ({"a": np.zeros((2, 3, 4), bool), "b": np.zeros((2, 3, 5), bool)}, ValueError, "without one called 'masks'"),
        ({"frame": np.arange(3)}, ValueError, "must hold an array 'masks', got frame"),
        ({"masks": both(), "frame": [1, 2]}, sa.DecodeError, "one number a mask, 3"),
        ({"masks": both(), "frame": [1.0, 2.0, 3.0]}, sa.DecodeError, "list of whole numbers"),
        ({"masks": both(), "frame": [-1, 2, 3]}, sa.DecodeError, "from 0 up"),
        ({"masks": both(), "frame": [1, 1, 3]}, sa.AlignmentError, "increasing"),
        ({"masks": both(), "phrases": ["x"]}, sa.DecodeError, "one an object, 2, got 1"),
        ({"masks": both(), "phrases": np.array([None, 1])}, sa.DecodeError, "list of texts"),
        ({"masks": both(), "void": np.zeros((3, 30, 41), bool)}, sa.AlignmentError, "void must be bool of shape"),
        ({"masks": np.random.default_rng(0).integers(1, 2**40, (1, 64, 64))}, sa.DecodeError, "objects in one clip"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_say_why(tmp_path, arrays, error, expected):
    with pytest.raises(error, match=expected):
        sa.load_reference(save(tmp_path / "a.npz", **arrays))


def header_only(shape, dtype="|b1"):
    """Give the bytes of a .npy that declares a shape and holds a hundred bytes."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + bytes(100)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 10**6, 10**6), "pixels a frame"),
        ((10**12, 4, 4), "frames, but the limit"),
        ((10**6, 2, 4, 4), "1000000 objects in one clip"),
        ((2000, 400_000, 4096, 4096), "values, but the limit"),
        ((5, 100, 100), "cut off"),
        ((5, -100, 100), "the shape"),
    ],
)
def test_a_declared_size_is_checked_before_anything_is_allocated(tmp_path, shape, expected):
    (tmp_path / "a.npy").write_bytes(header_only(shape))
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("masks.npy", header_only(shape))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(sa.DecodeError, match=expected):
            sa.load_reference(tmp_path / name)


def test_a_header_is_not_read_beyond_what_numpy_allows(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("masks.npy", b"\x93NUMPY\x02\x00" + (2**30).to_bytes(4, "little") + b" " * 10**6)
    with pytest.raises(sa.DecodeError, match="header has 1,073,741,824 bytes"):
        sa.load_reference(tmp_path / "a.npz")


@pytest.mark.parametrize("array", [both(), both()[0], np.asfortranarray(both()), label_stack()])
def test_bytes_too_many_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with (tmp_path / "a.npy").open("ab") as file:
        file.write(b"x")
    with pytest.raises(sa.DecodeError, match="more than its header says"):
        sa.load_reference(tmp_path / "a.npy")


@pytest.mark.parametrize("name", ["masks", "frame"])
def test_a_wrong_checksum_is_refused(tmp_path, name):
    np.savez(tmp_path / "a.npz", masks=both(), frame=np.arange(3))
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        member = archive.getinfo(f"{name}.npy")
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[member.header_offset + 30 + len(member.filename) + 20 + member.file_size - 1] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(sa.DecodeError, match="CRC"):
        sa.load_reference(tmp_path / "a.npz")


def test_too_many_arrays_are_refused_before_they_are_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for number in range(2001):
            archive.writestr(f"{number}.npy", b"")
    with pytest.raises(sa.DecodeError, match="2001 objects"):
        sa.load_reference(tmp_path / "a.npz")


def test_what_is_like_an_array_is_read_as_one():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return both()

    assert len(sa.load_reference(Tensor())) == 2


def test_a_bomb_is_read_image_by_image(tmp_path):
    import tracemalloc

    with (
        zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("masks.npy", "w") as file,
    ):
        file.write(header_only((300, 1000, 1000))[:-100])
        for _ in range(300):
            file.write(bytes(10**6))
    tracemalloc.start()
    seg = sa.load_reference(tmp_path / "a.npz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seg.shape == (300, 1000, 1000)
    assert peak < 30e6


def test_damage_anywhere_is_an_error_in_words_or_leaves_masks_of_the_same_shape(tmp_path):
    path = save(tmp_path / "a.npz", masks=both(), frame=[0, 1, 2])
    whole = path.read_bytes()
    np.save(tmp_path / "b.npy", both())
    plain = (tmp_path / "b.npy").read_bytes()[:300]
    for name, data, step in (("a.npz", whole, 5), ("b.npy", plain, 1)):
        for at in range(0, len(data), step):
            for value in (0x00, data[at] ^ 0x41):
                (tmp_path / name).write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
                try:
                    seg = sa.load_reference(tmp_path / name)
                except (sa.Sa2VAError, ValueError, TypeError):
                    continue
                assert len(seg.frame) == seg.shape[0]


def test_pickles_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    save(tmp_path / "a.npz", masks=np.array([Trap()], object))
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(TypeError, match="got object"):
        sa.load_reference(tmp_path / "a.npz")
    assert not (tmp_path / "sprung").exists()
