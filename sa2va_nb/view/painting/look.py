"""How a scene is drawn, as the scrubber's traits say."""

from collections.abc import Sequence
from dataclasses import dataclass

# What is done with B: left out, shown beside A, behind a line, in turns with A, or only where they differ.
COMPARISONS = ("off", "side", "wipe", "blink", "difference")


@dataclass(frozen=True)
class Look:
    """How a scene is drawn.

    Attributes:
        colors: of A's objects, "#rrggbb".
        visible: indices of A's objects that are drawn.
        selected: index of A's object that stands out, or None.
        opacity: of the filling, 0 to 1.
        mode: a key of ``overlay.MODES``.
        boxes: whether each object's box is drawn.
        trails: whether the way of each object's centroid in the last second is drawn.
        comparing: one of ``COMPARISONS``.
        split: place of the wipe's line, 0 (left) to 1.
    """

    colors: Sequence[str]
    visible: Sequence[int]
    selected: int | None = None
    opacity: float = 0.5
    mode: str = "both"
    boxes: bool = False
    trails: bool = False
    comparing: str = "off"
    split: float = 0.5
