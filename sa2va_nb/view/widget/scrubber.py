"""The scrubber: a widget that steps and plays through a segmented video."""

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ipywidgets import Widget
from numpy.typing import NDArray

from sa2va_nb.analysis.agreement.comparison import Comparison
from sa2va_nb.errors import Sa2VAError
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.painting.drawing import draw
from sa2va_nb.view.painting.film import write_film
from sa2va_nb.view.painting.scene import make_scene
from sa2va_nb.view.widget import checks, wire
from sa2va_nb.view.widget.assets import loader_text, style_text
from sa2va_nb.view.widget.clock import ClockLink
from sa2va_nb.view.widget.marks import may_meet, meeting_marks
from sa2va_nb.view.widget.page import write_page
from sa2va_nb.view.widget.poster import static_bundle, still, telling_position
from sa2va_nb.view.widget.state import initial_state, packed_numbers, start_position
from sa2va_nb.view.widget.static import StaticView
from sa2va_nb.view.widget.stream import Key, Stream
from sa2va_nb.view.widget.traits import SceneWidget


class Scrubber(SceneWidget):
    """A segmentation to look at: steps, plays, toggles, highlights and compares in the browser.

    Frames and masks go to the browser once, window by window, nearest first; nothing of them is kept in
    the widget's saved state but the first picture, unless it was made with ``embed=True``. All traits can be
    set from Python, observed, and linked (``jslink``). *A* is the segmentation shown, *B* the reference or the
    segmentation it is compared with.

    Attributes:
        frame: 0-based index of the source frame shown. Only frames that have masks are shown: any other
            index becomes the nearest of them.
        time_s: presentation time of the frame shown, in seconds. Set to any time, it shows the nearest
            frame and stays as it is, so that scrubbers of differently sampled clips can be linked by it. Where
            nobody knows the times, ten frames are a second.
        playing: True while it plays.
        range: (first, last) source frames between which it plays, or () for all.
        selected: index of A's object that stands out, or None.
        visible: indices of A's objects shown, increasing; B's follow those they are paired with.
        colors: of A's objects, "#rrggbb" each.
        opacity: of the masks' filling, 0 to 1.
        mode: what is drawn: "both" (filling and contour), "fill", "contour", "mask" (no picture), "spotlight"
            (all but the objects darkened), or "cutout" (nothing but the objects).
        boxes: whether each object's box is drawn.
        trails: whether the way of each object's centroid in the last second is drawn.
        comparing: how B is shown: "off", "side" (beside A), "wipe" (A left, B right of a line), "blink" (in
            turns), or "difference".
        split: place of the wipe's line, 0 (left) to 1 (right).

    Raises:
        traitlets.TraitError: where a trait is set to what it can't be.
    """

    _esm = loader_text()
    _css = style_text("scrubber.css")

    def __init__(
        self,
        seg: Segmentation,
        *,
        reference: Segmentation | None = None,
        compare: Segmentation | Comparison | None = None,
        table: pd.DataFrame | None = None,
        width: int = 640,
        clock: "Scrubber | None" = None,
        embed: bool = False,
    ) -> None:
        """Show a segmentation; see ``scrub``."""
        self.clock_links: list[ClockLink] = []
        self._own: list[Widget] = []  # widgets made with this one, which ipywidgets would keep
        self._stream = Stream(self._make)
        _check_clock(clock)
        scene = make_scene(seg, reference=reference, compare=compare, width=width)
        start = start_position(scene) if clock is None else checks.nearest(scene.time_s, clock.time_s)
        state = initial_state(scene, table, position=start, with_meetings=embed)
        if embed:
            state["_packets"] = wire.bundle(scene, packed_numbers(scene, table))
        self._table = None if table is None else table.copy()  # numbers are made later
        super().__init__(scene, state)
        self._own.append(self.layout)
        self.on_msg(self._hear)
        if clock is not None:
            ClockLink(clock, self)

    @property
    def segmentation(self) -> Segmentation:
        """What is shown: A."""
        return self._scene.seg

    def to_image(self, frame: int | None = None) -> NDArray[np.uint8]:
        """Draw a frame as the browser paints it, with the traits as they are.

        Args:
            frame: a source frame, of which the nearest with masks is drawn; None for the one shown.

        Returns:
            (h, w, 3) uint8 RGB of the view's size; with ``comparing`` "side" it is twice as wide, with "blink"
            it shows A.

        Raises:
            TypeError: if ``frame`` is no whole number.
            Sa2VAError: if the video can't be read there.
        """
        at = self.frame if frame is None else checks.source_frame(frame)
        return draw(self._scene, self._position(at), self._look())

    def save_video(
        self, path: str | Path, *, range: tuple[int, int] | None = None, fps: float | None = None
    ) -> Path:
        """Write what the browser plays, with the traits as they are, to a file for a talk or a page.

        Args:
            path: the file; its suffix says what it becomes: .mp4 (H.264), .gif or .webp.
            range: first and last source frame; None for the trait ``range``, or all.
            fps: frames a second, 0.01 to 1000; None keeps the frames' own times.

        Returns:
            The path written.

        Raises:
            ValueError: if the suffix, the range or ``fps`` is none of these.
            TypeError: if ``fps`` is no number.
            Sa2VAError: if the video can't be read, or the film not be written.
        """
        ends = self.range if range is None else checks.range_in(self._scene, range)
        first, last = map(self._position, ends) if ends else (0, self._scene.length - 1)
        at = builtins.range(first, last + 1)
        rate = None if fps is None else checks.rate(fps)
        times = self._scene.time_s[first : last + 1] if rate is None else np.arange(len(at)) / rate
        step_s = self._scene.step_s if rate is None else 1 / rate
        look = self._look()
        return write_film(path, (draw(self._scene, p, look) for p in at), times - times[0], last_s=step_s)

    def to_html(self, path: str | Path) -> Path:
        """Write one HTML page with the scrubber as it stands, which works with no kernel and no network.

        Args:
            path: the file to write; its folder is made where there is none.

        Returns:
            The path written.

        Raises:
            Sa2VAError: if the video can't be read.
        """
        return write_page(self._scene, path, table=self._table, traits=self._shown())

    def static(self) -> StaticView:
        """Give the scrubber as it stands as an output that needs no kernel, as the last line of a cell.

        It lives on in a saved notebook and in the pages made of it, and is some megabytes large.

        Returns:
            What a notebook shows as a page in a frame.

        Raises:
            Sa2VAError: if the video can't be read.
        """
        return StaticView(self._scene, self._table, self._shown())

    def close(self) -> None:
        """Close the widget: its views go, its thread ends, and it is linked to nothing any more."""
        self._stream.close()
        for link in [*self.clock_links]:
            link.close()
        super().close()
        for part in self._own:
            part.close()

    def _hear(self, _: Any, content: Any, __: Any) -> None:
        """Take a view's request; what is no request is left alone."""
        if not isinstance(content, dict):
            return
        windows = content.get("windows")
        if content.get("type") == "frames" and isinstance(windows, list):
            known = range(wire.n_windows(self._scene))
            self._stream.want([index for index in windows if isinstance(index, int) and index in known])
        elif content.get("type") == "numbers":
            self._stream.want(["numbers"])

    def _make(self, key: Key) -> None:
        """Make one thing that a view wants, and send it."""
        if not isinstance(key, int):
            content: dict[str, Any] = {"type": "numbers"}
            if may_meet(self._scene.seg):
                content["marks"] = [*self._clip["marks"], *meeting_marks(self._scene.seg)]
            self.send(content, buffers=[packed_numbers(self._scene, self._table)])
            return
        try:
            packet = wire.packet(self._scene, wire.window(self._scene, key))
        except (Sa2VAError, OSError, IndexError) as error:
            self.send({"type": "failed", "window": key, "reason": str(error)})
        else:
            self.send({"type": "frames", "window": key}, buffers=[packet])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown: Any = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown
        seg = self._scene.seg
        position = self._position(self.frame) or telling_position(seg)  # at the start, what tells most
        image = still(self._scene, position, self._look())
        return data | static_bundle(seg, image, position, colors=self.colors), metadata

    def __repr__(self) -> str:
        return f"Scrubber({self._scene.seg!r}, frame={self.frame})"


