"""Tells which source frames files show, by the numbers in their names."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

MAX_FRAMES = 10**9  # beyond those of any file
_DIGITS = 5  # as DAVIS, MeViS and YouTube-VIS have
_NUMBER = re.compile(r"([0-9]{1,9})$")  # below that


def number_frames(names: Sequence[str]) -> tuple[NDArray[np.int64], str]:
    """Give the frame of each file: the number at the end of its name, else its place in the order.

    Args:
        names: the files' names, folders allowed; ``00012.png`` and ``clip/frame_12.jpg`` are frame 12.

    Returns:
        (T,) frames, not sorted; and how they were found, in words.
    """
    stems = [PurePosixPath(name.replace("\\", "/")).stem for name in names]
    found = [_NUMBER.search(stem) for stem in stems]
    numbers = [int(match.group()) for match in found if match]
    if len(numbers) == len(names) == len(set(numbers)):
        return np.array(numbers, np.int64), "names"
    return np.arange(len(names)), "order"


def name_frames(frame: NDArray[np.int64]) -> list[str]:
    """Name the files of (T,) increasing frames, so that their order by name is that of the frames.

    >>> name_frames(np.array([0, 12])), name_frames(np.array([7, 123456]))
    (['00000', '00012'], ['000007', '123456'])
    """
    width = max(_DIGITS, len(str(frame[-1])))
    return [f"{each:0{width}d}" for each in frame]


def spell_frames(frame: NDArray[np.int64]) -> str:
    """Describe (T,) increasing frames in a few words.

    >>> spell_frames(np.arange(0, 481, 4))
    'frames 0, 4, 8 … 480'
    """
    if len(frame) < 2:
        return f"frame {frame[0]}" if len(frame) else "no frames"
    steps = np.diff(frame)
    if np.all(steps == 1):
        return f"frames {frame[0]} to {frame[-1]}"
    if len(frame) > 3 and np.all(steps == steps[0]):
        return f"frames {frame[0]}, {frame[1]}, {frame[2]} … {frame[-1]}"
    return f"{len(frame)} frames from {frame[0]} to {frame[-1]}"
