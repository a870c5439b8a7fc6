"""The traits of a scrubber: what they may be, and which of them belong together."""

from numbers import Integral, Real
from typing import Any

import anywidget
import traitlets

from sa2va_nb.view.painting.look import Look
from sa2va_nb.view.painting.overlay import MODES
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.widget import checks
from sa2va_nb.view.widget.assets import module_text

LOOK = ("colors", "visible", "selected", "opacity", "mode", "boxes", "trails", "comparing", "split")


class _Number(traitlets.Float[float, Any]):
    """A float, from any real number."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse in words what no float can hold."""
        try:
            return super().validate(obj, float(value) if isinstance(value, Real) else value)
        except OverflowError:
            raise traitlets.TraitError(f"{self.name} must be a number that a float can hold") from None


class _Whole(traitlets.Int[Any, Any]):
    """An int, from any whole number: traitlets before 5.15 takes NumPy's for none."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Take what is whole for an int."""
        return super().validate(obj, int(value) if isinstance(value, Integral) else value)


class SceneWidget(anywidget.AnyWidget):
    """A widget whose traits say which frame of a scene is shown, and how; see ``Scrubber``."""

    frame = _Whole().tag(sync=True)
    time_s = _Number().tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    range = traitlets.Tuple().tag(sync=True)
    selected = _Whole(None, allow_none=True).tag(sync=True)
    visible = traitlets.Tuple().tag(sync=True)
    colors = traitlets.Tuple().tag(sync=True)
    opacity = _Number(0.5).tag(sync=True)
    mode = traitlets.Unicode("both").tag(sync=True)
    boxes = traitlets.Bool(False).tag(sync=True)
    trails = traitlets.Bool(False).tag(sync=True)
    comparing = traitlets.Unicode("off").tag(sync=True)
    split = _Number(0.5).tag(sync=True)
    _module = traitlets.Unicode(module_text()).tag(sync=True)  # what its views run; see web/loader.js
    _clip = traitlets.Dict().tag(sync=True)  # see wire.clip
    _first = traitlets.Bytes().tag(sync=True)  # a packet with the first picture alone
    _packets = traitlets.Bytes().tag(sync=True)  # see wire.bundle; empty unless embedded

    def __init__(self, scene: Scene, state: dict[str, Any]) -> None:
        """Take a scene, and the values of the traits to begin with."""
        self.moved_by_view = False  # while a change that a view made is taken in
        self._scene = scene
        super().__init__(**state)

    def _position(self, frame: int) -> int:
        return checks.nearest(self._scene.seg.frame, frame)

    def _look(self) -> Look:
        return Look(**{name: getattr(self, name) for name in LOOK})

    def _shown(self) -> dict[str, Any]:
        """What a copy of the scrubber starts from."""
        return {name: getattr(self, name) for name in ("frame", "time_s", "range", *LOOK)}

    def notify_change(self, change: Any) -> None:
        """Tell observers and views of a change; ``frame`` and ``time_s`` go out together."""
        with self.hold_sync():
            if change["name"] == "frame":
                position = self._position(self.frame)
                if checks.nearest(self._scene.time_s, self.time_s) != position:
                    self.time_s = float(self._scene.time_s[position])
            elif change["name"] == "time_s":
                self.frame = int(self._scene.seg.frame[checks.nearest(self._scene.time_s, self.time_s)])
            super().notify_change(change)

    def set_state(self, sync_data: Any) -> None:
        """Take in what a view changed."""
        self.moved_by_view = True
        try:
            super().set_state(sync_data)
        finally:
            self.moved_by_view = False

    @traitlets.validate("frame")
    def _snap_frame(self, proposal: Any) -> int:
        return int(self._scene.seg.frame[self._position(proposal["value"])])

    @traitlets.validate("time_s")
    def _check_time(self, proposal: Any) -> float:
        return checks.seconds(proposal["value"])

    @traitlets.validate("range")
    def _check_range(self, proposal: Any) -> tuple[int, ...]:
        try:
            return checks.range_in(self._scene, proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        value: int | None = proposal["value"]
        return None if value is None else checks.objects_in(self._scene, "selected", [value])[0]

    @traitlets.validate("visible")
    def _check_visible(self, proposal: Any) -> tuple[int, ...]:
        return checks.objects_in(self._scene, "visible", proposal["value"])

    @traitlets.validate("colors")
    def _check_colors(self, proposal: Any) -> tuple[str, ...]:
        return checks.colors_in(self._scene, proposal["value"])

    @traitlets.validate("opacity", "split")
    def _check_share(self, proposal: Any) -> float:
        name = proposal["trait"].name
        ends = {"opacity": ("clear", "solid"), "split": ("left", "right")}[name]
        return checks.share(name, proposal["value"], ends=ends)

    @traitlets.validate("mode")
    def _check_mode(self, proposal: Any) -> str:
        return checks.one_of("mode", proposal["value"], tuple(MODES))

    @traitlets.validate("comparing")
    def _check_comparing(self, proposal: Any) -> str:
        return checks.comparing_in(self._scene, proposal["value"])
