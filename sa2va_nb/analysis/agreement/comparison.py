"""What a comparison of two segmentations found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rlemasklib import RLEMask

from sa2va_nb.analysis.arguments import check_count
from sa2va_nb.analysis.moments import worst_moments
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.segmentation import Segmentation

_MOMENTS = {
    "pair": "int64",
    "object_a": "Int64",
    "object_b": "Int64",
    "frame": "int64",
    "time_s": "float64",
    "iou": "float64",
    "differing_px": "int64",
    "first_frame": "int64",
    "last_frame": "int64",
}


@dataclass(frozen=True)
class Lane:
    """A pair's masks in the compared frames.

    Attributes:
        a: (N,) of the first; empty masks where it has no such object.
        b: (N,) of the second.
    """

    a: tuple[RLEMask, ...]
    b: tuple[RLEMask, ...]

    def differences(self) -> list[RLEMask]:
        """Give the pixels that are in just one of the masks, for each frame."""
        return [one ^ other for one, other in zip(self.a, self.b, strict=True)]


@dataclass(frozen=True, eq=False)
class Comparison:
    """How far two segmentations of one video agree; ``compare`` makes it.

    A pair is two objects, or one object that the other side lacks: an empty mask stands in for that. IoU is
    intersection over union, 0 where just one mask is empty, NaN where both are: to agree on nothing counts
    for nothing.

    Attributes:
        a: the first segmentation.
        b: the second, resized where that was asked for.
        matches: ``pair, object_a, object_b, phrase_a, phrase_b, by, iou_mean``: one row a pair, first those
            of ``a``'s objects, then what only ``b`` has. ``by`` is ``"phrase"``, ``"overlap"``, or ``"none"``
            for an object without a partner, where the other side's object is <NA>.
        frames: ``pair, object, frame, frame_b, time_s, iou, area_a_px, area_b_px, differing_px``: one row a
            pair and compared frame. ``object`` is ``a``'s (<NA> if it has none), ``frame`` and ``time_s`` are
            ``a``'s too, ``frame_b`` is ``b``'s source frame; ``differing_px`` are in just one of the masks.
            ``columns="all"`` adds ``F``.
        objects: ``pair, object_a, object_b, phrase_a, phrase_b, frames, iou_mean, iou_min, agree_frac,
            only_a_frames, only_b_frames``: one row a pair. ``frames`` counts those in which at least one mask
            isn't empty, and the figures are over these. ``agree_frac``: share with an IoU above 0.5;
            ``only_a_frames``: where only ``a``'s mask isn't empty. ``columns="all"`` adds ``F_mean``.
        summary: ``objects_matched, objects_only_a, objects_only_b, frames`` (compared), ``iou_mean`` and
            ``agree_frac`` (means over the pairs; one without a partner counts 0, one that is empty throughout
            for nothing), ``differing_frac`` (the mean of ``disagreement()``), a Series.
        notes: what was aligned, resized or left without a partner, in words.
    """

    a: Segmentation
    b: Segmentation
    matches: pd.DataFrame
    frames: pd.DataFrame
    objects: pd.DataFrame
    summary: "pd.Series[float]"
    notes: tuple[str, ...]
    _lanes: tuple[Lane, ...] = field(repr=False)

    def disagreement(self, pair: int | None = None) -> NDArray[np.float64]:
        """Show where in the image the two differ.

        Args:
            pair: a row of ``matches``; None for a difference in any of them.

        Returns:
            (H, W) share of the compared frames in which the pixel is in just one of a pair's masks, 0 to 1.

        Raises:
            IndexError: if there is no such pair.
        """
        if pair is not None and not 0 <= pair < len(self._lanes):
            raise IndexError(f"pair must be a row of matches, which has {len(self._lanes)}, got {pair}")
        _, height, width = self.a.shape if self.a.objects else self.b.shape
        return disagreement(self._lanes if pair is None else (self._lanes[pair],), (height, width))

    def moments(self, n: int = 10) -> pd.DataFrame:
        """List the moments in which the two differ most, worst first, one row a moment.

        A moment surrounds a local minimum of a pair's IoU, for as long as ``1 - iou`` stays above half of
        what it is there; minima inside it don't count again. Of equal IoUs, that with more
        ``differing_px`` is worse.

        Args:
            n: how many at most.

        Returns:
            ``pair, object_a, object_b, frame`` (the worst one of the moment), ``time_s, iou, differing_px,
            first_frame, last_frame`` (the moment's, both included); frames and times are ``a``'s.

        Raises:
            TypeError: if ``n`` is no whole number.
            ValueError: if ``n`` is negative.
        """
        check_count("n", n, least=0)
        listed = [table_of([], _MOMENTS)]
        for _, table in self.frames.groupby("pair"):
            found = worst_moments(1 - table["iou"].to_numpy(), weight=table["differing_px"].to_numpy())
            frame = table["frame"].to_numpy()
            rows = table.iloc[[moment.worst for moment in found]].assign(
                first_frame=frame[[moment.first for moment in found]],
                last_frame=frame[[moment.last for moment in found]],
            )
            listed.append(rows.merge(self.matches[["pair", "object_a", "object_b"]], on="pair"))
        every = pd.concat([table[list(_MOMENTS)] for table in listed if len(table)] or listed[:1])
        return (
            every.sort_values(["iou", "differing_px", "pair", "frame"], ascending=[True, False, True, True])
            .head(n)
            .reset_index(drop=True)
        )


def disagreement(lanes: Sequence[Lane], size: tuple[int, int]) -> NDArray[np.float64]:
    """Compute the share of frames in which a pixel differs in any of the pairs, (H, W)."""
    count = np.zeros(size, np.int64)
    n_frames = len(lanes[0].a) if lanes else 0
    for differing in zip(*(lane.differences() for lane in lanes), strict=True):
        anywhere = RLEMask.union(differing)
        x, y, w, h = anywhere.bbox().astype(int).tolist()
        if w and h:
            count[y : y + h, x : x + w] += anywhere.crop((x, y, w, h)).to_array(dtype=np.bool_, order="C")
    return count / max(n_frames, 1)
