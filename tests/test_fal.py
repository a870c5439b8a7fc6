import json
import shutil
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from sa2va_nb.errors import FetchError, MissingKeyError, ModelError, RunError
from sa2va_nb.media.video import Video
from sa2va_nb.model.fal import FalEngine
from sa2va_nb.model.fal.answer import read_answer
from sa2va_nb.model.fal.patience import Patience, Watch
from sa2va_nb.model.fal.words import explain
from sa2va_nb.model.request import Progress, Request
from sa2va_nb.run_folder import RunFolder
from tests.clips import textured_clip
from tests.standin import StandIn
from tests.standin.masks import CHILDREN_ON_BED, SHAPES
from tests.standin.server import Action
from tests.standin.service import INFERENCE_S, KEY, Answer

PROMPT = "Please segment the children and the bed."
SUBMIT = "POST queue.fal.run/fal-ai/sa2va/8b/video"
STATUS = "GET queue.fal.run/.*/status"
RESULT = r"GET queue.fal.run/.*/requests/[^/]+$"
UPLOAD = "POST v3.fal.media/files/upload"
MASK = "GET v3.fal.media/files/.*output"
QUICK = FalEngine(poll_s=0.01)


@dataclass
class Bench:
    """A run folder as an engine sees it, with what was reported to the user."""

    run: RunFolder
    reports: list[Progress] = field(default_factory=list)
    on_report: Any = None

    @property
    def folder(self) -> Path:
        return self.run.path

    @property
    def record(self) -> Mapping[str, Any]:
        return self.run.record

    def save(self, **fields: Any) -> None:
        self.run.save(**fields)

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)
        if self.on_report:
            self.on_report(progress)

    def write_mask_video(self, index: int, masks: Iterable[NDArray[np.bool_]]) -> Path:
        raise NotImplementedError("the service makes the mask videos")

    @property
    def on_disk(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "run.json").read_text()))

    def messages(self, stage: str) -> list[str]:
        return [report.message for report in self.reports if report.stage == stage]

    def reopened(self) -> "Bench":
        """Give the same folder as another process would find it."""
        return Bench(RunFolder.open(self.folder))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(RunFolder.create(tmp_path / "runs", "k" * 64))


def ask(tmp_path: Path, **fields: Any) -> Request:
    path = tmp_path / "my private holiday é.mp4"
    if not path.exists():
        textured_clip(path)
    return Request(Video(path), PROMPT, **fields)


def failure(bench: Bench, request: Request, engine: FalEngine = QUICK) -> str:
    with pytest.raises(ModelError) as caught:
        engine.run(request, bench)
    return str(caught.value)


