import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.mots import read_mots
from tests.annotations import HEIGHT, WIDTH, blobs, to_rle


def lines(*rows):
    """Lines of (frame, id, class, mask), as the dataset has them."""
    return "".join(
        f"{t} {key} {kind} {HEIGHT} {WIDTH} {to_rle(mask)['counts']}\n" for t, key, kind, mask in rows
    )


def written(tmp_path, text):
    path = tmp_path / "0002.txt"
    path.write_text(text)
    return path


def test_an_id_is_an_object_and_class_10_is_void(tmp_path):
    a, b, void = blobs(seed=1), blobs(seed=2), blobs(seed=3)
    rows = [(7, 2005, 2, b[0]), (7, 1003, 1, a[0]), (7, 10000, 10, void[0]), (9, 1003, 1, a[1])]
    seg = sa.load_reference(written(tmp_path, lines(*rows)))
    assert seg.frame.tolist() == [7, 9]
    assert [item.masks.area_px.tolist() for item in seg] == [[a[0].sum(), a[1].sum()], [b[0].sum(), 0]]
    assert np.array_equal(np.asarray(seg.void), [void[0], void[0] & False])
    assert "those that have a line" in seg.notes[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 1001 1 30 40\n", "line 1 .* must be 'frame id class height width run-lengths'"),
        ("0 1001 1 30 40 _0\nwords\n", "line 2 of"),
        ("0 1001 1 30 40 @@@\n", "run lengths of object 1001 in frame 0 .* damaged"),
        (lines((0, 1001, 1, blobs()[0])) * 2, "object 1001 in frame 0 .* two masks"),
        ("0 1001 1 0 40 1\n", "'height' of line 1 .* from 1 up, got 0"),
        ("99999999999999 1 1 30 40 1\n", "'frame' of line 1"),
        (
            lines((0, 1001, 1, blobs()[0])) + "1 1001 1 31 40 1\n",
            "size of a mask must be that of the picture",
        ),
        ("0 1001 1 30 40 é\n", "no text of MOTS"),
        ("", "has no lines"),
    ],
)
def test_what_is_damaged_is_told_by_its_line(tmp_path, text, words):
    with pytest.raises(DecodeError, match=words):
        read_mots(written(tmp_path, text))


def test_other_text_is_no_mots(tmp_path):
    with pytest.raises(DecodeError):
        sa.load_reference(written(tmp_path, "Dear reader,\n"))
