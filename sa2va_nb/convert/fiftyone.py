"""Clips as a dataset of FiftyOne."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.extras import import_extra
from sa2va_nb.segmentation import Segmentation, SegmentedObject

if TYPE_CHECKING:
    import fiftyone


def to_fiftyone(
    segs: Segmentation | Iterable[Segmentation], *, name: str | None = None, field: str = "objects"
) -> "fiftyone.Dataset":
    """Give a dataset of FiftyOne, a video sample a segmentation, to browse, filter and tag in its app.

    Args:
        segs: one or several, each with its source video; FiftyOne reads the file where it is.
        name: the dataset's; None for one of FiftyOne's own making. The dataset isn't kept after the session, unless
            you set ``dataset.persistent``.
        field: which field of the frames gets the masks.

    Returns:
        The dataset. A visible object is a ``Detection`` in the frame (FiftyOne counts from 1): ``label`` is the
        phrase (``object 2`` without one), ``index`` the object's index + 1, ``mask`` its pixels in the box. Samples
        have ``answer`` and ``notes``; void isn't kept.

    Raises:
        TypeError: if one is no ``Segmentation``.
        ValueError: if a segmentation has no video, or the dataset is there already.
        ImportError: without fiftyone; the message names the command. FiftyOne needs a MongoDB, which it brings
            along or is told of.
    """
    every = [segs] if isinstance(segs, Segmentation) else list(segs)
    for seg in every:
        check_segmentations(segs=seg)
    fo = import_extra("fiftyone")
    samples = [_sample(fo, seg, field) for seg in every]
    dataset: fiftyone.Dataset = fo.Dataset(name)
    dataset.add_samples(samples, progress=False)
    return dataset


def _sample(fo: Any, seg: Segmentation, field: str) -> Any:
    """Make the sample of a clip, which FiftyOne keeps once it is added to a dataset."""
    if seg.video is None:
        raise ValueError(f"FiftyOne shows a video, but {seg!r} has none; load the masks with video=")
    sample = fo.Sample(str(seg.video.path.resolve()), answer=seg.answer.text, notes=list(seg.notes))
    for t, frame in enumerate(seg.frame.tolist()):
        seen = [_detection(fo, item, t) for item in seg if item.masks.rles[t].any()]
        sample.frames[frame + 1] = fo.Frame(**{field: fo.Detections(detections=seen)})
    return sample


def _detection(fo: Any, item: SegmentedObject, t: int) -> Any:
    """Make the detection of one mask: its box relative to the picture, its pixels within."""
    height, width = item.masks.size
    x, y, w, h = (int(side) for side in item.masks.rles[t].bbox())
    return fo.Detection(
        label=item.name,
        index=item.index + 1,
        bounding_box=[x / width, y / height, w / width, h / height],
        mask=np.ascontiguousarray(item.masks[t][y : y + h, x : x + w]),
    )
