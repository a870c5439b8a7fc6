"""Turns pictures as a file's display matrix says."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from rlemasklib import RLEMask

_MATRIX_ENTRIES = 9


@dataclass(frozen=True)
class Orientation:
    """How stored pictures are turned for display: first transposed, then flipped.

    Attributes:
        transposed: rows become columns.
        flip_x: columns are reversed, after that.
        flip_y: rows are reversed, after that.
    """

    transposed: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def __bool__(self) -> bool:
        return self.transposed or self.flip_x or self.flip_y

    def __str__(self) -> str:
        """Say it in words, "turned by 90° clockwise"."""
        return _WORDS[self.transposed, self.flip_x, self.flip_y]

    def apply(self, image: NDArray[Any]) -> NDArray[Any]:
        """Turn an (H, W, …) picture; gives a view."""
        turned = image.swapaxes(0, 1) if self.transposed else image
        return turned[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]

    def apply_to_runs(self, mask: RLEMask) -> RLEMask:
        """Turn a run-length encoded mask."""
        turned = mask.transpose() if self.transposed else mask
        turned = turned.fliplr() if self.flip_x else turned
        return turned.flipud() if self.flip_y else turned


AS_STORED = Orientation()

_WORDS = {
    (False, False, False): "left as it is",
    (False, True, False): "mirrored left to right",
    (False, False, True): "mirrored top to bottom",
    (False, True, True): "turned by 180°",
    (True, False, False): "transposed",
    (True, True, False): "turned by 90° clockwise",
    (True, False, True): "turned by 90° counterclockwise",
    (True, True, True): "transposed across the other diagonal",
}


def orientation_of(frame: VideoFrame) -> Orientation:
    """Read a frame's display matrix; of an oblique one the nearest of the eight right-angled ways.

    The matrix maps the stored point (x, y) to (a x + c y, b x + d y); ISO/IEC 14496-12, 6.2.2.
    """
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    entries = np.zeros(0, np.int32) if data is None else np.frombuffer(data, np.int32)
    if len(entries) != _MATRIX_ENTRIES:
        return AS_STORED
    a, b, _, c, d = (int(entry) for entry in entries[:5])
    transposed = abs(b) + abs(c) > abs(a) + abs(d)
    across, down = (c, b) if transposed else (a, d)
    return Orientation(transposed, across < 0, down < 0)
