"""Brings the mask videos of a saved answer into the run folder."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx

from sa2va_nb.errors import FetchError, ModelError, RunError
from sa2va_nb.model.fal.answer import RemoteAnswer, RemoteMask, read_answer
from sa2va_nb.model.fal.words import how_to_resume
from sa2va_nb.model.fetch import fetch, open_client
from sa2va_nb.model.request import MaskFile, Progress, Response, Workspace
from sa2va_nb.model.transfer import FetchLimits

MAX_MASK_BYTES = 512 * 1024**2  # the published example's are 3.3 and 1.2 MB


def collect(workspace: Workspace, limits: FetchLimits) -> Response:
    """Read the saved answer and download the mask videos that are not there yet.

    Args:
        workspace: its record has the answer.
        limits: what each download may take.

    Raises:
        ModelError: if the answer has no form that is known.
        FetchError: if a mask video could not be downloaded; those before it are kept.
        RunError: if there is no room for them.
    """
    try:
        answer = read_answer(workspace.record["response"])
    except ModelError as error:
        raise ModelError(f"{error}. The raw response is kept in {workspace.folder / 'run.json'}") from error
    folder = workspace.folder / "masks"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(f"no masks can be kept in {folder}: {error}. {_kept(workspace)}") from error
    files = [MaskFile(folder / f"{index:03}.mp4", mask.label) for index, mask in enumerate(answer.masks)]
    with open_client(limits) as client:
        for index, (mask, file) in enumerate(zip(answer.masks, files, strict=True)):
            if not file.path.exists():
                _download(client, mask, file.path, (index, len(files)), workspace, limits)
    return Response(answer.output, tuple(files), (*answer.notes, *_size_notes(answer, files)))


def _download(
    client: httpx.Client,
    mask: RemoteMask,
    path: Path,
    place: tuple[int, int],
    workspace: Workspace,
    limits: FetchLimits,
) -> None:
    """Download the mask video that is at ``place`` of so many, showing how far that is."""
    (index, total), shown = place, -1.0

    def show(done_bytes: int, all_bytes: int | None) -> None:
        nonlocal shown
        share = min(1.0, done_bytes / all_bytes) if all_bytes else 0.0
        fraction = round((index + share) / total, 2)  # to whole percents: a report costs more than a chunk
        if fraction != shown:
            workspace.report(Progress("downloading", f"mask video {index + 1} of {total}", fraction))
            shown = fraction

    show(0, None)
    try:
        fetch(
            mask.url,
            path,
            client=client,
            limits=limits,
            only_video=True,
            announced_bytes=mask.size_bytes,
            on_bytes=show,
        )
    except FetchError as error:
        with suppress(RunError):  # the record is there, but for a folder that was removed meanwhile
            workspace.save()
        raise FetchError(f"{error}. {_kept(workspace)}") from error


def _kept(workspace: Workspace) -> str:
    return f"The answer is kept. {how_to_resume(workspace)}"


def _size_notes(answer: RemoteAnswer, files: list[MaskFile]) -> Iterator[str]:
    for mask, file in zip(answer.masks, files, strict=True):
        size = file.path.stat().st_size
        if mask.size_bytes is not None and mask.size_bytes != size:
            yield f"{file.path.name} has {size:,} bytes, the service announced {mask.size_bytes:,}"
