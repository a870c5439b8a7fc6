"""The key of the service is in nothing that is written or shown."""

import _thread
import io
import logging
import re
import subprocess
import sys
import threading
import time
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import fal_client
import httpx
import nbformat
import pytest
from nbclient import NotebookClient

import sa2va_nb as sa
from tests.clips import textured_clip
from tests.faults.cells import KINDS, STEPS, Cell
from tests.faults.matrix import HURRIED, PROMPT, call
from tests.standin import StandIn
from tests.standin.service import KEY, SECRETS, Answer

_ROOT = Path(__file__).parents[1]


def found_in(text: str | bytes) -> list[str]:
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    return [secret for secret in SECRETS if secret.encode() in data]


def files_with_secrets(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        parts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as bundle:
                parts += [bundle.read(name) for name in bundle.namelist()]
        if found := [secret for part in parts for secret in found_in(part)]:
            yield path, found


def shown_of(error: BaseException) -> str:
    """Give all that a person may get to see of an error: the variables of every frame, also of what led to it."""
    shown = [repr(error), *traceback.format_exception(error)]
    waiting, seen = [error], []
    while waiting:
        each = waiting.pop()
        seen.append(each)
        deep = traceback.TracebackException.from_exception(each, capture_locals=True)
        shown += [f"{frame.name}: {frame.locals}" for frame in deep.stack]
        shown += [repr(vars(each)), *map(repr, _requests_of(each))]
        waiting += [led for led in (each.__cause__, each.__context__) if led is not None and led not in seen]
    return "\n".join(shown)


def _requests_of(error: BaseException) -> Iterator[object]:
    """Give the headers that an error of the client carries, as a collector of errors may write them down."""
    for holder in (error, getattr(error, "response", None)):
        with suppress(RuntimeError):
            yield list(getattr(getattr(holder, "request", None), "headers", httpx.Headers()).raw)


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Listen to all logs, those of the libraries too."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Authorization: Key {KEY}")
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("c", KEY * 50)
    assert {path.name for path, _ in files_with_secrets(tmp_path)} == {"a.txt", "b.zip"}
    for path in tmp_path.iterdir():
        path.unlink()  # at the end of all tests no such file may be there


def test_the_search_finds_what_a_frame_far_below_holds(standin: StandIn, tmp_path: Path) -> None:
    standin.fail("POST queue.fal.run", "drop_before", times=99)
    client = fal_client.SyncClient()
    with closing(client.get_handle("a/b", "none").client) as http, pytest.raises(httpx.HTTPError) as caught:
        http.post("https://queue.fal.run/fal-ai/sa2va/8b/video")
    assert found_in(shown_of(caught.value))


