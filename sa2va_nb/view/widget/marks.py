"""What the timeline marks: flags of a table, and what happens to objects."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.painting.scene import parent_of

_MEETINGS = {"merge": "meets", "split": "parts from"}

Mark = dict[str, Any]  # object, first, last (positions, inclusive), kind ("flag" or "event"), text


def flag_marks(seg: Segmentation, table: pd.DataFrame | None) -> list[Mark]:
    """Mark the stretches of each flag in a table's column ``flags``: several in one text are joined by "; "."""
    if table is None or "flags" not in table:
        return []
    position_of = {int(frame): position for position, frame in enumerate(seg.frame)}
    found: dict[tuple[int, str], list[int]] = {}
    for index, frame, text in zip(table["object"], table["frame"], table["flags"], strict=True):
        if isinstance(text, str) and frame in position_of and 0 <= index < len(seg):
            for flag in filter(None, map(str.strip, text.split(";"))):
                found.setdefault((int(index), flag), []).append(position_of[int(frame)])
    marks = [
        {"object": index, "first": first, "last": last, "kind": "flag", "text": flag}
        for (index, flag), positions in found.items()
        for first, last in _stretches(np.unique(positions))
    ]
    return sorted(marks, key=lambda mark: (mark["first"], mark["object"]))


def presence_marks(seg: Segmentation) -> list[Mark]:
    """Mark where an object appears (not in the first frame), leaves, and returns."""
    marks = [mark for item in seg for mark in _presence(item)]
    return sorted(marks, key=lambda mark: (mark["first"], mark["object"]))


def meeting_marks(seg: Segmentation) -> list[Mark]:
    """Mark where two instances of one object meet and part, at both of them."""
    if not may_meet(seg):
        return []
    from sa2va_nb.analysis.instances.events import (
        instance_events,  # takes 0.3 s to import, for instances only
    )

    events = instance_events(seg)
    met = events[events["event"].isin(list(_MEETINGS))]
    position_of = {int(frame): position for position, frame in enumerate(seg.frame)}
    return [
        _event(one, position_of[frame], f"{_MEETINGS[event]} {seg[two].name}")
        for event, frame, a, b in zip(
            met["event"], met["frame"].tolist(), met["object"].tolist(), met["other"].tolist(), strict=True
        )
        for one, two in ((a, b), (b, a))
    ]


def may_meet(seg: Segmentation) -> bool:
    """Say whether there are two instances of one object."""
    parents = [parent for item in seg if (parent := parent_of(item)) is not None]
    return len({*parents}) < len(parents)


def _presence(item: SegmentedObject) -> Iterator[Mark]:
    seen = item.masks.area_px > 0
    changes = np.flatnonzero(np.diff(seen.astype(np.int8))) + 1
    came = bool(len(seen) and seen[0])
    for position in changes.tolist():
        if not seen[position]:
            yield _event(item.index, position, "leaves")
        else:
            yield _event(item.index, position, "returns" if came else "appears")
            came = True


def _event(index: int, position: int, text: str) -> Mark:
    return {"object": index, "first": position, "last": position, "kind": "event", "text": text}


def _stretches(positions: np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[tuple[int, int]]:
    """Give the first and last of each run of consecutive positions, which are increasing."""
    for run in np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1):
        yield int(run[0]), int(run[-1])
