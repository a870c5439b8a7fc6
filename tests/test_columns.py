import inspect
from itertools import chain

import pytest

from sa2va_nb.analysis.columns import column_groups
from sa2va_nb.analysis.measure import measure
from tests.scenes import disk, segmentation

GROUPS = column_groups()


def test_no_two_columns_have_one_name():
    names = [*measure(segmentation()).columns, *chain(*(group.dtypes for group in GROUPS.values()))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_gives_and_documents_its_columns(name):
    group = GROUPS[name]
    seg = segmentation(disk(6, center=(10, 10), size=(20, 20))[None])
    assert set(group.of(seg[0].masks)) == set(group.dtypes)
    assert [column for column in group.dtypes if f"``{column}``" not in inspect.getdoc(group.of)] == []
    table = measure(seg, columns="all")
    assert {column: str(table[column].dtype) for column in group.dtypes} == dict(group.dtypes)
