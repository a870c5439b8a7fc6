"""Physical units: turns a table's pixels into centimetres, micrometres or body lengths."""

import math
from collections.abc import Iterable
from numbers import Real

import pandas as pd

from sa2va_nb.analysis.arguments import check_table

PIXEL = "px"
_SCALE = "px_per_"  # starts the name of the column that says what a table was divided by
_MICRO = str.maketrans("µμ", "uu")  # the sign and the letter: a column's name must be easy to type

# The power of the length in each column of measure, tracks, overlaps, compare and agreement. Others that
# speak of pixels are refused: nobody knows whether they count them or measure along them.
_POWERS = (
    dict.fromkeys(("x", "y", "x0", "y0", "x1", "y1"), 1)
    | dict.fromkeys(("perimeter_px", "major_axis_px", "minor_axis_px"), 1)
    | dict.fromkeys(("path_px", "displacement_px", "distance_px"), 1)
    | dict.fromkeys(("speed_mean_px_s", "speed_max_px_s"), 1)
    | dict.fromkeys(("area_px", "area_mean_px", "area_std_px", "area_max_px"), 2)
    | dict.fromkeys(("area_a_px", "area_b_px", "overlap_px", "differing_px", "consensus_px"), 2)
)


def to_units(table: pd.DataFrame, px_per_unit: float, *, unit: str) -> pd.DataFrame:
    """Give a table in physical units instead of pixels.

    Lengths, places and speeds are divided by ``px_per_unit``, areas by its square; shares, angles, counts
    and times stay. So that no number can be mistaken for one of pixels, columns are named by their new
    unit: ``area_px`` becomes ``area_cm2``, ``path_px`` ``path_cm``, ``speed_mean_px_s``
    ``speed_mean_cm_s``, and ``x`` ``x_cm``. The figures label their axes by these names.

    Convert last: ``tracks`` takes the table of ``measure`` in pixels. Origins stay where they were: that of
    the centroid is the centre of the top left pixel, that of the boxes this pixel's outer corner.

    One scale holds for the whole picture, along rows and columns alike: pixels must be square, and the
    objects in one plane across the view. Neither is checked.

    Args:
        table: from ``measure``, ``tracks``, ``overlaps``, ``compare`` or ``agreement``; left as it is.
        px_per_unit: how many pixels long a unit is, in the masks' pixels: a ruler of 30 cm that is 412 px
            long in the picture gives ``412 / 30``.
        unit: its name, letters only, such as ``"cm"`` or ``"um"`` (``"µm"`` is the same).

    Returns:
        A new table with the same rows, and a last column ``px_per_cm`` that holds the scale.

    Raises:
        TypeError: if it is no table, the scale no number, or the unit no str.
        ValueError: if the scale isn't above 0 and finite, the unit isn't a word, or the table has nothing
            in pixels (an earlier call may have converted it), or a column in pixels of its own.

    >>> table = pd.DataFrame({"object": [0], "area_px": [500], "x": [30.0], "iou_prev": [0.9]})
    >>> to_units(table, 10, unit="cm")
       object  area_cm2  x_cm  iou_prev  px_per_cm
    0       0       5.0   3.0       0.9       10.0
    """
    check_table(table, (), "measure()")
    scale, unit = check_scale(px_per_unit, unit)
    if unit_of(table) != PIXEL:
        raise ValueError(f"the table is in {unit_of(table)} already; convert the one in pixels")
    known = [name for name in table.columns if name in _POWERS]
    if unknown := [name for name in _in_pixels(table.columns) if name not in _POWERS]:
        raise ValueError(
            f"{', '.join(unknown)} could be areas or lengths in pixels; drop or rename them, and convert "
            "them yourself"
        )
    if not known:
        raise ValueError(
            f"the table has no lengths or areas in pixels, got {', '.join(map(str, table.columns)) or 'none'}"
        )
    values = {name: table[name] / scale ** _POWERS[name] for name in known}
    converted = table.assign(**values).rename(columns={name: column_in(name, unit) for name in known})
    if converted.columns.has_duplicates:
        raise ValueError(f"the table has columns in pixels and in {unit} for the same; drop one of them")
    return converted.assign(**{f"{_SCALE}{unit}": scale})


def unit_of(table: pd.DataFrame) -> str:
    """Give the unit of a table's lengths: ``"px"``, or what ``to_units`` turned them into."""
    found = [name.removeprefix(_SCALE) for name in table.columns if str(name).startswith(_SCALE)]
    return found[0] if found else PIXEL


def scale_of(table: pd.DataFrame) -> float:
    """Give how many pixels long a table's unit is: 1 for a table in pixels, or without rows."""
    unit = unit_of(table)
    return 1.0 if unit == PIXEL or table.empty else float(table[f"{_SCALE}{unit}"].iloc[0])


def column_in(name: str, unit: str) -> str:
    """Give a column's name in a unit: ``area_px`` in cm is ``area_cm2``; what isn't in pixels keeps its own."""
    if unit == PIXEL or name not in _POWERS:
        return name
    if name in ("x", "y", "x0", "y0", "x1", "y1"):
        return f"{name}_{unit}"
    square = "2" if _POWERS[name] == 2 else ""
    head, _, tail = name.rpartition(f"_{PIXEL}")
    return f"{head}_{unit}{square}{tail}"


def words_for(unit: str, power: int = 1) -> str:
    """Give a unit as it is printed: ``um`` is µm, its square µm²; a count of pixels is px."""
    if unit == PIXEL:
        return PIXEL
    printed = f"µ{unit[1:]}" if unit == "um" else unit
    return printed + ("²" if power == 2 else "")


def check_scale(px_per_unit: object, unit: object) -> tuple[float, str]:
    """Check a scale and the name of its unit, and give both as columns have them."""
    return _check_scale(px_per_unit), _check_unit(unit)


def scale_or_pixels(px_per_unit: object, unit: object) -> tuple[float, str]:
    """Check a scale that may be left out: one pixel a unit, called px.

    Raises:
        ValueError: if only one of both is given, or a wrong one.
        TypeError: if one is no number, or no str.
    """
    if px_per_unit is None and unit is None:
        return 1.0, PIXEL
    if px_per_unit is None or unit is None:
        raise ValueError(f"px_per_unit and unit belong together, got {px_per_unit!r} and {unit!r}")
    return check_scale(px_per_unit, unit)


def _check_scale(px_per_unit: object) -> float:
    if isinstance(px_per_unit, bool) or not isinstance(px_per_unit, Real):
        raise TypeError(f"px_per_unit must be a number, got {px_per_unit!r}")
    scale = float(px_per_unit)
    if not 0 < scale < math.inf:
        raise ValueError(f"px_per_unit must be above 0 and finite, got {scale}: how many pixels a unit has")
    return scale


def _check_unit(unit: object) -> str:
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a str such as 'cm', got {unit!r}")
    if not unit.isalpha() or unit == PIXEL:
        raise ValueError(f"unit must be a word such as 'cm' or 'um', other than 'px', got {unit!r}")
    return unit.translate(_MICRO)


def _in_pixels(columns: Iterable[object]) -> list[str]:
    """List the columns whose names say that they are in pixels."""
    names = [str(name) for name in columns]
    return [name for name in names if PIXEL in name.split("_")]
