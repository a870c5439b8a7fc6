"""The engine that runs Sa2VA as a hosted model."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from fal_client import ObjectExpiration, StorageSettings, SyncClient, SyncRequestHandle

from sa2va_nb.errors import ModelError, RunError
from sa2va_nb.model.endpoints import find_endpoint
from sa2va_nb.model.fal.cancel import cancel_job
from sa2va_nb.model.fal.collect import MAX_MASK_BYTES, collect
from sa2va_nb.model.fal.discreet import discreet
from sa2va_nb.model.fal.guard import bound_calls
from sa2va_nb.model.fal.key import check_key
from sa2va_nb.model.fal.known_uploads import forget_upload, upload_once
from sa2va_nb.model.fal.patience import Patience
from sa2va_nb.model.fal.receipt import ID, RECEIPT_FILE, Receipt, drop_receipt, keep_room, read_receipt
from sa2va_nb.model.fal.submit import UnknownOutcomeError, submit_once
from sa2va_nb.model.fal.wait import Outcome, wait_for_result
from sa2va_nb.model.fal.words import REQUESTS_PAGE, clip, how_to_go_on, how_to_resume
from sa2va_nb.model.pricing import estimate_cost_usd
from sa2va_nb.model.request import FEWEST_ADVISED, Progress, Request, Response, Workspace
from sa2va_nb.model.transfer import FetchLimits

_LOG = logging.getLogger(__name__)
_APP = re.compile(r"[\w-]+(/[\w-][\w.-]*)+", re.ASCII)
_LONGEST_S = 1_000_000  # eleven days; sockets take no time-out beyond twice that


@dataclass(frozen=True)
class FalEngine:
    """Sa2VA as a hosted model, over fal's queue.

    Each step is saved before the next one begins, so a call that was cut off is picked up where it was and
    never sent twice. Needs a key in ``FAL_KEY`` (or ``fal auth login``), read at each call and kept nowhere.

    Attributes:
        poll_s: pause between two looks at the job, in seconds.
        queue_timeout_s: how long to wait while the job is in the queue, in seconds: an hour, because a busy or a
            cold model makes wait, and waiting there takes no compute. The job stays there when that is over.
        run_timeout_s: how long to wait while the job runs, in seconds: half an hour, many times what a clip of the
            sizes that a hosted model takes should need. It runs on when that is over.
        upload_expires_in: when the service forgets the uploaded video: seconds, "1h", "1d", "7d", "30d", "1y",
            or "never". Anyone who has the address of an upload can read it. A video whose upload outlives the wait
            in the queue is not uploaded again.
        cancel_on_interrupt: whether interrupting the wait cancels the job; else it runs on and is kept, to be
            picked up (``resume``) or cancelled (``cancel``).
        timeout_s: the longest silence of the service that is waited out, in seconds.
        download_s: how long the download of one mask video may take in all, in seconds.
        name: "fal".

    Raises:
        ValueError: if an option is out of range.
        TypeError: if a time is no number.
    """

    poll_s: float = 0.5
    queue_timeout_s: float = 3600.0
    run_timeout_s: float = 1800.0
    upload_expires_in: ObjectExpiration = "1d"
    cancel_on_interrupt: bool = False
    timeout_s: float = 120.0
    download_s: float = 1800.0
    name: str = field(default="fal", init=False)

    def __post_init__(self) -> None:
        for option in ("poll_s", "queue_timeout_s", "run_timeout_s", "timeout_s", "download_s"):
            value: object = getattr(self, option)
            said = f"{option} must be a number of seconds above 0, at most {_LONGEST_S:,}, got {value!r}"
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(said)
            if not 0 < value <= _LONGEST_S:
                raise ValueError(said)
        StorageSettings(expires_in=self.upload_expires_in)  # raises ValueError for what it doesn't know

    @property
    def settings(self) -> Mapping[str, Any]:
        """Nothing: the options decide how to wait, not what the answer is."""
        return {}

    @discreet()
    def quote(self, request: Request) -> float:
        """Check that the endpoint is known and a key is there; estimate the cost in USD.

        Raises:
            ValueError: if the endpoint is unknown.
            MissingKeyError: if there is no key, or what is there is none.
        """
        estimate = estimate_cost_usd(request.endpoint, request.video.duration_s)
        check_key()
        return estimate

    @discreet()
    def run(self, request: Request, workspace: Workspace) -> Response:
        """Answer the request; what the workspace's record already holds is used, not paid for again.

        Raises:
            MissingKeyError: if there is no key; nothing was uploaded.
            ModelError: if the service refused or failed, or nobody knows whether it took the job.
            FetchError: if the answer came, and a mask video could not be downloaded.
        """
        app = workspace.record.get("app") or find_endpoint(request.endpoint).app
        if workspace.record.get("response") is None:
            _use_receipt(workspace)
            _refuse_doubtful(workspace)
            check_key()
            with _open_client(self.timeout_s) as (client, http):
                request_id = workspace.record.get("request_id")
                if request_id is None:
                    request_id = self._submit(client, http, app, request, workspace)
                self._keep_result(_handle(client, app, request_id), request, workspace)
        response = collect(workspace, self._download_limits)
        return replace(response, notes=(*_request_notes(request), *response.notes))

    @property
    def _download_limits(self) -> FetchLimits:
        return FetchLimits(MAX_MASK_BYTES, min(self.timeout_s, FetchLimits.timeout_s), self.download_s)

    def _submit(
        self, client: SyncClient, http: httpx.Client, app: str, request: Request, workspace: Workspace
    ) -> str:
        """Upload the video, send the job; gives its id, which is saved by then."""
        workspace.save(status="uploading", app=app, error=None)
        try:
            url, until = self._address(client, request, workspace)
            arguments = _arguments(request, url)
            workspace.save(
                status="submitting", arguments=arguments, upload_expires=until, **_cost(None, request)
            )
            workspace.report(Progress("submitting"))
            with keep_room(workspace.folder) as receipt:
                request_id = submit_once(http, app, arguments)
                _keep_id(receipt, request_id, app, workspace)
        except UnknownOutcomeError as error:
            workspace.save(status="unknown", error=str(error))
            raise ModelError(f"{error}. {_doubt(workspace)}") from error
        except ModelError as error:
            drop_receipt(workspace.folder)
            workspace.save(status="failed", error=str(error), cost_usd=0.0, cost_is_estimate=False)
            raise ModelError(f"{error}. No job was started, nothing is billed") from error
        return request_id

    def _address(self, client: SyncClient, request: Request, workspace: Workspace) -> tuple[str, str | None]:
        """Give where the service can read the video, uploaded if need be, and until when it can."""
        if request.video_url is not None:
            return request.video_url, None
        recorded = workspace.record.get("video", {}).get("sha256")
        upload = upload_once(
            client,
            request.video.path,
            self.upload_expires_in,
            workspace,
            needed_s=self.queue_timeout_s,
            content=None if request.first_frames else recorded,  # a cut is another file than the one recorded
        )
        return upload.url, upload.until

    def _keep_result(self, handle: SyncRequestHandle, request: Request, workspace: Workspace) -> None:
        """Follow the job to its end; save its result as it came."""
        kept = how_to_go_on(handle.request_id, workspace)
        patience = Patience(self.poll_s, self.queue_timeout_s, self.run_timeout_s, self.timeout_s)
        try:
            outcome = wait_for_result(handle, workspace, patience, advice=kept)
        except KeyboardInterrupt:
            self._leave(handle, workspace, kept)
            raise
        except ModelError:
            if workspace.record["status"] == "failed" and request.video_url is None:
                forget_upload(request.video.path, workspace)  # it may be why; the next call makes it anew
            raise
        workspace.save(
            status="completed",
            response=outcome.raw,
            inference_s=outcome.inference_s,
            error=None,
            **_cost(outcome, request),
        )

    def _leave(self, handle: SyncRequestHandle, workspace: Workspace, kept: str) -> None:
        """Tell the user where an interrupted wait leaves the job, which is cancelled only if so asked."""
        if not self.cancel_on_interrupt:
            workspace.report(Progress("interrupted", f"the job goes on at the service. {kept}"))
            return
        try:
            is_cancelled = cancel_job(handle, self.timeout_s)
        except ModelError as error:
            workspace.report(Progress("interrupted", f"the job was not cancelled: {error}. {kept}"))
            return
        if is_cancelled:
            workspace.save(status="cancelled")
            said = f"request {handle.request_id} is cancelled; the same call makes a new one"
        else:
            said = f"the job had ended before it could be cancelled. {how_to_resume(workspace)}"
        workspace.report(Progress("interrupted", said))

    @discreet()
    def cancel(self, app: str, request_id: str) -> bool:
        """Ask the service to cancel a job.

        Args:
            app: the model's id at the service, as the run's record has it.
            request_id: the job's.

        Returns:
            Whether the service took that; False where the job had ended before.

        Raises:
            MissingKeyError: if there is no key.
            ModelError: if the service can't be reached, or refuses.
        """
        check_key()
        with _open_client(self.timeout_s) as (client, _):
            return cancel_job(_handle(client, app, request_id), self.timeout_s)


def _keep_id(receipt: Receipt, request_id: str, app: str, workspace: Workspace) -> None:
    """Save the id of a job that was taken; on a full disk, at least in the room that was kept for it.

    Raises:
        RunError: if the record can't be written; the message and the log name the id.
    """
    try:
        receipt.write(request_id)
        workspace.save(status="submitted", request_id=request_id, app=app)
        drop_receipt(workspace.folder)
    except (OSError, RunError) as error:
        advice = (
            f"Request {request_id} runs at the service, but could not be saved ({error}). Make room "
            f"on the disk; if {workspace.folder / RECEIPT_FILE} doesn't hold this id, write it there. "
            f"{how_to_resume(workspace)}"
        )
        _LOG.error("%s", advice)
        raise RunError(advice) from error


def _use_receipt(workspace: Workspace) -> None:
    """Take over the id of a job that an earlier attempt could not save in the record, or was cut off before."""
    request_id = read_receipt(workspace.folder)
    if request_id and workspace.record.get("request_id") is None:
        workspace.save(status="submitted", request_id=request_id)
        drop_receipt(workspace.folder)


def _refuse_doubtful(workspace: Workspace) -> None:
    """Stop where an earlier attempt sent a job and never learned of its id."""
    record = workspace.record
    if record.get("request_id") is None and record.get("status") in ("submitting", "unknown"):
        workspace.save(status="unknown")
        raise ModelError(f"an earlier attempt was cut off while it sent the job. {_doubt(workspace)}")


def _doubt(workspace: Workspace) -> str:
    return (
        f"Whether the job runs, and is billed, is unknown: look at {REQUESTS_PAGE}. If it is there, write its id "
        f"into {workspace.folder / RECEIPT_FILE} and call sa.resume({str(workspace.folder)!r}). Nothing is sent again "
        "by itself; segment(…, reuse=False) asks anew and may pay twice"
    )


@contextmanager
def _open_client(timeout_s: float) -> Iterator[tuple[SyncClient, httpx.Client]]:
    """Open a client, with the HTTP client below it, which only a handle gives away; closes both."""
    client = SyncClient(default_timeout=timeout_s)
    with closing(client.get_handle("fal-ai/sa2va", "none").client) as http:
        bound_calls(http, timeout_s)
        yield client, http


def _handle(client: SyncClient, app: str, request_id: str) -> SyncRequestHandle:
    """Take up a job by what a record says, which may be damaged and becomes a part of addresses.

    Raises:
        ModelError: if these can be no ids.
    """
    for name, written, form in (("app", app, _APP), ("request_id", request_id, ID)):
        if not form.fullmatch(written):
            raise ModelError(
                f"the run's record is damaged: {name!r} must be an id of the service, got {clip(repr(written))}; "
                f"{REQUESTS_PAGE} lists what was sent"
            )
    return client.get_handle(app, request_id)


def _arguments(request: Request, url: str) -> dict[str, Any]:
    """Write the request in the service's terms."""
    arguments: dict[str, Any] = {"prompt": request.prompt, "video_url": url}
    if request.num_frames_to_sample is not None:
        arguments["num_frames_to_sample"] = int(request.num_frames_to_sample)
    return arguments


def _cost(outcome: Outcome | None, request: Request) -> dict[str, Any]:
    """Give the record's fields on cost: from the billed units where they are known, else an estimate."""
    units = outcome.billed_units if outcome else None
    seconds = request.video.duration_s if units is None else units
    cost_usd = round(estimate_cost_usd(request.endpoint, seconds), 6)
    return {"billable_units": units, "cost_usd": cost_usd, "cost_is_estimate": units is None}


def _request_notes(request: Request) -> Iterator[str]:
    n = request.num_frames_to_sample
    if n is not None and n < FEWEST_ADVISED:
        yield (
            f"num_frames_to_sample={n} was sent, but the service's newer description names {FEWEST_ADVISED} "
            "as the fewest; it may have used another number"
        )
