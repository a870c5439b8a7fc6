"""Makes what a view asks for in the background, most wanted first."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

Key = int | str

_TURNS: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


def turn_at(path: Path) -> threading.Lock:
    """Give what to hold while reading some frames of a video in order.

    Where two scrubbers read one video in turns by frame, each frame is sought anew: that takes several times
    as long.
    """
    return _TURNS[path]


class Stream:
    """A queue of what is wanted, and a thread that makes it, which ends when nothing is left.

    There is one thread at most, so that a video is read in order. A kernel that is busy with a cell goes on
    answering what was asked for before.
    """

    def __init__(self, make: Callable[[Key], None]) -> None:
        """Take what makes and sends one thing; it is called in the thread."""
        self._make = make
        self._wanted: list[Key] = []
        self._making: list[Key] = []  # the one in work
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None  # the last one
        self._working = False
        self._closed = False

    def want(self, keys: Sequence[Key]) -> None:
        """Put keys in front of what is still wanted, in their order."""
        with self._changing:
            if self._closed:
                return
            asked = dict.fromkeys([*keys, *self._wanted])  # each once, where it comes first
            self._wanted = [key for key in asked if key not in self._making]
            if self._wanted and not self._working:
                self._working = True
                self._thread = threading.Thread(target=self._work, name="sa2va-scrubber", daemon=True)
                self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until all that is wanted was made."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def close(self) -> None:
        """Forget what is wanted; what is being made now is the last."""
        with self._changing:
            self._closed = True
            self._wanted.clear()

    def _work(self) -> None:
        try:
            while self._take():
                self._make(self._making[0])
        except BaseException:
            with self._changing:
                self._working, self._making = False, []
            raise

    def _take(self) -> bool:
        """Move the most wanted key into work; where there is none, the thread is done."""
        with self._changing:
            self._making = self._wanted[:1]
            del self._wanted[:1]
            self._working = bool(self._making)
            return self._working
