"""Splits an object's masks into instances that keep their identity over time."""

from dataclasses import dataclass, replace

import numpy as np
from rlemasklib import RLEMask

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.instances.fragments import Track, centre, join_fragments
from sa2va_nb.analysis.instances.linking import link
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject


@dataclass(frozen=True)
class Instance(SegmentedObject):
    """One of the things inside an object's mask.

    Attributes:
        object: index of the object that it is part of, in the segmentation that was split.
        object_phrase: that object's phrase, or None.
        track_id: 1..n within that object, by first frame, then from left to right.
    """

    object: int
    object_phrase: str | None
    track_id: int


def split_instances(
    seg: Segmentation,
    *,
    object: int | str | None = None,
    count: int | None = None,
    min_share: float = 0.02,
    min_frames: int = 5,
    max_gap: int = 10,
) -> Segmentation:
    """Split an object into instances: "two children" into child 1 and child 2.

    Each frame's 8-connected regions are linked over time by overlap and place. Where instances touch, a
    watershed divides their region, seeded by each one's last shape, moved to where it is now; so they keep
    their identities through a short contact. Each instance's masks are part of the object's, and no two
    overlap.

    Args:
        seg: the objects and their frames.
        object: which to split, by index or phrase; None for every one.
        count: how many instances each object has, where you know; None finds out, but can't tell a cat
            whose middle is hidden from two cats.
        min_share: a region smaller than this share of the object's median area (over the frames where it
            is visible) is a speck, and left out; 0 keeps all.
        min_frames: an instance must be a region by itself in so many frames. One that isn't is part of
            the instance that it came out of or went into; where there is none, it is left out.
        max_gap: for how many frames an instance may vanish and keep its identity, if it comes back close
            to where it was or was heading.

    Returns:
        A segmentation whose objects are each an :class:`Instance`, ordered by object, then ``track_id``.
        Phrases are numbered, "two children #1", unless an object has one instance. ``notes`` say what was
        left out.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ValueError: if a parameter is out of range.
        KeyError, IndexError: if there is no such object.

    >>> stack = np.zeros((6, 9, 9), bool)
    >>> stack[:, 2:4, 1:3] = stack[:, 5:8, 5:8] = True
    >>> item = SegmentedObject(0, "two birds", Masks.from_array(stack))
    >>> [bird.phrase for bird in split_instances(Segmentation((item,), np.arange(6), np.arange(6) / 25))]
    ['two birds #1', 'two birds #2']
    """
    check_segmentations(seg=seg)
    if not 0 <= min_share < 1:
        raise ValueError(f"min_share must be a share of the area, 0 to below 1, got {min_share}")
    for name, value in (("count", count), ("min_frames", min_frames), ("max_gap", max_gap)):
        if isinstance(value, bool) or not isinstance(value, (int, type(None))):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
    if min_frames < 1 or max_gap < 0:
        raise ValueError(
            f"min_frames must be at least 1 and max_gap at least 0, got {min_frames} and {max_gap}"
        )
    if count is not None and count < 1:
        raise ValueError(f"count must be at least 1, or None to find out, got {count}")
    rule = _Rule(count, min_share, min_frames, max_gap)
    items = seg.objects if object is None else (seg[object],)
    found, notes = [], [*seg.notes]
    for item in items:
        instances, note = _split(item, rule)
        found += instances
        notes.append(note)
    numbered = tuple(replace(instance, index=i) for i, instance in enumerate(found))
    return replace(seg, objects=numbered, notes=tuple(notes))


@dataclass(frozen=True)
class _Rule:
    """What counts as an instance; see ``split_instances``."""

    count: int | None
    min_share: float
    min_frames: int
    max_gap: int


def _split(item: SegmentedObject, rule: _Rule) -> tuple[list[Instance], str]:
    """Give an object's instances, and a note on them."""
    area = item.masks.area_px
    smallest = max(1, int(np.ceil(rule.min_share * np.median(area[area > 0])))) if area.any() else 1
    regions = [rle.connected_components(connectivity=8, min_size=smallest) for rle in item.masks.rles]
    frames = sum(map(bool, regions))
    enough = min(rule.min_frames, frames)
    linked = link(regions, min_frames=enough, max_gap=rule.max_gap)
    joined = join_fragments(linked, min_frames=enough, frames=frames, count=rule.count)
    tracks = sorted((track for track in joined if track.alone >= enough or rule.count), key=_first_place)
    instances = [_instance(item, track, n, len(tracks)) for n, track in enumerate(tracks, start=1)]
    kept = sum(int(instance.masks.area_px.sum()) for instance in instances)
    return instances, _note(item, len(tracks), int(area.sum()), kept)


def _first_place(track: Track) -> tuple[int, float]:
    """Order tracks by first frame, then from left to right."""
    first = track.first
    return first, float(centre(track.regions[first])[1])


def _instance(item: SegmentedObject, track: Track, track_id: int, count: int) -> Instance:
    empty = RLEMask.zeros(item.masks.size)
    return Instance(
        index=item.index,
        phrase=item.phrase if count == 1 else f"{item.name} #{track_id}",
        masks=Masks([track.regions.get(t, empty) for t in range(len(item.masks))], item.masks.size),
        object=item.index,
        object_phrase=item.phrase,
        track_id=track_id,
    )


def _note(item: SegmentedObject, count: int, total_px: int, kept_px: int) -> str:
    words = f"{item.name!r} was split into {count} instance{'' if count == 1 else 's'}"
    if kept_px == total_px:
        return words
    return (
        f"{words}; {(total_px - kept_px) / total_px:.2g} of its pixels were left out as specks or too short"
    )
