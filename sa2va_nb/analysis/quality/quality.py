"""How good each mask is, judged without ground truth."""

from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.analysis.quality.appearance import color_around, color_fit, color_match, colors_of, likelihood
from sa2va_nb.analysis.quality.consensus import over_neighbours, picture_iou, shape_iou
from sa2va_nb.analysis.quality.contrast import contrasts
from sa2va_nb.analysis.quality.evidence import Evidence, Seen
from sa2va_nb.analysis.quality.flags import flags_of
from sa2va_nb.analysis.quality.flow import flow_iou
from sa2va_nb.analysis.quality.mask_shape import (
    area_steady,
    border_frac,
    holes_frac,
    largest_frac,
    overlap_frac,
    smoothness,
)
from sa2va_nb.analysis.quality.reduced import Pictures, grid_size, reduce_masks, reduce_pictures
from sa2va_nb.analysis.quality.score import score
from sa2va_nb.analysis.quality.swaps import swaps
from sa2va_nb.analysis.rows import table_of
from sa2va_nb.analysis.timing import step_s
from sa2va_nb.segmentation import Segmentation, SegmentedObject

FloatArray = NDArray[np.float64]

FILM_S = 1 / 24  # from one frame to the next, where what is sudden was learnt

PARTS = (
    *("picture_iou", "fit", "color_match", "shape_iou", "largest_frac", "smoothness"),
    *(
        "area_steady",
        "border_frac",
        "holes_frac",
        "overlap_frac",
        "grey_frac",
        "edge_contrast",
        "color_contrast",
    ),
)
_DTYPES = {
    "object": "int64",
    "phrase": "object",
    "frame": "int64",
    "time_s": "float64",
    "score": "float64",
} | dict.fromkeys(PARTS, "float64")


def quality(seg: Segmentation, *, flow: bool = False) -> pd.DataFrame:
    """Judge every mask without ground truth.

    The score ranks masks as their true IoU would, on the whole; it is no estimate of the IoU. It asks
    whether a mask agrees with the picture, with the object's own other masks, and with itself. A mask of
    the wrong thing that is followed well from start to end looks right: only ground truth, or another model
    (``agreement``, ``compare``), shows that.

    Args:
        seg: the objects and their frames. Without ``seg.video``, the parts that need pixels are NaN.
        flow: add ``flow_iou``; it takes about three times as long as all else. It isn't part of the score.

    Returns:
        One row an object and frame, ordered by object, then frame. Where the object is absent all parts
        are NaN. Columns:

        - ``object``, ``phrase``, ``frame``, ``time_s``
        - ``score``: 0 to 1, see :func:`sa2va_nb.analysis.quality.score.score`; where the object is absent,
          how plausible that is: 0 for a sudden hole, 1 after it left
        - ``picture_iou``: IoU with what the neighbouring masks' shape and the picture's colours suggest.
          Lies where the surroundings have the object's colours, or the neighbours share its mistake
        - ``fit``: how much the colours in the mask are the object's, from its whole clip, the first five masks
          most. Lies where the light changes; says nothing of what the mask misses
        - ``color_match``: 1 minus the χ² distance of its colours to those of the masks 1, 2 and 5 frames before
          and after (after Erdem, Sankur, Tekalp, IEEE TIP 13(7), 2004). Lies in lasting mistakes
        - ``shape_iou``: mean IoU with those masks, centroids laid on each other. Lies for what is supple, and
          for a frozen mask
        - ``largest_frac``: the largest region's share. Lies for an object behind a post
        - ``smoothness``: IoU with the mask blurred by 1 % of the diagonal. Lies for bicycles
        - ``area_steady``: ``exp(-|Δ log area|)``, the mean of both sides. Lies for exits
        - ``border_frac``: share of the outline at the image's edge; ``holes_frac``: share of the filled outline
          that is holes; ``overlap_frac``: share that other objects' masks cover too; ``grey_frac``: doubt
          in the mask video, see ``Masks.grey_frac``. 0 is good; none is in the score: each may be right
        - ``edge_contrast``, ``color_contrast``: how strong the picture's edge is along the contour, and how
          different the colours inside and around are; diagnostics, they tell next to nothing of quality
        - ``flow_iou``, if asked for: mean IoU with the masks before and after, carried along by optical flow
        - ``flags`` (read it as ``table["flags"]``; ``table.flags`` is pandas' own): what looks wrong, in words,
          joined by "; "; "" for nothing. Most see what is sudden, by the
          object's own usual; with the picture, an occlusion or a real hole explains much of it:
          "never visible", "missing for 3 frames", "jumps 80 px", "shrinks by 40 %", "grows by 40 %",
          "cut in half", "area jumps by 60 %", "splits into 3 pieces", "holes (9 %)", "6 specks", "ragged
          contour", "frozen for 12 frames", "swaps with object 1", "mostly grey in the mask video"; only with the
          picture "outlives its object", "colour changes" and, for the clip as a whole, "contour about 12 px
          too far in" (or "out")

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        Sa2VAError: if the video can't be read.

    >>> from sa2va_nb.masks import Masks
    >>> stack = np.zeros((9, 40, 60), bool)
    >>> for t in range(9):
    ...     stack[t, 10:30, 5 + t : 35 + t] = t != 4
    >>> item = SegmentedObject(0, "a box", Masks.from_array(stack))
    >>> table = quality(Segmentation((item,), np.arange(9), np.arange(9) / 25))
    >>> table.loc[4:4, ["frame", "score", "flags"]]
       frame  score                flags
    4      4    0.0  missing for 1 frame
    """
    check_segmentations(seg=seg)
    size = grid_size(*seg.shape[1:])
    pictures = reduce_pictures(seg, size) if seg.video is not None and seg.objects else None
    exchanged = swaps({item.index: Evidence(item.masks, {}) for item in seg})
    tables = []
    for item in seg:  # one at a time: what is known of its pixels is large
        evidence = _evidence(item, seg, pictures)
        parts = dict(evidence.parts) | ({"flow_iou": flow_iou(evidence)} if flow else {})
        tables.append(_table(item, seg, parts, flags_of(evidence, exchanged[item.index])))
    dtypes = _DTYPES | ({"flow_iou": "float64"} if flow else {}) | {"flags": "object"}
    if not tables:
        return table_of([], dtypes)
    return pd.concat(tables, ignore_index=True)[list(dtypes)].astype(dtypes)


