"""Links regions over time into objects.

Frame by frame by the Hungarian method on overlap and distance; then pieces of tracks across gaps, by
where they should be, their colours and their size.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sa2va_nb.model.motion.regions import Region, join, shared_px, split

FloatArray = NDArray[np.float64]

PATIENCE = 5  # frames that a track may miss before it ends
REACH = 1.5  # of its own diameter: how far from its expected place an object may turn up, a frame
SHARE = 0.5  # of an earlier region: a region that covers so much of it shows that object too
FRAGMENT = 0.2  # of its main region: a smaller piece beside an object belongs to it, a larger one is another
ESTABLISHED = 5  # frames on its own that make a track an object that a shared region is split for
MEMORY = 0.6  # of the last velocity that the next estimate keeps
UNMATCHED = 1.5  # cost of leaving a region and a track alone; a dearer pair is no pair
IMPOSSIBLE = np.inf
ALIKE = 0.6  # histogram intersection of two pieces that may be one object
SAME_SIZE = 0.4  # smaller area over larger, of two pieces that may be one object


@dataclass(eq=False)
class Track:
    """The regions of one object, by position in the sequence of frames, in order."""

    regions: dict[int, Region] = field(default_factory=dict)
    velocity: FloatArray = field(default_factory=lambda: np.zeros(2))
    frames_alone: int = 0

    @property
    def first(self) -> int:
        """Position of the first region."""
        return next(iter(self.regions))

    @property
    def last(self) -> int:
        """Position of the last region."""
        return next(reversed(self.regions))

    @property
    def total_px(self) -> int:
        """Area summed over all frames."""
        return sum(region.area_px for region in self.regions.values())

    def shift(self, position: int) -> FloatArray:
        """(x, y) that the object should have moved since its last region."""
        return self.velocity * (position - self.last)

    def add(self, position: int, region: Region) -> None:
        """Append the region at a later position and learn the velocity."""
        if self.regions:
            step = (region.centre - self.regions[self.last].centre) / (position - self.last)
            self.velocity = MEMORY * self.velocity + (1 - MEMORY) * step if len(self.regions) > 1 else step
        self.regions[position] = region


class Linker:
    """Takes the regions of one frame after the other."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []

    def add(self, position: int, regions: list[Region], image: NDArray[np.uint8]) -> None:
        """Continue the tracks with the regions of the frame at ``position``, or begin new ones."""
        live = [track for track in self.tracks if position - track.last <= PATIENCE]
        overlap = np.array(
            [[shared_px(t.regions[t.last], r, t.shift(position)) for r in regions] for t in live]
        )
        overlap = overlap.reshape(len(live), len(regions))
        claims: dict[int, list[Region]] = {}
        owner = self._owners(position, live, regions, overlap)
        for r, region in enumerate(regions):
            holders = self._holders(live, regions, overlap, r, owner) if live else []
            if len(holders) > 1:
                parts = [(live[t].regions[live[t].last], live[t].shift(position)) for t in holders]
                for t, piece in zip(holders, split(region, parts, image), strict=True):
                    if piece is not None:
                        claims.setdefault(t, []).append(piece)
            elif holders:
                live[holders[0]].frames_alone += 1
                claims.setdefault(holders[0], []).append(region)
            else:
                begun = Track()
                begun.add(position, region)
                self.tracks.append(begun)
        for t, pieces in claims.items():
            live[t].add(position, join(pieces, image))

    @staticmethod
    def _owners(
        position: int, live: list[Track], regions: list[Region], overlap: NDArray[np.int_]
    ) -> dict[int, int]:
        """Pair regions with tracks, one to one; gives the track's index by the region's."""
        if not live or not regions:
            return {}
        cost = np.full(overlap.shape, UNMATCHED)
        for t, track in enumerate(live):
            last = track.regions[track.last]
            for r, region in enumerate(regions):
                union = last.area_px + region.area_px - overlap[t, r]
                away = float(np.linalg.norm(last.centre + track.shift(position) - region.centre))
                diameter = float(np.sqrt(max(last.area_px, region.area_px) * 4 / np.pi))
                nearness = away / (REACH * diameter * (position - track.last))
                unlike = 1 - np.minimum(last.colours, region.colours).sum()
                if overlap[t, r] or (nearness < 1 and unlike < 1 - ALIKE / 2):
                    cost[t, r] = min(UNMATCHED, 1 - overlap[t, r] / union + nearness + unlike)
        pairs = zip(*linear_sum_assignment(cost), strict=True)
        return {int(r): int(t) for t, r in pairs if cost[t, r] < UNMATCHED}

    @staticmethod
    def _holders(
        live: list[Track], regions: list[Region], overlap: NDArray[np.int_], r: int, owner: dict[int, int]
    ) -> list[int]:
        """Say which tracks a region shows: its own, and those that it covers and that have no other."""
        main = {t: regions[k].area_px for k, t in owner.items()}  # area of each track's own region
        holders = [owner[r]] if r in owner else []
        for t in map(int, np.argsort(-overlap[:, r])):
            if t in main:
                if not holders and overlap[t, r] and regions[r].area_px < FRAGMENT * main[t]:
                    return [t]  # a fragment of an object that has its main region elsewhere
                continue
            covered = overlap[t, r] > SHARE * live[t].regions[live[t].last].area_px
            if covered and (not holders or live[t].frames_alone >= ESTABLISHED):
                holders.append(t)
        return holders


@dataclass(frozen=True, eq=False)
class _Piece:
    """A track with what is compared of it."""

    track: Track
    colours: FloatArray
    typical_px: float

    @classmethod
    def of(cls, track: Track) -> "_Piece":
        regions = track.regions.values()
        areas = [region.area_px for region in regions]
        colours = np.average([region.colours for region in regions], axis=0, weights=areas)
        return cls(track, colours, float(np.percentile(areas, 75)))  # where it shows well


def stitch(tracks: list[Track]) -> list[Track]:
    """Join tracks that end with tracks that begin later, where they are clearly one object.

    The likest pair is joined first, and what came of it compared anew.
    """
    pieces = dict(enumerate(map(_Piece.of, tracks)))
    cost = {(a, b): _gap_cost(pieces[a], pieces[b]) for a in pieces for b in pieces}
    cost = {pair: value for pair, value in cost.items() if value < IMPOSSIBLE}
    while cost:
        a, b = min(cost, key=cost.__getitem__)
        early, late = pieces[a].track, pieces.pop(b).track
        pieces[a] = _Piece.of(Track({**early.regions, **late.regions}, late.velocity))
        cost = {pair: value for pair, value in cost.items() if not {a, b} & set(pair)}
        renewed = {
            pair: _gap_cost(pieces[pair[0]], pieces[pair[1]]) for k in pieces for pair in ((a, k), (k, a))
        }
        cost |= {pair: value for pair, value in renewed.items() if value < IMPOSSIBLE}
    return [piece.track for piece in pieces.values()]


def _gap_cost(early: _Piece, late: _Piece) -> float:
    """Cost of taking two tracks for one object; IMPOSSIBLE where they overlap in time or are not alike."""
    a, b = early.track, late.track
    if b.first <= a.last:
        return IMPOSSIBLE
    alike = float(np.minimum(early.colours, late.colours).sum())
    smaller, larger = sorted((early.typical_px, late.typical_px))
    if alike < ALIKE or smaller < SAME_SIZE * larger:
        return IMPOSSIBLE
    away = np.linalg.norm(a.regions[a.last].centre + a.shift(b.first) - b.regions[b.first].centre)
    return float(1 - alike + 0.05 * away / np.sqrt(larger * 4 / np.pi) + 0.01 * (b.first - a.last))
