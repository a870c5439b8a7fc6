"""What goes to an engine, and what an engine is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.model.endpoints import DEFAULT, ENDPOINTS, frame_limits
from sa2va_nb.segmentation import VideoSource

FEWEST_ADVISED = ENDPOINTS[DEFAULT].advised_frames
MAX_PROMPT_CHARACTERS = 10_000
MOST_FIRST_FRAMES = 5  # so many reach Sa2VA's language model; more would only delay the clip


@dataclass(frozen=True)
class Request:
    """What is asked of an engine; checked when it is made.

    Attributes:
        video: the opened source.
        prompt: what to segment, in words.
        num_frames_to_sample: how many frames the model is given, 1 to 100; None for all.
        endpoint: which hosted model, a name in ``endpoints.ENDPOINTS`` such as ``"8b"``.
        video_url: where the service can read the video itself; None for a local file, which is uploaded.
        first_frames: source frames that are put in front of the clip. What an engine gets as ``video`` has
            them already.

    Raises:
        ValueError: if the prompt has no words or too many, ``num_frames_to_sample`` or ``first_frames`` is
            out of range, or both are given.
        TypeError: if one of them is of another kind.
    """

    video: VideoSource
    prompt: str
    num_frames_to_sample: int | None = None
    endpoint: str = "8b"
    video_url: str | None = None
    first_frames: Sequence[int] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.prompt, str):
            raise TypeError(f"prompt must be a str, got {type(self.prompt).__name__}")
        if not self.prompt.strip():
            raise ValueError(
                "prompt must say what to segment, got no words; for example 'Please segment the dog.'"
            )
        if len(self.prompt) > MAX_PROMPT_CHARACTERS:
            raise ValueError(
                f"prompt must have at most {MAX_PROMPT_CHARACTERS} characters, got {len(self.prompt)}"
            )
        if any(0xD800 <= ord(c) < 0xE000 or c == "\0" for c in self.prompt):
            raise ValueError(
                "prompt must be text, got a NUL or half of a surrogate pair in it; write it anew"
            )
        n = self.num_frames_to_sample
        if n is not None and (isinstance(n, bool) or not isinstance(n, (int, np.integer))):
            raise TypeError(f"num_frames_to_sample must be a whole number or None, got {n!r}")
        fewest, most = frame_limits(self.endpoint)
        if n is not None and not fewest <= n <= most:
            raise ValueError(
                f"num_frames_to_sample must be {fewest} to {most}, got {n}; leave it out to use every frame"
            )
        if len(self.first_frames):
            self._check_first_frames()

    def _check_first_frames(self) -> None:
        frames, n_frames = list(self.first_frames), len(self.video)
        if any(isinstance(frame, bool) or not isinstance(frame, (int, np.integer)) for frame in frames):
            raise TypeError(f"first_frames must hold whole numbers, got {frames}")
        if len(frames) > MOST_FIRST_FRAMES or any(np.diff(frames) <= 0):
            raise ValueError(
                f"first_frames must be 1 to {MOST_FIRST_FRAMES} source frames, increasing, got {frames}"
            )
        if frames[0] < 0 or frames[-1] >= n_frames:
            raise ValueError(f"first_frames must be 0 to {n_frames - 1}, got {frames}")
        if self.num_frames_to_sample is not None:
            raise ValueError(
                "first_frames needs every frame, as samples would pass over those put in front; got "
                f"num_frames_to_sample={self.num_frames_to_sample}, leave it out"
            )


@dataclass(frozen=True)
class Progress:
    """One thing an engine reports while it works.

    Attributes:
        stage: a word for the step: "uploading", "queued", "running", "downloading", "segmenting", "done" …
        message: a sentence for a person; may come from outside, so show it as text.
        fraction: share done of this stage in [0, 1], or None where nobody knows.
    """

    stage: str
    message: str = ""
    fraction: float | None = None


class Workspace(Protocol):
    """The run folder as an engine sees it.

    An engine whose masks are not one a source frame says which they show, before it writes them:
    ``save(sampled_frames=[…])``, 0-based and increasing.
    """

    @property
    def folder(self) -> Path:
        """The run folder; files go below it."""

    @property
    def record(self) -> Mapping[str, Any]:
        """What ``run.json`` holds now: after an interruption, what an earlier attempt saved."""

    def save(self, **fields: Any) -> None:
        """Put fields into ``run.json``; they are on disk when this returns."""

    def report(self, progress: Progress) -> None:
        """Show progress to the user."""

    def write_mask_video(self, index: int, masks: Iterable[NDArray[np.bool_]]) -> Path:
        """Encode (H, W) masks, one a frame, as the mask video of object ``index``; gives its path."""


@dataclass(frozen=True)
class MaskFile:
    """One mask video in the run folder.

    Attributes:
        path: the file, below the run folder.
        label: its name where the service sent a dictionary of label to file; else None.
    """

    path: Path
    label: str | None = None


@dataclass(frozen=True)
class Response:
    """What an engine gives back, with all its files in the run folder.

    Attributes:
        output: the answer's text, tokens included.
        masks: one mask video a ``[SEG]``, in order.
        notes: what the user should know about this answer, in words.
    """

    output: str
    masks: tuple[MaskFile, ...]
    notes: tuple[str, ...] = ()


class Engine(Protocol):
    """Something that segments a video.

    ``run`` may be called again in the same workspace after an interruption; what was saved
    there before must then be used, not paid for again.
    """

    @property
    def name(self) -> str:
        """A short name for the run's record: "fal", "motion"."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the answer besides the request, as JSON values; it is recorded, and tells runs apart."""

    def quote(self, request: Request) -> float:
        """Check what can be checked before anything is sent, such as a key; give the expected cost in USD."""

    def run(self, request: Request, workspace: Workspace) -> Response:
        """Answer the request; blocks until done. Raises a ``Sa2VAError`` on failure."""