def test_a_session_that_goes_well_leaves_no_key(
    standin: StandIn, tmp_path: Path, heard: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    seg = sa.segment(
        textured_clip(tmp_path / "clip.mp4"),
        PROMPT,
        engine=sa.FalEngine(poll_s=0.01),
        runs_dir=tmp_path / "runs",
    )
    sa.save_bundle(seg, tmp_path / "lesson.zip")
    sa.report(seg, tmp_path / "report.html")
    table = sa.measure(seg)
    table.to_csv(tmp_path / "table.csv")
    shown = [repr(seg), repr(seg.run), repr(sa.FalEngine()), sa.runs(tmp_path / "runs").to_html()]
    shown += [heard.getvalue(), *capfd.readouterr()]
    assert len(standin.jobs) == 1
    assert heard.getvalue()
    assert found_in("\n".join(shown)) == []
    assert list(files_with_secrets(tmp_path)) == []


FAILURES = [
    Cell(step, kind, True)
    for step in ("token", "submit", "poll: queued", "result", "mask 0")
    for kind in ("500", "garbage")
]
FAILURES += [Cell("submit", kind, False) for kind in KINDS]


@pytest.mark.parametrize("cell", FAILURES, ids=lambda cell: cell.name)
def test_no_kind_of_failure_shows_the_key(
    standin: StandIn, tmp_path: Path, heard: io.StringIO, capfd: pytest.CaptureFixture[str], cell: Cell
) -> None:
    assert cell.step in STEPS
    standin.faults.append(cell.fault)
    outcome = call(textured_clip(tmp_path / "clip.mp4"), tmp_path / "runs", HURRIED)
    shown = shown_of(outcome) if isinstance(outcome, BaseException) else repr(outcome)
    assert found_in(shown + heard.getvalue() + "".join(capfd.readouterr())) == []
    assert list(files_with_secrets(tmp_path)) == []


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY} x", f"{KEY}é", "wrong-id:wrong-secret"])
def test_a_key_that_is_not_accepted_is_not_shown(
    standin: StandIn, tmp_path: Path, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("FAL_KEY", key)
    outcome = call(textured_clip(tmp_path / "clip.mp4"), tmp_path / "runs", HURRIED)
    assert isinstance(outcome, sa.Sa2VAError)
    shown = shown_of(outcome) + heard.getvalue()
    assert found_in(shown) == []
    assert "wrong-secret" not in shown
    assert list(files_with_secrets(tmp_path)) == []


REPEATED = {
    "a text": f"no user has Key {KEY}",
    "a list": [{"loc": ["header"], "msg": "no", "input": KEY}],
    "the secret": KEY.rpartition(":")[2],
}


@pytest.mark.parametrize("line", ["storage/auth/token", "POST queue", "GET .*/status", r"/requests/[^/]+$"])
@pytest.mark.parametrize("form", REPEATED)
def test_a_service_that_repeats_the_key_puts_it_nowhere(
    standin: StandIn, tmp_path: Path, heard: io.StringIO, line: str, form: str
) -> None:
    answer = Answer(422, {"detail": REPEATED[form], "error_type": "auth"})
    standin.fail(line, "status", times=99, answer=answer)
    del answer  # the frame of this test is shown, too
    error = call(textured_clip(tmp_path / "clip.mp4"), tmp_path / "runs", sa.FalEngine(poll_s=0.01))
    assert isinstance(error, sa.ModelError)
    assert standin.count(line) > 0
    assert "***" in str(error)
    assert not {KEY, KEY.rpartition(":")[2]} & set(found_in(shown_of(error) + heard.getvalue()))
    assert list(files_with_secrets(tmp_path)) == []


@pytest.mark.parametrize("step", ["token", "submit", "poll: running", "result"])
def test_an_interrupt_in_the_midst_of_a_request_shows_no_key(
    standin: StandIn, tmp_path: Path, heard: io.StringIO, step: str
) -> None:
    standin.fail(STEPS[step][0], "hang", skip=STEPS[step][1], delay_s=20)
    clip = textured_clip(tmp_path / "clip.mp4")
    waits = re.compile(STEPS[step][0])

    def interrupt() -> None:
        while sum(bool(waits.search(call.line)) for call in list(standin.journal)) <= STEPS[step][1]:
            time.sleep(0.01)
        time.sleep(0.2)  # until the client reads
        _thread.interrupt_main()

    pressing = threading.Thread(target=interrupt)
    pressing.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        sa.segment(clip, PROMPT, engine=sa.FalEngine(poll_s=0.01), runs_dir=tmp_path / "runs", progress=False)
    pressing.join()
    assert found_in(shown_of(caught.value) + heard.getvalue()) == []
    assert list(files_with_secrets(tmp_path)) == []


def test_the_frames_of_the_client_are_in_the_log_for_who_looks_for_a_fault(
    standin: StandIn, tmp_path: Path, heard: io.StringIO
) -> None:
    standin.fail("POST queue.fal.run", "drop_after")
    outcome = call(textured_clip(tmp_path / "clip.mp4"), tmp_path / "runs", HURRIED)
    assert "httpcore" in heard.getvalue()
    assert isinstance(outcome, sa.ModelError)
    assert "httpcore/" not in "".join(traceback.format_exception(outcome))


@pytest.mark.parametrize("mode", ["Context", "Verbose"])
def test_a_notebook_and_a_shell_show_no_key(standin: StandIn, tmp_path: Path, mode: str) -> None:
    clip = textured_clip(tmp_path / "clip.mp4")
    engine = "engine=sa.FalEngine(poll_s=0.01)"
    loud = f"%xmode {mode}\nimport logging\nlogging.basicConfig(level='DEBUG')\n"
    well = f"{loud}import sa2va_nb as sa\nseg = sa.segment({str(clip)!r}, 'a dog', {engine}, runs_dir='runs')\nseg"
    badly = f"sa.segment({str(clip)!r}, 'a cat', {engine}, runs_dir='runs')"
    sources = (well, "sa.runs('runs')", badly, "sa.scrub(seg, embed=True)", "sa.report(seg, 'page.html')")
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    standin.fail("POST queue.fal.run", "drop_after", skip=1)
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}).execute()
    written = nbformat.writes(notebook)
    assert "is unknown" in written
    assert "DEBUG:httpcore" in written
    plain = re.sub(r"\\u001b\[[\d;]*m", "", written)
    assert ("workspace = <" in plain) == (mode == "Verbose")
    assert found_in(written) == []
    command = [sys.executable, "-m", "sa2va_nb", "runs", "--runs-dir", str(tmp_path / "runs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found_in(done.stdout + done.stderr) == []
    assert list(files_with_secrets(tmp_path)) == []
