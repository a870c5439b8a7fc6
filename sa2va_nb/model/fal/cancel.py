"""Cancels a job."""

from fal_client import FalClientHTTPError, SyncRequestHandle

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.words import client_errors_in_words

_ALREADY_ENDED = "ALREADY_COMPLETED"  # the service's word, with status 400


def cancel_job(handle: SyncRequestHandle) -> bool:
    """Ask the service to cancel a job; False where it had ended before.

    Raises:
        ModelError: if the service can't be reached, or refuses.
    """
    try:
        with client_errors_in_words():
            handle.cancel()
    except ModelError as error:
        cause = error.__cause__
        if isinstance(cause, FalClientHTTPError) and _ALREADY_ENDED in cause.response.text:
            return False
        raise
    return True
