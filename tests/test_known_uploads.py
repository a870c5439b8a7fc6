"""The same content is uploaded once while it lives at the service."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import sa2va_nb as sa
from sa2va_nb.model.fetch import is_there
from tests.clips import textured_clip
from tests.standin import StandIn
from tests.standin.service import KEY, Answer

UPLOAD = "POST v3.fal.media/files/upload"
SUBMIT = "POST queue.fal.run/fal-ai/sa2va/8b/video$"
QUICK: dict[str, Any] = {"poll_s": 0.01}


def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    return path if path.exists() else textured_clip(path)


def segment(tmp_path: Path, prompt: str, **options: Any) -> sa.Segmentation:
    engine = sa.FalEngine(**{**QUICK, **options})
    return sa.segment(clip(tmp_path), prompt, engine=engine, runs_dir=tmp_path / "runs", progress=False)


def remembered(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "runs" / ".uploads").glob("*.json")
    return file


def test_a_second_sentence_about_the_same_video_uploads_nothing(standin: StandIn, tmp_path: Path) -> None:
    first = segment(tmp_path, "the dog")
    (tmp_path / "clip.mp4").rename(tmp_path / "renamed.mp4")  # it goes by content
    second = sa.segment(
        tmp_path / "renamed.mp4",
        "the cat",
        engine=sa.FalEngine(**QUICK),
        runs_dir=tmp_path / "runs",
        progress=False,
    )
    assert standin.count(UPLOAD) == 1
    assert len(standin.jobs) == 2
    assert first.run["arguments"]["video_url"] == second.run["arguments"]["video_url"]
    assert first.run["upload_expires"] == second.run["upload_expires"]


def test_a_batch_about_one_video_uploads_it_once(standin: StandIn, tmp_path: Path) -> None:
    jobs = [(clip(tmp_path), f"thing {number}") for number in range(6)]
    engine = sa.FalEngine(**QUICK)
    results = sa.segment_many(jobs, concurrency=6, engine=engine, runs_dir=tmp_path / "runs", progress=False)
    assert all(isinstance(result, sa.Segmentation) for result in results)
    assert standin.count(UPLOAD) == 1


def test_another_content_is_another_upload(standin: StandIn, tmp_path: Path) -> None:
    segment(tmp_path, "the dog")
    textured_clip(tmp_path / "clip.mp4", frames=9)
    segment(tmp_path, "the dog")
    assert standin.count(UPLOAD) == 2


@pytest.mark.parametrize(("waits_for", "uploads"), [("the ledger", 0), ("an upload", 1)])
@pytest.mark.parametrize("change", ["replace", "grow", "delete"])
def test_a_video_that_changes_meanwhile_is_not_taken_for_what_was_asked(
    standin: StandIn, tmp_path: Path, waits_for: str, uploads: int, change: str
) -> None:
    path, runs = clip(tmp_path), tmp_path / "runs"
    locks = {
        "the ledger": runs / ".ledger.lock",
        "an upload": runs / ".uploads" / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.lock",
    }
    locks[waits_for].parent.mkdir(parents=True)
    with ThreadPoolExecutor() as pool:
        with FileLock(locks[waits_for]):  # as while another process does the same
            asked = pool.submit(segment, tmp_path, "the dog")
            began = locks["an upload"].parent if waits_for == "an upload" else runs
            while not list(began.glob("../*/run.json" if waits_for == "an upload" else ".*.lock")):
                time.sleep(0.01)
            time.sleep(0.1)
            data = path.read_bytes()
            path.unlink()
            if change != "delete":
                path.write_bytes(data + b"x" if change == "grow" else data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(
            (sa.ModelError, sa.RunError, sa.DecodeError), match=r"changed meanwhile|clip\.mp4"
        ):
            asked.result()
    assert standin.jobs == {}
    assert standin.count(UPLOAD) <= uploads
    assert not list((runs / ".uploads").glob("*.json"))
    path.unlink(missing_ok=True)
    assert len(segment(tmp_path, "the dog")) == 2
    assert len(standin.jobs) == 1


@pytest.mark.parametrize(
    ("lives_s", "queue_timeout_s", "uploads"),
    [
        (3600, 600, 1),
        (1190, 600, 2),  # ten minutes of the hour in the queue are for clocks that differ
        (3600, 3600, 2),
        (86400, 3600, 1),
    ],
)
def test_an_upload_is_taken_only_if_it_outlives_the_wait_for_the_job(
    standin: StandIn, tmp_path: Path, lives_s: int, queue_timeout_s: float, uploads: int
) -> None:
    for prompt in ("the dog", "the cat"):
        segment(tmp_path, prompt, upload_expires_in=lives_s, queue_timeout_s=queue_timeout_s)
    assert standin.count(UPLOAD) == uploads


def test_its_end_is_counted_from_before_it_began(standin: StandIn, tmp_path: Path) -> None:
    before = time.time()
    seg = segment(tmp_path, "the dog", upload_expires_in="1h")
    kept = json.loads(remembered(tmp_path).read_text())
    assert before + 3600 <= kept["expires"] < before + 3600 + 60
    assert seg.run["upload_expires"].startswith(time.strftime("%Y-%m-", time.gmtime(kept["expires"])))


def test_one_that_never_expires_is_always_taken(standin: StandIn, tmp_path: Path) -> None:
    segment(tmp_path, "the dog", upload_expires_in="never")
    assert segment(tmp_path, "the cat", upload_expires_in="1d").run["upload_expires"] is None
    assert standin.count(UPLOAD) == 1


@pytest.mark.parametrize("fault", ["gone", "another size", "unreachable", "private"])
def test_one_that_is_not_there_any_more_is_made_anew_before_any_job_is_sent(
    standin: StandIn, tmp_path: Path, fault: str
) -> None:
    segment(tmp_path, "the dog")
    file = remembered(tmp_path)
    kept = json.loads(file.read_text())
    if fault == "gone":
        del standin.files[kept["url"]]
    elif fault == "another size":
        standin.files[kept["url"]] += b"more"
    elif fault == "private":
        file.write_text(json.dumps({**kept, "url": "https://127.0.0.1/video.mp4"}))
    else:
        standin.fail("GET v3.fal.media/files/.*video.mp4", "drop_before", times=9)
    segment(tmp_path, "the cat")
    assert standin.count(UPLOAD) == 2
    assert len(standin.jobs) == 2
    assert json.loads(file.read_text())["url"] != kept["url"]


def test_the_look_whether_it_is_there_takes_a_byte_and_shows_no_key(standin: StandIn, tmp_path: Path) -> None:
    segment(tmp_path, "the dog")
    standin.journal.clear()
    segment(tmp_path, "the cat")
    (look,) = [call for call in standin.journal if call.line.endswith("video.mp4")]
    assert look.headers["range"] == "bytes=0-0"
    assert KEY not in str(look.headers)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_look_tells_the_size_also_where_a_server_knows_no_ranges(
    standin: StandIn, tmp_path: Path, ranges: bool
) -> None:
    standin.ranges, url = ranges, "https://files.example.org/a.mp4"
    standin.files[url] = b"x" * 100_000
    assert is_there(url, 100_000, timeout_s=5)
    assert not is_there(url, 99_999, timeout_s=5)
    assert not is_there("https://files.example.org/b.mp4", 100_000, timeout_s=5)


def test_a_job_that_could_not_read_it_is_not_sent_again_and_the_next_call_uploads_anew(
    standin: StandIn, tmp_path: Path
) -> None:
    segment(tmp_path, "the dog")
    detail = [{"loc": ["body", "video_url"], "msg": "Failed to download the file"}]
    standin.fail("GET queue.fal.run/.*/requests/[^/]+$", "status", answer=Answer(422, {"detail": detail}))
    with pytest.raises(
        sa.ModelError, match=r"video: Failed to download.*has failed.*same call makes a new one"
    ):
        segment(tmp_path, "the cat")
    assert len(standin.jobs) == 2
    assert standin.count(UPLOAD) == 1
    segment(tmp_path, "the cat")
    assert len(standin.jobs) == 3
    assert standin.count(UPLOAD) == 2


def test_no_resume_uploads_again(standin: StandIn, tmp_path: Path) -> None:
    standin.fail("GET queue.fal.run/.*/status", "status", answer=Answer(500, {}))
    standin.fail(SUBMIT, "status", times=3, answer=Answer(429, {}))
    for _ in range(2):  # first the job is not taken, then it is, and not waited for
        with pytest.raises(sa.ModelError):
            segment(tmp_path, "the dog")
    (run,) = sa.runs(tmp_path / "runs").query("status == 'submitted'")["run"]
    assert len(sa.resume(run, runs_dir=tmp_path / "runs", progress=False)) == 2
    assert standin.count(UPLOAD) == 1
    assert len(standin.jobs) == 1


def test_another_key_uses_it_as_well_and_no_key_is_kept(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment(tmp_path, "the dog")
    kept = remembered(tmp_path).read_text()
    assert json.loads(kept).keys() == {"url", "size_bytes", "expires"}
    standin.fail("POST rest.fal.ai", "status", times=9, answer=Answer(403, {"detail": "not for this key"}))
    segment(tmp_path, "the cat")
    assert len(standin.jobs) == 2


@pytest.mark.parametrize(
    "written",
    ["", "[]", "{", '{"url": 3, "size_bytes": 4, "expires": 5}', '{"url": "a"}', "é", "[" * 9999,
     '{"url": "file:///etc/passwd", "size_bytes": SIZE, "expires": null}',
     *(f'{{"url": "URL", "size_bytes": SIZE, "expires": {expires}}}'
       for expires in ("NaN", "Infinity", "1e300", "1" + 400 * "0", "true", '"never"', "[]", "-1"))],
)  # fmt: skip
def test_what_is_remembered_badly_is_uploaded_anew(standin: StandIn, tmp_path: Path, written: str) -> None:
    segment(tmp_path, "the dog")
    size, url = str(clip(tmp_path).stat().st_size), json.loads(remembered(tmp_path).read_text())["url"]
    remembered(tmp_path).write_text(written.replace("SIZE", size).replace("URL", url), encoding="utf-8")
    segment(tmp_path, "the cat")
    assert standin.count(UPLOAD) == 2
    assert all(
        job.arguments["video_url"].startswith("https://v3.fal.media/") for job in standin.jobs.values()
    )


def test_a_place_that_can_not_be_written_is_said_and_nothing_is_sent(
    standin: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / ".uploads").write_text("a file")
    with pytest.raises(sa.RunError, match=r"uploads can't be remembered"):
        segment(tmp_path, "the dog")
    assert standin.journal == []


def test_what_uploads_leave_behind_is_no_run(standin: StandIn, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda prompt: segment(tmp_path, prompt), ("the dog", "the cat")))
    assert len(sa.runs(tmp_path / "runs")) == 2
    assert not list((tmp_path / "runs").rglob("*.part"))
