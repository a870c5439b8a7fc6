"""The ways of doing the same job, side by side: ours, the floor, and what people write today.

A way has a part that is prepared and a part that is timed. What it measures comes back as an array with
a row an object and frame, so that it is seen that all ways do the same job. Libraries are imported where they are
used: a way whose libraries are missing is left out, and a process loads those of one way only.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.judged import read_judged
from tests.benchmarks.official import j_and_f

FOREGROUND = 125  # mid-range of limited range, as in ours
BASIC = ("area_px", "x", "y", "x0", "y0", "x1", "y1", "iou_prev")
SHAPE = ("perimeter_px", "solidity", "eccentricity", "major_axis_px", "minor_axis_px", "euler_number")
_REGIONPROPS = ("perimeter", "solidity", "eccentricity", "axis_major_length", "axis_minor_length")
_ALL_OF_REGIONPROPS = (*_REGIONPROPS, "euler_number", "orientation", "area", "centroid", "bbox")
JUDGED = ("J", "F")
Table = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """One way of doing the job.

    Attributes:
        name: as in the printed table.
        needs: the modules it imports.
        prepare: what it starts from, from the mask videos' paths; not timed.
        run: the job; gives (rows, columns).
    """

    name: str
    needs: tuple[str, ...]
    prepare: Callable[[Sequence[Path]], Any]
    run: Callable[[Any], Table]


def _decode_only(paths: Sequence[Path]) -> Table:
    import av

    for path in paths:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for _ in container.decode(stream):
                pass
    return np.empty((0, len(BASIC)))


def _ours(paths: Sequence[Path]) -> Table:
    import sa2va_nb as sa

    return sa.measure(sa.load_masks(paths))[list(BASIC)].to_numpy(np.float64)


def _ours_with_tracks(paths: Sequence[Path]) -> Table:
    import sa2va_nb as sa

    table = sa.measure(sa.load_masks(paths))
    sa.tracks(table)
    return table[list(BASIC)].to_numpy(np.float64)


def _supervision(paths: Sequence[Path]) -> Table:
    import cv2
    import supervision as sv

    rows = []
    for path in paths:
        video, previous = cv2.VideoCapture(str(path)), None
        while (read := video.read())[0]:
            mask = (cv2.cvtColor(read[1], cv2.COLOR_BGR2GRAY) > 127)[None]
            box = sv.mask_to_xyxy(mask)
            found = sv.Detections(xyxy=box.astype(np.float32), mask=mask)
            iou = np.nan if previous is None else sv.mask_iou_batch(previous, mask)[0, 0]
            area, center = found.area, sv.calculate_masks_centroids(mask)
            rows.append([area[0], *center[0], *box[0, :2], *(box[0, 2:] + 1), iou])
            previous = mask
    return np.array(rows, np.float64)


def _regionprops_of_stacks(paths: Sequence[Path]) -> Table:
    import imageio.v3 as iio

    return _regionprops(iio.imread(path, plugin="pyav") for path in paths)


def _regionprops_by_frame(paths: Sequence[Path]) -> Table:
    import imageio.v3 as iio

    return _regionprops(iio.imiter(path, plugin="pyav") for path in paths)


def _regionprops_with_torchcodec(paths: Sequence[Path]) -> Table:
    from torchcodec.decoders import VideoDecoder

    videos = (VideoDecoder(str(path), dimension_order="NHWC") for path in paths)
    return _regionprops((image.numpy() for image in video) for video in videos)


def _regionprops(videos: Iterable[Iterable[NDArray[np.uint8]]]) -> Table:
    from skimage.measure import regionprops_table

    rows = []
    for images in videos:
        previous = None
        for image in images:
            mask = image[..., 0] > 127
            found = regionprops_table(mask.astype(np.uint8), properties=("area", "centroid", "bbox"))
            iou = np.nan if previous is None else (mask & previous).sum() / max((mask | previous).sum(), 1)
            keys = ("area", "centroid-1", "centroid-0", "bbox-1", "bbox-0", "bbox-3", "bbox-2")
            rows.append([*(found[key][0] for key in keys), iou])
            previous = mask
    return np.array(rows, np.float64)


def _loaded(paths: Sequence[Path]) -> Any:
    import sa2va_nb as sa

    return sa.load_masks(paths)


def _our_shapes(seg: Any) -> Table:
    import sa2va_nb as sa

    table = sa.measure(seg, columns="all")
    table["euler_number"] = table["components"] - table["holes"]
    return table[list(SHAPE)].to_numpy(np.float64)


def _dense(paths: Sequence[Path]) -> list[NDArray[np.uint8]]:
    return [np.asarray(item.masks).view(np.uint8) for item in _loaded(paths)]


def _regionprops_shapes(stacks: Iterable[NDArray[np.uint8]]) -> Table:
    from skimage.measure import regionprops_table

    found = [regionprops_table(mask, properties=_ALL_OF_REGIONPROPS) for stack in stacks for mask in stack]
    return np.array([[each[key][0] for key in (*_REGIONPROPS, "euler_number")] for each in found], np.float64)


def _judged(paths: Sequence[Path]) -> tuple[Any, Any]:
    """Give masks and reference, each a Segmentation of one object."""
    from sa2va_nb.masks import Masks
    from sa2va_nb.segmentation import Segmentation, SegmentedObject

    (path,) = paths
    masks, reference = (
        Segmentation(
            (SegmentedObject(0, None, Masks.from_array(dense)),),
            np.arange(len(dense)),
            np.arange(len(dense)) / 24,
        )
        for dense in read_judged(path)
    )
    return masks, reference


def _our_j_and_f(judged: tuple[Any, Any]) -> Table:
    from sa2va_nb.analysis.truth.boundary import boundary_f_each
    from sa2va_nb.analysis.truth.pair_scores import PairScores

    masks, reference = (side[0].masks.rles for side in judged)
    return np.stack([PairScores(masks, reference).j, boundary_f_each(masks, reference)], axis=1)


def _our_judgement(judged: tuple[Any, Any]) -> Table:
    import sa2va_nb as sa

    return sa.evaluate(*judged).frames[list(JUDGED)].to_numpy(np.float64)


def _judged_dense(paths: Sequence[Path]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    (path,) = paths
    return read_judged(path)


def _official_j_and_f(judged: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Table:
    return j_and_f(*judged)


FLOOR = Way("PyAV, decode only", ("av",), list, _decode_only)
OURS = Way("sa2va_nb", ("sa2va_nb",), list, _ours)
OURS_WITH_TRACKS = Way("sa2va_nb, tracked too", ("sa2va_nb",), list, _ours_with_tracks)
SUPERVISION = Way("OpenCV + supervision", ("cv2", "supervision"), list, _supervision)
_IMAGEIO = ("imageio", "skimage", "av")
REGIONPROPS = Way("imageio imread + regionprops", _IMAGEIO, list, _regionprops_of_stacks)
REGIONPROPS_BY_FRAME = Way("imageio imiter + regionprops", _IMAGEIO, list, _regionprops_by_frame)
TORCHCODEC = Way(
    "torchcodec + regionprops", ("torchcodec", "torch", "skimage"), list, _regionprops_with_torchcodec
)
OUR_SHAPES = Way('measure(columns="all")', ("sa2va_nb",), _loaded, _our_shapes)
SKIMAGE_SHAPES = Way("regionprops_table", ("skimage",), _dense, _regionprops_shapes)
OUR_J_AND_F = Way("J and F", ("sa2va_nb",), _judged, _our_j_and_f)
OUR_JUDGEMENT = Way("evaluate, all of it", ("sa2va_nb",), _judged, _our_judgement)
OFFICIAL = Way("official formulas, dense", ("cv2", "skimage"), _judged_dense, _official_j_and_f)
_ALL = (
    FLOOR,
    OURS,
    OURS_WITH_TRACKS,
    SUPERVISION,
    REGIONPROPS,
    REGIONPROPS_BY_FRAME,
    TORCHCODEC,
    OUR_SHAPES,
    SKIMAGE_SHAPES,
    OUR_J_AND_F,
    OUR_JUDGEMENT,
    OFFICIAL,
)
WAYS = {way.name: way for way in _ALL}
