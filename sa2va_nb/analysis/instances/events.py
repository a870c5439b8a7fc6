"""The event table: when instances come, go, meet and part."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from rlemasklib import RLEMask

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.instances.split import Instance
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.segmentation import Segmentation, SegmentedObject

Row = dict[str, Any]

_DTYPES = {
    "event": "string",
    "frame": "int64",
    "time_s": "float64",
    "object": "int64",
    "phrase": "object",
    "other": "Int64",
    "frames": "Int64",
}
_ORDER = {name: at for at, name in enumerate(("birth", "gap", "split", "merge", "death"))}
_WITHIN = 0.5  # of a mask in another's place one frame before or after: it came out of it, or went into it


def instance_events(seg: Segmentation) -> pd.DataFrame:
    """List the births, deaths, gaps, merges and splits of instances.

    Args:
        seg: what ``split_instances`` gave. Of other objects come births, deaths and gaps.

    Returns:
        One row an event, in the order of frames. ``frame`` and ``time_s`` are those of the first frame
        where it is so; ``object`` and ``phrase`` say who.

        - ``birth``: it is visible for the first time, and not in the clip's first frame
        - ``death``: it is not visible from here to the clip's end
        - ``gap``: it is not visible for a number of ``frames`` (counted among those with masks), then again
        - ``merge``: it and ``other``, a later instance of the same object, touch (8 neighbours), and did not
        - ``split``: they don't touch any more, and both are visible

        ``other`` is an index too. With a birth or death it is the instance of the same object in whose
        place one frame before or after most of the mask is: it came out of that one, or went into it.
        ``other`` and ``frames`` are <NA> where there is none.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
    """
    check_segmentations(seg=seg)
    rows: list[Row] = []
    for item in seg:
        rows += _presence(item, [other for other in seg if _are_siblings(item, other)])
    for a, b in combinations(seg, 2):
        if _are_siblings(a, b):
            rows += _meetings(a, b)
    phrase_of = {item.index: item.phrase for item in seg}
    placed = [
        {"phrase": phrase_of[row["object"]], "frame": seg.frame[t], "time_s": seg.time_s[t], **row}
        for row in rows
        for t in [row.pop("at")]
    ]
    placed.sort(key=lambda row: (row["frame"], _ORDER[row["event"]], row["object"]))
    return table_of(placed, _DTYPES)


def _are_siblings(a: SegmentedObject, b: SegmentedObject) -> bool:
    return isinstance(a, Instance) and isinstance(b, Instance) and a is not b and a.object == b.object


def _presence(item: SegmentedObject, siblings: list[SegmentedObject]) -> Iterator[Row]:
    """Give the births, gaps and deaths of one object."""
    shown = np.flatnonzero(item.masks.area_px)
    if not len(shown):
        return
    first, last = int(shown[0]), int(shown[-1])
    if first > 0:
        yield {
            "event": "birth",
            "at": first,
            "object": item.index,
            "other": _host(item, first, siblings, first - 1),
        }
    for before, missing in zip(shown, np.diff(shown) - 1, strict=False):
        if missing:
            yield {"event": "gap", "at": int(before) + 1, "object": item.index, "frames": int(missing)}
    if last < len(item.masks) - 1:
        yield {
            "event": "death",
            "at": last + 1,
            "object": item.index,
            "other": _host(item, last, siblings, last + 1),
        }


def _host(item: SegmentedObject, t: int, siblings: list[SegmentedObject], then: int) -> int | None:
    """Find the sibling in whose place at another position most of a mask is."""
    mask = item.masks.rles[t]
    shared = {other.index: (mask & other.masks.rles[then]).area() for other in siblings}
    most = max(shared, key=shared.__getitem__, default=None)
    return most if most is not None and shared[most] > _WITHIN * mask.area() else None


def _meetings(a: SegmentedObject, b: SegmentedObject) -> Iterator[Row]:
    """Give the merges and splits of two instances."""
    touch = np.array([_touch(one, other) for one, other in zip(a.masks.rles, b.masks.rles, strict=True)])
    both = (a.masks.area_px > 0) & (b.masks.area_px > 0)  # (T,)
    together = False
    for t in np.flatnonzero(both):
        if touch[t] != together and t > 0:
            name = "merge" if touch[t] else "split"
            yield {"event": name, "at": int(t), "object": a.index, "other": b.index}
        together = bool(touch[t])


def _touch(a: RLEMask, b: RLEMask) -> bool:
    return bool((a.dilate3x3(connectivity=8) & b).area())
