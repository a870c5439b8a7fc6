import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import supervision as sv
import tifffile
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from packaging.version import Version
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

import sa2va_nb as sa
from sa2va_nb.opening.mask_videos import count_wrong_px
from sa2va_nb.opening.saving import WRITTEN
from tests.annotations import blobs
from tests.rich import WORDS, flattened, rich, segmentation, stack
from tests.shared import shared_data

EXACT = [name for name in WRITTEN if name != "mp4"]


@pytest.mark.parametrize("name", EXACT)
def test_what_a_format_keeps_comes_back_and_the_rest_is_said(tmp_path, name):
    seg, keeps = rich(), WRITTEN[name].keeps
    saved = sa.save_masks(seg, tmp_path / "masks", format=name)
    back = sa.load_reference(saved.path)
    dense, void = stack(seg)
    said = " ".join(saved.not_kept)

    expected = dense if "overlaps" in keeps else flattened(dense, void)
    assert saved.hidden_px == tuple((dense & ~expected).sum((1, 2, 3)).tolist())
    assert ("overlaps" in keeps) == ("pixels" not in said)
    if "absent" not in keeps:
        expected = expected[:2]
        assert "without a pixel are left out, and those after them count up: 2" in said
    assert np.array_equal(stack(back)[0], expected)
    assert [item.phrase for item in back] == (WORDS if "phrases" in keeps else [None] * len(back))
    assert ("phrases" in keeps) == ("phrases" not in said)
    assert back.frame.tolist() == [0, 4, 8, 12]
    if "time_s" in keeps:
        assert back.time_s == pytest.approx(seg.time_s, abs=1e-12)
    else:
        assert np.isnan(back.time_s).all()
        assert "the frames' times" in said
    assert (back.void == seg.void) if "void" in keeps else back.void is None
    assert ("void" in keeps) == ("nothing is judged" not in said)


def test_mask_videos_come_back_and_say_what_they_lose(tmp_path):
    seg = rich()
    saved = sa.save_masks(seg, tmp_path / "videos", format="mp4")
    back = sa.load_reference(saved.path)
    assert np.array_equal(stack(back)[0], stack(seg)[0])
    assert back.time_s == pytest.approx(seg.time_s, abs=1e-3)
    assert [note.split(":")[0] for note in saved.not_kept] == [
        "the phrases",
        "which source frames these are",
        "void",
    ]


def test_mask_videos_are_compared_with_what_they_should_hold(tmp_path):
    noise = np.random.default_rng(0).random((4, 120, 160)) < 0.5
    folder = sa.save_masks(segmentation(noise), tmp_path / "videos", format="mp4").path
    assert count_wrong_px(folder / "000.mp4", sa.Masks.from_array(noise)) == 0
    spoilt = noise.copy()
    spoilt[1, :3, :5] ^= True
    assert count_wrong_px(folder / "000.mp4", sa.Masks.from_array(spoilt)) == 15


def small(least=1):
    """Any few objects of any small size."""
    shapes = st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(least, 7), st.integers(least, 9))
    return shapes.flatmap(lambda shape: arrays(bool, shape))


