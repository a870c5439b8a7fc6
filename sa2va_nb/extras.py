"""Imports packages that not everybody needs, when they are needed."""

from importlib import import_module
from typing import Any


def import_extra(module: str, extra: str | None = None) -> Any:
    """Import a module of an optional package.

    Args:
        module: its name, such as ``napari.layers``.
        extra: the extra of this package that brings it; None for the first part of the name.

    Raises:
        ImportError: if it isn't there; the message names the command that installs it.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise  # it is there, but something that it needs is not
        raise ImportError(
            f"this needs {package}: python -m pip install 'sa2va_nb[{extra or package}]'"
        ) from error
