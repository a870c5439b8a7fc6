"""What a scrubber starts from."""

from typing import Any

import pandas as pd

from sa2va_nb.view.painting.colors import hex_color
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.painting.scores import most_different
from sa2va_nb.view.widget import wire
from sa2va_nb.view.widget.marks import flag_marks, meeting_marks, presence_marks
from sa2va_nb.view.widget.numbers import centroids, column_names, shown_numbers

_COMPARING = {"none": "off", "reference": "difference", "compare": "side"}


def initial_state(
    scene: Scene, table: pd.DataFrame | None, *, position: int = 0, with_meetings: bool = False
) -> dict[str, Any]:
    """Give the values of a scrubber's traits for a scene: every object shown.

    Args:
        scene: what is shown.
        table: a frame table whose numbers are shown, or None.
        position: where it starts.
        with_meetings: whether to look for instances that meet, which takes a while; else the marks of
            those come with the numbers.

    Raises:
        ValueError: if the table is no frame table.
    """
    columns = column_names(scene, table)
    marks = [*flag_marks(scene.seg, table), *presence_marks(scene.seg)]
    if with_meetings:
        marks += meeting_marks(scene.seg)
    return {
        "_clip": wire.clip(scene, columns, marks),
        "_first": wire.packet(scene, range(position, position + 1)),
        "frame": int(scene.seg.frame[position]),
        "time_s": float(scene.time_s[position]),
        "visible": tuple(range(len(scene.seg))),
        "colors": tuple(hex_color(k) for k in range(len(scene.seg))),
        "comparing": _COMPARING[scene.kind],
    }


def start_position(scene: Scene) -> int:
    """Find where to start: at the most different frame of a comparison, else at the first."""
    return most_different(scene) if scene.kind == "compare" else 0


def packed_numbers(scene: Scene, table: pd.DataFrame | None) -> bytes:
    """Encode all numbers, then the centroids, of every object."""
    return wire.pack_numbers(shown_numbers(scene, table), centroids(scene))
