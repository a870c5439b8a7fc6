"""Reads the result of a job, in all the forms that the service has been seen or said to send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sa2va_nb.errors import ModelError
from sa2va_nb.model.fal.words import clip

MOST_MASKS = 1000  # far above what one answer can name
_DEEPEST = 30  # levels of JSON in an answer


@dataclass(frozen=True)
class RemoteMask:
    """A mask video that is still at the service.

    Attributes:
        url: where it is.
        label: its name, where masks came as a dictionary of label to file.
        size_bytes: what the service says of its size, if it does.
    """

    url: str
    label: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class RemoteAnswer:
    """What a job gave: the text, its mask videos in order, and what was odd about it in words."""

    output: str
    masks: tuple[RemoteMask, ...]
    notes: tuple[str, ...] = ()


def read_answer(raw: object) -> RemoteAnswer:
    """Read a result.

    Args:
        raw: the decoded JSON. ``masks`` may be a list of files, a dictionary of label to file, one file,
            null or missing; a file may be a File object with any other fields, or a bare URL.

    Raises:
        ModelError: if it is none of these, saying what came.
    """
    if not isinstance(raw, Mapping) or (raw.get("output") is None and not raw.get("masks")):
        raise ModelError(f"expected an answer with 'output' and 'masks', got {_brief(raw)}")
    output = raw.get("output")
    if output is not None and not isinstance(output, str):
        raise ModelError(f"expected the answer's 'output' to be a text, got {_brief(output)}")
    notes = () if output is not None else ("the service sent masks with no text",)
    masks = raw.get("masks")
    if isinstance(masks, (list, Mapping)) and len(masks) > MOST_MASKS:
        raise ModelError(f"expected an answer with at most {MOST_MASKS} masks, got {len(masks)}")
    return RemoteAnswer(output or "", _read_masks(masks), notes)


def check_depth(raw: object, left: int = _DEEPEST) -> None:
    """Refuse JSON that is nested deeper than any answer is, and could not be saved.

    Raises:
        ValueError: if it is.
    """
    if left == 0:
        raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
    parts = raw.values() if isinstance(raw, Mapping) else raw if isinstance(raw, list) else ()
    for part in parts:
        check_depth(part, left - 1)


def _read_masks(masks: object) -> tuple[RemoteMask, ...]:
    if masks is None:
        return ()
    if isinstance(masks, Mapping) and not isinstance(masks.get("url"), str):
        return tuple(_read_mask(file, str(label)) for label, file in masks.items())
    if isinstance(masks, list):
        return tuple(_read_mask(file) for file in masks)
    return (_read_mask(masks),)


def _read_mask(file: object, label: str | None = None) -> RemoteMask:
    fields: Mapping[str, Any] = file if isinstance(file, Mapping) else {"url": file}
    url, size = fields.get("url"), fields.get("file_size")
    if not isinstance(url, str) or not url:
        raise ModelError(f"expected each mask to be a file with a 'url', got {_brief(file)}")
    return RemoteMask(url, label, size if isinstance(size, int) and not isinstance(size, bool) else None)


def _brief(value: object) -> str:
    return f"{type(value).__name__}: {clip(repr(value), 160)}"
