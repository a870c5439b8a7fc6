"""The bytes between Python and the scrubber in the browser, version 2.

Four things are sent. ``web/wire.js`` is the other end. A *position* counts A's mask frames, 0..T-1; the clip
maps it to source frames. *Objects* are A's 0..K-1, then B's K..K+L-1; without B there are A's only.

1. The **clip**, a JSON object: see ``clip``.
2. **Packets** of frames: see ``packet``. All numbers are little-endian uint32::

       "S2V2"                     magic and version, 4 bytes
       first, frames, objects     position of the first frame; how many of each
       length x frames            bytes of each image; 0 where there is no video
       length                     bytes of the runs
       image x frames             JPEG, of the clip's size
       runs                       zlib; inflated, for each frame and in it for each object:
                                  n, then n run lengths over the row-major mask, background first,
                                  in turns, the last background left out

3. The **numbers** shown: zlib of float32, (columns + 2, objects, positions), NaN where unknown or absent. The
   last two are the centroid's x and y in pixels of the view, pixel centres at integers.
4. A **bundle** of all packets, in a saved widget: a count, then for each item its length and its bytes. The
   items are the packets of every window in order, then the numbers.

Messages. The view asks, Python answers when it is ready, from a thread of its own:

- ``{"type": "frames", "windows": [w, ...]}``: the windows still wanted, most wanted first, where window ``w``
  is positions ``w * WINDOW`` up to the next one. For each: ``{"type": "frames", "window": w}`` with one packet
  as its buffer, or ``{"type": "failed", "window": w, "reason": text}``.
- ``{"type": "numbers"}``: the same, with the numbers as its buffer; where it has ``marks``, they take the place
  of the clip's.

``frame`` and ``time_s`` are always sent together, either way.
"""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from rlemasklib import RLEMask

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.painting.colors import GROUND, hex_color, is_dashed
from sa2va_nb.view.painting.frames import source_size
from sa2va_nb.view.painting.look import COMPARISONS
from sa2va_nb.view.painting.overlay import MODES, contour_px
from sa2va_nb.view.painting.scene import Scene, parent_of

VERSION = 2
MAGIC = b"S2V2"
WINDOW = 16  # frames a packet: 0.5 s of video, about 0.5 MB at 640 pixels
JPEG_QUALITY = 78  # 6 MB for 200 frames of 640x360; 80 is just above
_SHOWN_FIRST = ("J", "iou", "score")
_SIDES = {
    "none": None,
    "reference": {"a": "masks", "b": "truth"},
    "compare": {"a": "A", "b": "B"},
}
_ZLIB_LEVEL = 6


