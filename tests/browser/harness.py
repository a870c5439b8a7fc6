"""Chromium for tests, or a skip that says what is missing; what a scrubber in it shows."""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Frame, Keyboard, Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "SA2VA_NB_REQUIRE_BROWSER"  # set to 1, what is missing fails instead of skips
NODE_MODULES = Path(__file__).parents[1] / "js/node_modules"
JPEG_MAX, JPEG_MEAN = 12, 1.5  # what JPEG may change in a smooth clip, of 255: one pixel, and on average
_CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
]
_READ_CANVAS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let text = "";
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
    return [canvas.height, canvas.width, btoa(text)];
}"""

Place = Page | Frame  # where a scrubber is: a page, or a frame in it


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where the browser tests are required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {what}")
    pytest.skip(what)


def chromium_path() -> str:
    """Find Chromium, or skip."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    missing(f"no Chromium was found on the PATH ({', '.join(CHROMIUM_NAMES)})")


def node_file(path: str) -> Path:
    """Find a file of a package of tests/js/package.json, or skip."""
    file = NODE_MODULES / path
    if not file.exists():
        missing(f"{path} is not installed: run `npm install --no-package-lock` in tests/js")
    return file


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, headless=True, args=[*_CHROMIUM_ARGS, *arguments]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def quiet_page(browser: Browser, **options) -> Iterator[Page]:
    """A page that must not complain; offline, unless told otherwise."""
    context = browser.new_context(**{"offline": True, "viewport": {"width": 900, "height": 1100}} | options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message) or dialog.dismiss())
    yield page
    context.close()
    assert complaints == []


def keyboard(place: Place) -> Keyboard:
    return (place if isinstance(place, Page) else place.page).keyboard


def painted(place: Place) -> NDArray[np.uint8]:
    """Read the scrubber's canvas: (h, w, 3) uint8."""
    height, width, values = place.locator(".sa2va-scrubber .sv-picture").evaluate(_READ_CANVAS)
    pixels = np.frombuffer(base64.b64decode(values), np.uint8)
    return pixels.reshape(height, width, 4)[..., :3]


def assert_same_picture(place: Place, expected: NDArray[np.uint8]) -> None:
    """The browser's picture is Python's, but for what JPEG loses of a smooth clip."""
    picture = painted(place)
    assert picture.shape == expected.shape
    difference = np.abs(picture.astype(int) - expected)
    assert difference.max() <= JPEG_MAX
    assert difference.mean() <= JPEG_MEAN


def wait_for_frame(place: Place, frame: int) -> None:
    place.wait_for_selector(f'.sa2va-scrubber[data-ready="true"][data-frame="{frame}"]', timeout=20_000)


def framed(page: Page) -> Frame:
    """The frame in a page that the scrubber runs in."""
    frame = page.wait_for_selector("iframe").content_frame()
    assert frame is not None
    frame.wait_for_selector(".sa2va-scrubber[data-ready='true']")
    return frame
