import base64
import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from sa2va_nb.analysis.quality.quality import quality
from sa2va_nb.analysis.tracks import tracks
from sa2va_nb.answer import parse_answer
from sa2va_nb.errors import Sa2VAError
from sa2va_nb.media.video import Video
from sa2va_nb.opening.loading import load_masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject
from sa2va_nb.view.report.report import report
from sa2va_nb.view.widget.scrubber import scrub
from tests.clips import rectangle, textured_clip
from tests.scenes import segmentation
from tests.widgets import numbers_of

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)> & "quoted" \u202eRTL'


def filmed(folder, *, phrase: str = "a dog", answer: str = "<p> a dog </p> [SEG]", **fields) -> Segmentation:
    video = Video(textured_clip(folder / "clip.mp4"))
    [item] = segmentation(rectangle())
    objects = (SegmentedObject(0, phrase, item.masks),)
    return Segmentation(objects, np.arange(12), video.time_s, video, parse_answer(answer), **fields)


def state_of(page: str) -> dict:
    return json.loads(
        re.search(r'<script type="application/json" id="state">(.*?)</script>', page, re.DOTALL)[1]
    )


def test_the_page_holds_the_object_table_the_figure_and_the_run(tmp_path):
    run = {
        "request": {"prompt": "Find the dog."},
        "video": {"name": "clip.mp4", "path": "/secret/place/clip.mp4"},
        "engine": "fal",
        "created": "2026-01-02",
        "cost_usd": 0.05,
        "key": "0a1b",
    }
    seg = filmed(tmp_path, run=run)
    page = report(seg, tmp_path / "report.html").read_text()
    assert "<title>Find the dog.</title>" in page
    for text in ("fal", "2026-01-02", "Cost, US$", "0.05", *tracks(seg).columns.drop("phrase")):
        assert f">{text}<" in page
    assert page.count("stroke-linejoin") == 1
    assert "0a1b" not in page
    assert "/secret/place" not in page


def test_the_page_holds_every_frame(tmp_path):
    page = report(filmed(tmp_path), tmp_path / "report.html").read_text()
    assert re.findall(r'id="(window-\d+)"', page) == ["window-0"]
    assert state_of(page)["_clip"]["frame"] == [*range(12)]


def test_masks_without_times_have_a_page_with_frame_numbers(tmp_path):
    page = report(load_masks(rectangle()), tmp_path / "report.html").read_text()
    assert ">frame 10<" in page
    assert "NaN" not in re.search(r'id="state">(.*?)</script>', page, re.DOTALL)[1]


def test_the_page_asks_the_network_for_nothing(tmp_path):
    page = report(filmed(tmp_path), tmp_path / "report.html").read_text()
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a place to load from
    assert "default-src 'none'" in page


def test_no_words_become_markup(tmp_path):
    seg = filmed(
        tmp_path,
        phrase=HOSTILE,
        answer=f"<p> {HOSTILE} </p> [SEG]",
        notes=(HOSTILE,),
        run={"request": {"prompt": HOSTILE}},
    )
    harmless = filmed(tmp_path, notes=("n",), run={"request": {"prompt": "p"}})
    plain = report(harmless, tmp_path / "plain.html").read_text()
    page = report(seg, tmp_path / "report.html").read_text()
    for tag in ("<script", "</script", "<img", "<title", "</title"):
        assert page.count(tag) == plain.count(tag)
    assert html.escape(HOSTILE) in page
    assert state_of(page)["_clip"]["objects"][0]["name"] == HOSTILE


def test_the_page_of_a_scrubber_starts_as_the_scrubber_stands(tmp_path):
    scrubber = scrub(filmed(tmp_path))
    scrubber.frame, scrubber.mode, scrubber.opacity, scrubber.visible = 7, "contour", 0.75, []
    path = scrubber.to_html(tmp_path / "page.html")
    state = state_of(path.read_text())
    assert [state[k] for k in ("frame", "mode", "opacity", "visible")] == [7, "contour", 0.75, []]


def test_no_object_and_no_video_make_a_page_too(tmp_path):
    seg = filmed(tmp_path)
    without_objects = Segmentation((), seg.frame, seg.time_s, seg.video)
    assert "<table" not in report(without_objects, tmp_path / "a.html").read_text()
    assert "no video at hand" in report(segmentation(rectangle()), tmp_path / "b.html").read_text()


def test_no_frame_makes_no_page(tmp_path):
    with pytest.raises(ValueError, match="at least one frame"):
        report(segmentation(frame=[]), tmp_path / "report.html")
    assert [*tmp_path.iterdir()] == []


def test_a_page_has_its_folder_made(tmp_path):
    assert report(segmentation(rectangle()), tmp_path / "reports" / "today" / "page.html").is_file()


def test_a_single_frame_makes_a_page(tmp_path):
    assert "<svg" not in report(segmentation(rectangle(frames=1)), tmp_path / "report.html").read_text()


def test_flags_become_marks_and_the_score_a_column(tmp_path):
    judged = pd.DataFrame({"object": 0, "phrase": "a dog", "frame": range(12), "time_s": 0.0})
    judged["score"] = np.linspace(0, 1, 12)
    judged["flags"] = ["jump; tiny" if t in (3, 4) else "" for t in range(12)]
    page = report(filmed(tmp_path), tmp_path / "report.html", quality=judged).read_text()
    clip = state_of(page)["_clip"]
    assert [(m["first"], m["last"], m["text"]) for m in clip["marks"]] == [(3, 4, "jump"), (3, 4, "tiny")]
    assert clip["columns"][-1] == "score"
    data = base64.b64decode(re.search(r'id="numbers">(.*?)</script>', page)[1])
    assert numbers_of(data, clip)["score"][0] == pytest.approx(np.linspace(0, 1, 12))


def test_a_quality_table_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match="lacks phrase, time_s, score, flags"):
        report(filmed(tmp_path), tmp_path / "r.html", quality=pd.DataFrame({"object": [0], "frame": [0]}))
    assert not (tmp_path / "r.html").exists()


def test_a_reference_is_seen_beside_the_masks(tmp_path):
    seg = filmed(tmp_path)
    state = state_of(report(seg, tmp_path / "report.html", reference=seg).read_text())
    assert (state["comparing"], state["_clip"]["kind"]) == ("difference", "reference")
    assert state["_clip"]["columns"][2] == "J"


def test_a_page_that_can_not_be_finished_leaves_nothing(tmp_path):
    seg = filmed(tmp_path)
    seg.video.close()
    (tmp_path / "clip.mp4").unlink()
    with pytest.raises(Sa2VAError):
        report(seg, tmp_path / "report.html")
    assert [*tmp_path.iterdir()] == []


def test_quality_and_truth_have_sections_of_their_own_and_stay_text(tmp_path):
    seg = filmed(tmp_path, phrase=HOSTILE)
    [item] = segmentation(rectangle(start=(2, 4)))
    truth = Segmentation((SegmentedObject(0, HOSTILE, item.masks),), seg.frame, seg.time_s)
    page = report(seg, tmp_path / "report.html", reference=truth, quality=quality(seg)).read_text()
    for text in ("Quality, judged without truth", "Against the truth", ">J_mean<", ">F_decay<"):
        assert text in page
    assert page.count('class="plot"') >= 2
    assert "<img src=x" not in page
    plain = report(seg, tmp_path / "report.html").read_text()
    assert "Against the truth" not in plain
    assert "judged without truth" not in plain
