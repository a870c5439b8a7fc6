"""Renders scenes of a garden pond: the image of a frame, and how much of each pixel each object shows."""

from functools import cache
from math import cos, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sa2va_nb.sample.scene import (
    ACTORS,
    BRIDGE_X0,
    BRIDGE_X1,
    HEIGHT,
    N_FRAMES,
    WIDTH,
    Actor,
    Ellipse,
    Pose,
)

FloatArray = NDArray[np.float32]
Box = tuple[slice, slice]

SENSOR_NOISE = 2.0  # standard deviation in grey levels, that of a decent phone camera by daylight
WAG_FRAMES = 14  # a fish's tail goes to and fro once in so many frames


def render(frame: int) -> NDArray[np.uint8]:
    """Render the image of a frame.

    Returns:
        (H, W, 3) uint8 RGB; the same for the same frame every time.
    """
    _check(frame)
    image = water().copy()
    for actor in ACTORS:
        if not actor.above_bridge:
            paint_actor(image, actor, frame)
    image[:, BRIDGE_X0:BRIDGE_X1] = _bridge()
    for actor in ACTORS:
        if actor.above_bridge:
            paint_actor(image, actor, frame)
    return photograph(image, frame)


def visible_coverage(frame: int) -> FloatArray:
    """Give the share of each pixel in which each object is what one sees.

    Returns:
        (N, H, W) float32 in [0, 1]: the part of the pixel within the object's outline, times what
        the bridge and the objects in front leave free.
    """
    _check(frame)
    visible = np.zeros((len(ACTORS), HEIGHT, WIDTH), np.float32)
    free = np.ones((HEIGHT, WIDTH), np.float32)
    front_first = sorted(range(len(ACTORS)), key=lambda k: (ACTORS[k].above_bridge, k), reverse=True)
    for index in front_first:
        box, coverage = outline_of(ACTORS[index], frame)
        if not ACTORS[index].above_bridge:
            free[:, BRIDGE_X0:BRIDGE_X1] = 0
        visible[index][box] = coverage * free[box]
        free[box] *= 1 - coverage
    return visible


def photograph(image: FloatArray, frame: int) -> NDArray[np.uint8]:
    """Add a sensor's noise to a painted image, (H, W, 3): the same for the same frame every time."""
    noise = np.random.default_rng([7, frame]).standard_normal((HEIGHT, WIDTH, 1), np.float32)
    return np.clip(image + SENSOR_NOISE * noise + 0.5, 0, 255).astype(np.uint8)


def _check(frame: int) -> None:
    if not 0 <= frame < N_FRAMES:
        raise ValueError(f"frame must be 0 to {N_FRAMES - 1}, got {frame}")


def _coverage(part: Ellipse, pose: Pose, frame: int, box: Box) -> FloatArray:
    """Give the share of each pixel of a box that lies within an ellipse, by its distance to the edge."""
    turn = part.angle + part.swing * sin(2 * pi * frame / WAG_FRAMES) + pose.heading
    x = pose.x + pose.scale * (part.x * cos(pose.heading) - part.y * sin(pose.heading))
    y = pose.y + pose.scale * (part.x * sin(pose.heading) + part.y * cos(pose.heading))
    dx = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None] - np.float32(x)
    dy = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] - np.float32(y)
    a, b = part.a * pose.scale, part.b * pose.scale
    u, v = (dx * cos(turn) + dy * sin(turn)) / a, (dy * cos(turn) - dx * sin(turn)) / b
    radius = np.sqrt(u * u + v * v) + np.float32(1e-6)
    slope = np.sqrt((u / a) ** 2 + (v / b) ** 2) / radius + np.float32(1e-6)  # of radius, a pixel
    return np.clip(0.5 - (radius - 1) / slope, 0, 1).astype(np.float32)


def _box(actor: Actor, pose: Pose) -> Box:
    """Give the rows and columns, cut to the image, that hold all of an object."""
    reach = 2 + pose.scale * max(hypot(p.x, p.y) + max(p.a, p.b) for p in actor.parts if not p.mark)
    rows = slice(max(0, int(pose.y - reach)), max(0, min(HEIGHT, int(pose.y + reach) + 1)))
    columns = slice(max(0, int(pose.x - reach)), max(0, min(WIDTH, int(pose.x + reach) + 1)))
    return rows, slice(min(columns.start, columns.stop), columns.stop)


def outline_of(actor: Actor, frame: int) -> tuple[Box, FloatArray]:
    """Give an object's box and its own coverage there, nothing in front of it counted."""
    pose = actor.pose(frame)
    box = _box(actor, pose)
    covers = [_coverage(part, pose, frame, box) for part in actor.parts if not part.mark]
    return box, np.maximum.reduce(covers)


