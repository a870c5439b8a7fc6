"""How well several objects are found and kept apart over time."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sa2va_nb.analysis.arguments import check_choice, check_segmentations
from sa2va_nb.analysis.truth.inputs import (
    Frames,
    Inputs,
    Resize,
    align_inputs,
)
from sa2va_nb.extras import import_extra
from sa2va_nb.segmentation import Segmentation

_FIGURES = ("HOTA", "DetA", "AssA", "LocA", "IDF1", "IDP", "IDR", "MOTA", "MOTP", "IDSW")
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def evaluate_tracks(
    seg: Segmentation, reference: Segmentation, *, frames: Frames = "all", resize: Resize | None = None
) -> "pd.Series[float]":
    """Judge objects as a tracker's: whether all are found, and each keeps its identity.

    Objects are paired anew in every frame, by the IoU of their masks. An object is in the frames in which
    its mask isn't empty. Void pixels, ``frames`` and ``resize`` are those of :func:`evaluate`.

    The figures, 1 best, 0 worst unless said otherwise:

    - ``HOTA``: the mean over IoU thresholds α = .05 … .95 of √(DetA · AssA), where ``DetA`` is
      TP / (TP + FN + FP) of the objects in all frames, and ``AssA`` the mean over these TP of the same ratio
      for the frames of its pair of identities. ``LocA``: the mean IoU of the TP.
      Source: Luiten et al., "HOTA", IJCV 2021, arXiv:2009.07736.
    - ``IDF1``, ``IDP``, ``IDR``: F1, precision and recall of the frames under the one best pairing of
      identities, IoU >= 0.5. Source: Ristani et al., arXiv:1609.01775.
    - ``MOTA``: 1 - (FN + FP + IDSW) / reference objects in all frames, IoU >= 0.5; -∞ to 1. ``IDSW``: how often
      an object's identity changes, a count. ``MOTP``: the mean IoU of the matched.
      Source: Bernardin and Stiefelhagen, EURASIP JIVP 2008.

    When they lie: masks may overlap here, where benchmarks of tracking forbid it; two masks on one object
    are a hit and a false alarm. IDF1 pays for identities but not for how often they change, MOTA counts
    changes but not for how long, both see IoU .49 and 0 alike. Without any TP, LocA is 1 and MOTP 0, and without
    any reference object, MOTA is 0. With one object they tell less than J and F.

    Computed by ``trackers`` (Roboflow, Apache-2.0), whose code is adapted from TrackEval, the measures' own. It
    takes identities and similarities as they are.

    Args:
        seg: the masks to judge.
        reference: ground truth; it may have fewer frames.
        frames: ``"all"`` common frames, or ``"davis"``: all but the first and the last.
        resize: ``"reference"`` samples masks of another size at the nearest pixel of the reference's.

    Returns:
        The figures; NaN for all where neither side has an object in any frame. ``attrs["notes"]`` says
        what was left out or changed.

    Raises:
        ImportError: if ``trackers`` is not installed.
        TypeError: if either is no ``Segmentation``.
        ValueError: if ``frames`` or ``resize`` is unknown, or ``"davis"`` leaves no frame.
        AlignmentError: if no frame is common, or the sizes differ and ``resize`` is None.
    """
    # Kept up, and on the index, which TrackEval itself is not.
    scores = import_extra("trackers.eval", "tracking")
    check_segmentations(seg=seg, reference=reference)
    check_choice("frames", frames, Frames)
    if resize is not None:
        check_choice("resize", resize, Resize)
    inputs = align_inputs(seg, reference, frames=frames, resize=resize)
    detections = _detections(inputs)
    if not any(map(len, (*detections[0], *detections[1]))):
        found: dict[str, float] = dict.fromkeys(_FIGURES, np.nan)
    else:
        found = {
            **scores.compute_hota_metrics(*detections),
            **scores.compute_identity_metrics(*detections),
            **scores.compute_clear_metrics(*detections),
        }
    result = pd.Series({name: found[name] for name in _FIGURES}, dtype="float64")
    result.attrs["notes"] = tuple(inputs.notes)
    return result


def _detections(inputs: Inputs) -> tuple[list[IntArray], list[IntArray], list[FloatArray]]:
    """Give the identities in each frame, of the reference and of the masks, and the IoU of each two."""
    theirs, ours, similarity = [], [], []
    for t in range(len(inputs.frame)):
        there = [lane for lane in inputs.reference if lane.rles[t].any()]
        found = [lane for lane in inputs.masks if lane.rles[t].any()]
        iou = [[one.rles[t].iou(other.rles[t]) for other in found] for one in there]
        theirs.append(np.array([lane.index for lane in there], np.int64))
        ours.append(np.array([lane.index for lane in found], np.int64))
        similarity.append(np.array(iou, np.float64).reshape(len(there), len(found)))
    return theirs, ours, similarity
