"""What fal's hosts do, as far as a client can see: storage, queue, results."""

import hashlib
import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import av

from tests.standin.masks import SHAPES, answer

QUEUE, REST, CDN = "queue.fal.run", "rest.fal.ai", "v3.fal.media"
FILE_HOST = "files.example.org"  # somebody else's server with videos on it
HOSTS = (QUEUE, REST, CDN, FILE_HOST, "queue.falrun.com")  # the last is the client's second way to the queue
APPS = ("fal-ai/sa2va/8b/video", "fal-ai/sa2va/4b/video")
KEY = "standin-id:standin-secret"
CDN_TOKEN = "standin-cdn-token"
SECRETS = (KEY, *KEY.split(":"), CDN_TOKEN)
INFERENCE_S = 2.5
_LOG_WINDOW = 3  # how many log lines a status shows
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """A request as it came over the wire; header names in lower case."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def line(self) -> str:
        return f"{self.method} {self.host}{self.path}"


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON, or bytes as they are. A header with an empty value is left out."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """A job; each look at its status moves it one step, so runs don't depend on time."""

    app: str
    arguments: dict[str, Any]
    queue_polls: int
    run_polls: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    steps: int = 0
    cancelled: bool = False
    result: Answer | None = None

    @property
    def status(self) -> str:
        if self.cancelled or self.steps >= self.queue_polls + self.run_polls:
            return "COMPLETED"
        return "IN_QUEUE" if self.steps < self.queue_polls else "IN_PROGRESS"

    def logs(self) -> list[dict[str, str]]:
        n_lines = min(self.run_polls, max(0, self.steps - self.queue_polls + 1))
        return [
            {
                "message": f"step {line + 1} of {self.run_polls}",
                "level": "INFO",
                "source": "USER",
                "timestamp": (_START + timedelta(seconds=line)).isoformat(),
            }
            for line in range(max(0, n_lines - _LOG_WINDOW), n_lines)
        ]


