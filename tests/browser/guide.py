"""Pictures of the scrubber for docs/scrubber.md, taken in Chromium of the sample clip."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.masks import Masks
from sa2va_nb.sample import sample_clip, spoil
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.widget.scrubber import Scrubber, scrub
from tests.browser.harness import chromium, quiet_page, wait_for_frame
from tests.browser.script import press, share_of, wait_for

_DEFECTS = (  # as the page tells them
    ("the red ball", "halved", 20, 22),
    ("the right fish", "dropped", 44, 49),
    ("the left fish", "swapped", 70, 119),
)
_LATE = 3  # frames
_MODES = {
    "both": "Both",
    "fill": "Fill",
    "contour": "Contour",
    "mask": "Masks",
    "spotlight": "Spotlight",
    "cutout": "Cut-out",
}
_WIDTH, _HEIGHT = 760, 1300
_FULL, _HALF = 768, 380  # of a sheet, whose pictures stand 8 apart
_MARGIN = 44
_SHEET = """<style>
body {{ margin: 0; width: {width}px; font: 13px sans-serif; color-scheme: {scheme}; color: CanvasText;
        background: {ground}; display: flex; flex-wrap: wrap; gap: 8px; }}
figure {{ margin: 0; }} figcaption {{ padding: 2px 2px 4px; }} img {{ display: block; width: 100%; }}
</style>"""
_GROUNDS = {"light": "#fff", "dark": "#111"}


def take(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give each picture's name and PNG; what is needed on the way goes into ``folder``."""
    truth = sample_clip(folder)[1]
    damaged = scrub(spoil(truth, _DEFECTS), table=quality(spoil(truth, _DEFECTS)))
    with chromium() as browser:
        yield "scrubber", _whole(browser, damaged, folder)
        yield "timeline", _timelines(browser, damaged, folder)
        yield "modes", _modes(browser, scrub(truth), folder)
        yield "loupe", _loupe(browser, scrub(truth), folder)
        yield "comparing", _comparings(browser, scrub(truth, compare=_late(truth)), folder)
        yield "scrubber-dark", _difference(browser, scrub(_late(truth), reference=truth), folder)


def _late(seg: Segmentation) -> Segmentation:
    """Let all masks come three frames late."""
    objects = (
        replace(item, masks=Masks.from_array(np.roll(np.asarray(item.masks), _LATE, axis=0))) for item in seg
    )
    return replace(seg, objects=tuple(objects))


@contextmanager
def _shown(browser: Browser, scrubber: Scrubber, folder: Path, scheme: str = "light") -> Iterator[Page]:
    """Open a scrubber in a page by itself."""
    size = {"width": _WIDTH, "height": _HEIGHT}
    with quiet_page(browser, viewport=size, color_scheme=scheme) as page:
        page.goto(scrubber.to_html(folder / "page.html").as_uri())
        wait_for_frame(page, scrubber.frame)
        yield page


def _whole(browser: Browser, scrubber: Scrubber, folder: Path) -> bytes:
    scrubber.frame, scrubber.range, scrubber.trails = 71, (60, 90), True
    with _shown(browser, scrubber, folder) as page:
        return page.locator(".sa2va-scrubber").screenshot()


def _difference(browser: Browser, scrubber: Scrubber, folder: Path) -> bytes:
    scrubber.frame = 60
    with _shown(browser, scrubber, folder, "dark") as page:
        return page.locator(".sa2va-scrubber").screenshot()


def _timelines(browser: Browser, scrubber: Scrubber, folder: Path) -> bytes:
    """Light, and dark with the pointer at the flag of the missing fish."""
    parts = []
    for scheme in ("light", "dark"):
        with _shown(browser, scrubber, folder, scheme) as page:
            if scheme == "dark":
                page.mouse.move(*share_of(page, ".sv-lanes", 46 / 119, 2.2 / 5))
                wait_for(page, ".sv-lane-tip:not([hidden])")
            top = page.locator(".sv-readout").bounding_box()
            foot = page.locator(".sv-timeline").bounding_box()
            box = page.locator(".sa2va-scrubber").bounding_box()
            box |= {"y": top["y"], "height": foot["y"] + foot["height"] - top["y"]}
            parts.append(page.screenshot(clip=box))
    return _sheet(browser, [("", part, _FULL) for part in parts])


def _modes(browser: Browser, scrubber: Scrubber, folder: Path) -> bytes:
    scrubber.frame, scrubber.trails = 60, True
    with _shown(browser, scrubber, folder) as page:
        page.set_viewport_size({"width": _HALF + _MARGIN, "height": _HEIGHT})
        parts = []
        for mode, name in _MODES.items():
            page.click(f'.sv-modes button[data-mode="{mode}"]')
            wait_for(page, f".sa2va-scrubber[data-mode={mode}]")
            parts.append((name, page.locator(".sv-pane").screenshot(), _HALF))
    return _sheet(browser, parts)


def _comparings(browser: Browser, scrubber: Scrubber, folder: Path) -> bytes:
    scrubber.frame = 60
    parts = []
    with _shown(browser, scrubber, folder, "dark") as page:
        for way, name, width in (
            ("side", "Side by side", _FULL),
            ("wipe", "Wipe", _HALF),
            ("difference", "Difference", _HALF),
        ):
            page.set_viewport_size({"width": width + _MARGIN, "height": _HEIGHT})
            page.click(f'.sv-comparings button[data-comparing="{way}"]')
            wait_for(page, f".sa2va-scrubber[data-comparing={way}]")
            box = page.locator(".sv-pane").bounding_box()
            if way == "difference":
                legend = page.locator(".sv-legend").bounding_box()
                box["height"] = legend["y"] + legend["height"] - box["y"]
            parts.append((name, page.screenshot(clip=box), width))
    return _sheet(browser, parts, "dark")


def _loupe(browser: Browser, scrubber: Scrubber, folder: Path) -> bytes:
    scrubber.frame, scrubber.trails = 60, True
    with _shown(browser, scrubber, folder) as page:
        press(page, "+", "l")
        page.locator(".sv-picture").blur()  # without the ring of what has the focus
        page.mouse.move(*share_of(page, ".sv-picture", 0.583, 0.31))
        wait_for(page, ".sv-loupe:not([hidden])")
        return page.screenshot(clip=page.locator(".sv-pane").bounding_box())


def _sheet(browser: Browser, parts: Iterable[tuple[str, bytes, int]], scheme: str = "light") -> bytes:
    """Put pictures with names above them onto one."""
    figures = "".join(
        f'<figure style="width: {width}px"><figcaption {"" if name else "hidden"}>{name}</figcaption>'
        f'<img src="data:image/png;base64,{base64.b64encode(picture).decode()}"></figure>'
        for name, picture, width in parts
    )
    with quiet_page(browser, viewport={"width": _FULL, "height": 400}, color_scheme=scheme) as page:
        style = _SHEET.format(width=_FULL, scheme=scheme, ground=_GROUNDS[scheme])
        page.set_content(style + figures)
        return page.locator("body").screenshot()
