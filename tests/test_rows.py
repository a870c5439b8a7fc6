import pandas as pd

from sa2va_nb.analysis.rows import table_of

DTYPES = {"object": "int64", "phrase": "object", "area_px": "float64", "other": "Int64", "seen": "bool"}


def test_columns_have_their_types_and_a_phrase_of_none_stays_none():
    rows = [
        {"object": 0, "phrase": None, "area_px": 3, "other": pd.NA, "seen": True},
        {"phrase": "a dog", "seen": False, "object": 1, "area_px": 2.5, "other": 0},
    ]
    table = table_of(rows, DTYPES)
    assert {name: str(kind) for name, kind in table.dtypes.items()} == DTYPES
    assert table["phrase"].tolist() == [None, "a dog"]
    assert table["other"].tolist() == [pd.NA, 0]


def test_no_rows_make_a_table_with_the_same_columns():
    table = table_of([], DTYPES)
    assert table.empty
    assert {name: str(kind) for name, kind in table.dtypes.items()} == DTYPES


def test_what_a_row_leaves_out_is_missing_and_what_it_adds_is_left_out():
    table = table_of([{"phrase": "a dog", "color": "red"}], {"phrase": "object", "n": "Int64"})
    assert [*table.columns] == ["phrase", "n"]
    assert table["phrase"].tolist() == ["a dog"]
    assert table["n"].isna().all()
