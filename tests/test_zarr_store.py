import numpy as np
import pytest
import xarray
import zarr

import sa2va_nb as sa
from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.media.limits import Limits
from tests.annotations import blobs
from tests.rich import rich


def group(path, dense, axes, *, version=3, **small):
    """A group as another program may write it."""
    made = zarr.create_group(path, zarr_format=version)
    names = (
        {"dimension_names": axes} if version == 3 else {"attributes": {"_ARRAY_DIMENSIONS": list(axes or ())}}
    )
    made.create_array(
        "masks", shape=dense.shape, dtype=dense.dtype, chunks=(*dense.shape[:-3], 2, 30, 40), **names
    )[...] = dense
    for name, values in small.items():
        made.create_array(name, shape=values.shape, dtype=values.dtype, chunks=values.shape)[...] = values
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_groups_of_others_are_read_where_axes_have_names(tmp_path, version):
    dense = np.stack([blobs(seed=1), blobs(seed=2)])
    objects = group(tmp_path / "a.zarr", dense, ("object", "time", "y", "x"), version=version)
    labels = group(tmp_path / "b.zarr", dense[0] * np.uint8(1), ("t", "y", "x"), version=version)
    for path, expected in ((objects, dense), (labels, dense[:1])):
        seg = sa.load_reference(path)
        assert all(np.array_equal(np.asarray(a.masks), b) for a, b in zip(seg, expected, strict=True))
        assert any("counted, as nothing tells them" in note for note in seg.notes)


@pytest.mark.filterwarnings("ignore:The codec `vlen-utf8`:UserWarning")  # of text, which older zarr says
def test_what_xarray_writes_is_read(tmp_path):
    coords = {"frame": [3, 5, 9], "phrase": ("object", np.array(["a dog"], dtype=object))}
    masks = xarray.DataArray(blobs()[None], dims=("object", "frame", "y", "x"), coords=coords)
    masks.to_dataset(name="masks").to_zarr(tmp_path / "a.zarr", consolidated=False)
    seg = sa.load_reference(tmp_path / "a.zarr")
    assert seg.frame.tolist() == [3, 5, 9]
    assert seg[0].phrase == "a dog"
    assert np.array_equal(np.asarray(seg[0].masks), blobs())


@pytest.mark.parametrize("axes", [None, ("x", "y", "t"), ("z", "y", "x")])
def test_axes_are_never_guessed(tmp_path, axes):
    path = group(tmp_path / "a.zarr", blobs(), axes)
    with pytest.raises(ValueError, match="must be named"):
        sa.load_reference(path)


@pytest.mark.parametrize(
    ("small", "error", "words"),
    [
        ({"frame": np.arange(2)}, AlignmentError, "'frame' .* one value a frame, 3, got 2"),
        ({"frame": np.array([0, 2, 1])}, DecodeError, "increasing"),
        ({"frame": np.array([0.0, 1, 2])}, DecodeError, "'frame' in a.zarr is float64"),
        ({"time_s": np.array([0, np.inf, 1])}, DecodeError, "seconds or null"),
        ({"time_s": np.zeros((3, 1))}, DecodeError, "which is none"),
    ],
)
def test_what_doesnt_fit_is_told(tmp_path, small, error, words):
    with pytest.raises(error, match=words):
        sa.load_reference(group(tmp_path / "a.zarr", blobs(), ("frame", "y", "x"), **small))


def test_a_chunk_that_is_missing_is_damage_and_not_an_absent_object(tmp_path):
    path = sa.save_masks(rich(), tmp_path / "a.zarr").path
    next(file for file in (path / "masks" / "c").rglob("*") if file.is_file()).unlink()
    with pytest.raises(DecodeError, match=r"has 2 of its 3 chunks; it is damaged"):
        sa.load_reference(path)


def test_a_chunk_that_is_spoilt_is_damage(tmp_path):
    path = sa.save_masks(rich(), tmp_path / "a.zarr").path
    next(file for file in (path / "masks" / "c").rglob("*") if file.is_file()).write_bytes(b"spoilt")
    with pytest.raises(DecodeError, match="can't be read to its end"):
        sa.load_reference(path)


def test_a_spoilt_description_is_damage(tmp_path):
    path = sa.save_masks(rich(), tmp_path / "a.zarr").path
    (path / "zarr.json").write_text("{")
    with pytest.raises(DecodeError, match="can't be opened as a zarr group"):
        sa.load_reference(path)


def test_limits_hold(tmp_path):
    path = sa.save_masks(rich(), tmp_path / "a.zarr").path
    with pytest.raises(DecodeError, match="limit"):
        sa.load_reference(path, limits=Limits(max_pixels=1199))


def test_a_group_without_masks_is_refused(tmp_path):
    zarr.create_group(tmp_path / "a.zarr")
    with pytest.raises(ValueError, match="must be a zarr group with an array 'masks'"):
        sa.load_reference(tmp_path / "a.zarr")