@pytest.mark.parametrize("name", [name for name in EXACT if name != "zarr"])
@settings(deadline=None, max_examples=25)
@given(data=st.data(), void=st.booleans(), step=st.integers(1, 6))
def test_any_masks_come_back(tmp_path_factory, name, data, void, step):
    dense = data.draw(small(least=2 if name == "tiff" else 1))
    step = (
        4 if name == "sav" and step == 3 and dense.shape[1] == 2 else step
    )  # see the test of what is refused
    frame = np.arange(dense.shape[1]) * step
    empty = np.zeros(dense.shape[1:], bool)
    hole = empty | (np.arange(dense.shape[3]) == 0)
    seg = segmentation(*dense, frame=frame, void=hole if void or not len(dense) else None)
    path = tmp_path_factory.mktemp("any") / "masks"
    back = sa.load_reference(sa.save_masks(seg, path, format=name).path)
    keeps = WRITTEN[name].keeps
    dense, void = stack(seg)
    expected = dense if "overlaps" in keeps else flattened(dense, void)
    if "absent" not in keeps:
        expected = expected[expected.any((1, 2, 3))]
    assert len(back) == len(expected)
    assert all(np.array_equal(np.asarray(a.masks), b) for a, b in zip(back, expected, strict=True))
    assert back.frame.tolist() == frame.tolist()
    if "void" in keeps and (len(expected) or name != "davis"):
        assert back.void == seg.void or not void.any()


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("clip", ["bmx-trees", "sav_000001_manual.json"])
def test_real_masks_come_back_to_the_last_pixel(tmp_path, name, clip):
    source = shared_data(clip) if clip.endswith("json") else shared_data("davis") / clip / "osvos"
    whole = sa.load_reference(source)
    seg = dataclasses.replace(  # the first ten frames, as all would take the gate's time
        whole,
        objects=tuple(dataclasses.replace(item, masks=item.masks[:10]) for item in whole),
        frame=whole.frame[:10],
        time_s=whole.time_s[:10],
    )
    back = sa.load_reference(sa.save_masks(seg, tmp_path / "masks", format=name).path)
    dense, void = stack(seg)
    expected = dense if "overlaps" in WRITTEN[name].keeps else flattened(dense, void)
    if "absent" not in WRITTEN[name].keeps:
        expected = expected[expected.any((1, 2, 3))]
    assert np.array_equal(stack(back)[0], expected)
    assert back.frame.tolist() == seg.frame.tolist()


# pycocotools' own arrays don't take the copy that NumPy 2 asks for
by_pycocotools = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def decoded(rle):
    return coco_mask.decode(rle) > 0


@by_pycocotools
def test_pycocotools_opens_coco(tmp_path, capsys):
    seg = rich()
    coco = COCO(sa.save_masks(seg, tmp_path / "masks.json", format="coco").path)
    dense, void = stack(seg)
    frames = {row["frame_index"]: row["id"] for row in coco.dataset["images"]}
    for t, frame in enumerate(seg.frame):
        rows = coco.loadAnns(coco.getAnnIds(imgIds=[frames[frame]]))
        assert {row["track_id"] for row in rows} == {k + 1 for k in range(3) if dense[k, t].any()} | (
            {0} if void[t].any() else set()
        )
        for row in rows:
            mask = coco.annToMask(row).astype(bool)
            assert np.array_equal(mask, void[t] if row["track_id"] == 0 else dense[row["track_id"] - 1, t])
            assert row["area"] == mask.sum()
            y, x = np.nonzero(mask)
            assert row["bbox"] == [x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1]
            assert row["iscrowd"] == (row["track_id"] == 0)
    names = {row["id"]: row["name"] for row in coco.loadCats(coco.getCatIds())}
    assert sorted(names.values()) == sorted(["a dog", "δύο παιδιά", "object", "void"])


@pytest.mark.skipif(
    Version(sv.__version__) < Version("0.31"), reason="supervision before 0.31 spoils run lengths"
)
def test_supervision_opens_coco(tmp_path):
    seg = rich()
    path = sa.save_masks(seg, tmp_path / "masks.json", format="coco").path
    (tmp_path / "clip").mkdir()
    for frame in seg.frame:
        Image.new("RGB", (40, 30)).save(tmp_path / "clip" / f"{frame:05d}.jpg")
    found = sv.DetectionDataset.from_coco(str(tmp_path), str(path), force_masks=True)
    assert found.classes == ["a dog", "δύο παιδιά", "object", "void"]
    dense, void = stack(seg)
    expected = [*dense, void]
    places = {int(Path(file).stem): t for t, file in enumerate(sorted(file for file, _, _ in found))}
    seen = 0
    for file, _, detections in found:
        t = places[int(Path(file).stem)]
        for mask, kind in zip(detections.mask, detections.class_id, strict=True):
            assert np.array_equal(mask, expected[kind][t])
            seen += 1
    assert seen == sum(int(each.any((1, 2)).sum()) for each in expected)


