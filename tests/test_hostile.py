"""What comes from outside and means harm: addresses, names, answers, bundles."""

import gzip
import json
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import sa2va_nb as sa
from tests.clips import mask_clip, rectangle, textured_clip
from tests.standin import StandIn
from tests.standin.service import KEY, Answer

QUICK = sa.FalEngine(poll_s=0.01, timeout_s=5, queue_timeout_s=20, run_timeout_s=20, download_s=3)
RESULT = r"GET queue.fal.run/.*/requests/[^/]+$"
SUBMIT = "POST queue.fal.run/fal-ai/sa2va/8b/video$"
RECORD = {"format": "sa2va_nb run", "version": 1, "status": "done"}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """Give a place for the runs folder; whatever appears around it fails the test."""
    place = tmp_path / "deep" / "inside"
    place.mkdir(parents=True)
    textured_clip(tmp_path / "clip.mp4")
    before = sorted(tmp_path.rglob("*"))
    yield place
    assert [path for path in sorted(tmp_path.rglob("*")) if not path.is_relative_to(place)] == [
        path for path in before if not path.is_relative_to(place)
    ]


def segment(place: Path, video: str | Path | None = None) -> sa.Segmentation:
    clip = place.parents[1] / "clip.mp4" if video is None else video
    return sa.segment(clip, "a dog", engine=QUICK, runs_dir=place / "runs", progress=False)


def files_in(folder: Path) -> list[str]:
    """Name what is there, without locks and what is remembered of uploads."""
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in paths if not any(part.startswith(".") for part in path.parts))


URLS = [
    *("http://files.example.org/a.mp4", "ftp://files.example.org/a.mp4", "file:///etc/passwd"),
    *("gopher://files.example.org/a", "concat://a.mp4", "data://a", "javascript://a", "subfile://a"),
    *(
        "https://127.0.0.1/a.mp4",
        "https://127.1/a",
        "https://0x7f.1/a",
        "https://[::1]/a",
        "https://017700000001/a",
    ),
    *("https://169.254.169.254/latest/meta-data", "https://metadata.google.internal/a", "https://10.0.0.1/a"),
    *("https://localhost/a.mp4", "https://me.localhost./a", "https://nas.local/a", "https:///a.mp4"),
    *(
        "https://[::ffff:10.0.0.1]/a",
        "https://[::]/a",
        "https://224.0.0.1/a",
        "https://\x00/a",
        "https://a b/c",
    ),
    *("https://files.example.org:99999999/a.mp4", "https://[not an address/a.mp4"),
]


@pytest.mark.parametrize("url", URLS)
def test_an_address_that_leads_elsewhere_is_refused(standin: StandIn, outside: Path, url: str) -> None:
    with pytest.raises((sa.FetchError, sa.DecodeError, ValueError)) as caught:
        segment(outside, url)
    assert len(str(caught.value)) > 20
    assert standin.journal == []
    assert files_in(outside) == []


@pytest.mark.parametrize("url", URLS)
def test_a_mask_whose_address_leads_elsewhere_is_refused_with_the_answer_kept(
    standin: StandIn, outside: Path, url: str
) -> None:
    standin.fail(RESULT, "status", answer=Answer(200, {"output": "[SEG]", "masks": [{"url": url}]}))
    with pytest.raises(sa.FetchError, match="The answer is kept"):
        segment(outside)
    assert files_in(outside) == ["run.json"]
    assert standin.count("CONNECT") == 0


@pytest.mark.parametrize(
    "name",
    [
        *("../../../escape.mp4", "/etc/cron.d/x", "..%2f..%2fescape.mp4", "masks\\..\\..\\x.mp4", "~/x.mp4"),
        *("x" * 5000, "a\x00b.mp4", "a\nb.mp4", "$(touch x).mp4", "<script>", "CON", "\ud800.mp4", ""),
    ],
)
def test_file_names_from_the_service_name_no_file_here(standin: StandIn, outside: Path, name: str) -> None:
    url = "https://files.example.org/mask"
    standin.files[url] = mask_clip(outside / "mask.mp4", rectangle()).read_bytes()
    (outside / "mask.mp4").unlink()
    masks = {name: {"url": url, "file_name": name, "content_type": name}}
    standin.fail(RESULT, "status", answer=Answer(200, {"output": "[SEG]", "masks": masks}))
    assert len(segment(outside)) == 1
    assert files_in(outside) == ["000.mp4", "run.json"]


def nested(depth: int) -> bytes:
    return b'{"output": "[SEG]", "masks": [], "x": ' + b"[" * depth + b"]" * depth + b"}"


