"""Measures the scrubber in a page of a real JupyterLab."""

import time
from itertools import pairwise

import numpy as np
import psutil
from playwright.sync_api import Page

Figures = dict[str, float]

SCRUBBER = ".sa2va-scrubber .sv-picture"
# A key's way: from its event to the change of the attribute that says what is painted.
_WATCH_KEYS = """([keys, painted, attribute]) => {
    window.pressed = [];
    window.painted = [];
    document.querySelector(keys).addEventListener("keydown", () => window.pressed.push(performance.now()), true);
    const target = document.querySelector(painted);
    const note = () => window.painted.push([performance.now(), Number(target.dataset?.frame ?? window.painted.length)]);
    if (attribute === "load") target.addEventListener("load", note);
    else new MutationObserver(note).observe(target, { attributeFilter: [attribute] });
}"""
_OPEN = """async (index) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = index;
    const began = performance.now();
    const ready = new Promise((resolve) => {
        const look = () => document.querySelector(".sa2va-scrubber[data-ready='true']")
            ? resolve(performance.now()) : requestAnimationFrame(look);
        look();
    });
    await window.jupyterapp.commands.execute("notebook:run-cell");
    const ended = performance.now();
    return [ended - began, (await ready) - ended];
}"""


class Wire:
    """Counts what a page's sockets receive."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.last = time.monotonic()  # when something large came
        page.on("websocket", lambda socket: socket.on("framereceived", self._note))

    def _note(self, payload: str | bytes) -> None:
        self.bytes += len(payload)
        if len(payload) > 10_000:
            self.last = time.monotonic()


def opening(page: Page, wire: Wire, cell: int, *, quiet_s: float = 2.5) -> Figures:
    """Run the cell that shows a scrubber; wait until nothing more comes."""
    before, began = wire.bytes, time.monotonic()
    cell_ms, first_ms = page.evaluate(_OPEN, cell)
    while time.monotonic() - wire.last < quiet_s:
        page.wait_for_timeout(100)
    return {
        "the cell, s": cell_ms / 1000,
        "first picture after the cell's end, s": first_ms / 1000,
        "all that is kept has come, s": wire.last - began,
        "received, MB": (wire.bytes - before) / 1e6,
    }


def watch_keys(page: Page, keys: str, painted: str, attribute: str = "data-frame") -> None:
    page.evaluate(_WATCH_KEYS, [keys, painted, attribute])
    page.focus(keys)


def steps(page: Page, count: int) -> Figures:
    """Press a key, wait until it is painted, a hundred times."""
    taken = []
    for _ in range(count):
        page.evaluate("() => { window.pressed.length = window.painted.length = 0; }")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => window.painted.length", polling=5, timeout=10_000)
        taken.append(page.evaluate("() => window.painted[0][0] - window.pressed[0]"))
        page.wait_for_timeout(20)
    return {
        "step p50, ms": float(np.median(taken)),
        "step p95, ms": float(np.percentile(taken, 95)),
        "steps": count,
    }


def burst(page: Page, count: int, seconds: float) -> Figures:
    """Press a key so many times in so many seconds; count the pictures painted until half a second later."""
    page.keyboard.press("Home")
    page.wait_for_timeout(500)
    page.evaluate("() => { window.pressed.length = window.painted.length = 0; }")
    began = time.monotonic()
    for index in range(count):
        page.keyboard.press("ArrowRight")
        left = began + (index + 1) * seconds / count - time.monotonic()
        if left > 0:
            page.wait_for_timeout(1000 * left)
    taken = time.monotonic() - began
    page.wait_for_timeout(500)
    return {f"painted of {count} keys in {taken:.1f} s": page.evaluate("() => window.painted.length")}


def playing(page: Page, seconds: float, fps: float) -> Figures:
    """Play from the start; count the frames shown in order."""
    page.focus(SCRUBBER)
    page.keyboard.press("Home")
    page.wait_for_timeout(500)
    page.evaluate("() => { window.painted.length = 0; }")
    page.keyboard.press("Space")
    page.wait_for_function(
        "(ms) => window.painted.length > 1 && performance.now() - window.painted[0][0] >= ms",
        arg=1000 * seconds,
        polling=5,
        timeout=60_000,
    )
    painted = page.evaluate("() => window.painted")
    page.keyboard.press("Space")
    frames = [frame for at, frame in painted if at - painted[0][0] <= 1000 * seconds]
    in_order = 1 + sum(later > earlier for earlier, later in pairwise(frames))
    asked = round(seconds * fps) + 1
    return {f"frames shown in order, of {asked} in {seconds:.0f} s": in_order}


def page_memory(page: Page) -> Figures:
    """Collect garbage; give the page's heap, its listeners and nodes, and the largest process of the browser."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return {
        "page heap, MB": metrics["JSHeapUsedSize"] / 1e6,
        "listeners": int(metrics["JSEventListeners"]),
        "nodes": int(metrics["Nodes"]),
        "largest browser process, MB": max(rss_of_renderers(), default=0) / 1e6,
    }


def rss_of_renderers() -> list[int]:
    """Resident bytes of the renderers that this process's browser has."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                found.append(process.memory_info().rss)
        except psutil.Error:  # it just ended
            continue
    return found
