import gzip
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sa2va_nb.errors import FetchError
from sa2va_nb.model.fetch import fetch
from sa2va_nb.model.retrying import LONGEST_ASKED_PAUSE_S, asked_pause_s
from sa2va_nb.model.transfer import FetchLimits
from tests.standin import StandIn
from tests.standin.server import Action
from tests.standin.service import Answer

URL = "https://files.example.org/clips/dog.mp4"
DATA = bytes(range(256)) * 2000


@pytest.fixture
def served(standin: StandIn) -> StandIn:
    standin.files[URL] = DATA
    return standin


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def redirect(to: str) -> Answer:
    return Answer(302, b"", {"Location": to})


def test_the_file_arrives_whole_and_alone(served: StandIn, tmp_path: Path) -> None:
    assert fetch(URL, tmp_path / "a.mp4") == tmp_path / "a.mp4"
    assert (tmp_path / "a.mp4").read_bytes() == DATA
    assert left_in(tmp_path) == ["a.mp4"]


def test_progress_ends_at_the_whole_size(served: StandIn, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    fetch(URL, tmp_path / "a.mp4", on_bytes=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize("action", ["drop_before", "truncate", "status"])
def test_a_passing_fault_is_tried_again(served: StandIn, tmp_path: Path, action: Action) -> None:
    served.fail("GET files", action, times=2, answer=Answer(503, {}))
    fetch(URL, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == DATA
    assert served.count("GET files") == 3


@pytest.mark.parametrize(
    ("action", "message"),
    [("drop_before", "could not be read"), ("truncate", "could not be read"), ("status", "503")],
)
def test_a_lasting_fault_ends_after_the_attempts_and_leaves_nothing(
    served: StandIn, tmp_path: Path, action: Action, message: str
) -> None:
    served.fail("GET files", action, times=99, answer=Answer(503, {}))
    with pytest.raises(FetchError, match=message):
        fetch(URL, tmp_path / "a.mp4", limits=FetchLimits(attempts=2))
    assert served.count("GET files") == 2
    assert left_in(tmp_path) == []


def test_a_broken_download_leaves_the_earlier_file_alone(served: StandIn, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"earlier")
    served.fail("GET files", "truncate")
    with pytest.raises(FetchError):
        fetch(URL, tmp_path / "a.mp4", limits=FetchLimits(attempts=1))
    assert (tmp_path / "a.mp4").read_bytes() == b"earlier"


@pytest.mark.parametrize("status", [403, 404, 410, 204, 206])
def test_an_answer_that_will_not_change_is_not_tried_again(
    served: StandIn, tmp_path: Path, status: int
) -> None:
    served.fail("GET files", "status", answer=Answer(status))
    with pytest.raises(FetchError, match=str(status)):
        fetch(URL, tmp_path / "a.mp4")
    assert served.count("GET files") == 1


def test_a_slow_server_is_given_up(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "delay", delay_s=20)
    with pytest.raises(FetchError, match="did not answer in time"):
        fetch(URL, tmp_path / "a.mp4", limits=FetchLimits(timeout_s=0.3, attempts=1))


def test_a_file_that_says_it_is_too_large_is_not_begun(served: StandIn, tmp_path: Path) -> None:
    seen: list[int] = []
    with pytest.raises(FetchError, match="512,000 bytes, at most 1,000"):
        fetch(
            URL,
            tmp_path / "a.mp4",
            limits=FetchLimits(max_bytes=1000),
            on_bytes=lambda done, total: seen.append(done),
        )
    assert seen == []


def test_a_file_that_hides_its_size_is_cut_off_at_the_limit(served: StandIn, tmp_path: Path) -> None:
    endless = Answer(200, DATA, {"Content-Length": "", "Connection": "close"})
    served.fail("GET files", "status", answer=endless)
    with pytest.raises(FetchError, match="more than 1,000 bytes"):
        fetch(URL, tmp_path / "a.mp4", limits=FetchLimits(max_bytes=1000))
    assert left_in(tmp_path) == []


def test_a_web_page_and_an_empty_file_are_no_video(served: StandIn, tmp_path: Path) -> None:
    page = Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html; charset=utf-8"})
    served.fail("GET files", "status", answer=page)
    with pytest.raises(FetchError, match="web page"):
        fetch(URL, tmp_path / "a.mp4")
    served.files[URL] = b""
    with pytest.raises(FetchError, match="empty"):
        fetch(URL, tmp_path / "a.mp4")


def test_a_redirect_is_followed(served: StandIn, tmp_path: Path) -> None:
    served.files["https://v3.fal.media/files/moved.mp4"] = b"moved"
    served.fail("GET files", "status", answer=redirect("https://v3.fal.media/files/moved.mp4"))
    fetch(URL, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == b"moved"


def test_redirects_without_end_are_given_up(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "status", times=99, answer=redirect(URL))
    with pytest.raises(FetchError, match="redirects more than"):
        fetch(URL, tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "target",
    ["http://files.example.org/a.mp4", "https://169.254.169.254/secret", "https://localhost:8888/api"],
)
def test_a_redirect_to_where_fetch_would_not_go_is_refused(
    served: StandIn, tmp_path: Path, target: str
) -> None:
    served.fail("GET files", "status", answer=redirect(target))
    with pytest.raises(FetchError):
        fetch(URL, tmp_path / "a.mp4")
    assert len(served.journal) == 1


REFUSED = [
    "http://files.example.org/a.mp4",
    "ftp://files.example.org/a.mp4",
    "file:///etc/passwd",
    "data:video/mp4;base64,AAAA",
    "dog.mp4",
    "https://",
    "https://[::1/a.mp4",
    "https://127.0.0.1/a.mp4",
    "https://127.1/a.mp4",
    "https://2130706433/a.mp4",
    "https://0x7f000001/a.mp4",
    "https://10.1.2.3/a.mp4",
    "https://192.168.0.1/a.mp4",
    "https://172.16.0.1/a.mp4",
    "https://169.254.169.254/latest/meta-data",
    "https://0.0.0.0/a.mp4",
    "https://[::1]/a.mp4",
    "https://[::ffff:127.0.0.1]/a.mp4",
    "https://[fd00::1]/a.mp4",
    "https://localhost/a.mp4",
    "https://LOCALHOST./a.mp4",
    "https://printer.local/a.mp4",
]


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_not_public_https_are_refused_before_any_call(
    standin: StandIn, tmp_path: Path, url: str
) -> None:
    with pytest.raises(FetchError):
        fetch(url, tmp_path / "a.mp4")
    assert standin.journal == []
    assert left_in(tmp_path) == []


@given(st.ip_addresses())
def test_only_global_literal_addresses_pass_the_check(address: object) -> None:
    from ipaddress import IPv4Address, IPv6Address

    from sa2va_nb.model.addresses import is_public

    assert isinstance(address, (IPv4Address, IPv6Address))
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_loopback


def test_an_error_keeps_the_secret_parts_of_an_address_to_itself(standin: StandIn, tmp_path: Path) -> None:
    with pytest.raises(FetchError) as caught:
        fetch("https://me:pass@files.example.org/a.mp4?sig=secret", tmp_path / "a.mp4")
    assert "files.example.org/a.mp4" in str(caught.value)
    assert not {"pass", "secret"} & {word for word in ("pass", "secret") if word in str(caught.value)}


def test_a_folder_that_is_not_there_is_a_fetch_error(served: StandIn, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="could not be written"):
        fetch(URL, tmp_path / "missing" / "a.mp4")


def test_a_host_out_of_reach_is_a_fetch_error(standin: StandIn, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="could not be read"):
        fetch("https://nowhere.example.net/a.mp4", tmp_path / "a.mp4", limits=FetchLimits(attempts=1))
    assert standin.count("CONNECT nowhere.example.net") == 1


VIDEO = bytes(4) + b"ftypisom" + DATA


def ranges(standin: StandIn) -> list[str]:
    return [call.headers.get("range", "") for call in standin.journal if call.method == "GET"]


def test_a_download_goes_on_where_it_stopped(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "truncate", times=2)
    fetch(URL, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == DATA
    first, second, third = ranges(served)
    assert first == ""
    assert 0 < int(second[6:-1]) < int(third[6:-1]) < len(DATA)


def test_a_server_that_gives_no_parts_is_read_from_the_start(served: StandIn, tmp_path: Path) -> None:
    served.ranges = False
    served.fail("GET files", "truncate")
    fetch(URL, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == DATA


def test_a_file_that_changed_meanwhile_is_not_glued_to_the_old_one(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "truncate")
    other = DATA[::-1]

    def change(done: int, total: int | None) -> None:
        served.files[URL] = other

    fetch(URL, tmp_path / "a.mp4", on_bytes=change)
    assert (tmp_path / "a.mp4").read_bytes() == other


@pytest.mark.parametrize(
    "answer",
    [
        Answer(206, DATA, {"Content-Range": "bytes 7-9/10"}),
        Answer(206, DATA, {"Content-Range": "bytes"}),
        Answer(206, DATA),
        Answer(416, b"", {"Content-Range": f"bytes */{len(DATA)}"}),
    ],
)
def test_a_part_that_does_not_fit_is_dropped(served: StandIn, tmp_path: Path, answer: Answer) -> None:
    served.fail("GET files", "truncate")
    served.fail("GET files", "status", answer=answer)
    fetch(URL, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == DATA
    assert ranges(served)[2] == ""


def test_what_another_process_left_behind_is_not_gone_on_with(served: StandIn, tmp_path: Path) -> None:
    (tmp_path / "a.mp4.part").write_bytes(b"something else")
    fetch(URL, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == DATA
    assert left_in(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("3", 3.0),
        ("99999999999999999999", LONGEST_ASKED_PAUSE_S),
        ("-5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_ASKED_PAUSE_S),
    ],
)
def test_a_server_may_ask_for_a_pause_within_reason(written: str, seconds: float) -> None:
    assert asked_pause_s(httpx.Response(429, headers={"Retry-After": written})) == seconds


def test_the_pause_that_a_server_asks_for_is_made(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "status", answer=Answer(503, {}, {"Retry-After": "2"}))
    started = time.monotonic()
    fetch(URL, tmp_path / "a.mp4")
    assert time.monotonic() - started >= 2


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><title>Sign in</title>",
        b'{"detail": "gone"}',
        b"#EXTM3U\nhttps://127.0.0.1/",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"MZ" + bytes(600),
        b"\x00\xff",
    ],
)
def test_what_does_not_begin_as_a_video_is_none_whatever_it_is_declared_to_be(
    served: StandIn, tmp_path: Path, data: bytes
) -> None:
    served.files[URL] = data
    with pytest.raises(FetchError, match="expected a video"):
        fetch(URL, tmp_path / "a.mp4", only_video=True, limits=FetchLimits(attempts=2))
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("declared", ["application/octet-stream", "text/plain", ""])
def test_a_video_is_one_whatever_it_is_declared_to_be(served: StandIn, tmp_path: Path, declared: str) -> None:
    served.fail("GET files", "status", answer=Answer(200, VIDEO, {"Content-Type": declared}))
    fetch(URL, tmp_path / "a.mp4", only_video=True)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO


def test_a_file_that_came_short_is_fetched_again(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "short")
    fetch(URL, tmp_path / "a.mp4", announced_bytes=len(DATA))
    assert (tmp_path / "a.mp4").read_bytes() == DATA


@pytest.mark.parametrize("coding", ["gzip", "br", "x-unknown"])
def test_a_compressed_download_is_refused_before_anything_is_unpacked(
    served: StandIn, tmp_path: Path, coding: str
) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    served.fail("GET files", "status", answer=Answer(200, bomb, {"Content-Encoding": coding}))
    with pytest.raises(FetchError, match="comes compressed"):
        fetch(URL, tmp_path / "a.mp4")
    assert served.journal[-1].headers["accept-encoding"] == "identity"
    assert left_in(tmp_path) == []


def test_a_download_that_trickles_ends_at_its_time(served: StandIn, tmp_path: Path) -> None:
    served.fail("GET files", "drip", times=9, delay_s=6)
    with pytest.raises(FetchError, match=r"took more than 1 s|did not answer in time"):
        fetch(URL, tmp_path / "a.mp4", limits=FetchLimits(max_s=1))
    assert left_in(tmp_path) == []
