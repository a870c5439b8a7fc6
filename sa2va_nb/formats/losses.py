"""Says what a format can't keep of a segmentation."""

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.formats.flatten import count_left_px
from sa2va_nb.formats.format import Format
from sa2va_nb.segmentation import Segmentation

_SHOWN = 6


def hidden_px(seg: Segmentation, form: Format) -> NDArray[np.int64]:
    """Count the pixels of each object, (N,), that lie under others where a format has room for one."""
    area = np.array([int(item.masks.area_px.sum()) for item in seg], np.int64)
    return area * 0 if "overlaps" in form.keeps else area - count_left_px(seg)


def losses(seg: Segmentation, form: Format, hidden: NDArray[np.int64]) -> list[str]:
    """Say in words what ``form`` can't keep of ``seg``; nothing where all is kept.

    Args:
        seg: what is to be written.
        form: the format.
        hidden: as ``hidden_px`` gives it.
    """
    lost = []
    if hidden.any():
        under = ", ".join(f"{hidden[i]:,} of {seg[i].name!r:.60}" for i in np.flatnonzero(hidden)[:_SHOWN])
        more = " …" if np.count_nonzero(hidden) > _SHOWN else ""
        lost.append(
            f"{hidden.sum():,} pixels, in all frames together, lie under later objects or void and were left "
            f"out: {under}{more}"
        )
    gone = [item.index for item in seg if item.masks.area_px.sum() == hidden[item.index]]
    if gone and "absent" not in form.keeps:
        shown = ", ".join(map(str, gone[:_SHOWN])) + (" …" if len(gone) > _SHOWN else "")
        lost.append(f"objects without a pixel are left out, and those after them count up: {shown}")
    if "phrases" not in form.keeps and any(item.phrase for item in seg):
        lost.append("the phrases")
    if "frame" not in form.keeps and not np.array_equal(seg.frame, np.arange(len(seg.frame))):
        lost.append("which source frames these are")
    if "time_s" not in form.keeps and np.isfinite(seg.time_s).any():
        lost.append("the frames' times")
    if "void" not in form.keeps and seg.void is not None and seg.void.area_px.any():
        lost.append("void: where nothing is judged")
    return lost
