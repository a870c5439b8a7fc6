"""Finds the same object in many segmentations of one video."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rlemasklib import RLEMask
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from sa2va_nb.analysis.means import mean_known
from sa2va_nb.segmentation import Segmentation, SegmentedObject

_SAME = 0.1  # of mean IoU: below, two objects are neighbours whose edges touch rather than one thing
_NEVER = 1e6  # a distance that no average brings back into reach


@dataclass(frozen=True, eq=False)
class Lanes:
    """Every object of every run, in the frames that are compared.

    Attributes:
        items: (N,) the objects.
        run: (N,) the run that each is of.
        rles: (N, T) their masks; empty ones where the run doesn't have the frame.
        present: (R, T) whether a run has a frame.
    """

    items: tuple[SegmentedObject, ...]
    run: NDArray[np.int64]
    rles: tuple[tuple[RLEMask, ...], ...]
    present: NDArray[np.bool_]

    @classmethod
    def of(cls, segs: Sequence[Segmentation], at: NDArray[np.int64], size: tuple[int, int]) -> "Lanes":
        """Take the objects of runs; ``at`` is (R, T), the position in each run of each frame, or -1."""
        empty = RLEMask.zeros(size)
        owners = [(r, item) for r, seg in enumerate(segs) for item in seg]
        return cls(
            items=tuple(item for _, item in owners),
            run=np.array([r for r, _ in owners], np.int64),
            rles=tuple(
                tuple(item.masks.rles[position] if position >= 0 else empty for position in at[r])
                for r, item in owners
            ),
            present=at >= 0,
        )

    @cached_property
    def visible(self) -> NDArray[np.bool_]:
        """(N, T) whether a mask isn't empty."""
        return np.array([[rle.any() for rle in lane] for lane in self.rles], np.bool_).reshape(
            len(self.rles), self.present.shape[1]
        )

    @cached_property
    def iou(self) -> NDArray[np.float64]:
        """(N + 1, N + 1, T) of every two lanes, the last standing for an object that a run lacks.

        NaN where both masks are empty, or a run doesn't have the frame.
        """
        n, n_frames = len(self.rles), self.present.shape[1]
        out = np.zeros((n + 1, n + 1, n_frames))
        for t in range(n_frames):
            masks = [lane[t] for lane in self.rles]
            out[:n, :n, t] = RLEMask.iou_matrix(masks, masks) if masks else 0
        visible = np.concatenate([self.visible, np.zeros((1, n_frames), np.bool_)])
        present = np.concatenate([self.present[self.run], np.ones((1, n_frames), np.bool_)])
        out[~(visible[:, None] | visible)] = np.nan
        out[~(present[:, None] & present)] = np.nan
        return out


@dataclass(frozen=True)
class Group:
    """One thing, as several runs show it.

    Attributes:
        members: (R,) the lane of each run, or -1 where it lacks the object.
        phrase: the words that most of them have for it; None without any. Where those of several majorities
            are the same, they are numbered, as in "a duck #2".
        is_majority: more than half of the runs have it.
    """

    members: NDArray[np.int64]
    phrase: str | None
    is_majority: bool


def group_objects(lanes: Lanes) -> list[Group]:
    """Put the objects of several runs together that show the same thing, at most one of each run.

    Average linkage on the mean IoU, over the frames where at least one of two masks isn't empty: the two
    groups that overlap most are joined, as long as that is above 0.1. Phrases play no part, as they change
    with the prompt. An object that is never visible overlaps nothing, and stays by itself. The result doesn't depend
    on the order of the runs, but where overlaps are equal.

    Returns:
        The groups; those that most runs have come first, then in the order of the answers.
    """
    n = len(lanes.items)
    if n == 0:
        return []
    overlap = np.nan_to_num(mean_known(lanes.iou[:n, :n], axis=-1))  # (N, N)
    distance = np.where(lanes.run[:, None] == lanes.run, _NEVER, 1 - overlap)
    np.fill_diagonal(distance, 0)
    if n == 1:
        labels = np.ones(1, np.int32)
    else:
        tree = linkage(squareform(distance, checks=False), "average")
        labels = fcluster(tree, 1 - _SAME, criterion="distance")
    found = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    n_runs = len(lanes.present)

    def order(lanes_of_one: NDArray[np.int64]) -> tuple[bool, float, float]:
        place = float(np.mean([lanes.items[i].index for i in lanes_of_one]))
        area = float(sum(rle.area() for i in lanes_of_one for rle in lanes.rles[i]))
        return 2 * len(lanes_of_one) <= n_runs, place, -area

    return _told_apart([_group(each, lanes, n_runs) for each in sorted(found, key=order)])


def _told_apart(groups: list[Group]) -> list[Group]:
    """Number the majorities that share a phrase, in their order: what stands in the consensus has one name."""
    phrases = [group.phrase if group.is_majority else None for group in groups]
    return [
        replace(group, phrase=f"{words} #{phrases[: at + 1].count(words)}")
        if words and phrases.count(words) > 1
        else group
        for at, (group, words) in enumerate(zip(groups, phrases, strict=True))
    ]


def _group(lanes_of_one: NDArray[np.int64], lanes: Lanes, n_runs: int) -> Group:
    members = np.full(n_runs, -1, np.int64)
    members[lanes.run[lanes_of_one]] = lanes_of_one
    phrases = Counter(phrase for i in lanes_of_one if (phrase := lanes.items[i].phrase))
    phrase = min(phrases, key=lambda words: (-phrases[words], words), default=None)
    return Group(members, phrase, 2 * len(lanes_of_one) > n_runs)
