"""Refuses arguments that are not what a function takes, in words."""

from typing import get_args

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


def check_choice(name: str, value: object, choices: object) -> None:
    """Check that an argument is one of those of a ``Literal``.

    Raises:
        ValueError: if it isn't.
    """
    if value not in get_args(choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, get_args(choices)))}, got {value!r}")
