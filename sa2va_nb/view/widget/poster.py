"""Still pictures of a segmentation, for where no scrubber can run."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.painting.colors import hex_color
from sa2va_nb.view.painting.drawing import draw
from sa2va_nb.view.painting.frames import Image, display_size
from sa2va_nb.view.painting.look import Look
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.widget.wire import answer_parts, to_jpeg

POSTER_WIDTH = 480
_MAX_PNG_BYTES = 150_000  # two posters and their text still keep a notebook page light


def still(scene: Scene, position: int, look: Look) -> Image:
    """Draw a position as the scrubber does, at most 480 pixels wide (A and B together, side by side)."""
    width = POSTER_WIDTH // 2 if look.comparing == "side" else POSTER_WIDTH
    return draw(replace(scene, size=display_size(scene.seg, width)), position, look)


def telling_position(seg: Segmentation) -> int:
    """Find the first mask frame in which the most objects are seen."""
    if not len(seg):
        return 0
    seen = np.sum([item.masks.area_px > 0 for item in seg], axis=0)  # (T,)
    return int(np.argmax(seen))


def poster_png(image: NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3) uint8 as a PNG of 256 colours, shrunk until it has at most 150 kB."""
    picture = PilImage.fromarray(image)
    while True:
        buffer = io.BytesIO()
        picture.quantize(256, method=PilImage.Quantize.FASTOCTREE).save(buffer, "PNG")
        if buffer.tell() <= _MAX_PNG_BYTES or picture.width < 32:
            return buffer.getvalue()
        picture = picture.resize((picture.width * 4 // 5, max(1, picture.height * 4 // 5)))


def static_bundle(
    seg: Segmentation,
    image: Image | None = None,
    position: int = 0,
    *,
    colors: Sequence[str] | None = None,
) -> dict[str, str]:
    """Give a still of a segmentation: text, HTML and PNG, by MIME type.

    Both the HTML and the PNG hold the picture: a page shows one of them, and never asks which.

    Args:
        seg: what it is of.
        image: (h, w, 3) uint8, the picture; None for words alone.
        position: the mask frame in the picture.
        colors: of the objects, "#rrggbb"; None for the palette's.
    """
    words = answer_html(seg, colors or [hex_color(item.index) for item in seg])
    bundle = {"text/plain": plain_text(seg)}
    if image is None:
        return bundle | {"text/html": _html(seg, words)}
    source = data_uri("image/jpeg", to_jpeg(image))
    picture = f'<img alt="{html.escape(caption(seg, position))}" src="{source}" style="max-width:100%">'
    return bundle | {
        "text/html": _html(seg, words, picture),
        "image/png": base64.b64encode(poster_png(image)).decode(),
    }


def plain_text(seg: Segmentation) -> str:
    """Say in words what was segmented."""
    return "\n".join(filter(None, [seg.answer.text, repr(seg), *(f"note: {note}" for note in seg.notes)]))


def caption(seg: Segmentation, position: int) -> str:
    """Say in one line what a still shows."""
    names = ", ".join(item.name for item in seg) or "no objects"
    return f"Frame {int(seg.frame[position])} with masks of {names}"


def answer_html(seg: Segmentation, colors: Sequence[str]) -> str:
    """Give the answer as HTML, each phrase in its object's colour; every word is escaped."""
    words = []
    for part in answer_parts(seg):
        index = part["object"]
        text = html.escape(part["text"] or f"[{index}]")
        if index is not None:
            color = colors[index]
            text = (
                f'<b dir="auto" style="background:{color}33;border-bottom:3px solid {color};'
                f'border-radius:3px 3px 0 0;padding:0 .25em;font-weight:600">{text}</b>'
            )
        words.append(f"{' ' if part['space'] else ''}{text}")
    return "".join(words)


def data_uri(mime: str, data: bytes) -> str:
    """Put bytes into a ``data:`` address."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _html(seg: Segmentation, words: str, picture: str = "") -> str:
    summary = html.escape(repr(seg))
    return (
        f'<div style="max-width:{POSTER_WIDTH}px"><p dir="auto">{words}</p>{picture}'
        f'<p style="opacity:.7;font-size:smaller">{summary}</p></div>'
    )
