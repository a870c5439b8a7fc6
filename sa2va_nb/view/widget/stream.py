"""Makes what views ask for in the background, most wanted first."""

import ctypes
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence

Key = int | str


class Stream:
    """A queue of what one widget's views want, made one by one in a thread that all streams share.

    Streams take turns at one thing each. A kernel that is busy with a cell goes on answering what was asked for
    before.
    """

    def __init__(self, make: Callable[[Key], None]) -> None:
        """Take what makes and sends one thing; it is called in the thread."""
        self._make = make
        self._wanted: list[Key] = []
        self._making: list[Key] = []  # the one in work
        self._closed = False

    def want(self, keys: Sequence[Key]) -> None:
        """Put keys in front of what is still wanted, in their order."""
        with _TURNS.changing:
            if self._closed:
                return
            asked = dict.fromkeys([*keys, *self._wanted])  # each once, where it comes first
            self._wanted = [key for key in asked if key not in self._making]
            if self._wanted and not self._making:
                _TURNS.give(self)

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until all that is wanted was made."""
        with _TURNS.changing:
            _TURNS.changing.wait_for(lambda: not (self._wanted or self._making), timeout_s)

    def close(self) -> None:
        """Forget what is wanted; what is being made now is the last."""
        with _TURNS.changing:
            self._closed = True
            self._wanted.clear()

    def take_turn(self) -> None:
        """Make what is wanted most, and wait for the next turn if more is."""
        with _TURNS.changing:
            self._making = self._wanted[:1]
            del self._wanted[:1]
        try:
            for key in self._making:
                self._make(key)
        finally:
            with _TURNS.changing:
                self._making = []
                if self._wanted:
                    _TURNS.give(self)
                _TURNS.changing.notify_all()


class _Turns:
    """The thread of all streams, which ends when none wants anything.

    There is one, since every thread that decodes leaves the allocator tens of megabytes that only it can use
    again, and since streams that read one video in turns by frame would seek anew for each.
    """

    def __init__(self) -> None:
        self.changing = threading.Condition()
        self._waiting: deque[Stream] = deque()
        self._working = False

    def give(self, stream: Stream) -> None:
        """Let a stream take a turn after those that wait; ``changing`` is held."""
        if stream not in self._waiting:
            self._waiting.append(stream)
        if not self._working:
            self._working = True
            threading.Thread(target=self._work, name="sa2va-scrubber", daemon=True).start()

    def _work(self) -> None:
        try:
            while (stream := self._next()) is not None:
                stream.take_turn()
        except BaseException:
            with self.changing:
                self._working = False
                for waiting in [*self._waiting]:  # what failed was one stream's
                    self.give(waiting)
            raise
        _give_memory_back()

    def _next(self) -> Stream | None:
        with self.changing:
            self._working = bool(self._waiting)
            return self._waiting.popleft() if self._working else None


def _give_memory_back() -> None:
    """Let glibc give the system what was freed; it would keep some 60 MB of it for the next pictures."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)


_TURNS = _Turns()
