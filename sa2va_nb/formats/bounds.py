"""What a format's reader may be asked for: limits that the caller hands in."""

from collections.abc import Callable

from rlemasklib import RLEMask

from sa2va_nb.errors import DecodeError

# Takes a limit's name (max_pixels, max_frames, max_mask_bytes), the value asked for and the file's name;
# raises a DecodeError above the limit.
Check = Callable[[str, float, str], None]

MAX_OBJECTS = 2000  # of one clip; a picture of noise read as labels has more


def trusting(name: str, value: float, file: str) -> None:
    """Refuse nothing."""


class Tally:
    """Counts the bytes of encoded masks, and refuses what goes beyond the limit."""

    def __init__(self, check: Check, file: str) -> None:
        self._check, self._file, self._bytes = check, file, 0

    def add(self, rle: RLEMask) -> RLEMask:
        """Count a mask; gives it back.

        Raises:
            DecodeError: if all that were counted take more than the limit.
        """
        self._bytes += rle.counts_view.nbytes
        self._check("max_mask_bytes", self._bytes, self._file)
        return rle


def check_number_of_objects(number: int, file: str) -> None:
    """Refuse more objects than any clip has.

    Raises:
        DecodeError: if there are more than ``MAX_OBJECTS``.
    """
    if number > MAX_OBJECTS:
        raise DecodeError(
            f"{file} has {number} objects in one clip, more than the {MAX_OBJECTS} that are read; "
            "if these are labels, check that they aren't a picture"
        )
