"""Examines whether all that a call needs is there, in plain words."""

import os
import shutil
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

import httpx
from packaging.requirements import Requirement

from sa2va_nb.calling.ledger import budget_of, ledger_totals, usd
from sa2va_nb.errors import MissingKeyError, ModelError, RunError
from sa2va_nb.model.fal.key import check_key
from sa2va_nb.model.fal.words import KEYS_PAGE
from sa2va_nb.run_folder import RunFolder, resolve_runs_dir
from sa2va_nb.run_record import FRUITLESS

HOSTS = {
    "queue.fal.run": "jobs are sent and followed there",
    "rest.fal.ai": "uploads are announced there",
    "v3.fal.media": "videos are uploaded there, and masks are fetched from there",
}
_PATIENCE_S = 5.0  # for a host; where there is no network, most fail at once
_FEW_BYTES = 1024**3  # free on the disk: some hundred runs
_CODECS = {"libx264": "w", "h264": "r", "hevc": "r", "vp9": "r", "mpeg4": "r"}
_PACKAGES = ("fal-client", "httpx", "av", "anywidget", "ipywidgets")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is.
        state: "ok"; "warning", where calls work and something is to be known; "problem", where they don't.
        says: what was found, and what to do.
    """

    subject: str
    state: Literal["ok", "warning", "problem"]
    says: str


def doctor(runs_dir: str | Path | None = None, *, network: bool = True) -> tuple[Finding, ...]:
    """Examine whether calls to the service can work here: key, network, packages, codecs, runs folder.

    Nothing is sent but one request a host, without the key. It ends in some seconds without a network, too.

    Args:
        runs_dir: the folder to examine; as in ``segment``.
        network: look whether the service's hosts can be reached.

    Returns:
        What was found.
    """
    folder = resolve_runs_dir(runs_dir)
    return (
        *_packages(),
        *_codecs(),
        _key(),
        *(_network() if network else (Finding("network", "ok", "not looked at, as was asked for"),)),
        *_runs_folder(folder),
    )


def _packages() -> Iterator[Finding]:
    """Compare the packages that a call and its widgets need with what this package asks for."""
    needed = {item.name: item for item in map(Requirement, requires("sa2va_nb") or ())}
    for name in _PACKAGES:
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding(name, "problem", f"is not installed; python -m pip install {name}")
            continue
        wanted = needed[name].specifier if name in needed else None
        if wanted is not None and not wanted.contains(found, prereleases=True):
            yield Finding(
                name, "problem", f"is {found}, but {wanted} is needed; python -m pip install -U {name}"
            )
        else:
            yield Finding(name, "ok", found)


def _codecs() -> Iterator[Finding]:
    """Look for the codecs with which masks and clips are written and read."""
    import av

    lacking = []
    for name, mode in _CODECS.items():
        try:
            av.Codec(name, "w" if mode == "w" else "r")
        except (ValueError, av.FFmpegError):
            lacking.append(f"{'writing' if mode == 'w' else 'reading'} {name}")
    if lacking:
        advice = "python -m pip install -U --force-reinstall av"
        yield Finding("codecs", "problem", f"this FFmpeg lacks {', '.join(lacking)}; {advice}")
    else:
        yield Finding("codecs", "ok", f"FFmpeg has {', '.join(_CODECS)}")


def _key() -> Finding:
    """Look whether there is a key, and whether it has the form of one; never says what it is."""
    try:
        check_key()
    except (MissingKeyError, ModelError) as error:
        return Finding("key", "problem", str(error))
    if (written := os.environ.get("FAL_KEY")) and ":" not in written:
        says = f"FAL_KEY has no colon, though a key is an id and a secret with one between; see {KEYS_PAGE}"
        return Finding("key", "warning", says)
    return Finding("key", "ok", "a key is there; whether the service accepts it, only a call tells")


def _network() -> Iterator[Finding]:
    """Ask each host for an answer, whatever that is, all at the same time."""
    with ThreadPoolExecutor(len(HOSTS)) as pool:
        yield from pool.map(_reach, HOSTS)


def _reach(host: str) -> Finding:
    try:
        with httpx.Client(timeout=_PATIENCE_S, follow_redirects=False) as http:
            http.get(f"https://{host}/")  # without the key
    except httpx.TimeoutException:
        return Finding(host, "problem", f"no answer within {_PATIENCE_S:g} s; {_advice(host)}")
    except httpx.TransportError as error:
        return Finding(host, "problem", f"{_reason(error)}; {_advice(host)}")
    return Finding(host, "ok", "reached over TLS")


def _reason(error: BaseException) -> str:
    """Say in words why a host was not reached: the names, the certificate, or the way."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "its name is not known here, so there is probably no network"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message}); a proxy may stand between"
        cause = cause.__cause__ or cause.__context__
    return f"it can't be reached ({error})"


def _advice(host: str) -> str:
    return f"{HOSTS[host]}. Check the network, and HTTPS_PROXY and SSL_CERT_FILE where a proxy is used"


def _runs_folder(folder: Path) -> Iterator[Finding]:
    """Look whether runs can be kept in the folder, and how those that are there stand."""
    nearest = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path.cwd())
    try:
        with TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        yield Finding(
            "runs folder", "problem", f"nothing can be written in {nearest} ({error}); take another runs_dir"
        )
        return
    free = shutil.disk_usage(nearest).free
    room = f"{folder}: {free / 1e9:.1f} GB are free"
    yield Finding("runs folder", "ok" if free >= _FEW_BYTES else "warning", room)
    yield from _runs(folder)
    yield _spending(folder)


def _runs(folder: Path) -> Iterator[Finding]:
    """List what is broken, and what waits for its result or for the user."""
    for file in sorted(folder.glob("*/run.json")):
        name = file.parent.name
        try:
            run = RunFolder.open(file.parent)
        except RunError as error:
            yield Finding("run", "warning", f"{name} is damaged: {error}")
            continue
        status = run.record["status"]
        if status == "unknown":
            yield Finding(
                "run", "warning", f"{name}: whether its job was taken is unknown: {run.record.get('error')}"
            )
        elif status not in ("done", *FRUITLESS):
            yield Finding(
                "run", "warning", f"{name} is not finished ({status}); sa2va-nb resume {name} goes on with it"
            )
        elif status == "done" and not run.is_whole():
            yield Finding("run", "warning", f"{name} lacks a mask video; sa2va-nb resume {name} may get it")


def _spending(folder: Path) -> Finding:
    """Say what is spent, and what is left of the budget."""
    totals = ledger_totals(folder)
    spent_usd = totals["spent_usd"] + totals["open_usd"]
    said = f"{usd(spent_usd)} spent or set aside in {totals['runs']} runs"
    try:
        budget_usd = budget_of(None)
    except ValueError as error:
        return Finding("budget", "problem", str(error))
    if budget_usd is None:
        return Finding("budget", "ok", f"{said}; no budget is set")
    state: Literal["ok", "warning"] = "ok" if spent_usd < budget_usd else "warning"
    return Finding("budget", state, f"{said}, of a budget of {usd(budget_usd)}")
