import dataclasses
import sys

import numpy as np
import pandas as pd
import pytest
import supervision as sv
import trackpy
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

import sa2va_nb as sa
from sa2va_nb.convert.lazy import LazyMasks
from tests.clips import textured_clip
from tests.rich import rich, stack
from tests.scenes import rectangles, segmentation


def moving(*, frame=(0, 4, 8, 12)):
    """A rectangle at constant speed, gone in the last frame, and one pixel that stays."""
    a = rectangles([(2, 3, 8, 7), (5, 3, 11, 7), (8, 3, 14, 7), None], size=(30, 40))
    b = rectangles([(20, 10, 21, 11)] * 4, size=(30, 40))
    return segmentation(a, b, phrases=["a dog", "a dog"], frame=frame)


keys = st.one_of(
    st.integers(-3, 2),
    st.builds(
        slice,
        st.none() | st.integers(-4, 4),
        st.none() | st.integers(-4, 4),
        st.sampled_from([None, 1, 2, -1]),
    ),
)


@settings(deadline=None)
@given(st.lists(keys, max_size=3), st.integers(0, 3), st.sampled_from([True, 1, 300]))
def test_lazy_masks_index_as_the_dense_array_does(key, at, label):
    dense = np.random.default_rng(0).random((3, 4, 5)) < 0.5
    key = (*key[:at], ..., *key[at:]) if at <= len(key) else tuple(key)
    expected = dense[key] if label is True else dense[key] * np.uint16(label)
    found = LazyMasks(sa.Masks.from_array(dense), label)[key]
    assert np.array_equal(found, expected)
    assert found.shape == expected.shape


def test_lazy_masks_take_arrays_and_become_arrays():
    dense = np.random.default_rng(0).random((3, 4, 5)) < 0.5
    lazy = LazyMasks(sa.Masks.from_array(dense), 2)
    assert np.array_equal(lazy[np.array([2, 0])], dense[[2, 0]] * 2)
    assert np.array_equal(np.asarray(lazy), dense * 2)
    assert np.asarray(lazy, dtype=float).dtype == float
    with pytest.raises(ValueError, match="without copying"):
        np.array(lazy, copy=False)


def test_xarray_has_named_axes_and_coordinates():
    seg = rich()
    data = sa.to_xarray(seg)
    dense, void = stack(seg)
    assert data["masks"].dims == ("object", "frame", "y", "x")
    assert data.sizes == {"object": 3, "frame": 4, "y": 30, "x": 40}
    assert np.array_equal(data["masks"].sel(object=1, frame=8), dense[1, 2])
    assert np.array_equal(data["masks"].isel(frame=slice(None, None, -2), y=slice(3, 9)), dense[:, ::-2, 3:9])
    assert np.array_equal(data["masks"].isel(x=[4, 2]), dense[..., [4, 2]])
    assert np.array_equal(data["void"], void)
    assert data["phrase"].values.tolist() == ["a dog", "δύο παιδιά", ""]
    assert data["time_s"].sel(frame=12).item() == 0.5
    assert data.load()["masks"].sum() == dense.sum()
    assert sa.to_xarray(segmentation(frame=[0, 1])).sizes["object"] == 0


def test_xarray_of_a_result_and_of_its_zarr_group_are_the_same(tmp_path):
    seg = rich()
    path = sa.save_masks(seg, tmp_path / "a.zarr").path
    opened, made = xarray.open_zarr(path, consolidated=False, chunks=None), sa.to_xarray(seg)
    for name in ("masks", "void", "time_s", "frame"):
        assert opened[name].dims == made[name].dims
        assert np.array_equal(opened[name].values, made[name].values), name


