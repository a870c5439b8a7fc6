import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from rlemasklib import RLEMask

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.bounds import Tally, trusting
from sa2va_nb.formats.rle import decode_mask
from sa2va_nb.media.limits import Limits
from tests.annotations import HEIGHT, WIDTH, blobs, to_rle

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools

SIZE = (HEIGHT, WIDTH)


def decode(value, size=SIZE):
    return decode_mask(value, size, "annotation 1 in a.json", Tally(trusting, "a.json"))


@pytest.mark.parametrize("compressed", [True, False])
def test_run_lengths_are_those_of_pycocotools(compressed):
    mask = blobs()[0]
    rle = to_rle(mask, compressed=compressed)
    assert np.array_equal(decode(rle).to_array() > 0, mask)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.lists(st.floats(-10, 50, allow_nan=False).map(lambda x: round(x, 2)), min_size=6, max_size=20).map(
            lambda xy: xy[: len(xy) // 2 * 2]
        ),
        min_size=1,
        max_size=3,
    )
)
def test_polygons_equal_pycocotools_to_the_pixel(polygons):
    official = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, *SIZE)))
    assert np.array_equal(decode(polygons).to_array() > 0, official > 0)


@pytest.mark.parametrize("value", [None, [], ""])
def test_nothing_is_an_absent_object(value):
    assert decode(value) is None


def test_runs_of_length_zero_are_merged():
    runs = decode({"size": [2, 5], "counts": [3, 0, 2, 5]}, (2, 5))
    assert runs.is_valid_rle()
    assert runs.area() == 5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"size": [40, 30], "counts": "0"}, r"size of a mask must be that of the picture, \[30, 40\]"),
        ({"counts": "0"}, "size of a mask"),
        ({"size": [30, 40], "counts": [1, 2]}, "run lengths of annotation 1 in a.json are damaged"),
        ({"size": [30, 40], "counts": [-1, 1201]}, "are damaged"),
        ({"size": [30, 40], "counts": [2**40, 1]}, "are damaged"),
        ({"size": [30, 40], "counts": [1.5, 1197.5, 1]}, "list of whole numbers"),
        ({"size": [30, 40], "counts": [float("nan")]}, "list of whole numbers"),
        ({"size": [30, 40], "counts": "zzzz"}, "are damaged"),
        ({"size": [30, 40], "counts": "\u20ac"}, "are damaged"),
        ({"size": [30, 40], "counts": None}, "counts must be"),
        ([[1, 2, 3, 4, 5]], "at least 3 points, got 5 numbers"),
        ([[1, 2, 3, 4]], "at least 3 points, got 4 numbers"),
        ([1, 2, 3, 4, 5, 6], "at least 3 points, got int"),
        ([[1, 2, 3, 4, 5, float("nan")]], "numbers in or near the picture"),
        ([[1, 2, 3, 4, 5, 1e12]], "numbers in or near the picture"),
        ([[1, 2, 3, 4, 5, "6"]], "numbers in or near the picture"),
        ([[0, 0, 100, 100] * 10_000], "edges of 2,000,000 px"),
        (7, "got int"),
    ],
)
def test_what_is_damaged_is_a_decode_error(value, expected):
    with pytest.raises(DecodeError, match=expected):
        decode(value)


def test_masks_beyond_the_limit_of_bytes_are_refused():
    noise = np.random.default_rng(0).random(SIZE) > 0.5
    runs = RLEMask.from_array(noise)
    tally = Tally(Limits(max_mask_bytes=3 * runs.counts_view.nbytes).check, "a.json")
    for _ in range(3):
        assert decode_mask(to_rle(noise), SIZE, "a mask", tally) == runs
    with pytest.raises(DecodeError, match=r"a\.json has .* bytes of encoded masks"):
        decode_mask(to_rle(noise), SIZE, "a mask", tally)


def test_damaged_texts_are_refused_or_add_up():
    text = to_rle(blobs()[0])["counts"]
    for at in range(len(text)):
        for letter in "0OoP~ \x00":
            try:
                runs = decode({"size": list(SIZE), "counts": text[:at] + letter + text[at + 1 :]})
            except DecodeError:
                continue
            assert sum(runs.counts) == HEIGHT * WIDTH