class Service:
    """State of the hosts. ``handle`` is the only way in for calls.

    Attributes:
        shape: a name in ``SHAPES``; which answer jobs give.
        queue_polls, run_polls: how many looks at its status a job waits and runs.
        bills: whether results name the billed units.
        ranges: whether the rest of a file can be asked for.
        hold: while True, no job moves on.
        jobs: by request id, in order of submission.
        files: content by URL: uploads, mask videos, and whatever a test puts there.
    """

    def __init__(self, shape: str = "same", queue_polls: int = 2, run_polls: int = 4) -> None:
        self.shape, self.queue_polls, self.run_polls = shape, queue_polls, run_polls
        self.bills, self.hold, self.ranges = True, False, True
        self.jobs: dict[str, Job] = {}
        self.files: dict[str, bytes] = {}
        self._parts: dict[str, dict[int, bytes]] = {}
        self._lock = threading.Lock()

    def handle(self, call: Call) -> Answer:
        with self._lock:
            if call.host in (QUEUE, REST, "queue.falrun.com"):
                if call.headers.get("authorization") != f"Key {KEY}":
                    return Answer(401, {"detail": "No user found for Key ID and Secret"})
                return self._token(call) if call.host == REST else self._queue(call)
            data = self.files.get(f"https://{call.host}{call.path}") if call.method == "GET" else None
            if data is not None:
                return self._file(data, call)
            if call.host == CDN and call.method in ("POST", "PUT"):
                return self._upload(call)
            return Answer(404, {"detail": "Not Found"})

    def _file(self, data: bytes, call: Call) -> Answer:
        """Give a file, or the rest of it where that is asked for of just this version."""
        headers = {"Content-Type": "video/mp4", "ETag": f'"{hashlib.sha256(data).hexdigest()[:16]}"'}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("range", ""))
        if not wanted or not self.ranges or call.headers.get("if-range") not in (None, headers["ETag"]):
            return Answer(200, data, headers)
        start = int(wanted[1])
        if start >= len(data):
            return Answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        end = min(len(data), int(wanted[2] or len(data)) + 1)
        place = f"bytes {start}-{end - 1}/{len(data)}"
        return Answer(206, data[start:end], {**headers, "Content-Range": place})

    def _token(self, call: Call) -> Answer:
        if call.path != "/storage/auth/token":
            return Answer(404, {"detail": "Not Found"})
        expires = datetime.now(UTC) + timedelta(hours=1)
        return Answer(
            200,
            {
                "token": CDN_TOKEN,
                "token_type": "Bearer",
                "base_url": f"https://{CDN}",
                "expires_at": expires.isoformat(),
            },
        )

    def _upload(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {CDN_TOKEN}":
            return Answer(401, {"detail": "bad upload token"})
        name = call.headers.get("x-fal-file-name", "upload.bin")
        if call.path == "/files/upload":
            return Answer(200, {"access_url": self._keep(name, call.body)})
        if call.path == "/files/upload/multipart":
            url, upload_id = self._keep(name, b""), uuid.uuid4().hex
            self._parts[upload_id] = {}
            return Answer(200, {"access_url": url, "uploadId": upload_id})
        if match := re.fullmatch(r"(/files/.+)/multipart/(\w+)/(\d+|complete)", call.path):
            path, upload_id, part = match.groups()
            parts = self._parts[upload_id]
            if part != "complete":
                parts[int(part)] = call.body
                return Answer(200, {}, {"ETag": f'"part-{part}"'})
            self.files[f"https://{CDN}{path}"] = b"".join(parts[number] for number in sorted(parts))
            return Answer(200, {})
        return Answer(404, {"detail": "Not Found"})

    def _keep(self, name: str, data: bytes) -> str:
        url = f"https://{CDN}/files/standin/{uuid.uuid4().hex[:21]}_{name}"
        self.files[url] = data
        return url

    def _queue(self, call: Call) -> Answer:
        if match := re.fullmatch(r"/([^/]+/[^/]+)/requests/([^/]+)(/status|/cancel)?", call.path):
            app, request_id, action = match.groups()
            job = self.jobs.get(request_id)
            if job is None or not job.app.startswith(app):
                return Answer(404, {"detail": f"Request {request_id} not found"})
            answer = {"/status": self._status, "/cancel": self._cancel, None: self._result}[action](job, call)
            return Answer(answer.status, answer.body, {"x-fal-request-id": job.id, **answer.headers})
        app = call.path.strip("/")
        if call.method != "POST" or app not in APPS:
            return Answer(404, {"detail": f"Application '{app}' not found"})
        job = Job(app, json.loads(call.body), self.queue_polls, self.run_polls)
        self.jobs[job.id] = job
        return Answer(200, {"status": "IN_QUEUE", "queue_position": job.queue_polls, **_urls(job)})

    def _status(self, job: Job, call: Call) -> Answer:
        shown, logs = job.status, job.logs() if call.query.get("logs") == "true" else None
        if shown == "COMPLETED":
            result = job.result = job.result or self._run(job)
            failure = (
                {}
                if result.status == 200
                else {"error": str(result.body["detail"]), "error_type": "runner_error"}
            )
            metrics = {"inference_time": INFERENCE_S}
            return Answer(200, {"status": shown, "logs": logs, "metrics": metrics, **_urls(job), **failure})
        position = {"queue_position": job.queue_polls - job.steps} if shown == "IN_QUEUE" else {"logs": logs}
        job.steps += 0 if self.hold else 1
        return Answer(202, {"status": shown, **position, **_urls(job)})

    def _cancel(self, job: Job, call: Call) -> Answer:
        if job.status == "COMPLETED":
            return Answer(400, {"status": "ALREADY_COMPLETED"})
        job.cancelled = True
        job.result = Answer(499, {"detail": "Request was cancelled", "error_type": "client_cancelled"})
        return Answer(202, {"status": "CANCELLATION_REQUESTED"})

    def _result(self, job: Job, call: Call) -> Answer:
        if job.status != "COMPLETED":
            return Answer(400, {"detail": "Request is still in progress"})
        job.result = job.result or self._run(job)
        return job.result

    def _run(self, job: Job) -> Answer:
        """Check the input as the service does, when the job runs, and make the answer."""
        url, n = job.arguments.get("video_url"), job.arguments.get("num_frames_to_sample")
        if not job.arguments.get("prompt"):
            return _invalid("prompt", "Field required", job)
        if n is not None and not 1 <= n <= 100:
            return _invalid("num_frames_to_sample", "Input should be between 1 and 100", job)
        shape = SHAPES[self.shape]
        try:
            clip, videos = answer(self.files[str(url)], shape, n)
        except (KeyError, IndexError, ValueError, av.FFmpegError):
            return _invalid("video_url", "Failed to download or read the file", job)
        files = []
        for index, data in enumerate(videos):
            name = f"output_{index}.mp4"
            described = {"file_name": name, "file_size": len(data), "content_type": shape.content_type}
            files.append({"url": self._keep(name, data), **described})
        masks: Any = files
        if shape.masks_as == "dict":
            masks = {f"object {index}": file for index, file in enumerate(files)}
        elif shape.masks_as == "urls":
            masks = [file["url"] for file in files]
        units = {"x-fal-billable-units": f"{clip.duration_s:.4f}"} if self.bills else {}
        return Answer(200, {"output": shape.output, "masks": masks}, units)


def _invalid(argument: str, message: str, job: Job) -> Answer:
    item = {
        "loc": ["body", argument],
        "msg": message,
        "type": "value_error",
        "input": job.arguments.get(argument),
    }
    return Answer(422, {"detail": [item]})


def _urls(job: Job) -> dict[str, str]:
    owner_and_alias = "/".join(job.app.split("/")[:2])  # the service drops the rest of the path
    url = f"https://{QUEUE}/{owner_and_alias}/requests/{job.id}"
    return {
        "request_id": job.id,
        "response_url": url,
        "status_url": f"{url}/status",
        "cancel_url": f"{url}/cancel",
    }
