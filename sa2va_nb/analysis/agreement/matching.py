"""Pairs the objects of two segmentations of one video."""

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sa2va_nb.analysis.timing import align_positions
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation

Match = Literal["phrase", "overlap"]


def match_objects(a: Segmentation, b: Segmentation) -> list[tuple[int, int]]:
    """Pair the objects of two segmentations.

    First those whose phrases are equal (whatever the case), where only one object on each side has that
    phrase; then the rest by the assignment with the highest sum of mean IoU. The mean is over the frames that
    both have and in which at least one of the two masks isn't empty; a pair whose mean is 0 is no pair.

    Args:
        a: one segmentation.
        b: the other, of the same size.

    Returns:
        (object of ``a``, object of ``b``), increasing in the first; objects without a partner are left out.

    Raises:
        AlignmentError: if the sizes differ.
    """
    return [(i, j) for i, j, _ in match_along(a, b, align_positions(a, b), "phrase")]


def match_along(
    a: Segmentation, b: Segmentation, at: NDArray[np.int64], match: Match
) -> list[tuple[int, int, Match]]:
    """Pair objects as ``match_objects`` does, over frames that are paired already.

    Args:
        a: one segmentation.
        b: the other, of the same size.
        at: (T_a,) position in ``b`` of each position of ``a``, or -1.
        match: ``"phrase"`` first, or by ``"overlap"`` only.

    Returns:
        (object of ``a``, object of ``b``, what paired them), increasing in the first.

    Raises:
        AlignmentError: if the sizes differ.
    """
    check_sizes(a, b)
    pairs: list[tuple[int, int, Match]] = []
    if match == "phrase":
        phrases_a, phrases_b = _own_phrases(a), _own_phrases(b)
        pairs = [(i, phrases_b[words], "phrase") for words, i in phrases_a.items() if words in phrases_b]
    rest_a = [i for i in range(len(a)) if i not in {i for i, _, _ in pairs}]
    rest_b = [j for j in range(len(b)) if j not in {j for _, j, _ in pairs}]
    gain = np.array([[_overlap(a.objects[i].masks, b.objects[j].masks, at) for j in rest_b] for i in rest_a])
    if gain.size:
        rows, columns = linear_sum_assignment(gain, maximize=True)
        found = zip(rows.tolist(), columns.tolist(), strict=True)
        pairs += [(rest_a[i], rest_b[j], "overlap") for i, j in found if gain[i, j] > 0]
    return sorted(pairs)


def check_sizes(a: Segmentation, b: Segmentation) -> None:
    """Check that masks of both can be laid on each other.

    Raises:
        AlignmentError: if both have objects, and the sizes differ.
    """
    if a.objects and b.objects and a.shape[1:] != b.shape[1:]:
        raise AlignmentError(
            f"masks must be of one size to be compared, got {describe_size(a)} and {describe_size(b)}; "
            "compare(…, resize=True) scales the second's, load_masks(…, video=…) all to their video's size"
        )


def describe_size(seg: Segmentation) -> str:
    """Say the masks' size, columns first."""
    _, height, width = seg.shape
    return f"{width}x{height}"


def _own_phrases(seg: Segmentation) -> dict[str, int]:
    """Give the object of each phrase that just one object has, folded."""
    phrases = [(item.phrase or "").casefold().strip() for item in seg]
    count = Counter(phrases)
    return {words: i for i, words in enumerate(phrases) if words and count[words] == 1}


def _overlap(a: Masks, b: Masks, at: NDArray[np.int64]) -> float:
    """Compute the mean IoU where at least one is there; 0 where neither ever is."""
    seen = [
        a.rles[t].iou(b.rles[s]) for t, s in enumerate(at) if s >= 0 and (a.rles[t].any() or b.rles[s].any())
    ]
    return float(np.mean(seen)) if seen else 0.0
