"""Errors that come from the world outside: the service, the network, files.

A mistake in the caller's arguments is a ``ValueError`` or a ``TypeError`` instead.
"""


class Sa2VAError(Exception):
    """Anything that went wrong outside the caller's code."""


class MissingKeyError(Sa2VAError):
    """No key for the model service was found."""


class ModelError(Sa2VAError):
    """The model service refused or failed the request."""


class BudgetError(Sa2VAError):
    """The call would cost more than the caller allows."""


class FetchError(Sa2VAError):
    """A file could not be downloaded."""


class DecodeError(Sa2VAError):
    """A video or a picture can't be decoded, or can't be encoded."""


class AlignmentError(Sa2VAError):
    """Mask frames cannot be matched with source frames."""


class RunError(Sa2VAError):
    """A run folder is missing, incomplete or not a run folder."""
