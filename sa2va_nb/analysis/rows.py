"""Makes tables of rows, in which every column has its type, whatever the rows hold."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


def table_of(rows: Sequence[Mapping[str, Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Make a table with one row each; without any it has its columns all the same.

    Args:
        rows: values by column; what a row leaves out is missing, what no column is named like is left out.
        dtypes: by column, in the table's order.
    """
    # As objects first: a guess of the types would turn a phrase of None into NaN.
    return pd.DataFrame(rows, columns=list(dtypes), dtype="object").astype(dict(dtypes))
