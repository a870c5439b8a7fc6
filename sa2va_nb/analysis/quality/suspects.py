"""The moments most worth a look."""

from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_count, check_table
from sa2va_nb.analysis.frame_table import check_rows
from sa2va_nb.analysis.quality.score import runs
from sa2va_nb.analysis.rows import table_of

_DTYPES = {
    "object": "int64",
    "phrase": "object",
    "frame": "int64",
    "time_s": "float64",
    "first_frame": "int64",
    "last_frame": "int64",
    "score": "float64",
    "flags": "object",
}
_NEEDED = ("object", "phrase", "frame", "time_s", "score", "flags")
BELOW_USUAL = 0.8  # of the object's median score: from there on a frame is bad for this object
BAD = 0.5  # bad for any object
LOW = "low score"  # what brought a moment without a flag here
SPACING = 5  # masks: two moments of one object are further apart, or one


def suspects(quality: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """List the worst moments, one row a moment, worst first.

    A frame is bad if it has a flag that at most half of its object's frames have, or a score below a half or
    below 0.8 times its object's median. Bad frames of one object with at most 5 good ones in between are one
    moment. Moments are ordered by their lowest score.

    Args:
        quality: the table from ``quality``.
        n: how many at most.

    Returns:
        ``object, phrase, frame`` (the worst), ``time_s`` (of that), ``first_frame, last_frame`` (of the moment),
        ``score`` (the lowest), ``flags`` (all of the moment, each kind once, joined by "; "; "low score" for a
        moment that has none).

    Raises:
        TypeError: if it is no table, or ``n`` no whole number.
        ValueError: if the table lacks a column or has an object twice in a frame, or ``n`` is negative.

    >>> table = pd.DataFrame({"object": 0, "phrase": "a dog", "frame": range(9), "time_s": 0.0, "flags": "",
    ...     "score": [0.9, 0.9, 0.4, 0.3, 0.9, 0.9, 0.9, 0.9, 0.9]})
    >>> suspects(table)[["frame", "first_frame", "last_frame", "score"]]
       frame  first_frame  last_frame  score
    0      3            2           3    0.3
    """
    check_table(quality, _NEEDED, "quality()")
    check_rows(quality)
    check_count("n", n, least=0)
    # A table that was stored and read again may have NaN for "no flag".
    quality = quality.assign(flags=[text if isinstance(text, str) else "" for text in quality["flags"]])
    rows = [
        row for _, lane in quality.groupby("object", sort=True) for row in _moments(lane.sort_values("frame"))
    ]
    worst_first = table_of(rows, _DTYPES).sort_values(
        ["score", "object", "frame"], kind="stable", ignore_index=True
    )
    return worst_first.head(n)


def _moments(lane: pd.DataFrame) -> list[dict[str, object]]:
    """Find the moments of one object, its rows in the frames' order."""
    scores = lane["score"].to_numpy(np.float64)
    flagged = _stands_out(lane["flags"])
    bad = flagged | (scores < max(BAD, BELOW_USUAL * _usual(scores)))
    joined: list[tuple[int, int]] = []
    for start, stop in runs(bad):
        if joined and start - joined[-1][1] <= SPACING:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return [_moment(lane.iloc[start:stop]) for start, stop in joined]


def _usual(scores: NDArray[np.float64]) -> float:
    """Give the median of the scores that are known; 0 without any."""
    known = scores[~np.isnan(scores)]
    return float(np.median(known)) if known.size else 0.0


def _stands_out(flags: "pd.Series[str]") -> NDArray[np.bool_]:
    """Say which frames have a flag that at most half of the object's frames have: (T,)."""
    kinds = [{_kind(word) for word in text.split("; ") if word} for text in flags]
    common = Counter(kind for frame in kinds for kind in frame)
    return np.array([any(common[kind] <= len(kinds) / 2 for kind in frame) for frame in kinds], np.bool_)


def _kind(word: str) -> str:
    """Leave out the numbers: "8 specks" is of the kind of "6 specks"."""
    return "".join(letter for letter in word if not letter.isdigit())


def _moment(rows: pd.DataFrame) -> dict[str, object]:
    scores = rows["score"].to_numpy(np.float64)
    worst = rows.iloc[int(np.where(np.isnan(scores), np.inf, scores).argmin())]
    kinds: dict[str, str] = {}
    order = [worst["flags"], *rows["flags"]]  # the worst frame's own words first
    for word in "; ".join(order).split("; "):
        kinds.setdefault(_kind(word), word)
    return {
        **{name: worst[name] for name in ("object", "phrase", "frame", "time_s", "score")},
        "first_frame": rows["frame"].iloc[0],
        "last_frame": rows["frame"].iloc[-1],
        "flags": "; ".join(word for word in kinds.values() if word) or LOW,
    }
