"""The page without a kernel, from a file, with no network, in Chromium."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.report.report import report
from sa2va_nb.view.widget.scrubber import Scrubber, scrub
from tests.browser.films import (
    FRAMES,
    HEIGHT,
    NAMES,
    SIZE,
    WIDTH,
    moving_disks,
    other_scene,
    scene,
    segmentation,
)
from tests.browser.harness import assert_same_picture, painted, wait_for_frame
from tests.browser.script import attribute, press, seen, share_of, watch


def show(page: Page, seg: Segmentation, folder: Path) -> Scrubber:
    """Open the report; give a scrubber that says what is to be seen."""
    page.goto(report(seg, folder / "report.html").as_uri())
    page.wait_for_selector(".sa2va-scrubber[data-ready='true']")
    return scrub(seg)


def show_scrubber(page: Page, scrubber: Scrubber, folder: Path) -> None:
    page.goto(scrubber.to_html(folder / "page.html").as_uri())
    page.wait_for_selector(".sa2va-scrubber[data-ready='true']")


def assert_painted(page: Page, scrubber: Scrubber, frame: int, **traits) -> None:
    wait_for_frame(page, frame)
    scrubber.set_trait("frame", frame)
    for name, value in traits.items():
        scrubber.set_trait(name, value)
    assert_same_picture(page, scrubber.to_image())


def test_a_selected_object_stands_out_as_in_python(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    press(page, "Shift+ArrowRight", "Shift+ArrowRight")
    page.click(".sv-phrase >> nth=1")
    assert attribute(page, ".sv-phrase >> nth=1", "aria-pressed") == "true"
    assert_painted(page, shown, 20, selected=1)
    page.mouse.move(0, 0)
    press(page, "Escape")
    assert_painted(page, shown, 20, selected=None)


def test_a_click_into_the_picture_selects_what_lies_there(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    page.mouse.click(*share_of(page, ".sv-picture", 60 / WIDTH, 90 / HEIGHT))
    page.mouse.move(0, 0)
    assert_painted(page, shown, 0, selected=0)
    page.mouse.click(*share_of(page, ".sv-picture", 0.02, 0.02))
    page.mouse.move(0, 0)
    assert_painted(page, shown, 0, selected=None)


def test_objects_are_hidden_and_shown_by_key_and_click(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    press(page, "1", "7")  # there is no object 7
    assert_painted(page, shown, 0, visible=(0, 2))
    assert attribute(page, ".sv-toggle >> nth=1", "aria-pressed") == "false"
    page.click(".sv-toggle >> nth=1")
    page.mouse.move(0, 0)
    assert_painted(page, shown, 0, visible=(0, 1, 2))


def test_an_object_is_shown_alone_and_all_again(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    page.click(".sv-solo >> nth=1")
    page.mouse.move(0, 0)
    assert_painted(page, shown, 0, visible=(1,))
    press(page, "Shift+1")
    assert_painted(page, shown, 0, visible=(0, 1, 2))


def test_an_object_takes_the_colour_that_is_picked(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    page.fill(".sv-color >> nth=0", "#00ff00")
    page.mouse.move(0, 0)
    assert_painted(page, shown, 0, colors=("#00ff00", *shown.colors[1:]))


def test_the_opacity_key_goes_round(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    for opacity in (0.75, 1.0, 0.0, 0.25, 0.5):
        press(page, "o")
        assert_painted(page, shown, 0, opacity=opacity)


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
    assert attribute(page, ".sv-slider", "aria-valuetext") == f"frame {FRAMES - 1} of {FRAMES - 1}, 1.95 s"


def test_fast_steps_paint_every_frame(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    press(page, "ArrowRight")
    wait_for_frame(page, 1)
    watch(page)
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    wait_for_frame(page, 21)
    assert seen(page) == [*range(2, 22)]


def test_it_plays_every_frame_in_order_and_begins_again(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    watch(page)
    press(page, "Space")
    page.wait_for_function("() => document.querySelector('.sa2va-scrubber').seen.includes(0)", timeout=10_000)
    press(page, "Space")
    assert attribute(page, ".sv-play", "aria-label") == "Play"
    frames = seen(page)
    first_round = frames[: frames.index(0)]
    assert first_round == sorted(set(first_round))
    assert len(first_round) >= 0.9 * (FRAMES - 1)  # a busy machine may drop one or two


def test_zoom_and_loupe_leave_the_painted_picture_alone(page, tmp_path):
    shown = show(page, scene(tmp_path), tmp_path)
    before = page.locator(".sv-picture").bounding_box()
    press(page, "+", "+")
    zoomed = page.locator(".sv-picture").bounding_box()
    assert zoomed["width"] == pytest.approx(before["width"] * 1.25**2, rel=0.01)
    assert_painted(page, shown, 0)
    pane = page.locator(".sv-pane").bounding_box()
    middle = (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2)
    press(page, "Alt+ArrowRight")
    assert page.locator(".sv-picture").bounding_box()["x"] < zoomed["x"]
    press(page, "f", "l")
    assert page.locator(".sv-picture").bounding_box() == before
    page.mouse.move(*middle)
    assert page.is_visible(".sv-loupe")
    assert "rgb" in page.inner_text(".sv-loupe")
    page.mouse.click(*middle)
    press(page, "l", "Escape")
    assert not page.is_visible(".sv-loupe")


def test_marks_are_walked_and_told(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    told = []
    for _ in range(3):
        press(page, "n")
        told.append(page.text_content(".sv-status").split(":")[:2])
    assert told == [[f"frame {frame}", " a corner"] for frame in (10, 20, 30)]  # it comes, goes, comes again
    press(page, "p")
    wait_for_frame(page, 20)


def test_words_of_the_comparison_are_those_of_its_kind(page, tmp_path):
    seg = scene(tmp_path)
    show_scrubber(page, scrub(seg, reference=other_scene(seg)), tmp_path)
    assert attribute(page, ".sa2va-scrubber", "data-comparing") == "difference"
    assert page.inner_text(".sv-legend").split("\n") == ["right", "too much", "missed", "wrong object"]


def test_what_takes_focus_keeps_jupyter_from_acting_on_keys(page, tmp_path):
    seg = scene(tmp_path)
    show_scrubber(page, scrub(seg, compare=other_scene(seg)), tmp_path)
    selector = ".sa2va-scrubber :is(button, input, select, summary, [tabindex])"
    assert page.locator(selector).count() > 20
    bare = page.locator(selector).evaluate_all(
        "nodes => nodes.filter((n) => n.dataset.lmSuppressShortcuts !== 'true').map((n) => n.outerHTML)"
    )
    assert bare == []


def test_masks_without_a_video_lie_on_plain_ground(page, tmp_path):
    shown = show(page, segmentation(None, moving_disks(), NAMES), tmp_path)
    assert np.array_equal(painted(page), shown.to_image(0))


def test_a_clip_with_no_object_is_just_a_clip(page, tmp_path):
    seg = scene(tmp_path)
    shown = show(page, Segmentation((), seg.frame, seg.time_s, seg.video), tmp_path)
    press(page, "ArrowRight")
    assert_painted(page, shown, 1)
    assert page.is_visible(".sv-none")


def test_one_frame_is_a_picture(page, tmp_path):
    seg = sampled(scene(tmp_path), [7])
    shown = show(page, seg, tmp_path)
    press(page, "ArrowRight", "Space", "End")
    assert_painted(page, shown, 7)
    assert page.locator(".sv-play").is_disabled()


def test_sampled_frames_keep_their_source_index(page, tmp_path):
    shown = show(page, sampled(scene(tmp_path), [0, 7, 30]), tmp_path)
    press(page, "ArrowRight")
    assert_painted(page, shown, 7)


def sampled(seg: Segmentation, frames: list[int]) -> Segmentation:
    objects = tuple(
        SegmentedObject(o.index, o.phrase, Masks([o.masks.rles[t] for t in frames], SIZE)) for o in seg
    )
    return Segmentation(objects, np.array(frames), seg.time_s[frames], seg.video)


def test_a_printed_page_shows_the_still(page, tmp_path):
    show(page, scene(tmp_path), tmp_path)
    assert not page.is_visible(".poster")
    page.emulate_media(media="print")
    assert page.is_visible(".poster")
    assert not page.is_visible(".sv-picture")
