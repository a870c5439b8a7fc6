"""Json files of annotations, whose origin nobody knows, field by field."""

import json
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.segmentation import MAX_TIME_S

MAX_JSON_BYTES = 2**29  # COCO's own largest has 448 MiB; Python takes many times as much in memory


def read_json(path: Path) -> Any:
    """Read a file.

    Raises:
        DecodeError: if it is no json, or larger than ``MAX_JSON_BYTES``.
    """
    check_length(path)
    try:
        return json.loads(path.read_bytes())
    # ValueError: also of text that isn't Unicode, and of numbers with thousands of digits.
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"{path.name} is no json that can be read: {error}") from error


def check_length(path: Path) -> None:
    """Refuse a file of text that is too long to be taken into memory.

    Raises:
        DecodeError: if it is larger than ``MAX_JSON_BYTES``.
    """
    n_bytes = path.stat().st_size
    if n_bytes > MAX_JSON_BYTES:
        raise DecodeError(
            f"{path.name} has {n_bytes:,} bytes of text, but the limit is {MAX_JSON_BYTES:,}; "
            "cut it to the clip that you need"
        )


def write_json(path: Path, data: object) -> None:
    """Write a file, in ASCII."""
    with path.open("w", encoding="ascii") as file:
        json.dump(data, file, allow_nan=False)


def rows_of(data: Mapping[str, Any], key: str, file: str) -> list[dict[str, Any]]:
    """Give a list of json objects.

    Raises:
        DecodeError: if it is missing or something else.
    """
    rows = data.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        came = "nothing" if rows is None else f"a list with others in it: {rows!r:.60}"
        raise DecodeError(f"{key!r} in {file} must be a list of json objects, got {came}")
    return rows


def whole(row: Mapping[str, Any], key: str, where: str, *, least: int = 0) -> int:
    """Give a whole number; 483.0 is one.

    Raises:
        DecodeError: if it is missing, something else, or below ``least``.
    """
    value = row.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value < 2**31:
        raise DecodeError(f"{key!r} of {where} must be a whole number from {least} up, got {value!r:.40}")
    return value


def key_of(row: Mapping[str, Any], key: str, where: str) -> Hashable:
    """Give an id: a whole number or a text.

    Raises:
        DecodeError: if it is missing or something else.
    """
    value = row.get(key)
    if type(value) is int or isinstance(value, str):
        return value
    raise DecodeError(f"{key!r} of {where} must be a whole number or a text, got {value!r:.40}")


def times_of(values: Sequence[object], where: str) -> NDArray[np.float64]:
    """Give times in seconds; null is an unknown one, NaN.

    Raises:
        DecodeError: if one is no finite number.
    """
    if not all(each is None or (type(each) in (int, float) and abs(each) < MAX_TIME_S) for each in values):  # type: ignore[arg-type]  # a number
        raise DecodeError(f"'time_s' of {where} must be seconds or null")
    return np.array([np.nan if each is None else each for each in values], np.float64)


def times_to_json(time_s: NDArray[np.float64]) -> list[float | None]:
    """Give what ``times_of`` takes."""
    return [float(each) if np.isfinite(each) else None for each in time_s]


def category_of(row: Mapping[str, Any], where: str) -> Hashable:
    """Give the id of an annotation's category; None where it has none.

    Raises:
        DecodeError: if it is neither a whole number nor a text.
    """
    return None if row.get("category_id") is None else key_of(row, "category_id", where)


def by_id(rows: Sequence[dict[str, Any]], kind: str, file: str) -> dict[Hashable, dict[str, Any]]:
    """Give rows by their ids.

    Raises:
        DecodeError: if an id is missing, or two rows have the same.
    """
    found: dict[Hashable, dict[str, Any]] = {}
    for place, row in enumerate(rows):
        key = key_of(row, "id", f"{kind} {place} in {file}")
        if key in found:
            raise DecodeError(f"two of the {kind}s in {file} have the id {key!r:.40}; ids must differ")
        found[key] = row
    return found


def category_names(data: Mapping[str, Any], file: str) -> dict[Hashable, str]:
    """Give the names of COCO's categories by their ids; none where there are none.

    Raises:
        DecodeError: if two have the same id.
    """
    if not data.get("categories"):
        return {}
    rows = by_id(rows_of(data, "categories", file), "category", file)
    return {key: row["name"] for key, row in rows.items() if isinstance(row.get("name"), str)}


def phrase_of(row: Mapping[str, Any], names: Mapping[Hashable, str], where: str) -> str | None:
    """Give an object's phrase: ``phrase``, which may be null, else the name of its category.

    Raises:
        DecodeError: if it is neither a text nor null.
    """
    if "phrase" not in row:
        return names.get(category_of(row, where))
    if row["phrase"] is not None and not isinstance(row["phrase"], str):
        raise DecodeError(f"'phrase' of {where} must be a text or null, got {row['phrase']!r:.40}")
    return row["phrase"]


def number_categories(phrases: Sequence[str | None]) -> tuple[list[int], list[dict[str, Any]]]:
    """Give a category's id for each phrase, and the categories: one for each different phrase.

    What has no phrase is of the category "object"; a row's own ``phrase`` says that it has none.
    """
    names = list(dict.fromkeys(phrase or "object" for phrase in phrases))
    ids = {name: number for number, name in enumerate(names, start=1)}
    return [ids[phrase or "object"] for phrase in phrases], [
        {"id": i, "name": name} for name, i in ids.items()
    ]
