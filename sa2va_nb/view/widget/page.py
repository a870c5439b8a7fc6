"""One HTML page with a scrubber in it that needs no kernel and no network."""

import base64
import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sa2va_nb.beside import write_beside
from sa2va_nb.view.painting.look import Look
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.widget import wire
from sa2va_nb.view.widget.assets import page_script, style_text
from sa2va_nb.view.widget.poster import caption, data_uri, still, telling_position
from sa2va_nb.view.widget.state import initial_state, packed_numbers, start_position
from sa2va_nb.view.widget.traits import LOOK

# Nothing but what the page holds is loaded, whatever the texts in it say.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def write_page(
    scene: Scene,
    path: str | Path,
    *,
    table: pd.DataFrame | None = None,
    traits: Mapping[str, Any] | None = None,
    title: str = "Segmented video",
    before: str = "",
    after: str = "",
) -> Path:
    """Write a page around a scrubber; see ``page_parts``.

    Returns:
        The path written.

    Raises:
        Sa2VAError: if the video can't be read.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = page_parts(scene, table=table, traits=traits, title=title, before=before, after=after)
    with write_beside(path) as part, part.open("w", encoding="utf-8") as file:
        file.writelines(parts)
    return path


def page_parts(
    scene: Scene,
    *,
    table: pd.DataFrame | None = None,
    traits: Mapping[str, Any] | None = None,
    title: str = "Segmented video",
    before: str = "",
    after: str = "",
) -> Iterator[str]:
    """Give a page around a scrubber piece by piece, so that a long clip needn't fit into memory.

    Args:
        scene: what the scrubber shows.
        table: a frame table whose numbers are shown.
        traits: what the scrubber's traits start from, where not as usual.
        title: plain text.
        before: HTML in front of the scrubber, already escaped.
        after: HTML behind it, already escaped.

    Raises:
        Sa2VAError: if the video can't be read.
    """
    own = dict(traits or {})
    position = (
        start_position(scene) if "frame" not in own else int(scene.seg.frame.searchsorted(own["frame"]))
    )
    state = initial_state(scene, table, position=position, with_meetings=True) | own
    yield _head(title)
    yield f'<main>{before}<div id="scrubber"></div>{_still(scene, state, position)}{after}</main>\n'
    yield _json_script("state", state)
    yield _bytes_script("numbers", packed_numbers(scene, table))
    for index in range(wire.n_windows(scene)):
        yield _bytes_script(f"window-{index}", wire.packet(scene, wire.window(scene, index)))
    yield f'<script type="module">\n{page_script()}</script>\n</body>\n</html>\n'


def _head(title: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>\n{style_text('scrubber.css')}\n{style_text('report.css')}</style>\n</head>\n<body>\n"
    )


def _still(scene: Scene, state: Mapping[str, Any], position: int) -> str:
    """The poster, seen in print and where scripts don't run."""
    shown = position or telling_position(scene.seg)
    look = Look(**{name: state[name] for name in LOOK if name in state})
    source = data_uri("image/jpeg", wire.to_jpeg(still(scene, shown, look)))
    return f'<img class="poster" alt="{html.escape(caption(scene.seg, shown))}" src="{source}">'


def _bytes_script(name: str, data: bytes) -> str:
    """Put bytes into the page, as text that the browser doesn't run."""
    return f'<script type="text/plain" id="{name}">{base64.b64encode(data).decode()}</script>\n'


def _json_script(name: str, value: Mapping[str, Any]) -> str:
    """Put JSON-ready values and bytes into the page; no text in it can end the script."""
    ready = {
        k: {"base64": base64.b64encode(v).decode()} if isinstance(v, bytes) else v for k, v in value.items()
    }
    text = json.dumps(ready, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>\n'