def test_supervision_has_what_is_seen_in_a_frame():
    seg = moving()
    found = sa.to_supervision(seg, 4)
    assert found.xyxy.tolist() == [[5, 3, 11, 7], [20, 10, 21, 11]]
    assert found.box_area.tolist() == found.area.tolist() == [24, 1]  # boxes are half-open
    assert found.tracker_id.tolist() == [0, 1]
    assert found.class_id.tolist() == [0, 0]
    assert found["class_name"].tolist() == ["a dog", "a dog"]
    assert np.array_equal(found.mask, stack(seg)[0][:, 1])
    assert sa.to_supervision(seg, 12).tracker_id.tolist() == [1]
    painted = sv.MaskAnnotator(opacity=1.0).annotate(np.zeros((30, 40, 3), np.uint8), found)
    assert np.array_equal(painted.any(-1), found.mask.any(0))
    none = sa.to_supervision(segmentation(np.zeros((1, 5, 6), bool)), 0)
    assert (len(none), none.mask.shape) == (0, (0, 5, 6))
    assert len(sv.Detections.merge([none, sa.to_supervision(segmentation(np.ones((1, 5, 6), bool)), 0)])) == 1
    with pytest.raises(ValueError, match="no masks for frame 5"):
        sa.to_supervision(seg, 5)


@pytest.mark.parametrize("make", [lambda seg: seg, sa.measure])
def test_trackpy_tables_have_a_row_a_visible_mask(make):
    table = sa.to_trackpy(make(moving()))
    assert table.columns.tolist() == ["y", "x", "frame", "particle", "area_px", "phrase"]
    assert table["frame"].tolist() == [0, 0, 4, 4, 8, 8, 12]
    assert table["particle"].tolist() == [0, 1, 0, 1, 0, 1, 1]
    assert table.query("particle == 0")["x"].tolist() == [4.5, 7.5, 10.5]
    assert sa.to_trackpy(segmentation(frame=[0, 1])).empty


@pytest.mark.parametrize("convert", [sa.to_trackpy, lambda table: sa.to_movement(table)])
def test_tables_of_something_else_are_refused(convert):
    if convert is not sa.to_trackpy:
        pytest.importorskip("movement", reason="needs movement, which the tests don't install: it is heavy")
    with pytest.raises(TypeError, match="expected a Segmentation or the table from measure"):
        convert([1])
    with pytest.raises(ValueError, match="lacks object"):
        convert(pd.DataFrame({"x": [1]}))


@pytest.mark.filterwarnings("default")  # it asks pandas for what will go
def test_trackpy_takes_the_table():
    msd = trackpy.imsd(sa.to_trackpy(moving(frame=(0, 1, 2, 3))), mpp=1, fps=1)
    assert msd[0].iloc[:2].tolist() == pytest.approx([9, 36])  # 3 px a frame
    assert msd[1].tolist() == pytest.approx([0, 0, 0])


@pytest.mark.filterwarnings("default")
def test_movement_takes_boxes_centroids_and_times():
    pytest.importorskip("movement", reason="needs movement, which the tests don't install: it is heavy")
    from movement.kinematics import compute_velocity

    seg = moving()
    data = sa.to_movement(seg)
    assert dict(data.sizes) == {"time": 4, "space": 2, "individuals": 2}
    assert data.individuals.values.tolist() == ["a dog (0)", "a dog (1)"]
    assert data.time.values.tolist() == [0, 4, 8, 12]
    assert data.time_s.values.tolist() == pytest.approx([0, 0.16, 0.32, 0.48])
    first = data.sel(individuals="a dog (0)")
    assert first.position.sel(space="x").values[:3].tolist() == [4.5, 7.5, 10.5]
    assert np.array_equal(first.position[:3], first.centroid[:3])  # a rectangle's centre
    assert first["shape"].values[0].tolist() == [6, 4]
    assert np.isnan(first.position[3]).all()
    assert data.area_px.values[:, 0].tolist() == [24, 24, 24, 0]
    in_seconds = sa.to_movement(sa.measure(seg), fps=25)
    speed = compute_velocity(in_seconds.position).sel(individuals="a dog (0)", space="x")
    assert speed.values[1] == pytest.approx(3 / 0.16)
    with pytest.raises(ValueError, match="there is no object"):
        sa.to_movement(segmentation(frame=[0, 1]))


