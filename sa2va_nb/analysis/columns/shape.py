"""The shape of each mask, as one region."""

from collections.abc import Mapping

from sa2va_nb.analysis.columns.group import ColumnGroup
from sa2va_nb.analysis.shape import Shape, shape_of
from sa2va_nb.masks import Masks

_DTYPES = {name: "int64" if name in ("components", "holes") else "float64" for name in Shape.__annotations__}


def shapes(masks: Masks) -> Mapping[str, list[float]]:
    """Give the columns of :func:`sa2va_nb.analysis.shape.shape_of`.

    - ``perimeter_px``; ``solidity``: area over that of the convex hull
    - ``components`` (8-connected); ``largest_frac``: the largest one's share of the area; ``holes``
    - ``eccentricity``, ``orientation_rad`` (of the major axis, from the rows' axis), ``major_axis_px``,
      ``minor_axis_px``: of the ellipse with the same second moments
    """
    found = [shape_of(rle) for rle in masks.rles]
    return {name: [shape[name] for shape in found] for name in _DTYPES}  # type: ignore[literal-required]  # its keys


COLUMNS = ColumnGroup(_DTYPES, shapes)
