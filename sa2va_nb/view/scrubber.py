"""The scrubber: a widget that steps and plays through a segmented video."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from sa2va_nb.errors import Sa2VAError
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view import wire
from sa2va_nb.view.assets import module_text, style_text
from sa2va_nb.view.frames import display_size
from sa2va_nb.view.page import write_page
from sa2va_nb.view.poster import static_bundle
from sa2va_nb.view.state import initial_state, nearest_frame


class Scrubber(anywidget.AnyWidget):
    """A segmentation to look at: steps, plays, toggles and highlights in the browser.

    Frames and masks go to the browser once, window by window, nearest first; nothing of them is kept in
    the widget's saved state but the first picture. All traits link (``jslink``) and can be observed.

    Attributes:
        frame: 0-based index of the source frame shown. Only frames that have masks are shown: any other
            index becomes the nearest of them.
        playing: True while it plays.
        selected: index of the object that stands out, or None.
        visible: indices of the objects shown, increasing.
        opacity: of the masks' filling, 0 to 1.
        mode: what is drawn: "both" (filling and contour), "fill", "contour", or "mask" (no picture).

    Raises:
        traitlets.TraitError: where a trait is set to what it can't be.
    """

    _esm = module_text()
    _css = style_text("scrubber.css")

    frame = traitlets.Int().tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    visible = traitlets.Tuple().tag(sync=True)
    opacity = traitlets.Float(0.5).tag(sync=True)
    mode = traitlets.Unicode("both").tag(sync=True)
    _clip = traitlets.Dict().tag(sync=True)  # see wire.clip
    _first = traitlets.Bytes().tag(sync=True)  # a packet with the first picture alone
    _values = traitlets.Bytes().tag(sync=True)  # see wire.pack_values

    def __init__(self, seg: Segmentation, *, table: pd.DataFrame | None = None, width: int = 640) -> None:
        """Show a segmentation; see ``scrub``."""
        self._seg, self._table = seg, table
        self._size = display_size(seg, width)
        # Kernels answer on several threads; in turns, the video is read in order.
        self._reading = threading.Lock()
        super().__init__(**initial_state(seg, self._size, table))
        self.on_msg(self._answer)

    @property
    def segmentation(self) -> Segmentation:
        """What is shown."""
        return self._seg

    def to_html(self, path: str | Path) -> Path:
        """Write one HTML page with the scrubber as it stands, which works with no kernel and no network.

        Returns:
            The path written.
        """
        traits = {name: getattr(self, name) for name in ("frame", "selected", "visible", "opacity", "mode")}
        return write_page(self._seg, path, size=self._size, table=self._table, traits=traits)

    def _answer(self, _: Any, content: Any, __: Any) -> None:
        """Answer the browser's request for a window of frames."""
        if not isinstance(content, dict) or content.get("type") != "frames":
            return
        index = int(content["window"])
        positions = wire.window(self._seg, index)
        if not positions:
            return
        try:
            with self._reading:
                packet = wire.packet(self._seg, positions, self._size)
        except (Sa2VAError, OSError) as error:
            self.send({"type": "failed", "window": index, "reason": str(error)})
        else:
            self.send({"type": "frames", "window": index}, buffers=[packet])

    @traitlets.validate("frame")
    def _snap_frame(self, proposal: Any) -> int:
        return nearest_frame(self._seg, proposal["value"])

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        if proposal["value"] is not None:
            self._check_objects([proposal["value"]], "selected")
        return proposal["value"]  # type: ignore[no-any-return]  # traitlets' proposals have no type

    @traitlets.validate("visible")
    def _check_visible(self, proposal: Any) -> tuple[int, ...]:
        self._check_objects(proposal["value"], "visible")
        return tuple(sorted(set(proposal["value"])))

    @traitlets.validate("opacity")
    def _check_opacity(self, proposal: Any) -> float:
        if not 0 <= proposal["value"] <= 1:
            raise traitlets.TraitError(f"opacity must be 0 (clear) to 1 (solid), got {proposal['value']}")
        return float(proposal["value"])

    @traitlets.validate("mode")
    def _check_mode(self, proposal: Any) -> str:
        modes = self._clip["modes"]
        if proposal["value"] not in modes:
            raise traitlets.TraitError(f"mode must be one of {', '.join(modes)}, got {proposal['value']!r}")
        return str(proposal["value"])

    def _check_objects(self, indices: Sequence[Any], trait: str) -> None:
        for index in indices:
            if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(self._seg):
                known = f"0 to {len(self._seg) - 1}" if len(self._seg) else "none, as there are no objects"
                raise traitlets.TraitError(f"{trait} takes objects' indices, {known}; got {index!r}")

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        position = int(np.searchsorted(self._seg.frame, self.frame))
        still = static_bundle(self._seg, position or None)  # at the start, the frame that tells most
        if shown is None:
            return still
        data, metadata = shown
        return data | still, metadata

    def __repr__(self) -> str:
        return f"Scrubber({self._seg!r}, frame={self.frame})"


def scrub(seg: Segmentation, *, table: pd.DataFrame | None = None, width: int = 640) -> Scrubber:
    """Look at a segmentation: step, play, toggle objects, follow their numbers.

    Args:
        seg: what to look at, with at least one frame; without a video the masks lie on plain ground.
        table: a frame table such as ``measure(seg)`` whose numbers are shown for the current frame; where
            it is left out, areas are counted from the masks.
        width: at most so many pixels wide are the frames sent to the browser; larger is sharper and slower.

    Returns:
        The widget; the last line of a cell shows it.

    Raises:
        ValueError: if there is no frame, the table is no frame table, or ``width`` no positive integer.
    """
    return Scrubber(seg, table=table, width=width)
