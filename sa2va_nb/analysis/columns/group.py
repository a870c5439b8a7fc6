"""What a module of columns holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from sa2va_nb.masks import Masks


@dataclass(frozen=True)
class ColumnGroup:
    """Columns of the frame table that are computed together from one object's masks.

    Attributes:
        dtypes: the columns' names, with their units, and types, in order.
        of: gives each column's T values. Its docstring is the columns' documentation: it names and defines each.
    """

    dtypes: Mapping[str, str]
    of: Callable[[Masks], Mapping[str, ArrayLike]]