def paint_actor(image: FloatArray, actor: Actor, frame: int) -> None:
    """Lay an object over the image in place, lit from the upper left."""
    pose = actor.pose(frame)
    box, outline = outline_of(actor, frame)
    paint = np.zeros((*outline.shape, 3), np.float32)
    for part in actor.parts:
        share = _coverage(part, pose, frame, box)[..., None]
        paint += share * (np.asarray(part.color, np.float32) - paint)
    rounded = gaussian_filter(outline, 3.0 * min(1.0, pose.scale), mode="nearest")
    down, right = np.gradient(rounded) if min(outline.shape) > 1 else (rounded * 0, rounded * 0)
    paint *= (0.80 + 0.22 * rounded + 1.1 * (down + right))[..., None]
    # Where the outline begins no part covers fully: divide by the paint's own share, then blend once.
    inside = np.maximum(outline, 1e-3)[..., None]
    image[box] += outline[..., None] * (np.clip(paint / inside, 0, 255) - image[box])


def _fractal(seed: int, coarsest: float, octaves: int) -> FloatArray:
    """Make (H, W) smooth random texture of mean 0 and standard deviation 1."""
    rng, total = np.random.default_rng(seed), np.zeros((HEIGHT, WIDTH), np.float32)
    for octave in range(octaves):
        layer = gaussian_filter(rng.standard_normal((HEIGHT, WIDTH), np.float32), coarsest / 2**octave)
        total += layer / layer.std() * 0.6**octave
    texture: FloatArray = (total - total.mean()) / total.std()
    return texture


@cache
def water() -> FloatArray:
    """Paint the still scene below the bridge: water, light on the ground, lily pads."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    depth = (0.55 + 0.25 * np.sin(columns / 260 + 0.6) - 0.2 * rows / HEIGHT)[..., None]
    water = np.array([44, 118, 128], np.float32) + depth * np.array([40, 66, 52], np.float32)
    water += _fractal(1, 40, 5)[..., None] * np.array([7, 9, 8], np.float32)
    web = np.exp(-np.abs(_fractal(2, 14, 2)) * 5)[..., None]  # bright lines where light gathers
    water += web * np.array([26, 36, 34], np.float32)
    shade = np.exp(-np.clip(columns - BRIDGE_X1, 0, None) / 9) * (columns >= BRIDGE_X1) * 0.35
    water *= (1 - shade)[..., None]
    for k, (x, y, radius) in enumerate(_PADS):
        _paint_pad(water, x, y, radius, seed=10 + k)
    scene: FloatArray = np.clip(water, 0, 255)
    return scene


_PADS = (
    (40, 42, 30),
    (92, 22, 22),
    (22, 330, 27),
    (244, 20, 20),
    (352, 338, 22),
    (604, 262, 24),
    (233, 196, 15),
)


def _paint_pad(water: FloatArray, x: float, y: float, radius: float, *, seed: int) -> None:
    """Lay a lily pad over the water in place: a green leaf with veins and a notch, and its shade."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    far, angle = np.hypot(columns - x, rows - y), np.arctan2(rows - y, columns - x) + seed
    notch = np.clip((np.abs((angle + pi) % (2 * pi) - pi) - 0.28) * far + 0.5, 0, 1)
    leaf = (np.clip(radius - far + 0.5, 0, 1) * notch)[..., None]
    shade = np.clip((radius + 3 - np.hypot(columns - x - 3, rows - y - 4)) / 5, 0, 1)[..., None]
    veins = np.clip(np.cos(angle * 9), 0.9, 1) * 10 - 9
    tone = 0.82 + 0.12 * far / radius + 0.14 * veins + 0.05 * _fractal(seed, 8, 3)
    water *= 1 - 0.3 * shade
    water += leaf * (tone[..., None] * np.array([84, 150, 62], np.float32) - water)


@cache
def _bridge() -> FloatArray:
    """Paint the footbridge, (H, W of the bridge, 3): planks across, with grain, and two rails."""
    plank = np.arange(HEIGHT) // 15
    width = BRIDGE_X1 - BRIDGE_X0
    tone = np.random.default_rng(3).uniform(0.85, 1.08, plank.max() + 1)[plank][:, None]
    grain = gaussian_filter(np.random.default_rng(4).standard_normal((HEIGHT, width)), (0.7, 9)) * 0.45
    gap = np.where(np.arange(HEIGHT) % 15 < 2, 0.55, 1.0)[:, None]
    wood = ((tone + grain) * gap)[..., None] * np.array([166, 122, 80])
    rail = np.minimum(np.arange(width), np.arange(width)[::-1])
    lit = np.select([rail < 1, rail < 5, rail < 7], [0.7, 1.25, 0.62], 1.0)
    bridge: FloatArray = np.clip(wood * lit[None, :, None], 0, 255).astype(np.float32)
    return bridge
