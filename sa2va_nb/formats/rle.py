"""A mask as COCO's json keeps it: run lengths or polygons."""

from itertools import pairwise
from typing import Any

import numpy as np
from rlemasklib import RLEMask

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.bounds import Tally
from sa2va_nb.masks import coco_rle

_OUTSIDE = 2  # a polygon may go this many times the picture's longer side beyond it
_MAX_PERIMETER_PX = 1_000_000  # the rasteriser keeps five points a pixel of the edges


def encode_mask(rle: RLEMask) -> dict[str, Any] | None:
    """Give ``{"size": [H, W], "counts": str}``; None for a mask without a pixel."""
    return coco_rle(rle) if rle.any() else None


def decode_mask(value: object, size: tuple[int, int], where: str, tally: Tally) -> RLEMask | None:
    """Decode one object's mask in one frame.

    Polygons are filled with COCO's own rule (its C routine ``rleFrPoly``, which ``rlemasklib`` has): the
    boundary is walked on a grid five times as fine, so that results equal pycocotools' to the pixel.

    Args:
        value: ``{"size": [H, W], "counts": …}`` with compressed counts (str) or a list of them; or
            polygons, a list of ``[x, y, x, y, …]`` of which the union counts; or None, where the
            object is not there.
        size: (H, W) that it must have.
        where: which file and annotation it is, for the message.
        tally: counts the bytes.

    Returns:
        The mask; None for an absent object.

    Raises:
        DecodeError: if it has another form, or another size, or counts don't add up.
    """
    if value is None or value == [] or value == "":
        return None
    if isinstance(value, dict):
        return tally.add(_from_runs(value, size, where))
    if isinstance(value, list):
        return tally.add(RLEMask.union([_from_polygon(points, size, where) for points in value]))
    raise DecodeError(
        f"a mask must be run lengths {{'size': …, 'counts': …}}, polygons or null, got "
        f"{type(value).__name__} in {where}"
    )


def _from_runs(rle: dict[str, Any], size: tuple[int, int], where: str) -> RLEMask:
    told, counts = rle.get("size"), rle.get("counts")
    if told != list(size):
        raise DecodeError(
            f"the size of a mask must be that of the picture, [{size[0]}, {size[1]}] (H, W), got "
            f"{str(told)[:40]} in {where}"
        )
    try:
        if isinstance(counts, str):
            rle_mask = RLEMask.from_dict({"size": list(size), "counts": counts.encode("ascii")})
        elif isinstance(counts, list) and all(type(count) is int for count in counts):
            rle_mask = RLEMask.from_counts(counts, list(size))
        else:
            raise DecodeError(f"counts must be a text or a list of whole numbers, got another in {where}")
        # Runs of length 0, which some writers leave inside, are merged with their neighbours.
        return rle_mask if rle_mask.is_valid_rle() else RLEMask.from_counts(rle_mask.counts, list(size))
    except (ValueError, OverflowError) as error:  # also of letters that aren't ASCII
        raise DecodeError(f"the run lengths of {where} are damaged: {error}") from error


def _from_polygon(points: object, size: tuple[int, int], where: str) -> RLEMask:
    if not isinstance(points, list) or len(points) % 2 or len(points) < 6:
        length = f"{len(points)} numbers" if isinstance(points, list) else type(points).__name__
        raise DecodeError(f"a polygon must be x, y of at least 3 points, got {length} in {where}")
    side = max(size)
    if not all(type(x) in (int, float) and -_OUTSIDE * side <= x <= (1 + _OUTSIDE) * side for x in points):
        raise DecodeError(
            f"the points of a polygon must be numbers in or near the picture, {size[1]}x{size[0]}, "
            f"got others in {where}"
        )
    xy = np.array(points, np.float64).reshape(-1, 2)
    edges = pairwise([*xy.tolist(), xy[0].tolist()])
    perimeter = sum(max(abs(x1 - x0), abs(y1 - y0)) for (x0, y0), (x1, y1) in edges)
    if perimeter > _MAX_PERIMETER_PX:
        raise DecodeError(
            f"a polygon of {len(xy)} points in {where} has edges of {perimeter:,.0f} px, but at most "
            f"{_MAX_PERIMETER_PX:,} are drawn; keep it as run lengths"
        )
    return RLEMask.from_polygon(xy, imshape=size)
