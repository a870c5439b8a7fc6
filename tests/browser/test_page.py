"""The page without a kernel, from a file, with no network, in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from sa2va_nb.answer import parse_answer
from sa2va_nb.masks import Masks
from sa2va_nb.media.encode import write_video
from sa2va_nb.media.video import Video
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.colors import rgb_color
from sa2va_nb.view.frames import image_at, masks_at
from sa2va_nb.view.overlay import MODES, overlay
from sa2va_nb.view.report import report
from tests.browser.harness import chromium, painted, wait_for_frame
from tests.scenes import disk, segmentation

HOSTILE = (
    "<script>window.harm = 1</script></script><img src=x onerror='window.harm = 1'> \u202eRTL & \"quotes\""
)
FRAMES, HEIGHT, WIDTH = 40, 180, 320
FPS = 20.0
SIZE = (HEIGHT, WIDTH)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with no network, which must not complain."""
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message) or dialog.dismiss())
    yield page
    context.close()
    assert complaints == []


def smooth_clip(path: Path) -> Video:
    """Write a clip of slow shades, which JPEG keeps well."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] / (HEIGHT, WIDTH)[0]
    images = (
        np.stack([255 * x / 2, 255 * y, np.full_like(x, 6 * t)], axis=2).clip(0, 255).astype(np.uint8)
        for t in range(FRAMES)
    )
    return Video(write_video(path, images, FPS))


def moving_disks() -> list[NDArray[np.bool_]]:
    """Two disks that cross, and a third thing that is there in every other ten frames only."""
    first = np.array([disk(40, center=(60 + 4 * t, 90), size=SIZE) for t in range(FRAMES)])
    second = np.array([disk(35, center=(260 - 4 * t, 80), size=SIZE) for t in range(FRAMES)])
    third = np.zeros((FRAMES, *SIZE), bool)
    third[10:20, 150:, 280:] = third[30:, 150:, 280:] = True  # touches two borders
    return [first, second, third]


def scene(folder: Path, *, names: tuple[str, ...] = ("a ball", "another ball", "a corner")) -> Segmentation:
    video = smooth_clip(folder / "clip.mp4")
    objects = tuple(
        SegmentedObject(k, name, Masks.from_array(stack))
        for k, (name, stack) in enumerate(zip(names, moving_disks(), strict=True))
    )
    answer = parse_answer(" and ".join(f"<p> {name} </p> [SEG]" for name in names))
    return Segmentation(objects, np.arange(FRAMES), video.time_s, video, answer, notes=(names[0],))


def show(page: Page, seg: Segmentation, folder: Path) -> None:
    page.goto(report(seg, folder / "report.html").as_uri())
    page.wait_for_selector(".sa2va-scrubber[data-ready='true']")


def assert_painted(page: Page, seg: Segmentation, position: int, **look) -> None:
    """The browser's picture is Python's, but for what JPEG loses of the smooth clip."""
    wait_for_frame(page, int(seg.frame[position]))
    colors = [rgb_color(k) for k in range(len(seg))]
    expected = overlay(image_at(seg, position, SIZE), masks_at(seg, position, SIZE), colors=colors, **look)
    difference = np.abs(painted(page).astype(int) - expected)
    assert difference.max() <= 12
    assert difference.mean() <= 1.5


def test_pixels_are_those_of_python_in_every_mode_at_several_frames(page, tmp_path):
    seg = scene(tmp_path)
    show(page, seg, tmp_path)
    page.focus(".sv-picture")
    for mode in MODES:
        page.keyboard.press("Home")
        assert_painted(page, seg, 0, mode=mode)
        for position in (10, 20, 30):
            page.keyboard.press("Shift+ArrowRight")
            assert_painted(page, seg, position, mode=mode)
        page.keyboard.press("End")
        assert_painted(page, seg, FRAMES - 1, mode=mode)
        page.keyboard.press("m")


def test_a_selected_object_stands_out_as_in_python(page, tmp_path):
    seg = scene(tmp_path)
    show(page, seg, tmp_path)
    page.focus(".sv-picture")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.click(".sv-phrase >> nth=1")
    assert page.get_attribute(".sv-phrase >> nth=1", "aria-pressed") == "true"
    assert_painted(page, seg, 20, selected=1)
    page.mouse.move(0, 0)
    page.keyboard.press("Escape")
    assert_painted(page, seg, 20)


def test_a_click_into_the_picture_selects_what_lies_there(page, tmp_path):
    seg = scene(tmp_path)
    show(page, seg, tmp_path)
    box = page.locator(".sv-picture").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 60 / WIDTH, box["y"] + box["height"] * 90 / HEIGHT)
    page.mouse.move(0, 0)
    assert_painted(page, seg, 0, selected=0)
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.mouse.move(0, 0)
    assert_painted(page, seg, 0)


def test_objects_are_hidden_and_shown_by_key_and_click(page, tmp_path):
    seg = scene(tmp_path)
    show(page, seg, tmp_path)
    colors = [rgb_color(k) for k in range(3)]
    page.focus(".sv-picture")
    page.keyboard.press("1")
    page.keyboard.press("7")  # there is no such object
    masks = masks_at(seg, 0, SIZE)
    masks[1] = False
    expected = overlay(image_at(seg, 0, SIZE), masks, colors=colors)
    assert np.abs(painted(page).astype(int) - expected).max() <= 12
    assert page.get_attribute(".sv-toggle >> nth=1", "aria-pressed") == "false"
    page.click(".sv-toggle >> nth=1")
    page.mouse.move(0, 0)
    assert_painted(page, seg, 0)


def test_the_opacity_key_goes_round(page, tmp_path):
    seg = scene(tmp_path)
    show(page, seg, tmp_path)
    page.focus(".sv-picture")
    for opacity in (0.75, 1.0, 0.0, 0.25, 0.5):
        page.keyboard.press("o")
        assert_painted(page, seg, 0, opacity=opacity)


def test_steps_stop_at_both_ends_and_numbers_follow(page, tmp_path):
    seg = scene(tmp_path)
    show(page, seg, tmp_path)
    page.focus(".sv-slider")
    page.keyboard.press("ArrowLeft")
    wait_for_frame(page, 0)
    assert page.text_content(".sv-area >> nth=2") == "not visible"
    for _ in range(FRAMES + 3):
        page.keyboard.press("ArrowRight")
    wait_for_frame(page, FRAMES - 1)
    area = f"{int(seg[2].masks.area_px[-1]):,}".replace(",", "\u202f")
    assert page.text_content(".sv-area >> nth=2") == f"{area} px"
    assert page.get_attribute(".sv-slider", "aria-valuetext") == f"frame {FRAMES - 1}, 1.95 s"


def test_it_plays_every_frame_in_order_and_begins_again(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    page.evaluate(
        """() => {
            const root = document.querySelector(".sa2va-scrubber");
            window.seen = [];
            new MutationObserver(() => window.seen.push(Number(root.dataset.frame)))
                .observe(root, { attributeFilter: ["data-frame"] });
        }"""
    )
    page.focus(".sv-picture")
    page.keyboard.press("Space")
    page.wait_for_function("() => window.seen.includes(0)", timeout=10_000)
    page.keyboard.press("Space")
    assert page.get_attribute(".sv-play", "aria-label") == "Play"
    first_round = page.evaluate("() => window.seen.slice(0, window.seen.indexOf(0))")
    assert first_round == sorted(set(first_round))
    assert len(first_round) >= 0.9 * (FRAMES - 1)  # a busy machine may drop one or two


def test_words_stay_words(page, tmp_path):
    names = (HOSTILE, "x" * 10_000, "two\nlines")
    show(page, scene(tmp_path, names=names), tmp_path)
    assert page.evaluate("() => window.harm") is None
    assert page.text_content(".sv-name >> nth=0") == HOSTILE
    assert page.locator("main img").count() == 1  # the poster
    box = page.locator(".sa2va-scrubber").bounding_box()
    assert box["width"] <= 800
    assert box["height"] <= 1000
    page.click(".sv-notes summary")
    assert HOSTILE in page.text_content(".sv-notes")


def test_what_takes_focus_keeps_jupyter_from_acting_on_keys(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    bare = page.evaluate(
        """() => [...document.querySelectorAll(".sa2va-scrubber :is(button, input, select, summary, [tabindex])")]
            .filter((node) => node.dataset.lmSuppressShortcuts !== "true").map((node) => node.outerHTML)"""
    )
    assert bare == []


def test_masks_without_a_video_lie_on_plain_ground(page, tmp_path):
    seg = segmentation(*moving_disks())
    show(page, seg, tmp_path)
    colors = [rgb_color(k) for k in range(3)]
    plain = np.full((*SIZE, 3), (38, 42, 48), np.uint8)
    expected = overlay(plain, masks_at(seg, 0, SIZE), colors=colors)
    assert np.abs(painted(page).astype(int) - expected).max() <= 2


def test_a_clip_with_no_object_is_just_a_clip(page, tmp_path):
    seg = scene(tmp_path)
    empty = Segmentation((), seg.frame, seg.time_s, seg.video)
    show(page, empty, tmp_path)
    page.focus(".sv-picture")
    page.keyboard.press("ArrowRight")
    assert_painted(page, empty, 1)


def test_sampled_frames_keep_their_source_index(page, tmp_path):
    seg = scene(tmp_path)
    picked = [0, 7, 30]
    objects = tuple(
        SegmentedObject(o.index, o.phrase, Masks([o.masks.rles[t] for t in picked], SIZE)) for o in seg
    )
    sampled = Segmentation(objects, np.array(picked), seg.time_s[picked], seg.video)
    show(page, sampled, tmp_path)
    page.focus(".sv-picture")
    page.keyboard.press("ArrowRight")
    assert_painted(page, sampled, 1)
    assert page.get_attribute(".sa2va-scrubber", "data-frame") == "7"


def test_a_printed_page_shows_the_still(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    assert not page.is_visible(".poster")
    page.emulate_media(media="print")
    assert page.is_visible(".poster")
    assert not page.is_visible(".sv-picture")
