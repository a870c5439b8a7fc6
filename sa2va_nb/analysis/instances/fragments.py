"""Joins fragments with the instance that they are part of."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask

FloatArray = NDArray[np.float64]

APART = 0.25  # of all frames: what was by itself for so long is no fragment, whatever it came out of


@dataclass(eq=False)
class Track:
    """Regions that were linked over time, by the position of their frame.

    Attributes:
        regions: its masks, (H, W) each.
        sharers: where its mask is part of a region that it shares: the other tracks there.
        before: the track that it came out of, if any.
        after: the track that it went into, if any.
    """

    regions: dict[int, RLEMask] = field(default_factory=dict)
    sharers: dict[int, set["Track"]] = field(default_factory=dict)
    before: "Track | None" = None
    after: "Track | None" = None

    @property
    def first(self) -> int:
        """Position of the first region."""
        return min(self.regions)

    @property
    def last(self) -> int:
        """Position of the last region."""
        return max(self.regions)

    @property
    def alone(self) -> int:
        """How many of its regions are its own."""
        return len(self.regions) - len(self.sharers)

    @property
    def kin(self) -> "Counter[Track]":
        """The tracks that it shared regions with, came out of or went into."""
        ends = [track for track in (self.before, self.after) if track is not None]
        return Counter([*ends, *(other for others in self.sharers.values() for other in others)])

    @property
    def is_inner(self) -> bool:
        """Whether it came out of another track and went back into one, so that it never was apart."""
        came_out = self.before is not None or self.first in self.sharers
        went_in = self.after is not None or self.last in self.sharers
        return came_out and went_in


def join_fragments(
    tracks: list[Track], *, min_frames: int, frames: int, count: int | None = None
) -> list[Track]:
    """Make fragments part of the track that each has most to do with, the shortest first.

    A fragment was a region by itself in fewer than ``min_frames`` frames; or it came out of another track
    and went back into one, and was by itself in less than a quarter of all frames.

    Args:
        tracks: changed in place.
        min_frames: see above.
        frames: how many frames have a region at all.
        count: how many tracks there should be, where that is known. It ends the joining; and where more are
            left, the smallest are joined, too, with their kin or else with the nearest track.

    Returns:
        The tracks that are left.
    """
    kept = list(tracks)
    while len(kept) > (count or 0):
        found = [track for track in kept if track.kin and _is_fragment(track, min_frames, frames)]
        if found:
            fragment = min(found, key=lambda track: (track.alone, _total_px(track)))
        elif count and len(kept) > count:
            fragment = min(kept, key=_total_px)
        else:
            break
        kept.remove(fragment)
        host = fragment.kin.most_common(1)[0][0] if fragment.kin else _nearest(fragment, kept)
        _join(fragment, host, kept)
    return kept


def _is_fragment(track: Track, min_frames: int, frames: int) -> bool:
    return track.alone < (max(min_frames, APART * frames) if track.is_inner else min_frames)


def _total_px(track: Track) -> int:
    return sum(region.area() for region in track.regions.values())


def _nearest(track: Track, others: list[Track]) -> Track:
    """Find the track that is nearest where both are seen, or else where one ends and the other begins."""

    def distance(other: Track) -> float:
        both = track.regions.keys() & other.regions.keys()
        pairs = [(t, t) for t in both] or [
            min(((a, b) for a in (track.first, track.last) for b in (other.first, other.last)), key=_apart)
        ]
        return float(
            np.mean([np.hypot(*(centre(track.regions[a]) - centre(other.regions[b]))) for a, b in pairs])
        )

    return min(others, key=distance)


def _apart(positions: tuple[int, int]) -> int:
    return abs(positions[0] - positions[1])


def centre(region: RLEMask) -> FloatArray:
    """Give the (y, x) of a region's centroid."""
    raw = region.moments()
    yx: FloatArray = np.array([raw["m01"], raw["m10"]]) / raw["m00"]
    return yx


def _join(fragment: Track, host: Track, tracks: list[Track]) -> None:
    """Make one track part of another, wherever either is known."""
    if fragment.first < host.first:
        host.before = fragment.before
    if fragment.last > host.last:
        host.after = fragment.after
    for t, region in fragment.regions.items():
        host.regions[t] = host.regions[t] | region if t in host.regions else region
    for t, others in fragment.sharers.items():
        host.sharers.setdefault(t, set()).update(others)
    for track in tracks:
        track.before, track.after = (
            host if each is fragment else each for each in (track.before, track.after)
        )
        for others in track.sharers.values():
            if fragment in others:
                others.remove(fragment)
                others.add(host)
    host.before, host.after = (
        None if each in (host, fragment) else each for each in (host.before, host.after)
    )
    for others in host.sharers.values():
        others -= {host, fragment}
    host.sharers = {t: others for t, others in host.sharers.items() if others}
