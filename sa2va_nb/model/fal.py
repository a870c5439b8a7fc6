"""Runs Sa2VA at fal."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fal_client import (
    Completed,
    FalClientError,
    FalClientHTTPError,
    InProgress,
    ObjectExpiration,
    Queued,
    Status,
    StorageSettings,
    SyncClient,
    SyncRequestHandle,
)
from fal_client.auth import MissingCredentialsError, fetch_auth_credentials
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_fixed

from sa2va_nb.errors import FetchError, MissingKeyError, ModelError
from sa2va_nb.model.fal_answer import RemoteAnswer, RemoteMask, read_answer
from sa2va_nb.model.fal_errors import clip, explain
from sa2va_nb.model.fal_submit import UnknownOutcomeError, submit_once
from sa2va_nb.model.fetch import fetch
from sa2va_nb.model.pricing import estimate_cost_usd, find_endpoint
from sa2va_nb.model.request import FEWEST_ADVISED, MaskFile, Progress, Request, Response, Workspace

MAX_MASK_BYTES = 512 * 1024**2  # the published example's are 3.3 and 1.2 MB
_REQUESTS_PAGE = "https://fal.ai/dashboard/requests"
_UPLOAD_NAME = "video"  # the user's own file name stays at home
_UNITS_HEADER = "x-fal-billable-units"
_NO_KEY = (
    "a fal key is needed to run Sa2VA, and none was found. Get one at https://fal.ai/dashboard/keys and set it "
    "as the environment variable FAL_KEY: `%env FAL_KEY=…` in a notebook, `export FAL_KEY=…` in a shell. "
    'Without a key these work: segment(…, engine="motion"), open_run(…) and load_masks(…)'
)


class _OverdueError(Exception):
    """The deadline has passed; no ``httpx`` error, so that the client doesn't try again."""