def clip(scene: Scene, columns: Sequence[str], marks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Describe a scene for the view, as JSON-ready values; nothing of it is markup.

    - ``version``; ``height``, ``width`` of the view; ``source``: [height, width] of the frames in the file
    - ``window``: frames a packet; ``frame``: the source frame of each position
    - ``time_s`` of each position, which is made up where ``timed`` is false; ``step_s``: the typical step
    - ``kind``: "none", "reference" or "compare"; ``sides``: what A and B are called, or null without B;
      ``covered``: [first, last] positions of each stretch in which B has masks, or null
    - ``objects``: ``name``, ``side`` ("a" or "b"), ``partner`` (index of the object it is paired with, or null),
      ``color`` (the default of A's, for which the trait ``colors`` holds, as it does for B's that have a partner),
      ``dashed`` (its contour, as the palette's colours have come round)
    - ``answer``: parts with ``text``, ``object`` (index or null), ``space`` (whether one is before it)
    - ``notes``: sentences
    - ``columns``: names of the numbers; ``shown``: index of the one shown at first: what judges the masks,
      where there is such a column, else the area
    - ``marks``: ``object``, ``first`` and ``last`` (positions), ``kind`` ("flag" or "event"), ``text``
    - ``modes``, ``comparisons``: what the traits ``mode`` and ``comparing`` may be
    - ``contour_px``; ``trail``: how many positions back a trail goes; ``ground``: [red, green, blue]
    """
    seg, height, width = scene.seg, *scene.size
    return {
        "version": VERSION,
        "height": height,
        "width": width,
        "source": list(source_size(seg)),
        "window": WINDOW,
        "frame": seg.frame.tolist(),
        "timed": scene.timed,
        "time_s": scene.time_s.tolist(),
        "step_s": scene.step_s,
        "kind": scene.kind,
        "sides": _SIDES[scene.kind],
        "covered": None if scene.other is None else stretches(scene.covered),
        "objects": _objects(scene),
        "answer": answer_parts(seg),
        "notes": list(scene.notes),
        "columns": list(columns),
        "shown": next((columns.index(name) for name in _SHOWN_FIRST if name in columns), 0),
        "marks": list(marks),
        "modes": list(MODES),
        "comparisons": list(COMPARISONS if scene.other is not None else COMPARISONS[:1]),
        "contour_px": contour_px(width),
        "trail": scene.trail,
        "ground": list(GROUND),
    }


def _objects(scene: Scene) -> list[dict[str, Any]]:
    mate_of = {a: len(scene.seg) + b for a, b in scene.pairs} | {
        len(scene.seg) + b: a for a, b in scene.pairs
    }
    items = [*scene.seg, *(scene.other or ())]
    return [
        {
            "name": item.name,
            "side": "a" if i < len(scene.seg) else "b",
            "partner": mate_of.get(i),
            "color": hex_color(palette),
            "dashed": is_dashed(palette),
        }
        for i, (item, palette) in enumerate(zip(items, scene.color_index, strict=True))
    ]


def stretches(flags: NDArray[np.bool_]) -> list[list[int]]:
    """Give the first and last index of each run of True in (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [[int(first), int(end) - 1] for first, end in edges.reshape(-1, 2)]


def answer_parts(seg: Segmentation) -> list[dict[str, Any]]:
    """Give the answer's parts with the object of each, where there is just one, and the space before it."""
    objects: dict[int | None, list[int]] = {}
    for item in seg:
        parent = parent_of(item)
        objects.setdefault(item.index if parent is None else parent, []).append(item.index)
    parts = []
    for index, part in enumerate(seg.answer.parts):
        own = objects.get(part.object, [])
        glued = index == 0 or part.text.startswith((".", ",", ";", ":", "!", "?", ")", "]"))
        parts.append({"text": part.text, "object": own[0] if len(own) == 1 else None, "space": not glued})
    return parts


def packet(scene: Scene, positions: range) -> bytes:
    """Encode the frames at consecutive positions; see the module's first lines for the form.

    Raises:
        Sa2VAError: if the video can't be read there.
    """
    images: list[bytes] = []
    runs: list[NDArray[np.uint32]] = []
    for position in positions:
        image = scene.image(position)
        images.append(b"" if image is None else to_jpeg(image))
        runs.extend(_counted_runs(rle) for rle in scene.rles(position))
    squeezed = zlib.compress(b"".join(array.tobytes() for array in runs), _ZLIB_LEVEL)
    lengths = [*map(len, images), len(squeezed)]
    header = struct.pack(
        f"<4s3I{len(lengths)}I", MAGIC, positions.start, len(positions), scene.count, *lengths
    )
    return b"".join([header, *images, squeezed])


def window(scene: Scene, index: int) -> range:
    """Give the positions of window ``index``; empty where there is none."""
    return range(scene.length)[index * WINDOW : (index + 1) * WINDOW] if index >= 0 else range(0)


def n_windows(scene: Scene) -> int:
    """Count the windows of a scene."""
    return -(-scene.length // WINDOW)


def bundle(scene: Scene, numbers: bytes) -> bytes:
    """Put all packets and the numbers into one piece."""
    packets = [packet(scene, window(scene, index)) for index in range(n_windows(scene))]
    items = [*packets, numbers]
    parts = (part for item in items for part in (struct.pack("<I", len(item)), item))
    return b"".join([struct.pack("<I", len(items)), *parts])


def to_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3) uint8 RGB."""
    buffer = io.BytesIO()
    PilImage.fromarray(image).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def pack_numbers(values: NDArray[np.float32], centroids: NDArray[np.float32]) -> bytes:
    """Encode (columns, objects, positions), then (2, objects, positions)."""
    return zlib.compress(np.concatenate([values, centroids]).astype("<f4").tobytes(), _ZLIB_LEVEL)


def _counted_runs(rle: RLEMask) -> NDArray[np.uint32]:
    """(1 + n,) the number of runs, then the runs, row by row."""
    turned = rle.transpose()  # its runs go down the columns
    counts = turned.counts_view
    runs = counts[: len(counts) // 2 * 2]  # without the last background
    return np.concatenate([[len(runs)], runs]).astype("<u4")
