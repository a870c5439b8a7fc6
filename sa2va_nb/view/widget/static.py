"""A scrubber as an output of its own: a page in a frame, with no kernel behind it."""

import base64
import html
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sa2va_nb.view.painting.look import Look
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.widget.page import page_parts
from sa2va_nb.view.widget.poster import plain_text, poster_png, still
from sa2va_nb.view.widget.traits import LOOK

# Heights of what the page shows, by web/*.css and lanes.js; a test in the browser holds that they are enough.
_PICTURE_PX = 800  # wide, at most
_CHROME_PX = 380  # around picture, lanes and rows: the answer in two lines, the transport, the tools
_LANE_PX, _LANES_PX = 34, 198  # of an object, and of all at most
_ROW_PX, _ROWS_PX = 32, 316
_COMPARING_PX = 62  # the legend, and the ways to compare


class StaticView:
    """Shows a scrubber as it stood, from what the output holds: all of its frames, some megabytes.

    A notebook keeps it when it is saved, and pages made of the notebook work offline. The frame that it runs
    in may run its own script, and nothing else: it reaches neither the notebook around it nor the network.
    """

    def __init__(self, scene: Scene, table: pd.DataFrame | None, traits: Mapping[str, Any]) -> None:
        """Take a scene, the table of its numbers, and what the traits stood at."""
        page = "".join(page_parts(scene, table=table, traits=traits))
        position = int(scene.seg.frame.searchsorted(traits["frame"]))
        image = still(scene, position, Look(**{name: traits[name] for name in LOOK}))
        self._bundle = {
            "text/html": (
                f'<iframe sandbox="allow-scripts" title="Scrubber" srcdoc="{html.escape(page)}" '
                f'style="width:100%;height:{_height_px(scene)}px;border:0;resize:vertical"></iframe>'
            ),
            "image/png": base64.b64encode(poster_png(image)).decode(),
            "text/plain": plain_text(scene.seg),
        }

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self._bundle

    def __repr__(self) -> str:
        return f"StaticView({len(self._bundle['text/html']) / 1e6:.1f} MB)"


def _height_px(scene: Scene) -> int:
    """Give the height in which all of the page is seen in a wide frame, its notes folded."""
    height, width = scene.size
    shown = len(scene.seg) + scene.partner.count(None)
    lanes, rows = min(shown * _LANE_PX, _LANES_PX), min(shown * _ROW_PX, _ROWS_PX)
    comparing = _COMPARING_PX if scene.other is not None else 0
    return round(_PICTURE_PX * height / width) + _CHROME_PX + lanes + rows + comparing