def _evidence(item: SegmentedObject, seg: Segmentation, pictures: Pictures | None) -> Evidence:
    """Measure one object."""
    masks = item.masks
    parts = dict.fromkeys(PARTS, np.full(len(masks), np.nan)) | {
        "shape_iou": shape_iou(masks),
        "largest_frac": largest_frac(masks),
        "smoothness": smoothness(masks),
        "area_steady": area_steady(masks),
        "border_frac": border_frac(masks),
        "holes_frac": holes_frac(masks),
        "overlap_frac": overlap_frac(masks, [other.masks for other in seg if other is not item]),
    }
    if masks.grey_frac is not None:
        parts["grey_frac"] = np.where(masks.area_px > 0, masks.grey_frac, np.nan)
    if pictures is None:
        return Evidence(masks, parts, slack=_slack(seg))
    covered = reduce_masks(masks, grid_size(*masks.size))
    colors = colors_of(covered, pictures.bins)
    chances = likelihood(colors)
    parts |= {
        "picture_iou": picture_iou(covered, pictures.bins, chances),
        "fit": color_fit(covered, pictures.bins, chances),
        "color_match": over_neighbours(
            masks.area_px > 0, lambda t, other: color_match(colors.inside[t], colors.inside[other])
        ),
        **contrasts(covered, pictures.luma, colors),
    }
    chance = np.zeros(pictures.bins.shape, np.uint8)
    for cells, bins, of_bin in zip(chance, pictures.bins, chances, strict=True):
        cells[:] = np.rint(255 * of_bin)[bins]
    seen = Seen(covered, chance, color_around(colors, chances), pictures.luma)
    return Evidence(masks, parts, seen, _slack(seg))


def _slack(seg: Segmentation) -> float:
    """Give how much more may change from one mask to the next than from one frame of a film to the next.

    In times longer than 1/24 s, the square root of the time over that: what goes to and fro gets as far. 1 where
    nobody knows the times.
    """
    return sqrt(max(1.0, step_s(seg) / FILM_S))


def _table(
    item: SegmentedObject, seg: Segmentation, parts: dict[str, FloatArray], words: list[list[str]]
) -> pd.DataFrame:
    """Build the rows of one object."""
    values: dict[str, object] = {
        "object": item.index,
        "phrase": pd.Series([item.phrase] * len(seg.frame), dtype="object"),
        "frame": seg.frame,
        "time_s": seg.time_s,
        "score": score(parts, item.masks.area_px, parts["border_frac"] > 0),
        **{name: np.clip(part, 0, 1) for name, part in parts.items()},  # of rounding errors
        "flags": pd.Series(["; ".join(flags) for flags in words], dtype="object"),
    }
    return pd.DataFrame(values, index=range(len(seg.frame)))
