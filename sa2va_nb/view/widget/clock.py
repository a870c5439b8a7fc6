"""One clock for two scrubbers: whichever is moved, the other follows."""

from typing import Any

from ipywidgets import Widget, jslink


class ClockLink:
    """Keeps the ``time_s`` of two widgets equal, in the browser and in Python.

    In the browser ``jslink`` does it, with no way round by the kernel. In Python a change is passed on only
    if it was made in Python: what a view did, the browser has passed on already, and a late copy of it
    would move the other one back.
    """

    def __init__(self, leader: Widget, follower: Widget) -> None:
        """Link two widgets, each with a list ``clock_links``; at first the follower takes the leader's time."""
        self._ends: tuple[Widget, ...] = (leader, follower)
        follower.time_s = leader.time_s
        self._in_browser = jslink((leader, "time_s"), (follower, "time_s"))
        for end in self._ends:
            end.observe(self._pass_on, "time_s")
            end.clock_links.append(self)

    def close(self) -> None:
        """Part the two."""
        for end in self._ends:
            end.unobserve(self._pass_on, "time_s")
            end.clock_links.remove(self)
        self._ends = ()
        self._in_browser.close()

    def _pass_on(self, change: Any) -> None:
        if change.owner.moved_by_view:
            return
        for end in self._ends:
            if end is not change.owner:
                end.time_s = change.new
