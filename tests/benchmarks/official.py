"""J and F as the official DAVIS 2017 evaluation computes them: the baseline, written from its definitions.

Dense masks, contours from three shifted copies, ``cv2.dilate`` of whole images with scikit-image's disk.
Perazzi et al., CVPR 2016; Pont-Tuset et al., arXiv:1704.00675. What counts is that each step is of the same
kind and on arrays of the same size as there, void pixels and all.
"""

import numpy as np
from numpy.typing import NDArray

Dense = NDArray[np.bool_]
TOLERANCE = 0.008  # of the image's diagonal


def j_and_f(masks: Dense, reference: Dense) -> NDArray[np.float64]:
    """Judge (T, H, W) masks: (T, 2)."""
    j = region_similarity(masks, reference)  # first, as there: what is freed then is there for F
    f = [contour_accuracy(mask, truth) for mask, truth in zip(masks, reference, strict=True)]
    return np.stack([j, f], axis=1)


def region_similarity(masks: Dense, reference: Dense) -> NDArray[np.float64]:
    """Compute J of each frame: (T,)."""
    masks, reference = masks.astype(bool), reference.astype(bool)
    void = np.zeros_like(masks)
    shared = np.sum((masks & reference) & np.logical_not(void), axis=(-2, -1))
    union = np.sum((masks | reference) & np.logical_not(void), axis=(-2, -1))
    with np.errstate(invalid="ignore"):
        j = shared / union
    j[np.isclose(union, 0)] = 1
    return j


def contour_accuracy(mask: Dense, reference: Dense) -> float:
    """Compute F of one frame."""
    import cv2
    from skimage.morphology import disk

    void = np.zeros_like(mask).astype(bool)
    radius = int(np.ceil(TOLERANCE * np.linalg.norm(mask.shape)))
    contour, other = contour_map(mask * np.logical_not(void)), contour_map(reference * np.logical_not(void))
    near = cv2.dilate(contour.astype(np.uint8), disk(radius).astype(np.uint8))
    other_near = cv2.dilate(other.astype(np.uint8), disk(radius).astype(np.uint8))
    matched, other_matched = contour * other_near, other * near
    n, n_other = np.sum(contour), np.sum(other)
    if n == 0 or n_other == 0:
        return float(n == n_other)
    precision, recall = np.sum(matched) / float(n), np.sum(other_matched) / float(n_other)
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def contour_map(mask: Dense) -> Dense:
    """Find the pixels that differ from the one to the right, below or diagonally below: ``seg2bmap``."""
    mask = mask.astype(bool)
    mask[mask > 0] = True  # there, labels become a mask here; it costs a tenth of it all at 480p
    east, south, diagonal = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
    east[:, :-1] = mask[:, 1:]
    south[:-1] = mask[1:]
    diagonal[:-1, :-1] = mask[1:, 1:]
    contour = mask ^ east | mask ^ south | mask ^ diagonal
    contour[-1] = mask[-1] ^ east[-1]
    contour[:, -1] = mask[:, -1] ^ south[:, -1]
    contour[-1, -1] = False
    return contour
