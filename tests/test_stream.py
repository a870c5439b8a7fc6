import platform
import threading

import pytest

from sa2va_nb.view.widget.stream import Stream
from tests.memory import resident_mb
from tests.widgets import streaming, wait_until_still


class Maker:
    """Makes each key when it is let go on; the first one asked for waits."""

    def __init__(self) -> None:
        self.made: list[int | str] = []
        self.started, self.go_on = threading.Event(), threading.Event()
        self.stream = Stream(self.make)

    def make(self, key: int | str) -> None:
        self.started.set()
        self.go_on.wait(10)
        self.made.append(key)

    def finish(self) -> list[int | str]:
        self.go_on.set()
        self.stream.wait(10)
        return self.made


def busy_with(key: int) -> Maker:
    maker = Maker()
    maker.stream.want([key])
    assert maker.started.wait(10)
    return maker


def test_what_is_asked_for_last_comes_first_and_nothing_is_forgotten():
    maker = busy_with(0)
    maker.stream.want([1, 2, 3])
    maker.stream.want([7, 2])
    assert maker.finish() == [0, 7, 2, 1, 3]


def test_what_is_being_made_is_not_made_twice():
    maker = busy_with(0)
    maker.stream.want([0, 1])
    assert maker.finish() == [0, 1]
    maker.stream.want([0])
    maker.stream.wait(10)
    assert maker.made == [0, 1, 0]


def test_the_thread_ends_when_nothing_is_left():
    wait_until_still()
    maker = busy_with(0)
    maker.stream.want(["numbers"])
    assert len(streaming()) == 1
    maker.finish()
    wait_until_still()


def test_streams_take_turns_in_one_thread():
    wait_until_still()
    first = busy_with(0)
    made, threads = first.made, []

    def make(key: int | str) -> None:
        threads.append(len(streaming()))
        made.append(key)

    others = [Stream(make), Stream(make)]
    first.stream.want([1, 2])
    others[0].want([10, 11])
    others[1].want([20])
    first.finish()
    for stream in others:
        stream.wait(10)
    assert made == [0, 10, 20, 1, 11, 2]
    assert threads == [1, 1, 1]


def test_a_closed_stream_finishes_what_it_makes_and_takes_no_more():
    maker = busy_with(0)
    maker.stream.want([1, 2])
    maker.stream.close()
    maker.stream.want([3])
    assert maker.finish() == [0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_does_not_stop_what_comes_after():
    made = []

    def make(key: int | str) -> None:
        if key == 0:
            raise RuntimeError("as if the wire was cut")
        made.append(key)

    stream, other = Stream(make), Stream(made.append)
    gate = busy_with(0)
    stream.want([0, 1])
    other.want([2])
    gate.finish()
    for waiting in (stream, other):
        waiting.wait(10)
    stream.want([3])
    stream.wait(10)
    assert made == [2, 1, 3]
    wait_until_still()  # the thread that failed tells of it when it ends, maybe after another has done the rest


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what was freed")
def test_memory_that_was_freed_goes_back_to_the_system():
    kept = []

    def make(key: int | str) -> None:
        pieces = [bytes(100_000) for _ in range(1500)]
        kept.extend(pieces[::100])  # so that what is freed lies between what is not

    wait_until_still()
    before = resident_mb()
    stream = Stream(make)
    stream.want([0])
    stream.wait(10)
    wait_until_still()
    assert resident_mb() < before + 30