ANSWERS = {
    "nested a little too deep": Answer(200, nested(40)),
    "nested beyond the parser": Answer(200, nested(200_000)),
    "too many masks": Answer(200, {"output": "", "masks": [{"url": "https://a.b/c"}] * 1001}),
    "too many labels": Answer(200, {"output": "", "masks": {str(n): "https://a.b/c" for n in range(1001)}}),
    "masks in masks": Answer(200, {"output": "", "masks": [[{"url": "https://a.b/c"}]]}),
    "a number as address": Answer(200, {"output": "", "masks": [{"url": 7}]}),
    "a long number": Answer(200, b'{"output": "", "masks": ' + b"9" * 10_000 + b"}"),
    "output is a tree": Answer(200, {"output": {"a": 1}, "masks": []}),
    "a bomb": Answer(200, gzip.compress(b"[" + b" " * 500_000_000 + b"]"), {"Content-Encoding": "gzip"}),
    "no json": Answer(200, b"\xff\xfe\x00"),
    "an error page": Answer(200, b"<html>busy</html>", {"Content-Type": "text/html"}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_is_refused_and_the_request_kept(
    standin: StandIn, outside: Path, name: str
) -> None:
    standin.fail(RESULT, "status", times=20, answer=ANSWERS[name])
    with pytest.raises(sa.ModelError) as caught:
        segment(outside)
    (run,) = (outside / "runs").glob("*/run.json")
    record = json.loads(run.read_text())
    assert record["request_id"] in standin.jobs
    assert record["status"] in ("submitted", "completed")
    assert len(str(caught.value)) < 1500
    assert files_in(outside) == ["run.json"]


@pytest.mark.parametrize(
    "request_id", ["../../../storage/x", "a/b", "", "a b", "x" * 1000, "?a=b", "#", "\x00", ".."]
)
def test_an_id_that_would_lead_to_another_address_is_none(
    standin: StandIn, outside: Path, request_id: str
) -> None:
    standin.fail(SUBMIT, "status", answer=Answer(200, {"request_id": request_id}))
    with pytest.raises(sa.ModelError, match="is unknown"):
        segment(outside)
    assert standin.count("GET") == 0


@pytest.mark.parametrize("kind", ["status", "submit"])
def test_an_answer_without_end_is_cut_off(standin: StandIn, outside: Path, kind: str) -> None:
    line = SUBMIT if kind == "submit" else "GET .*/status"
    standin.fail(line, "status", times=3, answer=Answer(200, b" " * (65 * 1024**2)))
    with pytest.raises(sa.ModelError, match="understood"):
        segment(outside)


INWARD = [
    "http://169.254.169.254/latest/meta-data",
    "https://127.0.0.1/status",
    "https://localhost./status",
    "https://[::1]/status",
    "https://10.1.2.3/",
    "http://files.example.org/plain",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("to", [to for to in INWARD if to.startswith("http")])
@pytest.mark.parametrize("line", ["GET .*/status", RESULT, SUBMIT])
def test_the_service_leads_nowhere_else(standin: StandIn, outside: Path, line: str, to: str) -> None:
    standin.fail(line, "status", times=20, answer=Answer(302, b"", {"Location": to}))
    with pytest.raises(sa.ModelError, match=r"sa\.resume|No job was started"):
        segment(outside)
    assert standin.count("CONNECT") == 0
    assert {call.host for call in standin.journal} <= {"queue.fal.run", "rest.fal.ai", "v3.fal.media"}
    assert files_in(outside) == ["run.json"]


def test_a_redirect_to_another_public_host_takes_no_key_along(standin: StandIn, outside: Path) -> None:
    to = Answer(302, b"", {"Location": "https://files.example.org/status"})
    standin.fail("GET .*/status", "status", answer=to)
    with pytest.raises(sa.ModelError, match=r"sa\.resume"):
        segment(outside)
    (call,) = [call for call in standin.journal if call.host == "files.example.org"]
    assert KEY not in str(call)


@pytest.mark.parametrize("to", INWARD)
@pytest.mark.parametrize("what", ["mask", "source"])
def test_a_download_is_led_nowhere_else(standin: StandIn, outside: Path, what: str, to: str) -> None:
    url = "https://files.example.org/a.mp4"
    standin.fail("GET files.example.org", "status", times=20, answer=Answer(302, b"", {"Location": to}))
    standin.fail(RESULT, "status", answer=Answer(200, {"output": "[SEG]", "masks": [{"url": url}]}))
    with pytest.raises(sa.FetchError):
        segment(outside, url if what == "source" else None)
    assert standin.count("CONNECT") == 0
    assert files_in(outside) == ([] if what == "source" else ["run.json"])


BODIES = {
    "a page": Answer(200, b"<html>busy</html>", {"Content-Type": "video/mp4"}),
    "a script": Answer(200, b"#!/bin/sh\nrm -rf /\n"),
    "a playlist of local files": Answer(200, b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n"),
    "a list of files to join": Answer(200, b"ffconcat version 1.0\nfile /etc/passwd\n"),
    "a zip": Answer(200, b"PK\3\4" + bytes(2000)),
    "a program": Answer(200, b"\x7fELF" + bytes(2000)),
    "nothing": Answer(200, b""),
    "a bomb": Answer(200, gzip.compress(bytes(50_000_000)), {"Content-Encoding": "gzip"}),
    "a huge announcement": Answer(200, b"\0\0\0\x18ftypisom", {"Content-Length": str(10**12)}),
    "a redirect to itself": Answer(302, b"", {"Location": "https://files.example.org/a.mp4"}),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_mask_that_is_none_is_refused_and_the_answer_kept(
    standin: StandIn, outside: Path, name: str
) -> None:
    url = "https://files.example.org/a.mp4"
    standin.fail("GET files.example.org", "status", times=20, answer=BODIES[name])
    standin.fail(RESULT, "status", answer=Answer(200, {"output": "[SEG]", "masks": [{"url": url}]}))
    with pytest.raises(sa.FetchError, match="The answer is kept"):
        segment(outside)
    assert files_in(outside) == ["run.json"]
    (status,) = sa.runs(outside / "runs")["status"]
    assert status == "completed"


EXTRA: dict[str, Any] = {"a": [{"b": None}], "__class__": "x", "\u202e": 1, "status": "FAILED", "error": ""}


def test_fields_that_nobody_knows_do_no_harm(standin: StandIn, outside: Path) -> None:
    url = "https://files.example.org/mask"
    standin.files[url] = mask_clip(outside / "mask.mp4", rectangle()).read_bytes()
    (outside / "mask.mp4").unlink()
    raw = {**EXTRA, "output": "[SEG]", "masks": {"dog": {**EXTRA, "url": url, "file_data": "x" * 1000}}}
    standin.fail(RESULT, "status", answer=Answer(200, raw))
    seg = segment(outside)
    assert [mask["label"] for mask in seg.run["masks"]] == ["dog"]
    assert seg.run["status"] == "done"


@pytest.mark.parametrize("what", ["run.json", "masks/000.mp4", "masks"])
def test_a_run_folder_with_links_out_of_it_is_refused(outside: Path, what: str) -> None:
    run = outside / "runs" / "a"
    (run / "masks").mkdir(parents=True)
    good = {"video": {"name": "a"}, "request": {"prompt": "a"}, "output": "[SEG]"}
    (run / "run.json").write_text(json.dumps({**RECORD, **good, "masks": [{"file": "masks/000.mp4"}]}))
    (outside / "elsewhere").mkdir()
    (outside / "elsewhere" / "000.mp4").write_text("not yours")
    if what == "masks":
        (run / "masks").rmdir()
        (run / "masks").symlink_to(outside / "elsewhere")
    else:
        (run / what).unlink(missing_ok=True)
        (run / what).symlink_to(outside / "elsewhere" / "000.mp4")
    with pytest.raises(sa.RunError, match=r"outside its folder|can't be read"):
        sa.open_run(run)


def plain(name: str) -> Callable[[zipfile.ZipFile], None]:
    return lambda archive: archive.writestr(name, "x")


def link(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("video.mp4")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(member, "/etc/passwd")


def device(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("video.mp4")
    member.external_attr = (stat.S_IFCHR | 0o777) << 16
    archive.writestr(member, "")


def twice(archive: zipfile.ZipFile) -> None:
    for _ in range(2):
        archive.writestr("video.mp4", "x")


def twice_in_another_case(archive: zipfile.ZipFile) -> None:
    for name in ("video.mp4", "video.MP4"):
        archive.writestr(name, "x")


def many(archive: zipfile.ZipFile) -> None:
    for suffix in ("mp4", "mov"):
        for number in range(1000):
            archive.writestr(f"masks/{number:03}.{suffix}", "")


def packed(method: int) -> Callable[[zipfile.ZipFile], None]:
    return lambda archive: archive.writestr("video.mp4", "x" * 999, compress_type=method)


def only(content: Any) -> Callable[[zipfile.ZipFile], None]:
    """Put another record in than the good one."""

    def write(archive: zipfile.ZipFile) -> None:
        archive.writestr("run.json", content if isinstance(content, (str, bytes)) else json.dumps(content))

    return write


def record(**fields: Any) -> Callable[[zipfile.ZipFile], None]:
    good = {"video": {"name": "a"}, "request": {"prompt": "a"}, "output": "[SEG]", "masks": []}
    return only({**RECORD, **good, **fields})


BUNDLES: dict[str, Callable[[zipfile.ZipFile], None]] = {
    **{
        f"holds {name[:30]!r}": plain(name)
        for name in (
            *(
                "../escape.txt",
                "../../escape.txt",
                "/escape.txt",
                "masks/../../escape.mp4",
                "masks/./000.mp4",
            ),
            *(
                "C:\\escape.mp4",
                "..\\escape.mp4",
                "\\\\host\\share\\a.mp4",
                "masks/000.mp4/x",
                "run.json/",
                "masks",
            ),
            *(
                "notes.txt",
                "video.mp4\n",
                "video.mp4 ",
                "masks/0000.mp4",
                "masks/٠٠٠.mp4",
                "./run.json",
                "x" * 5000,
            ),
            *(
                "masks\\000.mp4",
                "\uff0e\uff0e/x",
                "masks\u2215000.mp4",
                "masks/00\uff10.mp4",
                "RUN.JSON",
                "video.mp4:x",
                ".",
            ),
            *(".bashrc", "request_id.txt", "__pycache__/a.pyc", "video.", "masks//000.mp4", "video.m\tp"),
        )
    },
    "a link": link,
    "a device": device,
    "a file twice": twice,
    "a file twice in another case": twice_in_another_case,
    "too many files": many,
    "lzma": packed(zipfile.ZIP_LZMA),
    "bzip2": packed(zipfile.ZIP_BZIP2),
    "no record": plain("video.mp4"),
    "record is empty": only(""),
    "record is no text": only(b"\xff\xfe\x00"),
    "record is a list": only([]),
    "record is nested": only("[" * 200_000),
    "record of another thing": only({"format": "x"}),
    "record has no status": only({"format": "sa2va_nb run", "version": 1}),
    "record lacks all": only(RECORD),
    "mask is outside": record(masks=[{"file": "../../../../etc/passwd"}]),
    "mask is absolute": record(masks=[{"file": "/etc/passwd"}]),
    "mask is a number": record(masks=[{"file": 3}]),
    "mask has a NUL": record(masks=[{"file": "a\0b"}]),
    "mask has a long name": record(masks=[{"file": "x" * 300}]),
    "mask has a long path": record(masks=[{"file": "x/" * 5000}]),
    "mask is not there": record(masks=[{"file": "masks/000.mp4"}]),
    "one mask thousands of times": record(masks=[{"file": "masks/000.mp4"}] * 5000),
    "masks are a text": record(masks="masks/000.mp4"),
    "video is outside": record(video={"name": "a", "file": "../../../../etc/passwd"}),
    "video is a text": record(video="a.mp4"),
    "frames are huge": record(sampled_frames=[10**30]),
    "output is a number": record(output=3),
    "cost is beyond a number": record(cost_usd=10**400),
    "cost is below nothing": record(cost_usd=-5),
    "frames are below 0": record(sampled_frames=[-1]),
}


@pytest.mark.parametrize("name", BUNDLES)
def test_a_hostile_bundle_is_refused(outside: Path, name: str) -> None:
    bundle = outside / "b.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        if not name.startswith(
            ("record", "mask", "video is", "one mask", "frames", "output", "cost", "no record")
        ):
            archive.writestr("run.json", json.dumps(RECORD))
        with pytest.warns(UserWarning, match="Duplicate") if name == "a file twice" else nullcontext():
            BUNDLES[name](archive)
    with pytest.raises(sa.RunError) as caught:
        sa.open_run(bundle)
    assert 20 < len(str(caught.value)) < 1000
    assert files_in(outside) == ["b.zip"]


@pytest.mark.skipif(not Path("/proc/kmsg").is_file(), reason="needs a file without an end")
def test_a_bundle_makes_nobody_read_a_file_without_an_end(outside: Path) -> None:
    bundle = outside / "b.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        record(video={"name": "a", "path": "/proc/kmsg", "bytes": 0, "sha256": "a"})(archive)
    assert sa.open_run(bundle).video is None


@pytest.mark.parametrize("seed", range(12))
def test_a_bundle_with_damaged_tables_is_refused_or_read(outside: Path, seed: int) -> None:
    bundle = outside / "b.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.json", json.dumps(RECORD) * 30)
        archive.writestr("video.mp4", bytes(3000))
    data = bytearray(bundle.read_bytes())
    table = data.index(b"PK\1\2")
    struct.pack_into("<I", data, table + 4 * (2 + seed), 0xFFFFFFF0 + seed)
    bundle.write_bytes(data)
    with pytest.raises(sa.RunError):
        sa.open_run(bundle)
