"""Refuses arguments that are not what a function takes, in words."""

from collections.abc import Iterable, Sequence
from typing import get_args

import numpy as np
import pandas as pd

from sa2va_nb.segmentation import Segmentation


def check_segmentations(**given: object) -> None:
    """Check that every argument is a ``Segmentation``.

    Args:
        **given: each by the name that its function gives it.

    Raises:
        TypeError: if one isn't.
    """
    for name, value in given.items():
        if not isinstance(value, Segmentation):
            raise TypeError(
                f"{name} must be a Segmentation, got {type(value).__name__}; open_run and load_masks read masks, "
                "load_reference reads ground truth"
            )


def check_table(table: object, needed: Sequence[str], source: str) -> None:
    """Check that an argument is a table with certain columns.

    Args:
        table: the argument.
        needed: the columns.
        source: the function that gives such tables, for the message: ``"measure()"``.

    Raises:
        TypeError: if it is no table.
        ValueError: if it lacks a column.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"expected the table from {source}, got {type(table).__name__}; pass what {source} gave"
        )
    if missing := [name for name in needed if name not in table.columns]:
        raise ValueError(f"the table lacks {', '.join(missing)}; pass what {source} gave")


def check_choice(name: str, value: object, choices: object) -> None:
    """Check that an argument is one of those of a ``Literal``.

    Raises:
        ValueError: if it isn't.
    """
    if value not in get_args(choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, get_args(choices)))}, got {value!r}")


def check_count(name: str, value: object, *, least: int) -> None:
    """Check that an argument is a whole number, and not below the least.

    Raises:
        TypeError: if it is no whole number.
        ValueError: if it is too small.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be {least} or more, got {value}")


def check_several(name: str, values: object) -> None:
    """Check that an argument may hold several values; a lone word, path or number is a slip.

    Raises:
        TypeError: if it can't.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list or tuple, got {values!r}; write [{values!r}]")