class TestAnswered:
    def test_a_clip_and_a_sentence_become_text_and_mask_files(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        response = QUICK.run(ask(tmp_path), bench)
        assert response.output == CHILDREN_ON_BED
        assert [mask.path.relative_to(bench.folder).as_posix() for mask in response.masks] == [
            "masks/000.mp4",
            "masks/001.mp4",
        ]
        served = [data for url, data in standin.files.items() if "output" in url]
        assert [mask.path.read_bytes() for mask in response.masks] == served
        assert response.notes == ()

    def test_the_record_says_what_was_sent_came_and_was_billed(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        request = ask(tmp_path, num_frames_to_sample=np.int64(7))
        QUICK.run(request, bench)
        (job,) = standin.jobs.values()
        record = bench.on_disk
        assert record["status"] == "completed"
        assert record["request_id"] == job.id
        assert record["app"] == "fal-ai/sa2va/8b/video"
        assert record["arguments"] == job.arguments
        assert job.arguments.keys() == {"prompt", "video_url", "num_frames_to_sample"}
        assert record["response"]["output"] == CHILDREN_ON_BED
        assert record["inference_s"] == INFERENCE_S
        assert record["billable_units"] == pytest.approx(request.video.duration_s, abs=1e-3)
        assert record["cost_usd"] == pytest.approx(0.08 * record["billable_units"], abs=1e-6)
        assert record["cost_is_estimate"] is False

    def test_without_billed_units_the_cost_is_marked_as_an_estimate(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.bills = False
        request = ask(tmp_path, endpoint="4b")
        QUICK.run(request, bench)
        assert bench.record["cost_usd"] == pytest.approx(0.04 * request.video.duration_s, abs=1e-6)
        assert bench.record["cost_is_estimate"] is True
        assert bench.record["billable_units"] is None
        assert standin.count("POST queue.fal.run/fal-ai/sa2va/4b/video") == 1

    def test_every_frame_is_sampled_unless_a_number_is_asked_for(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        QUICK.run(ask(tmp_path), bench)
        (job,) = standin.jobs.values()
        assert job.arguments.keys() == {"prompt", "video_url"}

    def test_queue_and_logs_are_reported_in_order_and_once(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.run_polls = 8  # more than the window of logs that a status shows
        QUICK.run(ask(tmp_path), bench)
        assert bench.messages("queued") == ["position 2 in the queue", "position 1 in the queue"]
        steps = [f"step {step} of 8" for step in range(1, 9)]
        assert bench.messages("log") == steps
        assert [log["message"] for log in bench.on_disk["logs"]] == steps
        stages = list(dict.fromkeys(report.stage for report in bench.reports))
        assert stages == ["uploading", "submitting", "queued", "running", "log", "downloading"]

    def test_the_local_file_name_is_not_sent(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        request = ask(tmp_path)
        QUICK.run(request, bench)
        (upload,) = [call for call in standin.journal if call.path == "/files/upload"]
        assert upload.body == request.video.path.read_bytes()
        assert upload.headers["x-fal-file-name"] == "video.mp4"
        assert upload.headers["content-type"] == "video/mp4"
        sent = json.dumps([[call.line, dict(call.headers)] for call in standin.journal])
        assert "holiday" not in sent

    @pytest.mark.parametrize(("expires_in", "seconds"), [("1d", 86400), ("1h", 3600), (600, 600)])
    def test_uploads_expire(
        self, standin: StandIn, bench: Bench, tmp_path: Path, expires_in: Any, seconds: int
    ) -> None:
        FalEngine(poll_s=0.01, upload_expires_in=expires_in).run(ask(tmp_path), bench)
        (upload,) = [call for call in standin.journal if call.path == "/files/upload"]
        assert json.loads(upload.headers["x-fal-object-lifecycle"]) == {
            "expiration_duration_seconds": seconds
        }

    def test_a_video_with_an_address_is_not_uploaded(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        request = ask(tmp_path, video_url="https://files.example.org/dog.mp4")
        standin.files["https://files.example.org/dog.mp4"] = request.video.path.read_bytes()
        QUICK.run(request, bench)
        assert standin.count(UPLOAD) == 0
        assert bench.record["arguments"]["video_url"] == "https://files.example.org/dog.mp4"

    def test_few_frames_are_noted(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        (note,) = QUICK.run(ask(tmp_path, num_frames_to_sample=3), bench).notes
        assert "num_frames_to_sample=3" in note

    def test_nothing_but_fals_hosts_is_called_and_the_key_goes_to_two_of_them_only(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        QUICK.run(ask(tmp_path), bench)
        assert standin.count("^CONNECT") == 0
        with_key = {call.host for call in standin.journal if KEY in call.headers.get("authorization", "")}
        assert with_key == {"queue.fal.run", "rest.fal.ai"}

    def test_a_large_file_is_uploaded_in_parts(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        request = ask(tmp_path)
        with request.video.path.open("ab") as file:
            file.truncate(101 * 1024**2)  # trailing zeros; above fal_client's limit for one part
        assert len(QUICK.run(request, bench).masks) == 2
        assert standin.count("PUT v3.fal.media") == 11
        (uploaded,) = [data for url, data in standin.files.items() if url.endswith("video.mp4")]
        assert uploaded == request.video.path.read_bytes()


class TestShapes:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_every_shape_of_answer_is_collected(
        self, standin: StandIn, bench: Bench, tmp_path: Path, shape: str
    ) -> None:
        standin.shape = shape
        response = QUICK.run(ask(tmp_path), bench)
        assert response.output == SHAPES[shape].output
        assert len(response.masks) == SHAPES[shape].n_masks
        assert all(mask.path.stat().st_size > 0 for mask in response.masks)
        labels = [mask.label for mask in response.masks]
        assert labels == (["object 0", "object 1"] if shape == "dict" else [None] * len(labels))

    @pytest.mark.parametrize("masks", [{}, {"masks": None}, {"masks": []}, {"masks": {}}])
    def test_text_alone_is_an_answer(self, masks: dict[str, Any]) -> None:
        answer = read_answer({"output": "Nothing to see.", "timings": {}, **masks})
        assert (answer.output, answer.masks) == ("Nothing to see.", ())

    @pytest.mark.parametrize("output", [{}, {"output": None}])
    def test_masks_alone_are_an_answer_with_a_note(self, output: dict[str, Any]) -> None:
        answer = read_answer({"masks": {"url": "https://v3.fal.media/a.mp4", "file_size": "12"}, **output})
        assert [mask.url for mask in answer.masks] == ["https://v3.fal.media/a.mp4"]
        assert answer.masks[0].size_bytes is None
        assert answer.notes

    @pytest.mark.parametrize(
        "raw",
        [
            [],
            "text",
            None,
            {},
            {"detail": "?"},
            {"output": None, "masks": []},
            {"output": ["a"], "masks": []},
            {"output": "a", "masks": 3},
            {"output": "a", "masks": [None]},
            {"output": "a", "masks": [{"file_name": "a.mp4"}]},
            {"output": "a", "masks": [{"url": 3}]},
            {"output": "a", "masks": {"dog": ["https://a"]}},
        ],
    )
    def test_anything_else_is_an_error_that_says_what_came_and_keeps_it(
        self, standin: StandIn, bench: Bench, tmp_path: Path, raw: Any
    ) -> None:
        standin.fail(RESULT, "status", answer=Answer(200, raw))
        message = failure(bench, ask(tmp_path))
        assert "expected" in message
        assert "run.json" in message
        if raw is not None:
            assert bench.on_disk["response"] == raw

    def test_a_size_that_was_announced_otherwise_is_noted(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        url, data = "https://files.example.org/mask.mp4", textured_clip(tmp_path / "mask.mp4").read_bytes()
        standin.files[url] = data
        raw = {"output": "[SEG]", "masks": [{"url": url, "file_size": 6}]}
        standin.fail(RESULT, "status", answer=Answer(200, raw))
        note = f"000.mp4 has {len(data):,} bytes, the service announced 6"
        assert QUICK.run(ask(tmp_path), bench).notes == (note,)
        assert (
            standin.count("GET files.example.org") == 2
        )  # it may have been cut short once, hardly twice alike


class TestKey:
    def test_without_a_key_nothing_is_sent_and_the_message_says_what_works(
        self, standin: StandIn, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("FAL_KEY")
        for attempt in (QUICK.quote, lambda request: QUICK.run(request, bench)):
            with pytest.raises(MissingKeyError, match="FAL_KEY") as caught:
                attempt(ask(tmp_path))
            assert all(way in str(caught.value) for way in ('engine="motion"', "open_run", "load_masks"))
        assert standin.journal == []
        assert bench.record["status"] == "new"

    @pytest.mark.parametrize("key", ["secret key", "secret\n", "secret\tx", "secreté"])
    def test_a_key_that_is_none_is_refused_without_being_shown(
        self, standin: StandIn, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("FAL_KEY", key)
        with pytest.raises(MissingKeyError) as caught:
            QUICK.run(ask(tmp_path), bench)
        assert "secret" not in str(caught.value)
        assert standin.journal == []

    def test_the_quote_is_the_list_price(self, standin: StandIn, tmp_path: Path) -> None:
        request = ask(tmp_path)
        assert QUICK.quote(request) == pytest.approx(0.08 * request.video.duration_s)
        assert standin.journal == []

    @pytest.mark.parametrize("fault", [None, "status", "drop_after"])
    def test_the_key_is_in_no_record_message_or_repr(
        self,
        standin: StandIn,
        bench: Bench,
        tmp_path: Path,
        fault: Action | None,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level("DEBUG")
        if fault:
            standin.fail(SUBMIT, fault)
            shown = failure(bench, ask(tmp_path))
        else:
            shown = repr(QUICK.run(ask(tmp_path), bench))
        shown += repr(QUICK) + repr(bench.reports) + (bench.folder / "run.json").read_text() + caplog.text
        assert "standin-secret" not in shown

    def test_a_key_that_the_service_refuses(
        self, standin: StandIn, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FAL_KEY", "wrong:key")
        message = failure(bench, ask(tmp_path))
        assert "No user found for Key ID and Secret" in message
        assert "check FAL_KEY" in message
        assert "nothing is billed" in message
        assert bench.on_disk["status"] == "failed"


class TestSubmittedOnce:
    def test_a_lost_answer_leaves_one_job_and_an_unknown_outcome(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(SUBMIT, "drop_after")
        message = failure(bench, ask(tmp_path))
        assert len(standin.jobs) == 1
        assert standin.count(SUBMIT) == 1
        assert "unknown" in message
        assert "reuse=False" in message
        assert bench.on_disk["status"] == "unknown"
        assert "request_id" not in bench.on_disk

    @pytest.mark.parametrize(
        "fault",
        [
            {"action": "drop_before"},
            {"action": "garbage"},
            {"action": "truncate"},
            {"action": "status", "answer": Answer(500, {"detail": "boom"})},
            {"action": "status", "answer": Answer(502, b"<html>nginx</html>")},
            {"action": "status", "answer": Answer(408, {"detail": "slow"})},
            {"action": "status", "answer": Answer(200, {"id": 3})},
            {"action": "status", "answer": Answer(200, {"request_id": None})},
            {"action": "status", "answer": Answer(200, [])},
        ],
        ids=lambda fault: f"{fault['action']} {getattr(fault.get('answer'), 'status', '')}",
    )
    def test_whatever_is_neither_yes_nor_no_is_not_sent_again_by_itself(
        self, standin: StandIn, bench: Bench, tmp_path: Path, fault: dict[str, Any]
    ) -> None:
        standin.fail(SUBMIT, times=9, **fault)
        failure(bench, ask(tmp_path))
        assert bench.on_disk["status"] == "unknown"
        assert "Nothing is sent again" in failure(bench.reopened(), ask(tmp_path))
        assert standin.count(SUBMIT) == 1

    def test_a_run_cut_off_while_submitting_is_not_sent_again(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        bench.save(status="submitting", app="fal-ai/sa2va/8b/video")
        assert "unknown" in failure(bench.reopened(), ask(tmp_path))
        assert bench.on_disk["status"] == "unknown"
        assert standin.journal == []

    def test_the_state_before_and_after_the_submit_is_on_disk(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        seen: dict[str, dict[str, Any]] = {}
        bench.on_report = lambda progress: seen.setdefault(progress.stage, bench.on_disk)
        QUICK.run(ask(tmp_path), bench)
        assert seen["uploading"]["status"] == "uploading"
        assert seen["submitting"]["status"] == "submitting"
        assert "request_id" not in seen["submitting"]
        assert seen["queued"]["status"] == "submitted"
        assert seen["queued"]["request_id"] in standin.jobs
        assert seen["queued"]["cost_is_estimate"] is True
        assert seen["downloading"]["response"]["output"] == CHILDREN_ON_BED

    def test_too_many_requests_are_waited_out(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        standin.fail(SUBMIT, "status", answer=Answer(429, {"detail": "slow down"}))
        QUICK.run(ask(tmp_path), bench)
        assert standin.count(SUBMIT) == 2
        assert len(standin.jobs) == 1

    @pytest.mark.parametrize(
        ("status", "detail", "words"),
        [
            (401, "No user found", "check FAL_KEY"),
            (403, "User is locked. Reason: Exhausted balance.", "balance exhausted"),
            (403, "Forbidden for this key", "may not use this model"),
            (402, "Payment required", "balance does not cover"),
            (404, "Application not found", "does not know this model"),
            (429, "Too many", "too many calls"),
            (302, "", "302"),
        ],
    )
    def test_a_clear_refusal_is_a_failed_run_that_costs_nothing(
        self, standin: StandIn, bench: Bench, tmp_path: Path, status: int, detail: str, words: str
    ) -> None:
        standin.fail(
            SUBMIT, "status", times=9, answer=Answer(status, {"detail": detail}, {"Location": "https://a.b"})
        )
        message = failure(bench, ask(tmp_path))
        assert words in message
        assert detail in message
        assert "No job was started" in message
        assert bench.on_disk["status"] == "failed"
        assert bench.on_disk["cost_usd"] == 0

    def test_a_failed_run_without_a_job_may_be_run_again(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(SUBMIT, "status", answer=Answer(403, {"detail": "Exhausted balance"}))
        failure(bench, ask(tmp_path))
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert bench.on_disk["error"] is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
class TestDiskFull:
    def fill(self, bench: Bench) -> None:
        """Let ``run.json`` not be written from the moment when the job is sent."""

        def on_report(progress: Progress) -> None:
            if progress.stage == "submitting":
                (bench.folder / "run.json.part").mkdir()

        bench.on_report = on_report

    def test_the_id_of_a_paid_request_is_told_and_kept_for_the_next_attempt(
        self, standin: StandIn, bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.fill(bench)
        with pytest.raises(RunError, match="could not be written") as caught:
            QUICK.run(ask(tmp_path), bench)
        (job,) = standin.jobs.values()
        for told in (str(caught.value), caplog.text):
            assert job.id in told
            assert str(bench.folder) in told
            assert "sa.resume" in told
        assert "request_id" not in bench.on_disk
        (bench.folder / "run.json.part").rmdir()
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert bench.on_disk["request_id"] == job.id
        assert len(standin.jobs) == 1
        assert not (bench.folder / "request_id.txt").exists()

    def test_where_there_is_no_room_for_an_id_nothing_is_sent(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        (bench.folder / "request_id.txt").symlink_to("/dev/full")
        with pytest.raises(RunError, match=r"No space left.*nothing was sent"):
            QUICK.run(ask(tmp_path), bench)
        assert standin.jobs == {}


class TestUnknownSettled:
    def test_the_id_that_the_user_found_at_the_service_is_taken(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(SUBMIT, "drop_after")
        assert "request_id.txt" in failure(bench, ask(tmp_path))
        (job,) = standin.jobs.values()
        (bench.folder / "request_id.txt").write_text(f"{job.id}\n")
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert len(standin.jobs) == 1

    @pytest.mark.parametrize("text", ["", "two words", "../x", "é", "\0", "x" * 5000])
    def test_a_text_that_is_no_id_settles_nothing(
        self, standin: StandIn, bench: Bench, tmp_path: Path, text: str
    ) -> None:
        standin.fail(SUBMIT, "drop_after")
        failure(bench, ask(tmp_path))
        (bench.folder / "request_id.txt").write_text(text)
        assert "is unknown" in failure(bench.reopened(), ask(tmp_path))


class TestOnTheWay:
    def test_a_timeout_is_told_apart_from_a_dead_network(self) -> None:
        assert "in time" in explain(httpx.ReadTimeout("The read operation timed out"))
        assert "reached" in explain(httpx.ConnectError("Name or service not known"))

    def test_a_dead_network_says_so(
        self, standin: StandIn, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port; nobody listens
        request = ask(tmp_path, video_url="https://files.example.org/dog.mp4")
        message = failure(bench, request)
        assert "could not be reached" in message
        assert "nothing is billed" in message
        assert bench.on_disk["status"] == "failed"

    def test_an_upload_survives_a_lost_connection(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail("POST rest.fal.ai/storage/auth/token", "drop_before")
        standin.fail(UPLOAD, "drop_before")
        QUICK.run(ask(tmp_path), bench)
        assert len(standin.jobs) == 1

    def test_an_upload_that_is_refused_submits_nothing_and_tries_no_other_host(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(UPLOAD, "status", answer=Answer(413, {"detail": "too large"}))
        message = failure(bench, ask(tmp_path))
        assert "too large" in message
        assert bench.on_disk["status"] == "failed"
        assert standin.jobs == {}
        assert standin.count("initiate") == 0

    @pytest.mark.parametrize("line", [STATUS, RESULT])
    @pytest.mark.parametrize("action", ["drop_before", "drop_after"])
    def test_a_lost_look_is_repeated(
        self, standin: StandIn, bench: Bench, tmp_path: Path, line: str, action: Any
    ) -> None:
        standin.fail(line, action, times=2)
        assert len(QUICK.run(ask(tmp_path), bench).masks) == 2
        assert len(standin.jobs) == 1

    @pytest.mark.parametrize("line", [STATUS, RESULT])
    @pytest.mark.parametrize(
        "fault",
        [
            {"action": "status", "answer": Answer(500, {"detail": "boom"})},
            {"action": "status", "answer": Answer(503, b"")},
            {"action": "status", "answer": Answer(404, {"detail": "Request not found"})},
            {"action": "status", "answer": Answer(401, {"detail": "expired"})},
            {"action": "garbage"},
        ],
        ids=lambda fault: f"{fault['action']} {getattr(fault.get('answer'), 'status', '')}",
    )
    def test_trouble_on_the_way_keeps_the_request_to_be_picked_up(
        self, standin: StandIn, bench: Bench, tmp_path: Path, line: str, fault: dict[str, Any]
    ) -> None:
        standin.fail(line, **fault)
        message = failure(bench, ask(tmp_path))
        (job,) = standin.jobs.values()
        assert job.id in message
        assert f"sa.resume({str(bench.folder)!r})" in message
        assert bench.on_disk["status"] == "submitted"
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert standin.count(SUBMIT) == 1
        assert standin.count(UPLOAD) == 1

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {},
            {"status": "DREAMING"},
            {"status": "IN_QUEUE"},
            {"status": "IN_PROGRESS"},
        ],
    )
    def test_a_status_that_is_not_understood_keeps_the_request(
        self, standin: StandIn, bench: Bench, tmp_path: Path, body: Any
    ) -> None:
        standin.fail(STATUS, "status", answer=Answer(200, body))
        assert "sa.resume" in failure(bench, ask(tmp_path))
        assert bench.on_disk["status"] == "submitted"

    def test_odd_logs_and_metrics_do_not_matter(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        odd = {"status": "COMPLETED", "logs": ["text", {"message": "done"}], "metrics": None}
        standin.queue_polls = standin.run_polls = 0
        standin.fail(STATUS, "status", answer=Answer(200, odd))
        QUICK.run(ask(tmp_path), bench)
        assert [log["message"] for log in bench.on_disk["logs"]] == ["done"]
        assert bench.on_disk["inference_s"] is None

    @pytest.mark.parametrize(
        ("queue_polls", "told"),
        [
            (2, "waits in the service's queue for more than 0.3 s (queue_timeout_s), at last at position 2"),
            (0, "runs for more than 0.4 s (run_timeout_s), and runs on"),
        ],
    )
    def test_a_wait_that_is_too_long_says_where_it_was_and_the_job_stays(
        self, standin: StandIn, bench: Bench, tmp_path: Path, queue_polls: int, told: str
    ) -> None:
        standin.hold, standin.queue_polls = True, queue_polls
        started = time.monotonic()
        engine = FalEngine(poll_s=0.02, queue_timeout_s=0.3, run_timeout_s=0.4)
        message = failure(bench, ask(tmp_path), engine)
        assert time.monotonic() - started < 5
        assert told in message
        (job,) = standin.jobs.values()
        assert job.id in message
        assert "sa.resume" in message
        assert not job.cancelled
        assert bench.on_disk["status"] == "submitted"
        standin.hold = False
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert len(standin.jobs) == 1

    def test_time_in_the_queue_is_not_taken_from_the_run(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.queue_polls = standin.run_polls = 10
        engine = FalEngine(poll_s=0.05, queue_timeout_s=20, run_timeout_s=20)
        assert len(engine.run(ask(tmp_path), bench).masks) == 2
        bench.save(response=None, status="submitted")
        (job,) = standin.jobs.values()
        job.steps = 0
        hurried = FalEngine(poll_s=0.05, queue_timeout_s=20, run_timeout_s=0.1)
        assert "(run_timeout_s)" in failure(bench, ask(tmp_path), hurried)
        assert job.status == "IN_PROGRESS"

    def test_the_wait_ends_while_the_network_is_down(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(STATUS, "drop_before", times=99)
        started = time.monotonic()
        message = failure(bench, ask(tmp_path), FalEngine(poll_s=0.02, queue_timeout_s=0.5))
        assert time.monotonic() - started < 5
        assert "the service has told nothing of the job for 0.5 s" in message

    @pytest.mark.parametrize("stage", ["queued", "running", "downloading"])
    def test_a_paid_call_outlives_its_folder(
        self, standin: StandIn, bench: Bench, tmp_path: Path, stage: str
    ) -> None:
        removed = []

        def remove(progress: Progress) -> None:
            if progress.stage == stage and not removed:
                removed.append(stage)
                shutil.rmtree(bench.folder)

        bench.on_report = remove
        if stage == "downloading":
            with pytest.raises(FetchError, match="The answer is kept"):
                QUICK.run(ask(tmp_path), bench)
        answered = QUICK.run(ask(tmp_path), bench.reopened() if stage == "downloading" else bench)
        assert all(mask.path.is_file() for mask in answered.masks)
        assert (len(answered.masks), len(standin.jobs), removed) == (2, 1, [stage])

    def test_what_lies_in_the_masks_place_is_left_alone_and_the_answer_kept(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        (bench.folder / "masks").write_text("mine")
        with pytest.raises(RunError, match=r"no masks can be kept.*The answer is kept"):
            QUICK.run(ask(tmp_path), bench)
        (bench.folder / "masks").unlink()
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert len(standin.jobs) == 1

    def test_a_pause_between_looks_is_no_longer_than_the_time_that_is_left(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.hold, started = True, time.monotonic()
        assert "(queue_timeout_s)" in failure(bench, ask(tmp_path), FalEngine(poll_s=60, queue_timeout_s=0.2))
        assert time.monotonic() - started < 5

    def test_a_look_that_trickles_ends_with_the_time_that_is_left(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(STATUS, "drip", times=99, delay_s=20)
        started = time.monotonic()
        message = failure(bench, ask(tmp_path), FalEngine(poll_s=0.02, queue_timeout_s=0.5))
        assert time.monotonic() - started < 8
        assert "(queue_timeout_s)" in message

    def test_a_pause_in_which_the_laptop_was_shut_counts_as_it_was_meant(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with httpx.Client() as http:
            watch = Watch(
                http, Patience(poll_s=0.01, queue_s=0.2, run_s=1, silence_s=1), lambda response: None
            )
            sleep = time.sleep
            monkeypatch.setattr(time, "sleep", lambda pause_s: sleep(pause_s + 0.3))
            watch.pause()
            with watch.bounds(), pytest.raises(httpx.TooManyRedirects):  # it is refused, but not as overdue
                http.get("https://127.0.0.1/")

    def test_an_argument_that_the_service_refuses_is_called_by_our_name(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        message = failure(bench, ask(tmp_path, video_url="https://files.example.org/gone.mp4"))
        assert "video: Failed to download or read the file" in message
        assert "video_url" not in message
        assert bench.on_disk["status"] == "failed"
        assert "Failed to download" in bench.on_disk["error"]

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(422, {"detail": [{"loc": ["body", "video_url"], "msg": "bad"}, "odd", {}]}),
            Answer(422, {"detail": "one text"}),
            Answer(500, {"detail": "CUDA out of memory", "error_type": "runner_error"}),
            Answer(504, {"detail": "late"}, {"x-fal-error-type": "request_timeout"}),
        ],
    )
    def test_a_job_that_failed_is_a_failed_run(
        self, standin: StandIn, bench: Bench, tmp_path: Path, answer: Answer
    ) -> None:
        standin.fail(RESULT, "status", answer=answer)
        message = failure(bench, ask(tmp_path))
        assert "has failed" in message
        assert bench.on_disk["status"] == "failed"
        assert bench.on_disk["request_id"] in message


class TestInterrupted:
    def interrupt(self, bench: Bench, engine: FalEngine, request: Request) -> None:
        def press_ctrl_c(progress: Progress) -> None:
            if progress.stage == "queued":
                signal.raise_signal(signal.SIGINT)

        bench.on_report = press_ctrl_c
        with pytest.raises(KeyboardInterrupt):
            engine.run(request, bench)

    def test_the_job_runs_on_and_the_user_is_told_how_to_pick_it_up(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        self.interrupt(bench, QUICK, ask(tmp_path))
        (job,) = standin.jobs.values()
        assert not job.cancelled
        assert bench.on_disk["status"] == "submitted"
        (told,) = bench.messages("interrupted")
        assert all(words in told for words in (job.id, "goes on", "sa.resume", "sa.cancel"))
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert len(standin.jobs) == 1

    def test_the_job_is_cancelled_if_asked(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        self.interrupt(bench, FalEngine(poll_s=0.01, cancel_on_interrupt=True), ask(tmp_path))
        (job,) = standin.jobs.values()
        assert job.cancelled
        assert bench.on_disk["status"] == "cancelled"
        (told,) = bench.messages("interrupted")
        assert f"{job.id} is cancelled" in told
        assert f"{job.id} was cancelled; nothing comes of it" in failure(bench.reopened(), ask(tmp_path))
        assert bench.on_disk["status"] == "cancelled"

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (Answer(400, {"status": "ALREADY_COMPLETED"}), "had ended before it could be cancelled"),
            (Answer(500, {"detail": "boom"}), "was not cancelled: the service answered 500 (boom)"),
        ],
    )
    def test_a_job_that_could_not_be_cancelled_is_kept(
        self, standin: StandIn, bench: Bench, tmp_path: Path, answer: Answer, words: str
    ) -> None:
        standin.fail("PUT", "status", answer=answer)
        self.interrupt(bench, FalEngine(poll_s=0.01, cancel_on_interrupt=True), ask(tmp_path))
        (told,) = bench.messages("interrupted")
        assert words in told
        assert "sa.resume" in told
        assert bench.on_disk["status"] == "submitted"


class TestResumed:
    def test_only_missing_mask_files_are_fetched_and_no_key_is_needed(
        self, standin: StandIn, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = QUICK.run(ask(tmp_path), bench)
        missing = first.masks[1].path.read_bytes()
        first.masks[1].path.unlink()
        standin.journal.clear()
        monkeypatch.delenv("FAL_KEY")
        again = QUICK.run(ask(tmp_path), bench.reopened())
        assert again == first
        assert first.masks[1].path.read_bytes() == missing
        assert [call.line for call in standin.journal] == [
            f"GET {bench.record['response']['masks'][1]['url'][8:]}"
        ]

    def test_a_mask_that_cannot_be_fetched_keeps_the_rest_for_another_time(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail("GET .*output_1", "status", answer=Answer(404))
        with pytest.raises(FetchError, match=r"not there.*answer is kept.*sa\.resume"):
            QUICK.run(ask(tmp_path), bench)
        assert bench.on_disk["status"] == "completed"
        assert [path.name for path in (bench.folder / "masks").iterdir()] == ["000.mp4"]
        assert len(QUICK.run(ask(tmp_path), bench.reopened()).masks) == 2
        assert standin.count(MASK) == 3
        assert len(standin.jobs) == 1

    def test_a_broken_mask_download_is_repeated(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        standin.fail(MASK, "truncate", times=2)
        response = QUICK.run(ask(tmp_path), bench)
        assert [mask.path.read_bytes() for mask in response.masks] == [
            data for url, data in standin.files.items() if "output" in url
        ]

    def test_known_logs_are_not_told_again(self, standin: StandIn, bench: Bench, tmp_path: Path) -> None:
        standin.fail(RESULT, "status", answer=Answer(503, b""))
        failure(bench, ask(tmp_path))
        again = bench.reopened()
        QUICK.run(ask(tmp_path), again)
        assert again.messages("log") == []
        assert len(again.on_disk["logs"]) == standin.run_polls

    def test_the_recorded_app_is_asked_whatever_the_request_says(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        standin.fail(STATUS, "status", answer=Answer(500, {}))
        failure(bench, ask(tmp_path, endpoint="4b"))
        QUICK.run(ask(tmp_path, endpoint="8b"), bench.reopened())
        assert bench.on_disk["app"] == "fal-ai/sa2va/4b/video"
        assert len(standin.jobs) == 1


class TestOptions:
    @pytest.mark.parametrize(
        "options",
        [
            {"poll_s": 0},
            {"queue_timeout_s": -1},
            {"run_timeout_s": 0},
            {"poll_s": float("nan")},
            {"poll_s": 1e300},
            {"timeout_s": 3e6},
            {"upload_expires_in": "2d"},
        ],
    )
    def test_options_out_of_range_are_refused(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"must be|Unsupported"):
            FalEngine(**options)

    @pytest.mark.parametrize("value", ["1", True, None])
    def test_a_time_that_is_no_number_is_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match="poll_s must be a number of seconds"):
            FalEngine(poll_s=value)

    def test_the_longest_times_can_be_waited_for(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        times = {"queue_timeout_s": 1e6, "run_timeout_s": 1e6, "timeout_s": 1e6, "download_s": 1e6}
        assert len(FalEngine(poll_s=0.01, **times).run(ask(tmp_path), bench).masks) == 2

    def test_an_unknown_endpoint_is_refused_before_anything_is_sent(
        self, standin: StandIn, bench: Bench, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match="'8b', '4b'"):
            QUICK.run(ask(tmp_path, endpoint="99b"), bench)
        assert standin.journal == []

    def test_polling_is_no_faster_than_half_a_second_unless_asked(self) -> None:
        assert FalEngine().poll_s == 0.5
