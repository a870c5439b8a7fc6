"""What ``measure(seg, columns="all")`` adds, a module for each group of columns; a new one is found by itself."""

from importlib import import_module
from pkgutil import iter_modules

from sa2va_nb.analysis.columns.group import ColumnGroup

__all__ = ["ColumnGroup", "column_groups"]


def column_groups() -> dict[str, ColumnGroup]:
    """Give what each module here adds, ``COLUMNS``, by the module's name, in the order of the names."""
    modules = {found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)}
    return {name: module.COLUMNS for name, module in modules.items() if name != "group"}
