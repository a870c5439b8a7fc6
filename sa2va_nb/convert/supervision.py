"""One frame's masks as detections of supervision."""

from typing import TYPE_CHECKING

import numpy as np

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.extras import import_extra
from sa2va_nb.segmentation import Segmentation

if TYPE_CHECKING:
    import supervision


def to_supervision(seg: Segmentation, frame: int) -> "supervision.Detections":
    """Give what is seen in one frame, for supervision's annotators, trackers and metrics.

    Args:
        seg: the objects and their frames.
        frame: of the source.

    Returns:
        The detections: an object that is absent from the frame is none. ``tracker_id`` is the object's index,
        ``class_id`` counts the different phrases, ``data["class_name"]`` is the phrase (``object 2`` without one).
        Boxes are half-open, so that their area is width times height, as supervision's ``box_area`` has it; no
        ``confidence``, as nothing tells it.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ValueError: if there are no masks for that frame.
        ImportError: without supervision; the message names the command.
    """
    check_segmentations(seg=seg)
    sv = import_extra("supervision")
    (places,) = np.nonzero(seg.frame == frame)
    if not len(places):
        raise ValueError(
            f"there are no masks for frame {frame}; there are for {seg.frame[:5]} …, see seg.frame"
        )
    t = int(places[0])
    classes = {name: i for i, name in enumerate(dict.fromkeys(item.name for item in seg))}
    seen = [item for item in seg if item.masks.rles[t].any()]
    boxes = np.array([item.masks.rles[t].bbox() for item in seen], np.float64).reshape(-1, 4)  # x, y, w, h
    boxes[:, 2:] += boxes[:, :2]
    detections: supervision.Detections = sv.Detections(
        xyxy=boxes,
        mask=np.array([item.masks[t] for item in seen], np.bool_).reshape(len(seen), *seg.shape[1:]),
        class_id=np.array([classes[item.name] for item in seen], np.int64),
        tracker_id=np.array([item.index for item in seen], np.int64),
        data={"class_name": np.array([item.name for item in seen], dtype=np.str_)},
    )
    return detections
