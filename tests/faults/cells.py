"""The matrix of faults: at which step what goes wrong, how often, and how the call must end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tests.standin.server import Action, Fault
from tests.standin.service import CDN, QUEUE, REST, Answer

HANG_S = 30.0  # longer than anybody waits here; the stand-in's end cuts it short
DRIP_S = 0.6
OFTEN = 10_000
SUBMIT = f"POST {QUEUE}/fal-ai/sa2va/8b/video$"

# step: the line of its calls, how many of these come before it, and how many connections to its host do
STEPS = {
    "token": (f"POST {REST}/storage/auth/token", 0, 0),
    "upload": (f"POST {CDN}/files/upload", 0, 0),
    "submit": (SUBMIT, 0, 0),
    "poll: queued": (f"GET {QUEUE}/.*/status", 0, 1),
    "poll: running": (f"GET {QUEUE}/.*/status", 1, 2),
    "poll: completed": (f"GET {QUEUE}/.*/status", 2, 3),
    "poll: again": (
        f"GET {QUEUE}/.*/status",
        3,
        4,
    ),  # the client looks once more before it asks for the result
    "result": (f"GET {QUEUE}/.*/requests/[^/]+$", 0, 5),
    "mask 0": (f"GET {CDN}/files/.*output_0", 0, 1),
    "mask 1": (f"GET {CDN}/files/.*output_1", 0, 2),
}
# fault: the stand-in's action, and the status of the answer where that is all there is to it
KINDS: dict[str, tuple[Action, int]] = {
    "refused": ("refuse", 0),
    "reset before": ("drop_before", 0),
    "reset after": ("drop_after", 0),
    "hang": ("hang", 0),
    "429": ("status", 429),
    "500": ("status", 500),
    "502": ("status", 502),
    "503": ("status", 503),
    "truncated": ("truncate", 0),
    "wrong length": ("short", 0),
    "garbage": ("garbage", 0),
    "slow drip": ("drip", 0),
}

End = Literal["done", "kept", "failed", "unknown"]
_NOT_TAKEN = ("refused", "429")  # of a submission: it is sure that there is no job
_NO_ANSWER = ("500", "502", "503", "wrong length", "garbage")  # the client looks at a poll of these once
_SLOW = "slow drip"


@dataclass(frozen=True)
class Cell:
    """One fault at one step, once or for as long as the first call lasts."""

    step: str
    kind: str
    lasting: bool

    @property
    def name(self) -> str:
        return f"{self.step} / {self.kind} / {'lasting' if self.lasting else 'once'}"

    @property
    def fault(self) -> Fault:
        """The fault as the stand-in takes it."""
        match, calls_before, connections_before = STEPS[self.step]
        action, status = KINDS[self.kind]
        skip = calls_before
        if action == "refuse":
            match, skip = f"CONNECT {match.split()[1].split('/')[0]}", connections_before
        answer = Answer(status or 500, {"detail": f"fault {self.kind}"})
        delay_s = HANG_S if self.kind == "hang" else DRIP_S
        return Fault(match, action, OFTEN if self.lasting else 1, answer, delay_s, skip)

    @property
    def end(self) -> End:
        """How the first call must end."""
        if self.kind == _SLOW:
            return "done"
        if self.step == "submit" and self.kind not in _NOT_TAKEN:
            return "unknown"
        if self.step in ("token", "upload", "submit"):
            return "failed" if self.lasting else "done"
        if self.step.startswith("mask"):
            return "kept" if self.lasting else "done"
        return "kept" if self.lasting or self.kind in _NO_ANSWER else "done"

    @property
    def jobs(self) -> int:
        """How many jobs there must be after the first call."""
        if self.end == "failed":
            return 0
        never_came = ("reset before", "hang", "500", "502", "503")
        return int(not (self.step == "submit" and self.kind in never_came))


def cells() -> Iterator[Cell]:
    """Give the whole matrix."""
    for lasting in (False, True):
        for step in STEPS:
            for kind in KINDS:
                yield Cell(step, kind, lasting)


def quick_cells() -> list[Cell]:
    """Give a sample that is soon done: every step and every kind, every end, and all of the submission."""
    every = list(cells())
    once = [cell for cell in every if not cell.lasting]
    mixed = [cell for index, cell in enumerate(once) if index % 5 == 0 and cell.step != "submit"]
    submissions = [cell for cell in once if cell.step == "submit"]
    lasting = [
        cell
        for cell in every
        if cell.lasting
        and (cell.step, cell.kind)
        in {("token", "503"), ("mask 1", "garbage"), ("mask 0", "wrong length"), ("result", "500")}
    ]
    return submissions + mixed + lasting