@dataclass(frozen=True)
class FalEngine:
    """Sa2VA as a hosted model, over fal's queue.

    Each step is saved before the next one begins, so a call that was cut off is picked up where it was and
    never sent twice. Needs a key in ``FAL_KEY`` (or ``fal auth login``), read at each call and kept nowhere.

    Attributes:
        poll_s: pause between two looks at the job, in seconds.
        deadline_s: how long to wait for the job in all, in seconds; it runs on when that is over.
        upload_expires_in: when the service forgets the uploaded video: seconds, "1h", "1d", "7d", "30d", "1y",
            or "never". Anyone who has the address of an upload can read it.
        cancel_on_interrupt: whether interrupting the wait cancels the job; else it runs on and is kept.
    """

    poll_s: float = 0.5
    deadline_s: float = 3600.0
    upload_expires_in: ObjectExpiration = "1d"
    cancel_on_interrupt: bool = False
    name: str = field(default="fal", init=False)

    def __post_init__(self) -> None:
        for name in ("poll_s", "deadline_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds, got {getattr(self, name)}")
        StorageSettings(expires_in=self.upload_expires_in)  # raises ValueError for what it doesn't know

    def run(self, request: Request, workspace: Workspace) -> Response:
        """Answer the request; what the workspace's record already holds is used, not paid for again.

        Raises:
            MissingKeyError: if there is no key; nothing was uploaded.
            ModelError: if the service refused or failed, or nobody knows whether it took the job.
            FetchError: if the answer came, and a mask video could not be downloaded.
        """
        app = workspace.record.get("app") or find_endpoint(request.endpoint).app
        if workspace.record.get("response") is None:
            _refuse_doubtful(workspace)
            _check_key()
            with _client() as (client, http):
                if workspace.record.get("request_id") is None:
                    self._submit(client, http, app, request, workspace)
                handle = client.get_handle(app, workspace.record["request_id"])
                self._wait_and_keep(handle, request, workspace)
        return _collect(request, workspace)

    def _submit(
        self, client: SyncClient, http: httpx.Client, app: str, request: Request, workspace: Workspace
    ) -> None:
        """Upload the video, send the job, save its id."""
        workspace.save(status="uploading", app=app)
        try:
            arguments = _arguments(request, request.video_url or self._upload(client, request, workspace))
            estimate = estimate_cost_usd(request.endpoint, request.video.duration_s)
            workspace.save(
                status="submitting", arguments=arguments, cost_usd=estimate, cost_is_estimate=True, error=None
            )
            request_id = submit_once(http, app, arguments)
        except UnknownOutcomeError as error:
            workspace.save(status="unknown", error=str(error))
            raise ModelError(f"{error}. {_doubt(workspace)}") from error
        except ModelError as error:
            workspace.save(status="failed", error=str(error), cost_usd=0.0, cost_is_estimate=False)
            raise ModelError(f"{error}. No job was started, nothing is billed") from error
        workspace.save(status="submitted", request_id=request_id, app=app)

    def _upload(self, client: SyncClient, request: Request, workspace: Workspace) -> str:
        """Upload the video under a neutral name; gives its address."""
        source = request.video.path
        size_mb = source.stat().st_size / 1e6
        workspace.report(Progress("uploading", f"{source.name}, {size_mb:.1f} MB"))
        # An upload that is made twice costs nothing; fal_client repeats all of it but the asking for a token.
        retrying = Retrying(
            stop=stop_after_attempt(3) | stop_after_delay(30),
            wait=wait_fixed(1),
            retry=retry_if_exception_type(httpx.TransportError),
            reraise=True,
        )
        with _neutral_name(source) as path, _in_words():
            url: str = retrying(
                client.upload_file,
                path,
                fallback_repository=[],  # the default one sends the key to the storage host
                lifecycle=StorageSettings(expires_in=self.upload_expires_in),
            )
        return url

    def _wait_and_keep(self, handle: SyncRequestHandle, request: Request, workspace: Workspace) -> None:
        """Follow the job to its end; save its result as it came."""
        units = _watch(handle.client, time.monotonic() + self.deadline_s)
        try:
            with _in_words(f"request {handle.request_id} is kept. {_resumable(workspace)}"):
                completed = self._wait(handle, workspace)
                raw = _result(handle, completed, self.poll_s, workspace)
        except _OverdueError as error:
            raise ModelError(
                f"request {handle.request_id} did not end within {self.deadline_s:g} s and runs on. "
                f"{_resumable(workspace)}"
            ) from error
        except KeyboardInterrupt:
            self._interrupted(handle, workspace)
            raise
        metrics = completed.metrics or {}
        workspace.save(
            status="completed",
            response=raw,
            inference_s=metrics.get("inference_time"),
            error=None,
            **_cost(units, request),
        )

    def _wait(self, handle: SyncRequestHandle, workspace: Workspace) -> Completed:
        """Poll until the job has ended, well or badly; report and save its logs on the way."""
        logs: list[dict[str, Any]] = list(workspace.record.get("logs") or [])
        while True:
            status = handle.status(with_logs=True)
            if isinstance(status, Queued):
                workspace.report(Progress("queued", f"position {status.position} in the queue"))
            fresh = _fresh_logs(status, logs)
            if fresh:
                logs += fresh
                workspace.save(logs=logs)
            for log in fresh:
                workspace.report(Progress("running", log["message"]))
            if isinstance(status, Completed):
                return status
            if isinstance(status, InProgress) and not logs:
                workspace.report(Progress("running"))
            time.sleep(self.poll_s)

    def _interrupted(self, handle: SyncRequestHandle, workspace: Workspace) -> None:
        """Leave the job in a known state, and tell the user how to go on."""
        if self.cancel_on_interrupt:
            try:
                handle.cancel()
            except (FalClientError, httpx.HTTPError, _OverdueError) as error:
                said = f"request {handle.request_id} could not be cancelled: {explain(error)}. "
                workspace.report(Progress("interrupted", said + _resumable(workspace)))
            else:
                workspace.save(status="cancelled")
                workspace.report(Progress("interrupted", f"request {handle.request_id} is cancelled"))
        else:
            said = f"request {handle.request_id} runs on at the service. {_resumable(workspace)}"
            workspace.report(Progress("interrupted", said))


def _check_key() -> None:
    """Look for a key as the client will; its text must not get into a header error."""
    with _in_words():
        try:
            token = fetch_auth_credentials().token
        except MissingCredentialsError as error:
            raise MissingKeyError(_NO_KEY) from error
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise MissingKeyError(
            "the fal key that was found holds spaces, line breaks or letters outside ASCII, so it is no key; "
            "copy it anew from https://fal.ai/dashboard/keys into FAL_KEY"
        )


def _refuse_doubtful(workspace: Workspace) -> None:
    """Stop where an earlier attempt sent a job and never learned of its id."""
    record = workspace.record
    if record.get("request_id") is None and record.get("status") in ("submitting", "unknown"):
        workspace.save(status="unknown")
        raise ModelError(f"an earlier attempt was cut off while it sent the job. {_doubt(workspace)}")


def _doubt(workspace: Workspace) -> str:
    return (
        f"Whether the job runs, and is billed, is unknown: look at {_REQUESTS_PAGE}. Nothing is sent again by "
        f"itself; segment(…, reuse=False) asks anew and may pay twice. The run is {workspace.folder}"
    )


def _resumable(workspace: Workspace) -> str:
    return f"Pick it up, without paying again, with sa.resume({str(workspace.folder)!r})"


@contextmanager
def _client() -> Iterator[tuple[SyncClient, httpx.Client]]:
    """Open a client with the HTTP client below it, which a handle gives away; closes both."""
    client = SyncClient()
    with closing(client.get_handle("fal-ai/sa2va", "none").client) as http:
        yield client, http


