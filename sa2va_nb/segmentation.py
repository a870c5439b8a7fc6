"""What was segmented: objects with their masks, tied to the frames of a video."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.answer import Answer, parse_answer, sound_text
from sa2va_nb.errors import AlignmentError
from sa2va_nb.masks import Masks
from sa2va_nb.run_record import wrong_field

MAX_TIME_S = 1e15  # beyond, a double tells no tenths of a second; today's time since 1970 in ms is below


class VideoSource(Protocol):
    """What the toolkit needs of a source video; ``Video`` is the one for files."""

    @property
    def path(self) -> Path:
        """Where the file is."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3)."""

    @property
    def fps(self) -> float:
        """Mean frames a second."""

    @property
    def time_s(self) -> NDArray[np.float64]:
        """(T,) presentation times in seconds, increasing, the first frame at 0."""

    @property
    def duration_s(self) -> float:
        """Seconds, the last frame's own duration included."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """Give the (H, W, 3) RGB image of a frame."""

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Give every image, in order."""


@dataclass(frozen=True)
class SegmentedObject:
    """One ``[SEG]`` of the answer.

    Attributes:
        index: 0..N-1, in the answer's order.
        phrase: the words in front of the ``[SEG]``, or None; surrogates and NUL, which files can't hold, become �.
        masks: its masks, (T, H, W).

    Raises:
        TypeError: if the phrase is neither a str nor None.
    """

    index: int
    phrase: str | None
    masks: Masks

    def __post_init__(self) -> None:
        if self.phrase is not None and not isinstance(self.phrase, str):
            raise TypeError(f"a phrase must be a str or None, got {self.phrase!r} for object {self.index}")
        if self.phrase is not None:
            object.__setattr__(self, "phrase", sound_text(self.phrase))

    @property
    def name(self) -> str:
        """The phrase, or ``object 2`` for an object that has none."""
        return self.phrase or f"object {self.index}"


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The objects of one answer, with the source frame of each mask frame.

    ``seg[0]`` is the first object, ``seg["bed"]`` the one whose phrase is, or else holds, those words; an
    IndexError or KeyError if there is none, or more than one.

    Attributes:
        objects: in the answer's order; may be empty.
        frame: (T,) 0-based index of the source frame of each mask frame, increasing.
        time_s: (T,) presentation time of that source frame in seconds; NaN where nobody knows.
        video: the source, or None where it is not at hand.
        answer: what the model said.
        run: the record of the call, as in the run folder's ``run.json``; empty without a run.
        notes: what was inferred, dropped or doubtful, in words.
        void: the pixels of ground truth in which nothing is judged; None where there are none.

    Raises:
        AlignmentError: if ``frame`` isn't increasing or goes beyond the video, ``time_s`` goes back or has no end,
            it or an object's masks have another length, or the masks differ in size.
        TypeError: if ``frame`` holds no whole numbers, ``time_s`` no numbers, or ``run`` is no record.
        ValueError: if a field of ``run`` has another form, or the objects aren't numbered 0 to N-1.
    """

    objects: tuple[SegmentedObject, ...]
    frame: NDArray[np.int64]
    time_s: NDArray[np.float64]
    video: VideoSource | None = None
    answer: Answer = field(default_factory=lambda: parse_answer(""))
    run: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    void: Masks | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.run, Mapping):
            raise TypeError(f"run must be the record of a run, got {type(self.run).__name__}")
        if wrong := wrong_field(self.run):
            raise ValueError(f"run must be the record of a run: {wrong}")
        _check_type("frame", self.frame, (np.integer,), "whole numbers")
        _check_type("time_s", self.time_s, (np.floating, np.integer), "seconds")
        _check_frames(self.frame, len(self.time_s))
        _check_times(self.time_s)
        _check_reach(self.frame, self.video)
        if [item.index for item in self.objects] != list(range(len(self.objects))):
            raise ValueError(
                f"objects must be numbered 0 to {len(self.objects) - 1}, in order, got "
                f"{str([item.index for item in self.objects])[:60]}; number them by dataclasses.replace"
            )
        for item in self.objects:
            if len(item.masks) != len(self.frame) or item.masks.size != self.objects[0].masks.size:
                raise AlignmentError(
                    f"every object must have {len(self.frame)} masks of one size, got {item.masks!r} for "
                    f"{item.name!r} and {self.objects[0].masks!r} for {self.objects[0].name!r}"
                )
        if self.void is not None and self.void.shape != self.shape:
            raise AlignmentError(
                f"void must have the shape of the masks, {self.shape}, got {self.void.shape}"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, H, W) of every mask; the video's size where there is no object, else 0."""
        if self.objects:
            return self.objects[0].masks.shape
        if self.void is not None:
            return self.void.shape
        height, width = self.video.shape[1:3] if self.video is not None else (0, 0)
        return (len(self.frame), height, width)

    def __len__(self) -> int:
        return len(self.objects)

    def __iter__(self) -> Iterator[SegmentedObject]:
        return iter(self.objects)

    def __getitem__(self, key: int | str) -> SegmentedObject:
        return self.objects[key] if isinstance(key, (int, np.integer)) else self._by_phrase(key)

    def _by_phrase(self, words: str) -> SegmentedObject:
        """Find the one object whose phrase equals the words, or else holds them, whatever the case."""
        if not isinstance(words, str):
            raise TypeError(f"an object is found by its index or phrase, got {type(words).__name__}")
        wanted = words.casefold().strip()
        for matches in (
            [item for item in self.objects if (item.phrase or "").casefold() == wanted],
            [item for item in self.objects if wanted and wanted in (item.phrase or "").casefold()],
        ):
            if len(matches) == 1:
                return matches[0]
            if matches:
                indices = ", ".join(str(item.index) for item in matches)
                raise KeyError(f"{words!r} fits objects {indices}; ask by index")
        phrases = ", ".join(repr(item.phrase) for item in self.objects) or "none"
        raise KeyError(f"no object's phrase holds {words!r}; the phrases are {phrases}")

    def _repr_mimebundle_(self, **_: Any) -> Any:
        # The one upward import: a result shows itself, and only a notebook asks for it.
        from sa2va_nb.view.inline import mimebundle

        return mimebundle(self)

    def __repr__(self) -> str:
        frames, height, width = self.shape
        names = ", ".join(repr(item.name) for item in self.objects) or "no objects"
        return f"Segmentation({len(self)} in {frames} frames of {width}x{height}: {names})"


