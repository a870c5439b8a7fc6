"""Checks that the record of a run has the form that the rest relies on."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sa2va_nb.errors import RunError

# Groups of what a run's status may be; docs/decisions/0002-run-folder.md says how one follows the other.
NOTHING_SENT = ("new", "uploading")
FRUITLESS = ("failed", "cancelled")  # nothing comes of these any more
ENDED = ("done", "completed", *FRUITLESS)  # what these cost is recorded

_MAX_NAME_BYTES = 255  # of a file, on every file system that matters
_MAX_PATH_CHARACTERS = 4096  # likewise
_MAX_MASKS = 1000  # far above what one answer names; each is opened and decoded
LARGEST = 2**53  # of an amount; what is below 0 would add to a budget
_MAX_FRAMES = 2**31  # beyond what any file holds; keeps a damaged record from asking for the memory


def check_record(record: Mapping[str, Any], file: Path) -> None:
    """Check the fields of a ``run.json``; those that nobody reads may be anything.

    Args:
        record: what the file holds.
        file: where it is, for the message.

    Raises:
        RunError: if a field is of another kind, or there is no status.
    """
    if wrong := wrong_field(record):
        raise RunError(f"{file} is damaged: {wrong}; take the run from its bundle, or run it again")
    if "status" not in record:
        raise RunError(f"{file} is damaged: it has no 'status'")


def wrong_field(record: Mapping[str, Any]) -> str | None:
    """Name the first field that is not as it must be, in words; None if there is none.

    >>> wrong_field({"status": "done", "seconds": "long"})
    "'seconds' must be a number from 0 up or null, got 'long'"
    """
    for name, (expected, fits) in _FIELDS.items():
        if name in record and not fits(record[name]):
            return f"{name!r} must be {expected}, got {str(record[name])[:60]!r}"
    return None


def check_holds(record: Mapping[str, Any], names: Iterable[str], run: str) -> None:
    """Check that the record of a run has the fields that are needed.

    Raises:
        RunError: if something is missing.
    """
    missing = [name for name in names if name not in record]
    if missing:
        raise RunError(
            f"the record of run {run} is damaged: it has no {', '.join(missing)}; take the run from its "
            "bundle, or run it again"
        )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _path(value: Any) -> bool:
    return (
        _text(value)
        and "\0" not in value
        and len(value) <= _MAX_PATH_CHARACTERS
        and all(len(part.encode(errors="surrogatepass")) <= _MAX_NAME_BYTES for part in value.split("/"))
    )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _frame(value: Any) -> bool:
    return _whole(value) and value < _MAX_FRAMES


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < LARGEST


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _video(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _text(value.get("name"))
        and _or_none(_text)(value.get("url"))
        and all(_or_none(_path)(value.get(name)) for name in ("path", "file"))
        and all(_or_none(_whole)(value.get(name)) for name in ("bytes", "mtime_ns"))
        and _or_none(_text)(value.get("sha256"))
    )


def _request(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _text(value.get("prompt"))
        and _or_none(_frame)(value.get("num_frames_to_sample"))
        and _or_none(_each(_frame))(value.get("first_frames"))
    )


def _masks(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MAX_MASKS
        and all(isinstance(mask, dict) and _path(mask.get("file")) for mask in value)
    )


_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "status": ("a text", _text),
    "created": ("a text", _text),
    "key": ("a text", _text),
    "engine": ("a text", _text),
    "app": ("a text", _text),
    "folder": ("a path", _path),
    "request_id": ("a text or null", _or_none(_text)),
    "output": ("a text", _text),
    "notes": ("a list of texts", _each(_text)),
    "seconds": ("a number from 0 up or null", _or_none(_number)),
    "cost_usd": ("a number from 0 up or null", _or_none(_number)),
    "estimate_usd": ("a number from 0 up or null", _or_none(_number)),
    "billable_units": ("a number from 0 up or null", _or_none(_number)),
    "inference_s": ("a number from 0 up or null", _or_none(_number)),
    "video": ("an object with name, path, file, url, bytes, mtime_ns and sha256", _video),
    "request": ("an object with prompt, num_frames_to_sample and first_frames", _request),
    "masks": (f"a list of at most {_MAX_MASKS} objects with a file", _masks),
    "sampled_frames": ("a list of frames or null", _or_none(_each(_frame))),
}