def scrub(
    seg: Segmentation,
    *,
    reference: Segmentation | None = None,
    compare: Segmentation | Comparison | None = None,
    table: pd.DataFrame | None = None,
    width: int = 640,
    clock: Scrubber | None = None,
    embed: bool = False,
) -> Scrubber:
    """Look at a segmentation: step, play, toggle objects, follow their numbers, compare.

    Args:
        seg: what to look at, with at least one frame; without a video the masks lie on plain ground.
        reference: ground truth to look at beside it, as from ``load_reference``; it starts with what differs.
        compare: another segmentation of the same video, or what ``compare(seg, other)`` gave, whose pairs of
            objects are kept then; it starts at the frame in which they differ most.
        table: a frame table (a row an ``object`` and ``frame``) such as ``measure(seg)`` or ``quality(seg)``, whose
            numbers are shown for the current frame and along the clip, and its column ``flags`` as marks; areas
            and the agreement with the other side are counted from the masks where it has none.
        width: at most so many pixels wide are the frames sent to the browser; larger is sharper and slower.
        clock: another scrubber that shows the same time as this one: whichever is moved, the other follows.
        embed: put every frame into the widget's state, some megabytes: a saved notebook shows them all with no
            kernel, where its widgets are saved with it.

    Returns:
        The widget; the last line of a cell shows it.

    Raises:
        ValueError: if there is no frame, both ``reference`` and ``compare`` are given, a comparison is of another
            segmentation, the table is no frame table, ``width`` no positive integer, or ``clock`` was closed.
        TypeError: if an argument is of another type.
        Sa2VAError: if the video can't be read where it starts; with ``embed`` anywhere.
    """
    return Scrubber(
        seg, reference=reference, compare=compare, table=table, width=width, clock=clock, embed=embed
    )


def _check_clock(clock: Any) -> None:
    if not isinstance(clock, (Scrubber, type(None))):
        raise TypeError(f"clock must be another Scrubber, got {type(clock).__name__}")
    if clock is not None and clock.comm is None:
        raise ValueError(
            "clock must be a scrubber that is open, but this one was closed; show it again first"
        )