@by_pycocotools
def test_pycocotools_decodes_the_other_json(tmp_path):
    seg = rich()
    dense, void = stack(seg)

    def load(name, file=""):
        return json.loads((sa.save_masks(seg, tmp_path / name, format=name).path / file).read_text())

    tracks = load("ytvis")["annotations"]
    for track, masks in zip(tracks, [*dense, void], strict=True):
        assert all(
            np.array_equal(decoded(rle), mask) if rle else not mask.any()
            for rle, mask in zip(track["segmentations"], masks, strict=True)
        )
    for t, row in enumerate(load("sav")["masklet"]):
        assert all(np.array_equal(decoded(rle), dense[k, t]) for k, rle in enumerate(row))
    for key, row in load("mevis", "mask_dict.json").items():
        assert all(
            np.array_equal(decoded(rle), mask) if rle else not mask.any()
            for rle, mask in zip(row, dense[int(key)], strict=True)
        )


@by_pycocotools
def test_mots_has_no_overlaps_and_ids_of_its_classes(tmp_path):
    seg = rich()
    path = sa.save_masks(seg, tmp_path / "masks.txt").path
    dense, void = stack(seg)
    expected, seen = flattened(dense, void), np.zeros(seg.shape, int)
    for line in path.read_text().splitlines():
        frame, key, kind, height, width, runs = line.split(" ")
        mask, t = decoded({"size": [int(height), int(width)], "counts": runs}), int(frame) // 4
        assert int(key) // 1000 == int(kind)
        assert np.array_equal(mask, void[t] if key == "10000" else expected[int(key) - 1001, t])
        seen[t] += mask
    assert seen.max() == 1


def test_davis_pngs_have_the_palette_that_its_tools_use(tmp_path):
    folder = sa.save_masks(rich(), tmp_path / "masks", format="davis").path
    assert sorted(file.name for file in folder.iterdir()) == [
        "00000.png",
        "00004.png",
        "00008.png",
        "00012.png",
    ]
    with Image.open(folder / "00000.png") as image:
        colors = np.array(image.getpalette()).reshape(-1, 3)
        assert image.mode == "P"
    assert colors[:5].tolist() == [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [0, 0, 128]]
    assert colors[255].tolist() == [224, 224, 192]


def test_numpy_opens_npz(tmp_path):
    seg = rich()
    dense, void = stack(seg)
    with np.load(sa.save_masks(seg, tmp_path / "masks.npz").path) as data:
        assert np.array_equal(data["masks"], dense)
        assert np.array_equal(data["void"], void)
        assert data["frame"].tolist() == [0, 4, 8, 12]
        assert data["time_s"].tolist() == seg.time_s.tolist()
        assert data["phrases"].tolist() == ["a dog", "δύο παιδιά", ""]


def test_xarray_opens_zarr_with_its_coordinates(tmp_path):
    seg = rich()
    data = xarray.open_zarr(sa.save_masks(seg, tmp_path / "masks.zarr").path, consolidated=False, chunks=None)
    dense, void = stack(seg)
    assert data["masks"].dims == ("object", "frame", "y", "x")
    assert np.array_equal(data["masks"], dense)
    assert np.array_equal(data["void"], void)
    assert data["masks"].sel(frame=8, object=0).sum() == dense[0, 2].sum()
    assert data.attrs["phrases"] == WORDS
    assert data.coords["time_s"].values.tolist() == seg.time_s.tolist()


