"""Makes a clip of things that change from one frame to the next, with exact masks that look wrong for it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.sample.render import FloatArray, outline_of, paint_actor, photograph, water
from sa2va_nb.sample.scene import FPS, HEIGHT, INK, RED, WHITE, WIDTH, Actor, Color, Ellipse, Pose
from sa2va_nb.sample.truth import clip_file, truth_of
from sa2va_nb.segmentation import Segmentation

FILE_NAME = "surprises.mp4"
N_FRAMES = 50
BURSTS = 38  # the frame in which it is gone
GREEN_FRAMES, OPEN_FRAMES = range(12, 17), range(24, 30)
PHRASES = ("the bubble", "the lamp", "the umbrella")
ANSWER = (
    "<p> the bubble </p> [SEG] bursts, <p> the lamp </p> [SEG] blinks, and "
    "<p> the umbrella </p> [SEG] opens and closes."
)

GREEN, BLUE, PEARL = (60, 190, 70), (40, 70, 190), (222, 226, 244)


def surprise_clip(dir: str | Path | None = None) -> tuple[Path, Segmentation]:
    """Render a clip in which right masks look wrong, and give its truth.

    640x360, 25 fps, 2 s: a bubble bursts, a red lamp is green for a moment, an umbrella opens and closes, each from
    one frame to the next. All of the masks are exact, as in ``sample_clip``.

    Args:
        dir: where to put the file; left out, a folder of the user's cache.

    Returns:
        The video's path, and the truth as a ``Segmentation`` of that video, with every frame.

    Raises:
        DecodeError: if the video can't be encoded.
    """
    path = clip_file(FILE_NAME, _render, N_FRAMES, FPS, dir=dir)
    return path, truth_of(path, _coverage, PHRASES, ANSWER)


def _render(frame: int) -> NDArray[np.uint8]:
    """Render the image of a frame, (H, W, 3)."""
    image = water().copy()
    for actor in _actors(frame):
        if actor is not None:
            paint_actor(image, actor, frame)
    return photograph(image, frame)


def _coverage(frame: int) -> FloatArray:
    """Give the share of each pixel that shows each object, (N, H, W); no object hides another."""
    covered = np.zeros((len(PHRASES), HEIGHT, WIDTH), np.float32)
    for index, actor in enumerate(_actors(frame)):
        if actor is not None:
            box, coverage = outline_of(actor, frame)
            covered[index][box] = coverage
    return covered


def _actors(frame: int) -> tuple[Actor | None, Actor, Actor]:
    """Give what is there in a frame, in the order of the phrases."""
    bubble = Actor(
        PHRASES[0],
        (Ellipse(0, 0, 34, 34, PEARL), Ellipse(-12, -14, 9, 5, WHITE, angle=-0.8, mark=True)),
        lambda t: Pose(110 + 1.5 * t, 250 - 2.0 * t),
    )
    return (
        None if frame >= BURSTS else bubble,
        _lamp(GREEN if frame in GREEN_FRAMES else RED),
        _umbrella(frame),
    )


def _lamp(color: Color) -> Actor:
    parts = (Ellipse(0, 0, 36, 36, color), Ellipse(0, 0, 8, 8, WHITE, mark=True))
    return Actor(PHRASES[1], parts, lambda t: Pose(300 + 0.8 * t, 230 - 0.5 * t))


def _umbrella(frame: int) -> Actor:
    across = 56 if frame in OPEN_FRAMES else 14
    parts = (Ellipse(0, 0, 56, across, BLUE), Ellipse(0, 0, 4, 4, INK, mark=True))
    return Actor(PHRASES[2], parts, lambda t: Pose(500 - 1.0 * t, 140 + 0.7 * t, 0.3 + 0.01 * t))
