"""Says what a format is: one entry of the table in ``catalogue``."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.bounds import Check, trusting
from sa2va_nb.formats.json_file import read_json
from sa2va_nb.segmentation import Segmentation

Part = Literal["overlaps", "absent", "phrases", "frame", "time_s", "void"]
EVERYTHING: frozenset[Part] = frozenset({"overlaps", "absent", "phrases", "frame", "time_s", "void"})
_HEAD_BYTES = 512


class Opened:
    """A file or folder that is to be read; its content is looked at when it is asked for.

    Attributes:
        path: where it is.
        clip: which clip of several is asked for; None for the only one.
        check: refuses what is beyond the limits.
    """

    def __init__(self, path: Path, *, clip: str | int | None = None, check: Check = trusting) -> None:
        self.path, self.clip, self.check = path, clip, check

    @property
    def name(self) -> str:
        """The file's or folder's name, for messages."""
        return self.path.name

    @cached_property
    def head(self) -> bytes:
        """The first bytes of a file, without a byte order mark and blanks; nothing of a folder."""
        if self.path.is_dir():
            return b""
        with self.path.open("rb") as file:
            return file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of what a folder holds, hidden files aside."""
        entries = self.path.iterdir() if self.path.is_dir() else ()
        return frozenset(entry.name for entry in entries if not entry.name.startswith("."))

    @cached_property
    def json(self) -> Any:
        """What a file of json holds; None where it is none.

        Raises:
            DecodeError: if it is damaged.
        """
        if self.path.suffix.lower() == ".json" and self.head[:1] not in (b"{", b"["):
            raise DecodeError(f"{self.name} is not what its name says: no .json that can be read")
        return read_json(self.path) if self.head[:1] in (b"{", b"[") else None

    @property
    def keys(self) -> frozenset[str]:
        """The names in the outermost object of a file of json."""
        return frozenset(self.json) if isinstance(self.json, dict) else frozenset()


Read = Callable[[Opened], tuple[Segmentation, bool]]
"""Gives the masks, and whether their frames were only counted, as nothing tells which they are."""
Write = Callable[[Segmentation, Path], list[str]]
"""Writes to a path that isn't there yet; says what was lost beyond what ``keeps`` says."""


@dataclass(frozen=True)
class Format:
    """One way of keeping masks in a file or a folder.

    Attributes:
        name: what ``format=`` takes, and the format's row in docs/formats.md.
        title: what it is, in words.
        recognises: tells by the content whether this format is to read it.
        read: reads it; None for what is read otherwise, as mask videos are.
        write: writes it; None for what is only read.
        keeps: what it can hold beside the masks. ``overlaps``: pixels that several objects have; ``absent``:
            objects without a pixel.
        suffixes: the endings of a name for which this format is taken, if no other is asked for.
        folder: a pattern for the names of all files in it, where it is a folder; None for a file.
        describes_clips: whether ``clip=`` may choose one of several.
    """

    name: str
    title: str
    recognises: Callable[[Opened], bool] = lambda _: False
    read: Read | None = None
    write: Write | None = None
    keeps: frozenset[Part] = EVERYTHING
    suffixes: tuple[str, ...] = ()
    folder: str | None = None
    describes_clips: bool = False


def clip_name(seg: Segmentation) -> str:
    """Give a name for the clip, for formats that have one: that of the source video's file."""
    return "clip" if seg.video is None else seg.video.path.stem