def _check_type(name: str, values: object, kinds: tuple[type, ...], what: str) -> None:
    if not isinstance(values, np.ndarray):
        raise TypeError(
            f"{name} must be a NumPy array, (T,) {what}, got {type(values).__name__}; use np.asarray"
        )
    if values.ndim != 1 or not any(np.issubdtype(values.dtype, kind) for kind in kinds):
        raise TypeError(f"{name} must be (T,) {what}, got {values.shape} of {values.dtype}")


def _check_frames(frame: NDArray[np.int64], n_times: int) -> None:
    if len(frame) != n_times or np.any(frame[:1] < 0) or np.any(frame[1:] <= frame[:-1]):
        raise AlignmentError(
            f"frame must be increasing source frame indices from 0 on with one time_s each, got {len(frame)} "
            f"frames ({frame[:5]}…) and {n_times} times"
        )


def _check_reach(frame: NDArray[np.int64], video: VideoSource | None) -> None:
    if video is not None and len(frame) and frame[-1] >= len(video):
        raise AlignmentError(
            f"the masks reach frame {frame[-1]}, but the video has {len(video)} frames; give the right frame "
            "numbers, or the video that the masks were made from"
        )


def _check_times(time_s: NDArray[np.float64]) -> None:
    known = np.flatnonzero(~np.isnan(time_s))
    if np.any(np.abs(time_s[known]) >= MAX_TIME_S):
        raise AlignmentError(
            f"time_s must be seconds, or NaN where nobody knows, but some are infinite or beyond {MAX_TIME_S:g}"
        )
    back = np.flatnonzero(np.diff(time_s[known]) < 0)
    if back.size:
        before, after = known[back[0]], known[back[0] + 1]
        raise AlignmentError(
            f"time_s must not go back, got {time_s[after]:.6g} s for mask frame {after} after "
            f"{time_s[before]:.6g} s for {before}; sort the frames by time, or give NaN where times aren't known"
        )
