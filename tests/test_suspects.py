import numpy as np
import pandas as pd
import pytest

from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.analysis.quality.suspects import suspects
from tests.scenes import rectangles, segmentation

COLUMNS = ["object", "phrase", "frame", "time_s", "first_frame", "last_frame", "score", "flags"]


def table(scores, *, object=0, flags=None, frame=None):
    frames = range(len(scores)) if frame is None else frame
    return pd.DataFrame(
        {
            "object": object,
            "phrase": pd.Series([None] * len(scores), dtype="object"),
            "frame": frames,
            "time_s": np.array(frames) / 25,
            "score": scores,
            "flags": [""] * len(scores) if flags is None else flags,
        }
    )


def test_consecutive_bad_frames_are_one_moment_with_its_worst_frame():
    found = suspects(table([0.9] * 10 + [0.4, 0.2, 0.3] + [0.9] * 10))
    assert found[["frame", "first_frame", "last_frame", "score", "time_s", "flags"]].values.tolist() == [
        [11, 10, 12, 0.2, 0.44, "low score"]
    ]
    assert list(found.columns) == COLUMNS


def test_moments_close_to_each_other_are_one():
    assert len(suspects(table([0.9] * 9 + [0.1] + [0.9] * 5 + [0.2] + [0.9] * 9))) == 1
    assert len(suspects(table([0.9] * 9 + [0.1] + [0.9] * 6 + [0.2] + [0.9] * 9))) == 2


def test_the_worst_come_first_whatever_the_object():
    both = pd.concat([table([0.9] * 20 + [0.3]), table([0.2] + [0.9] * 20, object=1)])
    found = suspects(both)
    assert found["object"].tolist() == [1, 0]
    assert suspects(both, n=1)["object"].tolist() == [1]
    assert len(suspects(both, n=0)) == 0


def test_a_flag_makes_a_moment_however_high_the_score():
    flags = [""] * 4 + ["6 specks", "8 specks; holes (9 %)"] + [""] * 4
    found = suspects(table([0.9, 0.9, 0.9, 0.9, 0.85, 0.8, 0.9, 0.9, 0.9, 0.9], flags=flags))
    assert found["flags"].tolist() == ["8 specks; holes (9 %)"]


def test_a_flag_that_is_everywhere_makes_no_moment():
    flags = ["contour about 9 px too far in"] * 20
    flags[7] += "; 5 specks"
    found = suspects(table([0.9] * 20, flags=flags))
    assert found[["first_frame", "last_frame"]].values.tolist() == [[7, 7]]


def test_frames_are_those_of_the_source():
    found = suspects(table([0.9, 0.9, 0.1, 0.9, 0.9], frame=[0, 4, 8, 12, 16]))
    assert found[["frame", "first_frame", "last_frame"]].values.tolist() == [[8, 8, 8]]


def test_good_masks_and_no_masks_are_no_suspects_of_the_right_types():
    for given in (table([0.9] * 9), quality(segmentation())):
        found = suspects(given)
        assert list(found.columns) == COLUMNS
        assert len(found) == 0
        assert found.dtypes["frame"] == "int64"


def test_an_object_that_is_always_bad_is_one_moment():
    found = suspects(quality(segmentation(np.zeros((30, 20, 20), bool))))
    assert found[["first_frame", "last_frame", "score", "flags"]].values.tolist() == [
        [0, 29, 0, "never visible"]
    ]


def test_a_dropped_frame_is_found():
    stack = rectangles([(10 + t, 10, 40 + t, 40) for t in range(20)], size=(60, 80))
    stack[9] = False
    found = suspects(quality(segmentation(stack, phrases=["a box"])))
    assert found[["phrase", "frame", "flags"]].values.tolist()[0] == ["a box", 9, "missing for 1 frame"]


def test_what_is_wrong_with_the_arguments_is_said():
    with pytest.raises(TypeError, match="expected the table from quality"):
        suspects([1])
    with pytest.raises(ValueError, match="lacks score, flags"):
        suspects(table([1.0]).drop(columns=["score", "flags"]))
    with pytest.raises(ValueError, match="0 or more, got -1"):
        suspects(table([1.0]), n=-1)
    with pytest.raises(TypeError, match=r"whole number, got 2\.5"):
        suspects(table([1.0]), n=2.5)
    with pytest.raises(ValueError, match="an object twice in a frame"):
        suspects(pd.concat([table([0.9, 0.2])] * 2))


def test_an_unknown_score_hides_no_moment_and_missing_flags_are_none():
    table = pd.DataFrame({"object": 0, "phrase": "a dog", "frame": range(9), "time_s": 0.0, "flags": np.nan})
    table["score"] = [np.nan, 0.9, 0.9, 0.9, np.nan, 0.3, 0.9, 0.9, 0.9]
    assert suspects(table)[["frame", "score", "flags"]].values.tolist() == [[5, 0.3, "low score"]]
