"""One HTML page with a scrubber in it that needs no kernel and no network."""

import base64
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view import wire
from sa2va_nb.view.assets import page_script, style_text
from sa2va_nb.view.frames import Size
from sa2va_nb.view.poster import POSTER_WIDTH, caption, data_uri, render, telling_position
from sa2va_nb.view.state import initial_state

# Nothing but what the page holds is loaded, whatever the texts in it say.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def write_page(
    seg: Segmentation,
    path: str | Path,
    *,
    size: Size,
    table: pd.DataFrame | None = None,
    traits: Mapping[str, Any] | None = None,
    title: str = "Segmented video",
    before: str = "",
    after: str = "",
) -> Path:
    """Write a page around a scrubber.

    Args:
        seg: what the scrubber shows, with at least one frame.
        path: the file to write.
        size: (h, w) of the frames in it.
        table: a frame table whose numbers are shown.
        traits: what the scrubber's traits start from, where not as usual.
        title: plain text.
        before: HTML in front of the scrubber, already escaped.
        after: HTML behind it, already escaped.

    Returns:
        The path written.

    Raises:
        ValueError: if there is no frame.
        Sa2VAError: if the video can't be read.
    """
    path = Path(path)
    state = initial_state(seg, size, table) | dict(traits or {})
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(_head(title))
            file.write(f'<main>{before}<div id="scrubber"></div>{_still(seg)}{after}</main>\n')
            file.write(_json_script("state", state))
            file.writelines(_window_script(seg, index, size) for index in range(wire.n_windows(seg)))
            file.write(f'<script type="module">\n{page_script()}</script>\n</body>\n</html>\n')
        return unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _window_script(seg: Segmentation, index: int, size: Size) -> str:
    """Put one packet into the page, as text that the browser doesn't run."""
    packet = wire.packet(seg, wire.window(seg, index), size)
    return f'<script type="text/plain" id="window-{index}">{base64.b64encode(packet).decode()}</script>\n'


def _head(title: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>\n{style_text('scrubber.css')}\n{style_text('report.css')}</style>\n</head>\n<body>\n"
    )


def _still(seg: Segmentation) -> str:
    """The poster, seen in print and where scripts don't run."""
    position = telling_position(seg)
    source = data_uri("image/jpeg", wire.to_jpeg(render(seg, position, POSTER_WIDTH)))
    return f'<img class="poster" alt="{html.escape(caption(seg, position))}" src="{source}">'


def _json_script(name: str, value: Mapping[str, Any]) -> str:
    """Put JSON-ready values and bytes into the page; no text in it can end the script."""
    ready = {
        k: {"base64": base64.b64encode(v).decode()} if isinstance(v, bytes) else v for k, v in value.items()
    }
    text = json.dumps(ready, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>\n'
