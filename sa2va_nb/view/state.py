"""What a scrubber starts from."""

from typing import Any

import numpy as np
import pandas as pd

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view import wire
from sa2va_nb.view.frames import Size
from sa2va_nb.view.numbers import shown_numbers


def initial_state(seg: Segmentation, size: Size, table: pd.DataFrame | None) -> dict[str, Any]:
    """Give the values of a scrubber's traits for a segmentation: the first frame, every object shown.

    Raises:
        ValueError: if there is no frame to show.
    """
    if not len(seg.frame):
        raise ValueError("a scrubber needs at least one frame, but this segmentation has none")
    columns, values = shown_numbers(seg, table)
    return {
        "_clip": wire.clip(seg, size, columns),
        "_first": wire.packet(seg, range(1), size),
        "_values": wire.pack_values(values),
        "frame": int(seg.frame[0]),
        "visible": tuple(range(len(seg))),
    }


def nearest_frame(seg: Segmentation, frame: int) -> int:
    """Find the source frame with masks that is nearest to ``frame``; the earlier of two."""
    return int(seg.frame[np.argmin(np.abs(seg.frame - frame))])