@pytest.mark.filterwarnings("default")
def test_napari_gets_a_labels_layer_an_object_and_the_paths():
    pytest.importorskip("napari", reason="needs napari, which the tests don't install: it is heavy")
    from napari.components import ViewerModel
    from napari.layers import Labels, Tracks

    *labels, paths = sa.to_napari(rich())
    dense, void = stack(rich())
    assert [type(layer) for layer in (*labels, paths)] == [Labels] * 4 + [Tracks]
    assert [layer.name for layer in labels] == ["a dog", "δύο παιδιά", "object 2", "void"]
    for k, track in enumerate(dense):
        assert np.array_equal(np.asarray(labels[k].data), track * (k + 1))
    assert np.array_equal(np.asarray(labels[3].data), void)
    assert all(layer.scale.tolist() == [4, 1, 1] for layer in (*labels, paths))
    viewer = ViewerModel()
    viewer.layers.extend([*labels, paths])
    viewer.dims.set_point(0, 4)  # the source's frame 4, the second mask
    y, x = np.nonzero(dense[0, 1])
    assert labels[0].get_value((4, y[0], x[0]), world=True) == 1
    assert labels[0].get_value((4, 0, 0), world=True) == dense[0, 1, 0, 0]
    table = sa.measure(rich()).query("visible")
    assert paths.data[:, 0].tolist() == (table["object"] + 1).tolist()
    assert (paths.data[:, 1] * 4).tolist() == table["frame"].tolist()
    assert np.array_equal(paths.data[:, 2:], table[["y", "x"]])
    assert paths.features["area_px"].tolist() == table["area_px"].tolist()
    assert [layer.name for layer in sa.to_napari(segmentation(np.zeros((2, 5, 6), bool)))] == ["object 0"]
    uneven = sa.to_napari(moving(frame=(0, 1, 5, 6)))[0]
    assert (uneven.scale.tolist(), uneven.metadata["frame"].tolist()) == ([1, 1, 1], [0, 1, 5, 6])


@pytest.mark.filterwarnings("default")
def test_fiftyone_gets_a_video_with_masks_in_its_frames(tmp_path):
    fo = pytest.importorskip(
        "fiftyone", reason="needs fiftyone, which the tests don't install: it needs MongoDB"
    )
    seg = moving()
    with pytest.raises(ValueError, match="FiftyOne shows a video, but"):
        sa.to_fiftyone(seg)
    video = sa.Video(textured_clip(tmp_path / "clip.mp4", frames=13))
    dataset = sa.to_fiftyone([dataclasses.replace(seg, video=video)])
    try:
        sample = dataset.first()
        assert dataset.media_type == "video"
        assert sorted(sample.frames) == [1, 5, 9, 13]
        found = sample.frames[5].objects.detections
        assert [(each.label, each.index) for each in found] == [("a dog", 1), ("a dog", 2)]
        assert found[0].bounding_box == pytest.approx([5 / 40, 3 / 30, 6 / 40, 4 / 30])
        whole = found[0].to_segmentation(frame_size=(40, 30)).mask > 0
        assert np.array_equal(whole, stack(seg)[0][0, 1])
        assert len(sample.frames[13].objects.detections) == 1
    finally:
        fo.delete_dataset(dataset.name)


@pytest.mark.parametrize(
    ("module", "call", "extra"),
    [
        ("xarray", lambda: sa.to_xarray(rich()), "xarray"),
        ("supervision", lambda: sa.to_supervision(rich(), 0), "supervision"),
        ("napari", lambda: sa.to_napari(rich()), "napari"),
        ("movement", lambda: sa.to_movement(rich()), "movement"),
        ("fiftyone", lambda: sa.to_fiftyone(rich()), "fiftyone"),
        ("zarr", lambda: sa.save_masks(rich(), "never.zarr"), "zarr"),
    ],
)
def test_a_package_that_is_missing_is_named_with_its_command(monkeypatch, tmp_path, module, call, extra):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Without(module), *sys.meta_path])
    with pytest.raises(ImportError, match=rf"needs {module}: python -m pip install 'sa2va_nb\[{extra}\]'"):
        call()
    assert not [*tmp_path.iterdir()]


class Without:
    """An environment in which a package isn't installed."""

    def __init__(self, module):
        self.module = module

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == self.module:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_a_clip_of_no_objects_and_no_size_has_no_detections():
    nothing = sa.Segmentation((), np.arange(2), np.full(2, np.nan))
    assert len(sa.to_supervision(nothing, 1)) == 0
