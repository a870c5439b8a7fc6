"""The bytes between Python and the scrubber in the browser, version 1.

Three things are sent. ``web/wire.js`` is the other end.

1. The **clip**, a JSON object: see ``clip``.
2. **Packets** of frames: see ``packet``. All numbers are little-endian uint32::

       "S2V1"                     magic and version, 4 bytes
       first, frames, objects     position of the first frame; how many of each
       length x frames            bytes of each image; 0 where there is no video
       length                     bytes of the runs
       image x frames             JPEG, of the clip's size
       runs                       zlib; inflated, for each frame and in it for each object:
                                  n, then n run lengths over the row-major mask, background first,
                                  in turns, the last background left out

3. The **values** of the numbers shown: zlib of float32, (columns, objects, positions), NaN where unknown.

A *position* counts the mask frames, 0..T-1; the clip maps it to source frames. Packets are asked for by
*window*: positions ``window * WINDOW`` up to the next one. The view sends ``{"type": "frames", "window": w}``;
the answer is ``{"type": "frames", "window": w}`` with one packet as its buffer, or
``{"type": "failed", "window": w, "reason": text}``.
"""

import io
import struct
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from sa2va_nb.analysis.instances import Instance
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.colors import GROUND, hex_color
from sa2va_nb.view.frames import BoolArray, Size, image_at, masks_at
from sa2va_nb.view.overlay import MODES, contour_px

VERSION = 1
MAGIC = b"S2V1"
WINDOW = 16  # frames a packet: 0.5 s of video, about 0.5 MB at 640 pixels
JPEG_QUALITY = 80
UNTIMED_FPS = 10  # plays masks whose times nobody knows
_ZLIB_LEVEL = 6


def clip(seg: Segmentation, size: Size, columns: Iterable[str]) -> dict[str, Any]:
    """Describe a segmentation for the view, as JSON-ready values; nothing of it is markup."""
    timed = bool(np.isfinite(seg.time_s).all())
    time_s = seg.time_s if timed else np.arange(len(seg.frame)) / UNTIMED_FPS
    return {
        "version": VERSION,
        "height": size[0],
        "width": size[1],
        "window": WINDOW,
        "frame": seg.frame.tolist(),
        "timed": timed,
        "time_s": time_s.round(4).tolist(),
        "step_s": _typical_step(time_s),
        "objects": [{"name": item.name, "color": hex_color(item.index)} for item in seg],
        "answer": answer_parts(seg),
        "notes": list(seg.notes),
        "columns": list(columns),
        "modes": list(MODES),
        "contour_px": contour_px(size[1]),
        "ground": list(GROUND),
    }


def answer_parts(seg: Segmentation) -> list[dict[str, Any]]:
    """Give the answer's parts with the object of each, where there is just one, and the space before it."""
    objects: dict[int | None, list[int]] = {}
    for item in seg:
        objects.setdefault(item.object if isinstance(item, Instance) else item.index, []).append(item.index)
    parts = []
    for index, part in enumerate(seg.answer.parts):
        own = objects.get(part.object, [])
        glued = index == 0 or part.text.startswith((".", ",", ";", ":", "!", "?", ")", "]"))
        parts.append({"text": part.text, "object": own[0] if len(own) == 1 else None, "space": not glued})
    return parts


def packet(seg: Segmentation, positions: range, size: Size) -> bytes:
    """Encode the frames at consecutive positions; see the module's first lines for the form.

    Raises:
        Sa2VAError: if the video can't be read there.
    """
    images: list[bytes] = []
    runs: list[NDArray[np.uint32]] = []
    for position in positions:
        image = image_at(seg, position, size)
        images.append(b"" if image is None else to_jpeg(image))
        runs.extend(_counted_runs(mask) for mask in masks_at(seg, position, size))
    squeezed = zlib.compress(b"".join(array.tobytes() for array in runs), _ZLIB_LEVEL)
    lengths = [*map(len, images), len(squeezed)]
    header = struct.pack(f"<4s3I{len(lengths)}I", MAGIC, positions.start, len(positions), len(seg), *lengths)
    return b"".join([header, *images, squeezed])


def window(seg: Segmentation, index: int) -> range:
    """Give the positions of window ``index``; empty where there is none."""
    return range(len(seg.frame))[index * WINDOW : (index + 1) * WINDOW] if index >= 0 else range(0)


def n_windows(seg: Segmentation) -> int:
    """Count the windows of a segmentation."""
    return -(-len(seg.frame) // WINDOW)


def to_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3) uint8 RGB."""
    buffer = io.BytesIO()
    PilImage.fromarray(image).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def pack_values(values: NDArray[np.float32]) -> bytes:
    """Encode (columns, objects, positions) float32."""
    return zlib.compress(values.astype("<f4").tobytes(), _ZLIB_LEVEL)


def _counted_runs(mask: BoolArray) -> NDArray[np.uint32]:
    """(1 + n,) the number of runs, then the runs."""
    flat = mask.ravel()  # row-major
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat[0]:
        edges = np.concatenate([[0], edges])
    if flat[-1]:
        edges = np.concatenate([edges, [flat.size]])
    return np.concatenate([[edges.size], np.diff(edges, prepend=0)]).astype("<u4")


def _typical_step(time_s: NDArray[np.float64]) -> float:
    """Give the median seconds between mask frames; a second where there is just one."""
    steps = np.diff(time_s)
    return round(float(np.median(steps)), 4) if steps.size else 1.0
