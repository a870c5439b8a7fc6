"""What a scrubber's traits may be set to."""

import re
from collections.abc import Sequence
from math import isfinite
from numbers import Integral
from typing import Any

import numpy as np
from traitlets import TraitError

from sa2va_nb.view.painting.look import COMPARISONS
from sa2va_nb.view.painting.scene import Scene

MIN_FPS, MAX_FPS = 0.01, 1000  # a film's formats count in milliseconds, and can't show a frame for long
_COLOR = re.compile(r"#[0-9a-f]{6}")


def objects_in(scene: Scene, trait: str, indices: Sequence[Any]) -> tuple[int, ...]:
    """Check that all are indices of A's objects; give each once, increasing."""
    count = len(scene.seg)
    for index in indices:
        if not is_whole(index) or not 0 <= index < count:
            known = f"0 to {count - 1}" if count else "none, as there are no objects"
            raise TraitError(f"{trait} takes objects' indices, {known}; got {index!r}")
    return tuple(sorted({int(index) for index in indices}))


def is_whole(value: object) -> bool:
    """Tell whether a value is an integer, a NumPy one as well; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def share(trait: str, value: float, *, ends: tuple[str, str]) -> float:
    """Check that a value is from 0 to 1."""
    if not 0 <= value <= 1:
        raise TraitError(f"{trait} must be 0 ({ends[0]}) to 1 ({ends[1]}), got {value}")
    return float(value)


def one_of(trait: str, value: str, allowed: Sequence[str]) -> str:
    """Check that a value is among those allowed."""
    if value not in allowed:
        raise TraitError(f"{trait} must be one of {', '.join(allowed)}, got {value!r}")
    return value


def comparing_in(scene: Scene, value: str) -> str:
    """Check how B may be shown."""
    if scene.other is None and value != "off":
        raise TraitError(
            f"comparing must be off, as there is nothing to compare with, got {value!r}; "
            "use scrub(seg, reference=…) or scrub(seg, compare=…)"
        )
    return one_of("comparing", value, COMPARISONS)


def seconds(value: float) -> float:
    """Check a time."""
    if not isfinite(value):
        raise TraitError(f"time_s must be a number of seconds, got {value}")
    return float(value)


def source_frame(value: Any) -> int:
    """Check what should be the index of a source frame."""
    if not is_whole(value):
        raise TypeError(f"frame must be a whole number, the index of a source frame, got {value!r}")
    return int(value)


def rate(fps: Any) -> float:
    """Check frames a second."""
    if isinstance(fps, bool) or not isinstance(fps, (int, float, np.integer, np.floating)):
        raise TypeError(f"fps must be a number of frames a second, got {fps!r}")
    if not MIN_FPS <= fps <= MAX_FPS:
        raise ValueError(
            f"fps must be {MIN_FPS} to {MAX_FPS} frames a second, got {fps}; leave it out to keep their times"
        )
    return float(fps)


def range_in(scene: Scene, value: Sequence[Any]) -> tuple[int, ...]:
    """Check a range of source frames; give the nearest that have masks.

    Raises:
        ValueError: if it is none.
    """
    ends = value if isinstance(value, (tuple, list)) else (value,)  # whatever it is, it is none
    if not len(ends):
        return ()
    if len(ends) != 2 or not all(map(is_whole, ends)) or ends[0] > ends[1]:
        raise ValueError(f"range must be (first, last) source frames, or () for all, got {value!r}")
    return tuple(int(scene.seg.frame[nearest(scene.seg.frame, v)]) for v in ends)


def colors_in(scene: Scene, value: Sequence[Any]) -> tuple[str, ...]:
    """Check that there is one colour, "#rrggbb", for each of A's objects."""
    count = len(scene.seg)
    if len(value) != count:
        raise TraitError(f"colors must be one for each of the {count} objects, got {len(value)}")
    for color in value:
        if not isinstance(color, str) or not _COLOR.fullmatch(color.lower()):
            raise TraitError(f"colors must be written #rrggbb, such as #3f90da, got {color!r}")
    return tuple(color.lower() for color in value)


def nearest(values: np.ndarray[Any, Any], value: float) -> int:
    """Find the index of the value nearest to one, in an increasing array; the earlier of two."""
    value = max(min(value, values[-1].item()), values[0].item())  # an int may be larger than NumPy's
    after = int(np.clip(np.searchsorted(values, value), 0, len(values) - 1))
    before = max(0, after - 1)
    return before if value - values[before] <= values[after] - value else after
