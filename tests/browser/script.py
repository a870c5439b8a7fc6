"""What a scrubber does wherever it is shown: one script of behaviours for every place.

It needs ``films.scene`` to be shown, at its first frame, with or without something to compare with.
"""

import numpy as np

from tests.browser.films import FRAMES, HEIGHT, NAMES, WIDTH
from tests.browser.harness import Place, keyboard, painted, wait_for_frame

_WATCH = """root => {
    root.seen = [];
    new MutationObserver(() => root.seen.push(Number(root.dataset.frame)))
        .observe(root, { attributeFilter: ["data-frame"] });
}"""


def behaves(place: Place) -> None:
    """Go through everything; whatever was changed is put back."""
    steps(place)
    toggles(place)
    picks(place)
    seeks(place)
    plays_a_range(place)
    changes_its_drawing(place)
    if place.locator(".sv-comparings").count():
        compares(place)


def press(place: Place, *keys: str) -> None:
    place.focus(".sv-picture")
    for key in keys:
        keyboard(place).press(key)


def attribute(place: Place, selector: str, name: str) -> str | None:
    return place.locator(selector).first.get_attribute(name)


def wait_for(place: Place, selector: str) -> None:
    place.locator(selector).first.wait_for(state="attached", timeout=10_000)


def share_of(place: Place, selector: str, x: float, y: float) -> tuple[float, float]:
    """A point of an element, as shares of its width and height, where the mouse finds it."""
    place.locator(selector).scroll_into_view_if_needed()
    box = place.locator(selector).bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def mouse(place: Place):
    return getattr(place, "page", place).mouse


def leave(place: Place) -> None:
    """Put the pointer where it means nothing; in the same frame, which hears of it for sure."""
    place.hover(".sv-frame")


def watch(place: Place) -> None:
    """Note every frame painted from now on."""
    place.locator(".sa2va-scrubber").evaluate(_WATCH)


def seen(place: Place) -> list[int]:
    """Give the frames painted since ``watch``."""
    return place.locator(".sa2va-scrubber").evaluate("root => root.seen")


def steps(place: Place) -> None:
    wait_for_frame(place, 0)
    for key, frame in (
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 11),
        ("ArrowLeft", 10),
        ("End", FRAMES - 1),
        ("ArrowRight", FRAMES - 1),
        ("Home", 0),
    ):
        press(place, key)
        wait_for_frame(place, frame)
    place.fill(".sv-slider", "25")
    wait_for_frame(place, 25)
    place.focus(".sv-slider")
    keyboard(place).press("ArrowRight")
    wait_for_frame(place, 26)
    assert "frame 26" in attribute(place, ".sv-slider", "aria-valuetext")
    press(place, "Home")
    wait_for_frame(place, 0)


def toggles(place: Place) -> None:
    shown = painted(place)
    press(place, "1")
    wait_for(place, ".sv-toggle[aria-pressed=false]")
    assert (painted(place) != shown).any()
    place.click(".sv-toggle >> nth=1")
    leave(place)
    press(place, "Shift+1")
    wait_for(place, ".sv-toggle[aria-pressed=false] >> nth=1")
    press(place, "a")
    assert place.locator(".sv-toggle[aria-pressed=true]").count() == len(NAMES)
    assert np.array_equal(painted(place), shown)


def picks(place: Place) -> None:
    columns = painted(place).shape[1]  # twice the width, beside another
    mouse(place).click(*share_of(place, ".sv-picture", 60 / columns, 90 / HEIGHT))
    wait_for(place, ".sv-name >> nth=0 >> xpath=self::*[@aria-pressed='true']")
    assert columns in (WIDTH, 2 * WIDTH)
    leave(place)
    press(place, "Escape")
    assert place.locator(".sv-name[aria-pressed=true]").count() == 0


def seeks(place: Place) -> None:
    mouse(place).click(*share_of(place, ".sv-lanes", 0.5, 0.5))
    wait_for_frame(place, round((FRAMES - 1) / 2))
    leave(place)
    press(place, "Home")
    wait_for_frame(place, 0)


def plays_a_range(place: Place) -> None:
    mouse(place).move(*share_of(place, ".sv-ruler", 10 / (FRAMES - 1), 0.5))
    mouse(place).down()
    mouse(place).move(*share_of(place, ".sv-ruler", 0.3, 0.5))
    mouse(place).move(*share_of(place, ".sv-ruler", 16 / (FRAMES - 1), 0.5))
    mouse(place).up()
    ends = [attribute(place, f".sv-end-{end}", "aria-valuenow") for end in ("first", "last")]
    assert ends == ["10", "16"]
    watch(place)
    press(place, "Space")
    root = place.locator(".sa2va-scrubber").element_handle()
    place.wait_for_function("root => root.seen.filter((f) => f === 10).length > 1", arg=root, timeout=10_000)
    press(place, "Space")
    played = set(seen(place))
    assert {10} < played <= {*range(10, 17)}  # a busy machine may leave some out
    press(place, "\\", "Home")
    wait_for_frame(place, 0)
    assert not place.is_visible(".sv-band")


def changes_its_drawing(place: Place) -> None:
    before = painted(place)
    place.click('.sv-modes button[data-mode="contour"]')
    leave(place)
    wait_for(place, ".sa2va-scrubber[data-mode=contour]")
    assert attribute(place, '.sv-modes button[data-mode="contour"]', "aria-pressed") == "true"
    assert (painted(place) != before).any()
    for _ in range(5):
        press(place, "m")
    wait_for(place, '.sa2va-scrubber[data-mode="fill"]')
    press(place, *"mmmmm")
    place.click('.sv-modes button[data-mode="both"]')
    leave(place)
    wait_for(place, ".sa2va-scrubber[data-mode=both]")
    press(place, "b")
    assert (painted(place) != before).any()
    press(place, "b")
    assert np.array_equal(painted(place), before)


def compares(place: Place) -> None:
    start = attribute(place, ".sa2va-scrubber", "data-comparing")
    shown = []
    for _ in range(5):
        press(place, "c")
        shown.append(attribute(place, ".sa2va-scrubber", "data-comparing"))
        assert painted(place).shape[1] == (2 * WIDTH if shown[-1] == "side" else WIDTH)
    assert set(shown) == {"off", "side", "wipe", "blink", "difference"}
    assert shown[-1] == start
