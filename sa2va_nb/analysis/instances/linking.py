"""Links the regions of an object over time to instances."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.optimize import linear_sum_assignment

from sa2va_nb.analysis.instances.contact import divide, fit_shapes, showing
from sa2va_nb.analysis.instances.fragments import FloatArray, Track, centre

REACH = 1.5  # of its largest diameter: how far from where it was or is expected an instance is looked for
SHARE = 0.5  # of a shape or region inside another: they belong together
MEMORY = 0.6  # of the last velocity that the next estimate keeps
WHOLE = 0.95  # of the area when last alone: a part so large renews the shape during a contact
NEWCOMER = 0.5  # of an IoU: by how much worse a short track may fit and still lose a region to a long one
REPLAYED = 5  # frames from which a track's velocity is learnt again before it is followed backwards
UNLINKED = 2.5  # what a link may cost at most: two poor links are no better than a good one and none


def link(regions: Sequence[Sequence[RLEMask]], *, min_frames: int, max_gap: int) -> list[Track]:
    """Link regions to tracks, from the frame with the most lasting regions to both ends.

    A region goes to the track whose expected shape it fits best (Jonker and Volgenant's assignment). One
    that covers other established tracks too is divided among them. A track that was too short by itself
    is part of the one that it came out of or went into.

    Args:
        regions: for each frame, its 8-connected regions.
        min_frames: in how many frames a track must be by itself to be established.
        max_gap: how many frames a track may be missing.

    Returns:
        The tracks; every region belongs to exactly one, whole or in parts.
    """
    tracks: list[Track] = []
    start = _anchor(regions, min_frames)
    for positions in (range(start, len(regions)), range(start - 1, -1, -1)):
        walk = _Walk(tracks, min_frames, max_gap, 1 if positions.step > 0 else -1)
        for t in positions:
            walk.step(t, regions[t])
    return tracks


def _anchor(regions: Sequence[Sequence[RLEMask]], min_frames: int) -> int:
    """Find the first frame from which on the most regions are there for ``min_frames`` frames."""
    counts = np.array([len(each) for each in regions])
    window = min(min_frames, len(counts))
    return int(np.lib.stride_tricks.sliding_window_view(counts, window).min(axis=1).argmax()) if window else 0


@dataclass(eq=False)
class _Lead:
    """The end of a track that is being followed: its shape as last seen whole, and where that is going."""

    track: Track
    shape: RLEMask  # (H, W), where it was seen
    last: int  # position of the last region
    alone_px: int  # its area when last by itself
    largest_px: int = 0  # its largest area so far
    moved: FloatArray = field(default_factory=lambda: np.zeros(2))  # (dy, dx) of the shape since it was seen
    velocity: FloatArray = field(default_factory=lambda: np.zeros(2))  # (dy, dx) a frame
    at: int = 0  # position that ``moved`` is for

    def expected(self, t: int) -> FloatArray:
        """Give the (dy, dx) by which the shape should have moved at a position."""
        return self.moved + self.velocity * abs(t - self.at)

    def placed(self, offset: FloatArray) -> RLEMask:
        """Give the shape moved by (dy, dx)."""
        return self.shape.shift((round(offset[0]), round(offset[1])))

    def move(self, t: int, offset: FloatArray) -> None:
        """Take the shape's place at a position, and learn the velocity."""
        step = (offset - self.moved) / max(abs(t - self.at), 1)
        self.velocity = MEMORY * self.velocity + (1 - MEMORY) * step if len(self.track.regions) > 1 else step
        self.moved, self.at = offset, t

    def renew(self, region: RLEMask) -> None:
        """Take a region for the shape, from where it is."""
        self.largest_px = max(self.largest_px, region.area(), self.alone_px)
        self.shape, self.moved = region, np.zeros(2)


class _Walk:
    """Follows tracks through the frames in one direction."""

    def __init__(self, tracks: list[Track], min_frames: int, max_gap: int, direction: int) -> None:
        self.tracks, self.min_frames, self.max_gap, self.direction = tracks, min_frames, max_gap, direction
        self.leads = [_replay(track, direction) for track in tracks]

    def step(self, t: int, regions: Sequence[RLEMask]) -> None:
        """Continue the tracks with the regions of the frame at ``t``, or begin new ones."""
        live = [lead for lead in self.leads if abs(t - lead.last) <= self.max_gap + 1]
        places = [(lead.placed(lead.expected(t)), lead.placed(lead.moved)) for lead in live]
        overlap = np.array([[[(p & r).area() for r in regions] for p in pair] for pair in places])
        overlap = overlap.reshape(len(live), 2, len(regions))  # with the expected and the last place
        owners = self._owners(live, places, regions, overlap)
        claims = self._claims(live, places, regions, overlap, owners)
        for r, region in enumerate(regions):
            sharing = [live[i] for i in claims.get(r, ())]
            if len(sharing) > 1:
                self._share(t, region, sharing)
            elif sharing:
                _continue(t, region, sharing[0])
            else:
                self._begin(t, region, live, overlap[:, :, r])

    def _established(self, lead: _Lead) -> bool:
        return lead.track.alone >= self.min_frames

    def _owners(
        self,
        live: list[_Lead],
        places: list[tuple[RLEMask, RLEMask]],
        regions: Sequence[RLEMask],
        overlap: NDArray[np.int64],
    ) -> dict[int, int]:
        """Pair tracks and regions, one to one; gives the region's index by the lead's."""
        if not live or not regions:
            return {}
        areas = np.array([region.area() for region in regions])
        centres = np.array([centre(region) for region in regions])
        cost = np.full((len(live), len(regions)), UNLINKED)
        for i, lead in enumerate(live):
            union = lead.shape.area() + areas - overlap[i]  # (2, R)
            iou = (overlap[i] / union).max(axis=0)
            spots = _spots(lead, places[i])
            away = np.min([np.hypot(*(centres - spot).T) for spot in spots], axis=0)
            reach = REACH * 2 * np.sqrt(np.maximum(lead.largest_px, areas) / np.pi)
            possible = (overlap[i].max(axis=0) > 0) | (away < reach)
            late = 0.0 if self._established(lead) else NEWCOMER
            unlike = 1 - np.minimum(areas, lead.alone_px) / np.maximum(areas, lead.alone_px)
            cost[i, possible] = (1 - iou + np.minimum(away / reach, 2) + unlike + late)[possible]
        pairs = zip(*linear_sum_assignment(cost), strict=True)
        return {int(i): int(r) for i, r in pairs if cost[i, r] < UNLINKED}

    def _claims(
        self,
        live: list[_Lead],
        places: list[tuple[RLEMask, RLEMask]],
        regions: Sequence[RLEMask],
        overlap: NDArray[np.int64],
        owners: dict[int, int],
    ) -> dict[int, list[int]]:
        """Say which tracks each region shows: its own, and those that it covers and that have no other."""
        claims = {r: [i] for i, r in owners.items()}
        for i, lead in enumerate(live):
            if i in owners or not regions:
                continue
            r = int(overlap[i, 0].argmax())
            if overlap[i, 0, r] <= SHARE * places[i][0].area() or r not in claims:
                continue
            if self._established(lead):
                claims[r].append(i)
            else:
                self._tie(lead.track, live[claims[r][0]].track, end=True)
        return claims

    def _share(self, t: int, region: RLEMask, leads: list[_Lead]) -> None:
        """Divide a region among the tracks that it covers."""
        expected = [lead.expected(t) for lead in leads]
        shapes = [lead.placed(offset) for lead, offset in zip(leads, expected, strict=True)]
        there = [i for i, shape in enumerate(shapes) if shape.area()]
        if len(there) < 2:  # the others are expected out of the picture
            _continue(t, region, leads[0])
            return
        fitted = fit_shapes(region, [shapes[i] for i in there])
        offsets = {i: expected[i] + step for i, step in zip(there, fitted, strict=True)}
        placed = {i: leads[i].placed(offset) for i, offset in offsets.items()}
        placed = {i: shape for i, shape in placed.items() if shape.area()}
        seen = [list(placed)[k] for k in showing(region, list(placed.values()))]
        parts = divide(region, [placed[i] for i in seen])
        for i, offset in enumerate(expected):
            leads[i].move(t, offsets[i] if i in seen else offset)  # what is hidden goes on as it went
        for i, part in zip(seen, parts, strict=True):
            if not part.area():
                continue
            lead = leads[i]
            lead.track.regions[t], lead.last = part, t
            lead.track.sharers[t] = {other.track for other in leads if other is not lead}
            if part.area() >= WHOLE * lead.alone_px:
                lead.renew(part)

    def _begin(self, t: int, region: RLEMask, live: list[_Lead], overlap: NDArray[np.int64]) -> None:
        """Begin a track with a region; ``overlap`` is (leads, 2)."""
        track = Track({t: region})
        self.tracks.append(track)
        self.leads.append(_Lead(track, region, t, region.area(), at=t))
        if len(live):
            most = overlap.max(axis=1)
            if most.max() > SHARE * region.area():
                self._tie(track, live[int(most.argmax())].track, end=False)

    def _tie(self, track: Track, host: Track, *, end: bool) -> None:
        """Note that a track begins or ends, in the walk's direction, at another."""
        if end == (self.direction > 0):
            track.after = track.after or host
        else:
            track.before = track.before or host


def _continue(t: int, region: RLEMask, lead: _Lead) -> None:
    """Continue a track with a region of its own."""
    lead.move(t, centre(region) - centre(lead.shape))
    lead.renew(region)
    lead.alone_px = region.area()
    lead.track.regions[t], lead.last = region, t


def _replay(track: Track, direction: int) -> _Lead:
    """Follow a track to its end in a direction, to know its shape and velocity there."""
    positions = sorted(track.regions, reverse=direction < 0)[-REPLAYED:]
    first = track.regions[positions[0]]
    lead = _Lead(track, first, positions[0], first.area(), at=positions[0])
    for t in positions[1:]:
        region = track.regions[t]
        lead.move(t, centre(region) - centre(lead.shape))
        lead.renew(region)
        lead.last, lead.alone_px = t, region.area()
    return lead


def _spots(lead: _Lead, places: tuple[RLEMask, RLEMask]) -> list[FloatArray]:
    """Give the centres (y, x) of the places that lie in the image."""
    return [centre(place) for place in places if place.area()] or [centre(lead.shape)]
