"""TrackEval's own readers open what is written."""

import json
import shutil

import numpy as np
import pytest
from pycocotools import mask as coco_mask

import sa2va_nb as sa
from tests.annotations import to_rle
from tests.rich import flattened, rich, segmentation, stack

trackeval = pytest.importorskip(
    "trackeval", reason="needs trackeval, which wants newer versions than the lowest"
)
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
QUIET = {"PRINT_CONFIG": False, "TRACKERS_TO_EVAL": ["same"]}


def every_frame():
    """What ``rich`` has, in frames 0 to 3."""
    seg = rich()
    return segmentation(*stack(seg)[0], phrases=["dog", "child", None], void=stack(seg)[1])


def masks_of(raw, whose):
    """Give (object's id, frame) and its mask, of the truth or of the one who is judged."""
    return {
        (int(key), t): coco_mask.decode(rle) > 0
        for t, (keys, rles) in enumerate(zip(raw[f"{whose}_ids"], raw[f"{whose}_dets"], strict=True))
        for key, rle in zip(keys, rles, strict=True)
    }


def expected(dense, key_of):
    return {
        (key_of(k), t): mask for k, track in enumerate(dense) for t, mask in enumerate(track) if mask.any()
    }


def assert_same(found, masks):
    assert found.keys() == masks.keys()
    assert all(np.array_equal(found[key], masks[key]) for key in masks)


def test_it_reads_mots_text_as_that_of_kitti(tmp_path):
    seg = every_frame()
    dense, void = stack(seg)
    path = sa.save_masks(seg, tmp_path / "label_02" / "0000.txt", format="mots").path
    folder = tmp_path / "trackers" / "same" / "data"
    folder.mkdir(parents=True)
    shutil.copy(path, folder)
    options = {
        "GT_FOLDER": str(tmp_path),
        "TRACKERS_FOLDER": str(tmp_path / "trackers"),
        "SEQ_INFO": {"0000": 4},
    }
    raw = trackeval.datasets.KittiMOTS({**QUIET, **options}).get_raw_seq_data("same", "0000")
    truth = expected(flattened(dense, void), lambda k: 1001 + k)
    assert_same(masks_of(raw, "gt"), truth)
    for rle, mask in zip(raw["gt_ignore_region"], void, strict=True):
        assert np.array_equal(coco_mask.decode(rle) > 0, mask) if rle["size"] != [0, 0] else not mask.any()
    judged = {key: mask for key, mask in masks_of(raw, "tracker").items() if key[0] // 1000 == 1}
    assert_same(judged, truth)


def test_it_reads_the_pngs_of_davis(tmp_path):
    seg = every_frame()
    dense, void = stack(seg)
    sa.save_masks(seg, tmp_path / "gt" / "clip", format="davis")
    shutil.copytree(tmp_path / "gt" / "clip", tmp_path / "trackers" / "same" / "data" / "clip")
    options = {"GT_FOLDER": str(tmp_path / "gt"), "TRACKERS_FOLDER": str(tmp_path / "trackers")}
    raw = trackeval.datasets.DAVIS({**QUIET, **options}).get_raw_seq_data("same", "clip")
    assert_same(masks_of(raw, "gt"), expected(flattened(dense, void), lambda k: k + 1))
    assert np.array_equal(np.stack([coco_mask.decode(rle) > 0 for rle in raw["masks_void"]]), void)


def test_it_reads_youtube_vis_json_as_results(tmp_path):
    seg = every_frame()
    path = sa.save_masks(seg, tmp_path / "a.json", format="ytvis").path
    written = json.loads(path.read_text())
    truth = tmp_path / "gt" / "youtube_vis_val"
    results = tmp_path / "trackers" / "youtube_vis_val" / "same" / "data"
    for folder in (truth, results):
        folder.mkdir(parents=True)
    scored = [{**row, "score": 1.0} for row in written["annotations"]]
    (results / "a.json").write_text(json.dumps(scored))
    dense = [*stack(seg)[0], stack(seg)[1]]
    for row, track in zip(written["annotations"], dense, strict=True):  # the truth's aren't compressed there
        row["segmentations"] = [to_rle(mask, compressed=False) if mask.any() else None for mask in track]
    (truth / "a.json").write_text(json.dumps(written))
    options = {"GT_FOLDER": f"{tmp_path}/gt/", "TRACKERS_FOLDER": f"{tmp_path}/trackers/"}
    raw = trackeval.datasets.YouTubeVIS({**QUIET, **options, "SPLIT_TO_EVAL": "val"}).get_raw_seq_data(
        "same", "clip"
    )
    for t, scores in enumerate(raw["similarity_scores"]):
        assert len(scores) == sum(bool(track[t].any()) for track in dense)
        assert np.array_equal(np.diag(scores), np.ones(len(scores)))
