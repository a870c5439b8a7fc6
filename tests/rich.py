"""Segmentations with all that a format may keep or lose."""

import numpy as np

import sa2va_nb as sa
from tests.annotations import blobs

WORDS = ["a dog", "δύο παιδιά", None]


def segmentation(*tracks, frame=None, time_s=None, phrases=None, void=None):
    """Objects with (T, H, W) masks."""
    n = len(tracks[0]) if tracks else len(void)
    items = (
        sa.SegmentedObject(i, phrases[i] if phrases else None, sa.Masks.from_array(track))
        for i, track in enumerate(tracks)
    )
    return sa.Segmentation(
        tuple(items),
        np.arange(n) if frame is None else np.asarray(frame),
        np.full(n, np.nan) if time_s is None else np.asarray(time_s, float),
        void=None if void is None else sa.Masks.from_array(void),
    )


def rich():
    """Overlapping objects, one of them never seen, void, phrases, frames and times of their own."""
    tracks = [blobs(seed=1, frames=4), blobs(seed=2, frames=4), np.zeros((4, 30, 40), bool)]
    frame = np.arange(4) * 4
    return segmentation(
        *tracks, frame=frame, time_s=frame / 24, phrases=WORDS, void=blobs(seed=3, frames=4)[::-1]
    )


def stack(seg):
    """(N, T, H, W), and void (T, H, W)."""
    void = np.zeros(seg.shape, bool) if seg.void is None else np.asarray(seg.void)
    return np.array([np.asarray(item.masks) for item in seg]).reshape(len(seg), *seg.shape), void


def flattened(dense, void):
    """A label image's objects by the rule: the last one on top, void on all."""
    labels = np.zeros(void.shape, int)
    for k, track in enumerate(dense, start=1):
        labels[track] = k
    labels[void] = 0
    return labels == np.arange(1, len(dense) + 1)[:, None, None, None]
