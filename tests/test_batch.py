import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.opening.results import find_references, find_results, find_videos
from sa2va_nb.studies.batch import evaluate_batch, rate_batch
from tests.annotations import blobs, write_json
from tests.clips import mask_clip, rectangle, textured_clip
from tests.shared import shared_data


def save(path: Path, *objects):
    path.parent.mkdir(exist_ok=True, parents=True)
    np.savez_compressed(path, masks=np.stack(objects))
    return path


def shifted(pixels):
    return np.roll(rectangle(), pixels, axis=2)


def two_clips(tmp_path):
    """Write a clip of one object, one of two, in results and in truth."""
    save(tmp_path / "truth" / "one.npz", rectangle())
    save(tmp_path / "truth" / "two.npz", rectangle(), rectangle(step=0))
    save(tmp_path / "results" / "one.npz", shifted(8))
    save(tmp_path / "results" / "two.npz", rectangle(), rectangle(step=0))
    return tmp_path / "results", tmp_path / "truth"


def test_a_folder_of_results_is_judged_against_references_of_the_same_names(tmp_path):
    results, truth = two_clips(tmp_path)
    batch = evaluate_batch(find_results([results]), truth)
    assert batch.left_out == ()
    assert batch.objects[["clip", "object", "n_frames"]].to_numpy().tolist() == [
        ["one", 0, 12],
        ["two", 0, 12],
        ["two", 1, 12],
    ]
    np.testing.assert_allclose(batch.objects["J_mean"], [1 / 3, 1, 1])  # half of it shifted away: 8 / 24


def test_the_mean_over_all_is_over_objects_and_not_over_clips(tmp_path):
    results, truth = two_clips(tmp_path)
    batch = evaluate_batch(find_results([results]), truth)
    summary = batch.summary().set_index("clip")
    np.testing.assert_allclose(summary["J_mean"], [1 / 3, 1, (1 / 3 + 1 + 1) / 3])
    assert summary["n_objects"].tolist() == [1, 2, 3]
    assert summary["n_frames"].tolist() == [12, 12, 24]
    assert summary.index.tolist() == ["one", "two", "all"]
    assert batch.count == "means over objects; n = 3 objects in 2 results"


def test_folders_of_several_models_are_told_apart_and_each_has_its_mean(tmp_path):
    results, truth = two_clips(tmp_path)
    better = shutil.copytree(truth, tmp_path / "better")
    summary = evaluate_batch(find_results([results, better]), truth).summary()
    assert summary[["results", "clip"]].to_numpy().tolist() == [
        *([str(results), "one"], [str(results), "two"], [str(better), "one"], [str(better), "two"]),
        *([str(results), "all"], [str(better), "all"]),
    ]
    np.testing.assert_allclose(summary["J_mean"].to_numpy()[-2:], [7 / 9, 1])


def test_several_results_are_judged_against_one_reference(tmp_path):
    truth = save(tmp_path / "truth.npz", rectangle())
    paths = [save(tmp_path / name / "a.npz", shifted(by)) for name, by in (("x", 0), ("y", 8))]
    batch = evaluate_batch(find_results(paths), truth)
    assert batch.objects["results"].tolist() == [str(path) for path in paths]
    np.testing.assert_allclose(batch.objects["J_mean"], [1, 1 / 3])
    assert len(batch.summary()) == 3


def test_what_cannot_be_judged_is_named_and_the_others_are_judged(tmp_path):
    results, truth = two_clips(tmp_path)
    (results / "one.npz").write_bytes(b"PK\x03\x04")
    save(results / "three.npz", rectangle())
    save(truth / "four.npz", rectangle())
    batch = evaluate_batch(find_results([results]), truth)
    assert batch.objects["clip"].tolist() == ["two", "two"]
    one, three, four = batch.left_out
    assert one.startswith(f"{results / 'one.npz'}: one.npz can't be opened as .npz")
    assert three.startswith(f"{results / 'three.npz'}: there is no reference called three in {truth}")
    assert four == "four: there is no result for this reference"


def test_results_that_are_picked_leave_no_reference_out(tmp_path):
    results, truth = two_clips(tmp_path)
    batch = evaluate_batch(find_results([results / "one.npz"]), truth)
    assert batch.left_out == ()
    assert batch.objects["clip"].tolist() == ["one"]


def test_where_nothing_can_be_judged_it_is_an_error(tmp_path):
    results, truth = two_clips(tmp_path)
    for file in results.iterdir():
        file.unlink()
    save(results / "other.npz", rectangle())
    with pytest.raises(sa.RunError, match=r"nothing could be judged:\n  .*no reference called other"):
        evaluate_batch(find_results([results]), truth)


def test_objects_of_another_number_are_named_with_what_to_do(tmp_path):
    results, truth = two_clips(tmp_path)
    save(results / "two.npz", rectangle())
    (reason,) = evaluate_batch(find_results([results]), truth).left_out
    assert "match='hungarian'" in reason


def test_objects_too_many_are_noted_by_clip(tmp_path):
    results, truth = two_clips(tmp_path)
    save(results / "one.npz", rectangle(), shifted(8))
    batch = evaluate_batch(find_results([results]), truth, lambda a, b: sa.evaluate(a, b, match="hungarian"))
    (note,) = batch.notes
    assert note.startswith("one: without a partner in the reference")
    assert len(batch.objects) == 3


def test_a_folder_of_mask_videos_is_one_clip_unless_they_have_the_names_of_clips(tmp_path):
    (tmp_path / "masks").mkdir()
    for name in ("one", "two"):
        mask_clip(tmp_path / "masks" / f"{name}.mp4", rectangle())
    assert [each.names for each in find_results([tmp_path / "masks"])] == [("masks",)]
    found = find_results([tmp_path / "masks"], known=["one", "two", "three"])
    assert [each.names for each in found] == [("one",), ("two",)]
    assert len(found[0].load()) == 1


