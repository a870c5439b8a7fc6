import base64
import html
import io
import json
import re

from PIL import Image as PilImage

from sa2va_nb.answer import parse_answer
from sa2va_nb.view.widget.scrubber import scrub
from tests.widgets import HOSTILE, filmed


def page_of(bundle: dict[str, str]) -> str:
    """Read the page as a browser does: the attribute ends at the first quote."""
    [srcdoc] = re.findall(r'srcdoc="([^"]*)"', bundle["text/html"])
    return html.unescape(srcdoc)


def state_of(page: str) -> dict:
    return json.loads(re.search(r'id="state">(.*?)</script>', page, re.DOTALL)[1])


def test_it_is_a_page_in_a_frame_that_may_run_only_its_own_script(tmp_path):
    bundle = scrub(filmed(tmp_path)).static()._repr_mimebundle_()
    assert repr(scrub(filmed(tmp_path)).static()).startswith("StaticView(0.")
    assert {*bundle} == {"text/html", "image/png", "text/plain"}
    assert re.fullmatch(r'<iframe sandbox="allow-scripts" [^<>]*></iframe>', bundle["text/html"])
    page = page_of(bundle)
    assert page.startswith("<!doctype html>")
    assert "default-src 'none'" in page
    assert re.findall(r'id="(window-\d+|numbers)"', page) == ["numbers", "window-0"]
    assert PilImage.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).size == (64, 48)


def test_it_starts_as_the_scrubber_stands(tmp_path):
    seg = filmed(tmp_path)
    scrubber = scrub(seg, compare=seg)
    shown = {
        "frame": 7,
        "mode": "contour",
        "boxes": True,
        "comparing": "wipe",
        "split": 0.25,
        "range": (3, 9),
    }
    shown |= {
        "visible": (1,),
        "colors": ("#000000", "#ffffff"),
        "trails": True,
        "opacity": 0.75,
        "selected": 1,
    }
    for name, value in shown.items():
        setattr(scrubber, name, value)
    state = state_of(page_of(scrubber.static()._repr_mimebundle_()))
    assert {name: state[name] for name in shown} == json.loads(json.dumps(shown))
    assert state["time_s"] == scrubber.time_s


def test_no_words_become_markup(tmp_path):
    quiet = scrub(filmed(tmp_path, notes=("n",))).static()._repr_mimebundle_()
    seg = filmed(tmp_path, notes=(HOSTILE,), answer=parse_answer(f"<p> {HOSTILE} </p> [SEG] {HOSTILE}"))
    loud = scrub(seg, reference=seg).static()._repr_mimebundle_()
    assert loud["text/html"].count("<") == quiet["text/html"].count("<")
    page = page_of(loud)
    for tag in ("<script", "</script", "<img"):
        assert page.count(tag) == page_of(quiet).count(tag)
    assert HOSTILE in state_of(page)["_clip"]["notes"]
    assert state_of(page)["_clip"]["answer"][1]["text"] == HOSTILE
