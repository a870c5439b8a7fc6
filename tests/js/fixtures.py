"""Writes what node's tests read: bytes as Python sends them, and pictures as Python draws them."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.masks import Masks
from sa2va_nb.media.encode import write_video
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.painting.colors import hex_color
from sa2va_nb.view.painting.drawing import draw
from sa2va_nb.view.painting.frames import dense
from sa2va_nb.view.painting.look import COMPARISONS, Look
from sa2va_nb.view.painting.overlay import MODES
from sa2va_nb.view.painting.scene import Scene, make_scene
from sa2va_nb.view.widget import wire
from sa2va_nb.view.widget.state import initial_state, packed_numbers

FRAMES, HEIGHT, WIDTH = 20, 48, 72
FPS = 10.0
LOOKS = 48  # a scene


def write_fixtures(folder: Path) -> None:
    """Write scenes.json: for each scene its clip and bytes, what is in them, and looks with their pictures."""
    rng = np.random.default_rng(20)
    cases = {
        name: wire_case(scene) | {"looks": looks(scene, rng)} for name, scene in scenes(folder, rng).items()
    }
    (folder / "scenes.json").write_text(json.dumps(cases))


def scenes(folder: Path, rng: np.random.Generator) -> dict[str, Scene]:
    """Make scenes in which much happens in few pixels: overlaps, gaps, more objects than colours, B's own."""
    video = Video(write_video(folder / "noise.mp4", noise(rng, FRAMES, HEIGHT, WIDTH), FPS))
    wide = Video(write_video(folder / "wide.mp4", noise(rng, FRAMES, 24, 640), FPS))
    many, other = blobs(rng, 13, HEIGHT, WIDTH), blobs(rng, 5, HEIGHT, WIDTH)
    other[:3] = many[:3] ^ blobs(rng, 3, HEIGHT, WIDTH)  # partners by phrase; two more have none
    part = [*range(4, 9), *range(12, 20)]
    known = segmentation(other[:, part], frames=part, video=video)
    return {
        "many objects": make_scene(segmentation(many, video=video)),
        "thick lines": make_scene(segmentation(blobs(rng, 3, 24, 640), video=wide)),
        "no video": make_scene(segmentation(blobs(rng, 2, 9, 7))),
        "no object": make_scene(segmentation(blobs(rng, 0, HEIGHT, WIDTH), video=video)),
        "reference": make_scene(segmentation(many[:4], video=video), reference=known),
        "compare": make_scene(segmentation(many[:11], video=video), compare=known),
    }


def noise(rng: np.random.Generator, frames: int, height: int, width: int) -> NDArray[np.uint8]:
    """(T, H, W, 3) any values."""
    return rng.integers(0, 256, (frames, height, width, 3), np.uint8)


def blobs(rng: np.random.Generator, count: int, height: int, width: int) -> NDArray[np.bool_]:
    """(K, T, H, W) two rectangles an object, which are absent now and then, thin, full, or cross the border."""
    stack = np.zeros((count, FRAMES, height, width), np.bool_)
    for masks in stack:
        for mask in masks:
            for _ in range(rng.integers(0, 3)):
                y0, y1 = np.sort(rng.integers(0, height + 1, 2))
                x0, x1 = np.sort(rng.integers(0, width + 1, 2))
                mask[y0:y1, x0:x1] = True
    if count:
        stack[0, 1] = True
    return stack


def segmentation(
    stacks: NDArray[np.bool_], *, frames: list[int] | None = None, video: Video | None = None
) -> Segmentation:
    positions = np.arange(FRAMES) if frames is None else np.array(frames)
    objects = tuple(
        SegmentedObject(k, f"thing {k}" if k < 3 else None, Masks.from_array(stack))
        for k, stack in enumerate(stacks)
    )
    return Segmentation(objects, positions, positions / FPS, video)


def wire_case(scene: Scene) -> dict[str, Any]:
    """Give a clip, all its bytes, and the masks they hold."""
    numbers = packed_numbers(scene, None)
    masks = [dense(scene.rles(position), scene.size) for position in range(scene.length)]
    packets = [wire.packet(scene, wire.window(scene, w)) for w in range(wire.n_windows(scene))]
    return {
        "clip": initial_state(scene, None)["_clip"],
        "packets": [text_of(packet) for packet in packets],
        "numbers": text_of(numbers),
        "bundle": text_of(wire.bundle(scene, numbers)),
        "masks": text_of(np.stack(masks).astype(np.uint8)),  # (T, K + L, h, w)
        "has_video": scene.seg.video is not None,
    }


def looks(scene: Scene, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Give looks at a scene, and Python's picture of each."""
    return [_looked_at(scene, rng, index) for index in range(LOOKS)]


def _looked_at(scene: Scene, rng: np.random.Generator, index: int) -> dict[str, Any]:
    count = len(scene.seg)
    comparisons = COMPARISONS if scene.other is not None else COMPARISONS[:1]
    look = {
        "colors": [hex_color(k) for k in range(count)] if index % 5 else ["#102030"] * count,
        "visible": [k for k in range(count) if rng.random() < 0.8],
        "selected": int(rng.integers(count)) if count and rng.random() < 0.4 else None,
        "opacity": float(rng.choice([0, 0.25, 0.5, 0.75, 1, rng.random()])),
        "mode": [*MODES][index % len(MODES)],
        "boxes": bool(rng.random() < 0.4),
        "trails": bool(rng.random() < 0.4),
        "comparing": str(rng.choice(comparisons)),
        "split": float(rng.choice([0, 1, rng.random()])),
    }
    position = int(rng.integers(scene.length))
    picture = scene.image(position)
    return {
        "look": look,
        "position": position,
        "picture": None if picture is None else text_of(picture),
        "expected": text_of(draw(scene, position, Look(**look))),
    }


def text_of(data: bytes | NDArray[Any]) -> str:
    """Base64."""
    return base64.b64encode(data if isinstance(data, bytes) else np.ascontiguousarray(data)).decode()
