"""The key of the service is in nothing that is written or shown."""

import io
import logging
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import sa2va_nb as sa
from tests.clips import textured_clip
from tests.faults.cells import KINDS, STEPS, Cell
from tests.faults.matrix import HURRIED, PROMPT, call
from tests.standin import StandIn
from tests.standin.service import CDN_TOKEN, KEY

SECRETS = (KEY, *KEY.split(":"), CDN_TOKEN)
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
    """Give all that a person may get to see of an error, the variables of each frame included."""
    deep = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in deep.stack if frame.filename.startswith(str(_ROOT / "sa2va_nb"))]
    values = [f"{frame.name}: {frame.locals}" for frame in ours]
    return "\n".join([repr(error), *traceback.format_exception(error), *values])


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
    shown = "\n".join(traceback.format_exception(outcome)) + heard.getvalue()
    assert found_in(shown) == []
    assert "wrong-secret" not in shown
    assert list(files_with_secrets(tmp_path)) == []


def test_a_notebook_and_a_shell_show_no_key(standin: StandIn, tmp_path: Path) -> None:
    clip = textured_clip(tmp_path / "clip.mp4")
    engine = "engine=sa.FalEngine(poll_s=0.01)"
    well = f"import sa2va_nb as sa\nseg = sa.segment({str(clip)!r}, 'a dog', {engine}, runs_dir='runs')\nseg"
    badly = f"sa.segment({str(clip)!r}, 'a cat', {engine}, runs_dir='runs')"
    cells = [nbformat.v4.new_code_cell(source) for source in (well, "sa.runs('runs')", badly)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    standin.fail("POST queue.fal.run", "drop_after", skip=1)
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}).execute()
    written = nbformat.writes(notebook)
    assert "is unknown" in written
    assert found_in(written) == []
    command = [sys.executable, "-m", "sa2va_nb", "runs", "--runs-dir", str(tmp_path / "runs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found_in(done.stdout + done.stderr) == []
    assert list(files_with_secrets(tmp_path)) == []
