"""The scene of the sample clip, as data: a garden pond seen from above.

Lengths are pixels, angles radians, time is the frame's index. Every outline is a union of ellipses,
so that what each frame must show is known in closed form.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, pi, sin

WIDTH, HEIGHT, N_FRAMES, FPS = 640, 360, 120, 25.0
BRIDGE_X0, BRIDGE_X1 = 396, 456  # columns of the footbridge, half open: it hides what swims below
ANSWER = (
    "Sure: <p> the red ball </p> [SEG] rolls under the bridge, <p> the left fish </p> [SEG] and "
    "<p> the right fish </p> [SEG] swim in circles, <p> the duck </p> [SEG] leaves and comes back, and "
    "<p> the purple balloon </p> [SEG] rises towards us."
)

Color = tuple[int, int, int]

RED, CREAM, ORANGE, WHITE = (214, 48, 42), (248, 232, 206), (240, 122, 32), (250, 244, 236)
YELLOW, BEAK, PURPLE, LILAC, INK = (
    (250, 206, 58),
    (232, 110, 30),
    (140, 62, 168),
    (206, 150, 226),
    (30, 26, 24),
)


@dataclass(frozen=True)
class Ellipse:
    """An ellipse in its object's own frame: x forward, y to the right, the object's centre at 0.

    Attributes:
        x, y: its centre.
        a, b: half axes along x and y, before it is turned by ``angle``.
        color: RGB, 0 to 255 each.
        angle: turn about its centre.
        swing: amplitude of a steady wagging that is added to ``angle``.
        mark: True for paint that shows only within the outline and is no part of it.
    """

    x: float
    y: float
    a: float
    b: float
    color: Color
    angle: float = 0.0
    swing: float = 0.0
    mark: bool = False


@dataclass(frozen=True)
class Pose:
    """Where an object is: its centre, the direction it faces, and its size (1 as drawn)."""

    x: float
    y: float
    heading: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Actor:
    """One object of the scene.

    Attributes:
        phrase: what one would call it.
        parts: its ellipses, painted in order.
        pose: its pose at a frame.
        above_bridge: True if it passes over the bridge, False if below.
    """

    phrase: str
    parts: tuple[Ellipse, ...]
    pose: Callable[[int], Pose]
    above_bridge: bool = False


BALL_RADIUS, BALL_START, BALL_SPEED = 25.0, (48.4, 246.3), 4.3
BALLOON_START, BALLOON_SPEED, BALLOON_RADII = (606.2, 314.4), -4.4, (9.0, 37.0)


def ball_pose(frame: int) -> Pose:
    """Roll to the right at ``BALL_SPEED`` a frame."""
    x, y = BALL_START
    return Pose(x + BALL_SPEED * frame, y, BALL_SPEED * frame / BALL_RADIUS)


def balloon_pose(frame: int) -> Pose:
    """Drift to the left at ``BALLOON_SPEED`` a frame, the radius growing evenly."""
    x, y = BALLOON_START
    first, last = BALLOON_RADII
    return Pose(x + BALLOON_SPEED * frame, y, 0.0, first + (last - first) * frame / (N_FRAMES - 1))


def duck_pose(frame: int) -> Pose:
    """Go half around an ellipse whose far end lies beyond the right edge."""
    turn = pi * frame / (N_FRAMES - 1)
    return Pose(500 + 222 * sin(turn), 122 - 56 * cos(turn), atan2(56 * sin(turn), 222 * cos(turn)))


def _swim(x: float, start: float, direction: int) -> Callable[[int], Pose]:
    """Swim around (x, 118) on a circle of 64 px, once in 104 frames; direction 1 is clockwise on screen."""

    def pose(frame: int) -> Pose:
        turn = start + direction * 2 * pi * frame / 104
        return Pose(x + 64 * cos(turn), 118 + 64 * sin(turn), turn + direction * pi / 2)

    return pose


_FISH = (
    Ellipse(-30, 5, 13, 5, ORANGE, angle=-0.5, swing=0.35),
    Ellipse(-30, -5, 13, 5, ORANGE, angle=0.5, swing=0.35),
    Ellipse(4, 10, 9, 4.5, ORANGE, angle=2.2),
    Ellipse(4, -10, 9, 4.5, ORANGE, angle=-2.2),
    Ellipse(0, 0, 29, 11, ORANGE),
    Ellipse(9, 0, 8, 7, WHITE, mark=True),
    Ellipse(-14, 2, 7, 6, WHITE, mark=True),
    Ellipse(21, 5, 2, 2, INK, mark=True),
    Ellipse(21, -5, 2, 2, INK, mark=True),
)

ACTORS = (
    Actor(
        "the red ball",
        (
            Ellipse(0, 0, BALL_RADIUS, BALL_RADIUS, RED),
            Ellipse(0, 0, 6.5, BALL_RADIUS + 4, CREAM, mark=True),
            Ellipse(0, 0, BALL_RADIUS + 4, 6.5, CREAM, mark=True),
            Ellipse(0, 0, 9, 9, RED, mark=True),
        ),
        ball_pose,
    ),
    Actor("the left fish", _FISH, _swim(150.0, 0.6, 1)),
    Actor("the right fish", _FISH, _swim(312.0, 3.9, -1)),
    Actor(
        "the duck",
        (
            Ellipse(-27, 0, 12, 8, YELLOW),
            Ellipse(0, 0, 29, 20, YELLOW),
            Ellipse(34, 0, 8, 5, BEAK),
            Ellipse(21, 0, 12.5, 12.5, YELLOW),
            Ellipse(-6, 11, 15, 5, CREAM, mark=True),
            Ellipse(-6, -11, 15, 5, CREAM, mark=True),
            Ellipse(27, 6, 2.2, 2.2, INK, mark=True),
            Ellipse(27, -6, 2.2, 2.2, INK, mark=True),
        ),
        duck_pose,
    ),
    Actor(
        "the purple balloon",
        (
            Ellipse(0, 0, 1, 1, PURPLE),
            Ellipse(-0.3, -0.32, 0.34, 0.2, LILAC, angle=-0.8, mark=True),
            Ellipse(0, 0, 0.08, 0.08, INK, mark=True),
        ),
        balloon_pose,
        above_bridge=True,
    ),
)