@pytest.mark.parametrize(("n", "dtype"), [(3, np.uint8), (254, np.uint8), (255, np.uint16), (300, np.uint16)])
def test_tiff_has_imagejs_axes_and_labels_of_8_or_16_bits(tmp_path, n, dtype):
    dense = np.zeros((n, 2, 17, 19), bool)
    dense[np.arange(n), np.arange(n) % 2, np.arange(n) // 19, np.arange(n) % 19] = True  # a pixel each
    void = np.zeros((2, 17, 19), bool)
    void[1, -1] = True
    path = sa.save_masks(segmentation(*dense, void=void), tmp_path / "masks.tif").path
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_imagej
        assert (tiff.series[0].axes, tiff.series[0].shape, tiff.series[0].dtype) == (
            "TYX",
            (2, 17, 19),
            dtype,
        )
        assert tiff.imagej_metadata["Labels"] == ["frame 0", "frame 1"]
        images = tiff.asarray()
    expected = flattened(dense, void)
    assert all(np.array_equal(images == k + 1, expected[k]) for k in range(n))
    back = sa.load_reference(path)
    assert np.array_equal(stack(back)[0], expected)
    assert np.array_equal(stack(back)[1], void)


def test_300_objects_are_too_many_for_a_palette_and_none_too_many_for_json(tmp_path):
    dense = np.zeros((300, 1, 20, 20), bool)
    dense[np.arange(300), 0, np.arange(300) // 20, np.arange(300) % 20] = True
    seg = segmentation(*dense)
    with pytest.raises(ValueError, match=r"a palette has 254 labels .* got 300 objects; write tiff or npz"):
        sa.save_masks(seg, tmp_path / "pngs", format="davis")
    assert not [*tmp_path.iterdir()]
    for name in ("coco", "ytvis", "mots", "npz", "tiff", "mevis"):
        back = sa.load_reference(sa.save_masks(seg, tmp_path / name, format=name).path)
        assert np.array_equal(stack(back)[0], dense), name
    with pytest.raises(ValueError, match="room for 999 objects, got 1000"):
        sa.save_masks(segmentation(*np.zeros((1000, 1, 2, 2), bool)), tmp_path / "a.txt")


@pytest.mark.parametrize("name", WRITTEN)
def test_no_objects_are_a_result_too(tmp_path, name):
    seg = segmentation(void=np.zeros((3, 8, 9), bool))
    if name == "mp4":
        with pytest.raises(ValueError, match="there are none; write npz or ytvis"):
            sa.save_masks(seg, tmp_path / "masks", format=name)
        return
    back = sa.load_reference(sa.save_masks(seg, tmp_path / "masks", format=name).path)
    assert (len(back), len(back.frame)) == (0, 3)


def test_what_has_no_frames_or_no_size_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no frames can't be saved"):
        sa.save_masks(segmentation(np.zeros((0, 3, 4), bool)), tmp_path / "a.npz")
    nothing = sa.Segmentation((), np.arange(2), np.full(2, np.nan))
    with pytest.raises(ValueError, match="neither objects nor a video, so nothing tells its size"):
        sa.save_masks(nothing, tmp_path / "a.npz")


def test_void_without_an_object_beside_it_is_said_to_be_lost_in_pngs(tmp_path):
    seg = segmentation(np.zeros((2, 4, 5), bool), void=np.ones((2, 4, 5), bool))
    saved = sa.save_masks(seg, tmp_path / "pngs", format="davis")
    assert "void, as no object is seen beside it" in saved.not_kept
    assert len(sa.load_reference(saved.path)) == 0


@pytest.mark.parametrize(("frame", "time_s"), [([1, 2, 3], None), ([0, 2, 5], None), ([0, 3], None)])
def test_frames_that_sav_has_no_way_to_say_are_refused(tmp_path, frame, time_s):
    with pytest.raises(ValueError, match="SA-V holds every k-th frame from the first on"):
        sa.save_masks(
            segmentation(np.ones((len(frame), 4, 5), bool), frame=frame), tmp_path / "a", format="sav"
        )
    assert not [*tmp_path.iterdir()]


def test_uneven_times_are_said_to_be_lost(tmp_path):
    seg = segmentation(np.ones((3, 4, 6), bool), time_s=[0, 0.1, 0.9])
    for name in ("sav", "mp4"):
        assert any(
            "aren't even" in note for note in sa.save_masks(seg, tmp_path / name, format=name).not_kept
        )


def test_the_ending_tells_the_format_where_it_can(tmp_path):
    seg = rich()
    found = {
        file: sa.save_masks(seg, tmp_path / file).format for file in ("a.npz", "a.TIF", "a.txt", "a.zarr")
    }
    assert found == {"a.npz": "npz", "a.TIF": "tiff", "a.txt": "mots", "a.zarr": "zarr"}
    for file in ("a.json", "folder", "a.mp4"):
        with pytest.raises(
            ValueError, match=r"doesn't tell its format; say it with format=, one of coco, ytvis"
        ):
            sa.save_masks(seg, tmp_path / file)
    with pytest.raises(ValueError, match=r"format must be one of coco, .* got 'jpeg'"):
        sa.save_masks(seg, tmp_path / "a", format="jpeg")


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_there_is_replaced_only_if_asked(tmp_path, name):
    first, second = segmentation(blobs(frames=5)), segmentation(blobs(seed=9, frames=3))
    path = sa.save_masks(first, tmp_path / "masks", format=name).path
    with pytest.raises(FileExistsError, match="is there already; overwrite=True replaces it"):
        sa.save_masks(second, path, format=name)
    assert len(sa.load_reference(path).frame) == 5
    sa.save_masks(second, path, format=name, overwrite=True)
    assert np.array_equal(stack(sa.load_reference(path))[0], stack(second)[0])
    assert [file.name for file in tmp_path.iterdir()] == ["masks"]


@pytest.mark.parametrize("name", [name for name, form in WRITTEN.items() if form.folder])
def test_a_folder_with_other_files_is_never_replaced(tmp_path, name):
    folder = sa.save_masks(rich(), tmp_path / "masks", format=name).path
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"holds 'thesis.tex', which .* nothing was replaced"):
        sa.save_masks(rich(), folder, format=name, overwrite=True)
    assert (folder / "thesis.tex").read_text() == "years of work"
    with pytest.raises(FileExistsError, match="is a folder, which coco doesn't replace"):
        sa.save_masks(rich(), folder, format="coco", overwrite=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="is a file, which"):
        sa.save_masks(rich(), tmp_path / "file", format=name, overwrite=True)


def test_what_fails_midway_leaves_what_was_there(tmp_path):
    many = segmentation(*np.zeros((1000, 1, 2, 2), bool))
    for name in ("mots", "davis"):
        path = sa.save_masks(rich(), tmp_path / name, format=name).path
        with pytest.raises(ValueError, match="got 1000"):
            sa.save_masks(many, path, format=name, overwrite=True)
        assert len(sa.load_reference(path)) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["davis", "mots"]


def test_the_result_tells_in_words_what_was_not_kept(tmp_path):
    lines = str(sa.save_masks(rich(), tmp_path / "masks.txt")).splitlines()
    assert lines[0] == f"{tmp_path / 'masks.txt'}: text of MOTS"
    assert all(re.match("not kept: ", line) for line in lines[1:])
    assert len(lines) == 5


@pytest.mark.parametrize("phrase", ["../../etc/passwd", "a\nb\t'\"", "🐕" * 300, "object", "void", "Nül\x01"])
def test_any_phrase_comes_back(tmp_path, phrase):
    seg = segmentation(*np.ones((3, 1, 4, 5), bool), phrases=[phrase, None, phrase])
    for name, form in WRITTEN.items():
        if "phrases" in form.keeps:
            back = sa.load_reference(sa.save_masks(seg, tmp_path / name, format=name).path)
            assert [item.phrase for item in back] == [phrase, None, phrase], name


def test_the_guide_says_of_each_format_what_it_keeps():
    guide = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = [
        line.split("|")[1:-1] for line in guide.splitlines() if re.match(r"\| `\w+` (\| (yes|–) ){6}\|", line)
    ]
    told = {name.strip(" `"): [cell.strip() == "yes" for cell in cells] for name, *cells in rows}
    parts = ("overlaps", "absent", "phrases", "frame", "time_s", "void")
    assert told == {name: [part in form.keeps for part in parts] for name, form in WRITTEN.items()}
    assert set(re.findall(r"^ *(\w+) {2,}", sa.save_masks.__doc__.replace("format ", ""), re.M)) >= {*WRITTEN}


@pytest.mark.parametrize("name", ["davis", "mots", "tiff", "coco"])
def test_judging_by_the_file_gives_what_judging_by_the_masks_does(tmp_path, name):
    truth = segmentation(blobs(seed=1), blobs(seed=2) & ~blobs(seed=1), void=blobs(seed=3)[::-1])
    found = segmentation(blobs(seed=1)[:, ::-1], blobs(seed=2))
    assert (np.asarray(truth.void) & np.asarray(truth[0].masks)).any()
    back = sa.load_reference(sa.save_masks(truth, tmp_path / "truth", format=name).path)
    expected, judged = sa.evaluate(found, truth), sa.evaluate(found, back)
    pd.testing.assert_frame_equal(judged.frames, expected.frames)


def test_pngs_with_odd_names_are_read_and_others_left_alone(tmp_path):
    folder = sa.save_masks(segmentation(blobs(frames=3)), tmp_path / "masks", format="davis").path
    for file, name in zip(
        sorted(folder.iterdir()), ["-rf 7.png", "\u202egnp.8.png", "a;b'\n\"$(x)9.PNG"], strict=True
    ):
        file.rename(folder / name)
    (folder / ".hidden.png").write_bytes(b"no picture")
    (folder / "Thumbs.db").write_bytes(b"no picture")
    seg = sa.load_reference(folder)
    assert seg.frame.tolist() == [7, 8, 9]
    assert np.array_equal(np.asarray(seg[0].masks), blobs(frames=3))
    with pytest.raises(FileExistsError, match="which davis didn't write"):
        sa.save_masks(seg, folder, format="davis", overwrite=True)


def test_frames_that_no_reader_takes_are_refused(tmp_path):
    seg = sa.load_masks([np.ones((2, 3, 4), bool)], frame=[0, 10**9])
    for name in WRITTEN:
        with pytest.raises(ValueError, match="frames must be below 1,000,000,000 to be saved"):
            sa.save_masks(seg, tmp_path / "masks", format=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["coco", "ytvis", "npz", "tiff"])
def test_times_since_1970_are_read_back(tmp_path, name):
    time_s = np.array([1.7e9, 1.7e9 + 0.5])
    seg = dataclasses.replace(sa.load_masks([np.ones((2, 3, 4), bool)], frame=[0, 1]), time_s=time_s)
    saved = sa.save_masks(seg, tmp_path / "masks", format=name)
    assert sa.load_reference(saved.path).time_s.tolist() == time_s.tolist()


def test_files_of_frames_are_in_order_by_their_names(tmp_path):
    seg = sa.load_masks([np.ones((3, 4, 5), bool)], frame=[7, 99_999, 123_456])
    folder = sa.save_masks(seg, tmp_path / "pngs", format="davis").path
    assert sorted(file.name for file in folder.iterdir()) == ["000007.png", "099999.png", "123456.png"]
    rows = json.loads(sa.save_masks(seg, tmp_path / "a.json", format="coco").path.read_text())["images"]
    assert [row["file_name"] for row in rows] == ["clip/000007.jpg", "clip/099999.jpg", "clip/123456.jpg"]


def test_whole_numbers_of_seconds_come_back(tmp_path):
    seg = sa.Segmentation((), np.arange(3, dtype=np.uint8), np.arange(3), void=sa.Masks.from_array(blobs()))
    for name in ("npz", "zarr", "tiff", "coco", "ytvis"):
        back = sa.load_reference(sa.save_masks(seg, tmp_path / name, format=name).path)
        assert back.time_s.tolist() == [0, 1, 2], name


def test_a_single_time_that_sav_has_no_way_to_say_is_said_to_be_lost(tmp_path):
    for time_s, lost in [(0.9, ["the frames' times, which aren't even from 0 on"]), (np.nan, [])]:
        seg = segmentation(np.ones((1, 4, 5), bool), time_s=[time_s])
        saved = sa.save_masks(seg, tmp_path / "a", format="sav", overwrite=True)
        assert saved.not_kept == tuple(lost)
        assert np.isnan(sa.load_reference(saved.path).time_s).all()


def test_more_objects_than_are_read_are_not_written(tmp_path):
    seg = segmentation(*np.ones((2001, 1, 1, 1), bool))
    for name in WRITTEN:
        with pytest.raises(ValueError, match="2000 objects"):
            sa.save_masks(seg, tmp_path / "masks", format=name)
    assert not [*tmp_path.iterdir()]


def test_a_name_like_an_address_is_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved = sa.save_masks(segmentation(np.ones((2, 8, 8), bool)), "http:x", format="mp4")
    assert np.asarray(sa.load_reference("http:x")[0].masks).all()
    assert saved.path.is_dir()


def test_phrases_too_long_for_npz_are_not_written(tmp_path):
    seg = segmentation(*np.ones((2, 1, 2, 2), bool), phrases=["x" * 9_000_000, "y"])
    with pytest.raises(ValueError, match=r"72,000,000 bytes, and 67,108,864 are read; write zarr or ytvis"):
        sa.save_masks(seg, tmp_path / "a.npz")
    assert not [*tmp_path.iterdir()]