def test_runs_are_known_by_the_name_of_their_video(tmp_path):
    clip, truth = sa.sample_clip(tmp_path)
    seg = sa.segment(
        clip,
        "What moves?",
        engine="motion",
        runs_dir=tmp_path / "runs",
        progress=False,
        num_frames_to_sample=8,
    )
    rles = [item.masks.to_coco_rle() for item in truth]
    (tmp_path / "truth").mkdir()
    write_json(tmp_path / "truth" / f"{clip.stem}.json", rles)

    def judge(a, b):
        return sa.evaluate(a, b, match="hungarian")

    expected = judge(seg, truth).objects["J_mean"].tolist()
    for given in (
        [tmp_path / "runs"],
        [Path(seg.run["folder"]).name],
        [sa.save_bundle(seg, tmp_path / f"{clip.stem}.zip")],
    ):
        found = find_results(given, runs_dir=tmp_path / "runs")
        batch = evaluate_batch(found, tmp_path / "truth", judge)
        assert batch.objects["clip"].unique().tolist() == [clip.stem]
        np.testing.assert_allclose(batch.objects["J_mean"], expected)


def test_several_runs_of_one_clip_are_told_apart(tmp_path):
    clip, _ = sa.sample_clip(tmp_path)
    for prompt in ("What moves?", "Please segment the ball."):
        sa.segment(
            clip, prompt, engine="motion", runs_dir=tmp_path / "runs", progress=False, num_frames_to_sample=8
        )
    batch = rate_batch(find_results([tmp_path / "runs"]), lambda seg: quality(seg).assign(flags=""))
    assert sorted(batch.objects["clip"].unique()) == sorted(
        f"{clip.stem} ({name})" for name in sa.runs(tmp_path / "runs")["run"]
    )
    assert len(batch.summary()) == 3


def test_ratings_are_the_means_of_each_objects_frames(tmp_path):
    results, _ = two_clips(tmp_path)
    batch = rate_batch(find_results([results]), quality)
    for result in find_results([results]):
        table = quality(result.load())
        rows = batch.objects[batch.objects["clip"] == result.names[0]].reset_index()
        grouped = table.groupby("object")
        np.testing.assert_allclose(rows["score_mean"], grouped["score"].mean())
        np.testing.assert_allclose(rows["score_min"], grouped["score"].min())
        np.testing.assert_allclose(
            rows["flagged_frac"], (table["flags"] != "").groupby(table["object"]).mean()
        )
    assert batch.summary()["n_objects"].tolist() == [1, 2, 3]


def test_ratings_see_the_video_of_the_same_name(tmp_path):
    results, _ = two_clips(tmp_path)
    (tmp_path / "videos").mkdir()
    textured_clip(tmp_path / "videos" / "one.mp4")
    seen = []

    def rate(seg):
        seen.append(None if seg.video is None else seg.video.path.name)
        return quality(seg)

    rate_batch(find_results([results]), rate, videos=find_videos(tmp_path / "videos"))
    assert seen == ["one.mp4", None]
    with pytest.raises(ValueError, match="no video"):
        find_videos(results)


def test_what_is_no_result_is_an_error_in_words(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no results"):
        find_results([tmp_path / "empty"])
    with pytest.raises(sa.RunError, match="expected a run folder"):
        find_results(["nothing"], runs_dir=tmp_path)
    with pytest.raises(ValueError, match="there is no reference at"):
        find_references(tmp_path / "nowhere")
    two = [save(tmp_path / "twice" / "a.npz", rectangle()), write_json(tmp_path / "twice" / "a.json", [])]
    with pytest.raises(ValueError, match=r"two references .* are called 'a'"):
        find_references(two[0].parent)


def test_real_masks_have_the_official_figures_in_the_table(tmp_path):
    official = json.loads(shared_data("davis/official.json").read_text())
    for clip in ("car-shadow", "dog"):
        for ours, theirs in (("results", "osvos"), ("truth", "gt")):
            (tmp_path / ours).mkdir(exist_ok=True)
            (tmp_path / ours / clip).symlink_to(shared_data(f"davis/{clip}/{theirs}"))

    def judge(a, b):
        return sa.evaluate(a, b, match="union", frames="davis")

    table = evaluate_batch(find_results([tmp_path / "results"]), tmp_path / "truth", judge).summary()
    for row in table.itertuples():
        if row.clip != "all":
            figures = official[row.clip]["davis"]
            np.testing.assert_allclose([row.J_mean, row.J_recall, row.J_decay], figures["J"], atol=1e-9)
            np.testing.assert_allclose([row.F_mean, row.F_recall, row.F_decay], figures["F"], atol=1e-9)


def test_a_folder_of_any_format_of_masks_is_one_result_or_holds_several(tmp_path):
    seg = sa.load_masks([blobs(seed=1), blobs(seed=2)])
    for name, file in [
        ("zarr", "a.zarr"),
        ("mevis", "b"),
        ("mots", "c.txt"),
        ("tiff", "d.tif"),
        ("npz", "e.npz"),
    ]:
        sa.save_masks(seg, tmp_path / "all" / file, format=name)
    (tmp_path / "all" / "README.txt").write_text("These are masks.")
    found = find_results([tmp_path / "all"])
    assert [each.path.name for each in found] == ["a.zarr", "b", "c.txt", "d.tif", "e.npz"]
    assert [each.names[0] for each in found] == ["a", "b", "c", "d", "e"]
    assert all(len(each.load()) == 2 for each in found)
    assert len(find_results([tmp_path / "all" / "a.zarr", tmp_path / "all" / "b"])) == 2
