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

_CHROME_PX = 330  # what is above and below the picture: the answer, the transport, the timeline, the tools
_ROW_PX = 34  # an object's row


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
        height = scene.size[0] + _CHROME_PX + _ROW_PX * len(scene.seg)
        self._bundle = {
            "text/html": (
                f'<iframe sandbox="allow-scripts" title="Scrubber" srcdoc="{html.escape(page)}" '
                f'style="width:100%;height:{height}px;border:0;resize:vertical"></iframe>'
            ),
            "image/png": base64.b64encode(poster_png(image)).decode(),
            "text/plain": plain_text(scene.seg),
        }

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self._bundle

    def __repr__(self) -> str:
        return f"StaticView({len(self._bundle['text/html']) / 1e6:.1f} MB)"
