"""Whether an object is found where there is one, and only there."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]


def count_presence(visible: BoolArray, reference_visible: BoolArray) -> dict[str, int]:
    """Count the frames by who has the object.

    ``tp_frames``: both; ``fn_frames``: missed, only the reference; ``fp_frames``: a ghost, only the masks;
    ``tn_frames``: neither. They add up to T.

    When it lies: a single pixel is presence, and a mask anywhere counts as found: J tells whether it is
    the right place. Masks from lossy videos may keep specks; void pixels were taken out before.

    Args:
        visible: (T,) whether the mask has a pixel.
        reference_visible: (T,) whether the reference's has.
    """
    return {
        "tp_frames": int(np.count_nonzero(visible & reference_visible)),
        "fp_frames": int(np.count_nonzero(visible & ~reference_visible)),
        "fn_frames": int(np.count_nonzero(~visible & reference_visible)),
        "tn_frames": int(np.count_nonzero(~visible & ~reference_visible)),
    }


def target_accuracy(pairs: Iterable[tuple[BoolArray, BoolArray]]) -> dict[str, float]:
    """Compute N_acc and T_acc: how often prompts without, and with, a target are answered as such.

    ``N_acc = TP / (TP + FN)`` over the pairs whose reference is empty in all frames, TP: the masks are, too;
    ``T_acc = TN / (TN + FP)`` over the others, TN: the masks have a pixel in some frame. 0 to 1; NaN where
    there is no such pair. Source: Liu, Ding and Jiang, "GRES", CVPR 2023, arXiv:2306.00968, for images; a
    sample is here a whole clip, as the no-target expressions of MeViS (arXiv:2512.10945) are.

    When it lies: T_acc asks only for some pixel, not the right one, and N_acc is lost to a single one. A
    clip has few pairs, often one: they mean something over many prompts.

    Args:
        pairs: (T,) whether the masks, and (T,) whether the reference, have a pixel.
    """
    said = [(bool(visible.any()), bool(there.any())) for visible, there in pairs]
    without = [not found for found, target in said if not target]
    with_target = [found for found, target in said if target]
    return {
        "N_acc": float(np.mean(without)) if without else np.nan,
        "T_acc": float(np.mean(with_target)) if with_target else np.nan,
    }
