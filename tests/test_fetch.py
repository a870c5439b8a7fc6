from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sa2va_nb.errors import FetchError
from sa2va_nb.model.fetch import fetch
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
        fetch(URL, tmp_path / "a.mp4", attempts=2)
    assert served.count("GET files") == 2
    assert left_in(tmp_path) == []


def test_a_broken_download_leaves_the_earlier_file_alone(served: StandIn, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"earlier")
    served.fail("GET files", "truncate")
    with pytest.raises(FetchError):
        fetch(URL, tmp_path / "a.mp4", attempts=1)
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
        fetch(URL, tmp_path / "a.mp4", timeout_s=0.3, attempts=1)


def test_a_file_that_says_it_is_too_large_is_not_begun(served: StandIn, tmp_path: Path) -> None:
    seen: list[int] = []
    with pytest.raises(FetchError, match="512,000 bytes, at most 1,000"):
        fetch(URL, tmp_path / "a.mp4", max_bytes=1000, on_bytes=lambda done, total: seen.append(done))
    assert seen == []


def test_a_file_that_hides_its_size_is_cut_off_at_the_limit(served: StandIn, tmp_path: Path) -> None:
    endless = Answer(200, DATA, {"Content-Length": "", "Connection": "close"})
    served.fail("GET files", "status", answer=endless)
    with pytest.raises(FetchError, match="more than 1,000 bytes"):
        fetch(URL, tmp_path / "a.mp4", max_bytes=1000)
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

    from sa2va_nb.model.fetch import _is_public

    assert isinstance(address, (IPv4Address, IPv6Address))
    if _is_public(str(address)):
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
        fetch("https://nowhere.example.net/a.mp4", tmp_path / "a.mp4", attempts=1)
    assert standin.count("CONNECT nowhere.example.net") == 1