@contextmanager
def _in_words(after: str = "") -> Iterator[None]:
    """Turn what the client raises into a ``ModelError`` that says what to do."""
    try:
        yield
    except (FalClientError, httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{explain(error)}. {after}".rstrip()) from error


@contextmanager
def _neutral_name(source: Path) -> Iterator[Path]:
    """Show the file under another name, which is the one that the client sends along."""
    with tempfile.TemporaryDirectory(prefix="sa2va-nb-") as folder:
        path = Path(folder) / f"{_UPLOAD_NAME}{source.suffix.lower()}"
        try:
            path.symlink_to(source.resolve())
        except OSError:  # not every system lets everyone make links
            shutil.copyfile(source, path)
        yield path


def _arguments(request: Request, url: str) -> dict[str, Any]:
    """Write the request in the service's terms."""
    arguments: dict[str, Any] = {"prompt": request.prompt, "video_url": url}
    if request.num_frames_to_sample is not None:
        arguments["num_frames_to_sample"] = int(request.num_frames_to_sample)
    return arguments


def _watch(http: httpx.Client, deadline: float) -> list[str]:
    """Let no request start after the deadline; give a list that the billed units will be put into."""
    units: list[str] = []

    def refuse_late(_: httpx.Request) -> None:
        if time.monotonic() > deadline:
            raise _OverdueError

    def note_units(response: httpx.Response) -> None:
        if _UNITS_HEADER in response.headers:
            units.append(response.headers[_UNITS_HEADER])

    http.event_hooks = {"request": [refuse_late], "response": [note_units]}
    return units


def _fresh_logs(status: Status, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the log lines that are not known yet; the service sends a window that moves and overlaps."""
    lines = status.logs or [] if isinstance(status, (InProgress, Completed)) else []
    seen = {(log["timestamp"], log["message"]) for log in known}
    fresh = []
    for line in lines:
        log = {key: clip(str(line.get(key, ""))) for key in ("timestamp", "level", "message")}
        if (log["timestamp"], log["message"]) not in seen:
            seen.add((log["timestamp"], log["message"]))
            fresh.append(log)
    return fresh


def _result(handle: SyncRequestHandle, completed: Completed, poll_s: float, workspace: Workspace) -> object:
    """Get the job's result; a job that failed is saved as such."""
    try:
        return handle.get(interval=poll_s)
    except FalClientHTTPError as error:
        # Anything else, such as a busy gateway, says nothing of the job: it stays to be picked up.
        if completed.error or error.error_type or error.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            workspace.save(status="failed", error=explain(error), request_id=handle.request_id)
            raise ModelError(f"{explain(error)}. Request {handle.request_id} has failed") from error
        raise


def _cost(units: list[str], request: Request) -> dict[str, Any]:
    """Give the record's fields on cost: from the billed units where they are known, else an estimate."""
    try:
        billed = float(units[-1])
        cost_usd = estimate_cost_usd(request.endpoint, billed)
    except (IndexError, ValueError):
        estimate = estimate_cost_usd(request.endpoint, request.video.duration_s)
        return {"billable_units": None, "cost_usd": estimate, "cost_is_estimate": True}
    return {"billable_units": billed, "cost_usd": cost_usd, "cost_is_estimate": False}


def _collect(request: Request, workspace: Workspace) -> Response:
    """Read the saved answer and download the mask videos that are not there yet."""
    try:
        answer = read_answer(workspace.record["response"])
    except ModelError as error:
        raise ModelError(f"{error}. The raw response is kept in {workspace.folder / 'run.json'}") from error
    folder = workspace.folder / "masks"
    folder.mkdir(exist_ok=True)
    files = tuple(
        MaskFile(_collect_mask(mask, folder / f"{index:03}.mp4", index, answer, workspace), mask.label)
        for index, mask in enumerate(answer.masks)
    )
    return Response(
        answer.output, files, (*_request_notes(request), *answer.notes, *_size_notes(answer, files))
    )


def _collect_mask(
    mask: RemoteMask, path: Path, index: int, answer: RemoteAnswer, workspace: Workspace
) -> Path:
    if path.exists():
        return path
    total = len(answer.masks)
    workspace.report(Progress("downloading", f"mask video {index + 1} of {total}", index / total))
    try:
        return fetch(mask.url, path, max_bytes=MAX_MASK_BYTES)
    except FetchError as error:
        raise FetchError(f"{error}. The answer is kept. {_resumable(workspace)}") from error


def _request_notes(request: Request) -> tuple[str, ...]:
    n = request.num_frames_to_sample
    if n is None or n >= FEWEST_ADVISED:
        return ()
    return (
        f"num_frames_to_sample={n} was sent; the service's newer description names {FEWEST_ADVISED} as the fewest",
    )


def _size_notes(answer: RemoteAnswer, files: tuple[MaskFile, ...]) -> Iterator[str]:
    for mask, file in zip(answer.masks, files, strict=True):
        size = file.path.stat().st_size
        if mask.size_bytes is not None and mask.size_bytes != size:
            yield f"{file.path.name} has {size:,} bytes, the service announced {mask.size_bytes:,}"
