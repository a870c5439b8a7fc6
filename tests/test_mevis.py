import json

import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.errors import AlignmentError, DecodeError
from tests.annotations import blobs, to_rle, write_json


def dataset(tmp_path, *, change=lambda masks, meta: None):
    """Two videos as MeViS has them: several expressions an object, and some that mean two."""
    a, b, c = blobs(seed=1), blobs(seed=2), blobs(seed=3, frames=2)

    def row(dense):
        return [to_rle(mask) if mask.any() else None for mask in dense]

    def said(words, *ids):
        return {"exp": words, "obj_id": list(range(len(ids))), "anno_id": list(ids)}

    masks = {"5": row(a), "12": row(b), "40": row(c)}
    meta = {
        "videos": {
            "cats": {
                "expressions": {
                    "0": said("both cats", 5, 12),
                    "1": said("the white cat", 12),
                    "2": said("cat that sleeps", 12),
                    "3": said("black cat", 5),
                },
                "frames": ["00000", "00005", "00010"],
            },
            "dogs": {"expressions": {"0": said("the two dogs", 40, 40)}, "frames": ["00000", "00001"]},
        }
    }
    change(masks, meta)
    write_json(tmp_path / "mask_dict.json", masks)
    write_json(tmp_path / "meta_expressions.json", meta)
    return tmp_path, (a, b, c)


@pytest.mark.parametrize("inside", ["", "mask_dict.json"])
def test_a_clip_has_the_objects_that_its_expressions_mean(tmp_path, inside):
    folder, (a, b, _) = dataset(tmp_path)
    seg = sa.load_reference(folder / inside, clip="cats")
    assert [item.phrase for item in seg] == ["black cat", "the white cat"]
    assert all(np.array_equal(np.asarray(x.masks), y) for x, y in zip(seg, (a, b), strict=True))
    assert seg.frame.tolist() == [0, 5, 10]
    assert sa.load_reference(folder, clip="dogs")[0].phrase is None
    with pytest.raises(ValueError, match="describes 2 clips; say which with clip=: 'cats', 'dogs'"):
        sa.load_reference(folder)


def cut(masks, meta):
    masks["5"].pop()


def drop(masks, meta):
    del masks["12"]


def swap(masks, meta):
    meta["videos"]["cats"]["frames"].reverse()


def spoil(masks, meta):
    meta["videos"]["cats"]["expressions"]["0"]["anno_id"] = "5"


def empty(masks, meta):
    meta["videos"]["cats"] = []


def sizeless(masks, meta):
    masks.update({"5": [None] * 3, "12": [None] * 3})


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (cut, DecodeError, "annotation 5 of 'cats' .* a mask or null a frame, 3, got 2"),
        (drop, DecodeError, "annotation 12 of 'cats' .* got none"),
        (swap, AlignmentError, "in the order of their numbers"),
        (spoil, DecodeError, "'anno_id' of an expression of 'cats'"),
        (empty, DecodeError, "'frames' of 'cats'"),
        (sizeless, DecodeError, "nothing tells the size"),
    ],
)
def test_what_is_damaged_is_told(tmp_path, change, error, words):
    folder, _ = dataset(tmp_path, change=change)
    with pytest.raises(error, match=words):
        sa.load_reference(folder, clip="cats")


def test_the_masks_alone_are_still_read_by_their_names(tmp_path):
    folder, (a, *_) = dataset(tmp_path)
    (folder / "meta_expressions.json").unlink()
    alone = write_json(
        folder / "mask_dict.json", {"5": json.loads((folder / "mask_dict.json").read_text())["5"]}
    )
    assert np.array_equal(np.asarray(sa.load_reference(alone)["5"].masks), a)
