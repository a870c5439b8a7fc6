import io
import os
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest

from sa2va_nb.media.decode import decode_masks
from tests.clips import textured_clip
from tests.standin import StandIn
from tests.standin.masks import SHAPES, block_masks, enlarge, mask_videos, read_clip
from tests.standin.service import KEY

APP = "https://queue.fal.run/fal-ai/sa2va/8b/video"
VIDEO = "https://files.example.org/clip.mp4"
HEADERS = {"Authorization": f"Key {KEY}"}


def clip_bytes(tmp_path: Path, *, height: int = 48, width: int = 64, frames: int = 12) -> bytes:
    return textured_clip(tmp_path / "clip.mp4", height=height, width=width, frames=frames).read_bytes()


def stream_facts(data: bytes) -> tuple[str, tuple[int, int], int, float, int]:
    """Give codec, (H, W), frames, rate and the usual luma of white."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        planes = [frame.planes[0] for frame in container.decode(stream)]
        luma = np.concatenate([np.frombuffer(bytes(plane), np.uint8) for plane in planes])
        size, rate = (stream.height, stream.width), float(stream.average_rate or 0)
        return stream.codec_context.name, size, len(planes), rate, int(np.median(luma[luma > 127]))


def submitted(client: httpx.Client, url: str = VIDEO) -> str:
    answer = client.post(APP, json={"prompt": "the dog", "video_url": url}, headers=HEADERS).json()
    return str(answer["response_url"])


def finished(client: httpx.Client, url: str) -> httpx.Response:
    while client.get(f"{url}/status", headers=HEADERS).json()["status"] != "COMPLETED":
        pass
    return client.get(url, headers=HEADERS)


def test_a_host_that_is_not_fals_is_refused(standin: StandIn) -> None:
    with httpx.Client() as client, pytest.raises(httpx.ProxyError, match="403"):
        client.get("https://example.com/")
    assert standin.count("^CONNECT example.com") == 1


def test_plain_http_is_refused(standin: StandIn) -> None:
    with httpx.Client() as client:
        assert client.get("http://queue.fal.run/").status_code == 403


def test_a_client_that_does_not_know_the_authority_does_not_get_through(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with httpx.Client() as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get("https://queue.fal.run/")


def test_the_key_is_checked(standin: StandIn) -> None:
    with httpx.Client() as client:
        assert client.post(APP, json={}).status_code == 401
    assert standin.jobs == {}


def test_a_job_moves_one_step_a_look_and_can_be_held(standin: StandIn, tmp_path: Path) -> None:
    standin.files[VIDEO] = clip_bytes(tmp_path)
    standin.queue_polls, standin.run_polls, standin.hold = 2, 1, True
    with httpx.Client() as client:
        url = submitted(client)

        def look() -> str:
            return str(client.get(f"{url}/status", headers=HEADERS).json()["status"])

        assert [look() for _ in range(4)] == ["IN_QUEUE"] * 4
        assert client.get(url, headers=HEADERS).status_code == 400
        standin.hold = False
        assert [look() for _ in range(4)] == ["IN_QUEUE", "IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
        assert client.get(url, headers=HEADERS).json()["output"] == SHAPES["same"].output


def test_a_cancelled_job_has_no_result(standin: StandIn) -> None:
    with httpx.Client() as client:
        url = submitted(client)
        assert client.put(f"{url}/cancel", headers=HEADERS).status_code == 202
        assert client.put(f"{url}/cancel", headers=HEADERS).status_code == 400
        assert finished(client, url).status_code == 499


def test_what_is_no_video_fails_as_a_result_not_at_submission(standin: StandIn) -> None:
    standin.files[VIDEO] = b"no video"
    with httpx.Client() as client:
        answer = finished(client, submitted(client))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "video_url"]


def test_it_serves_a_process_that_has_only_the_environment(standin: StandIn) -> None:
    code = "import httpx; print(httpx.get('https://files.example.org/a').status_code)"
    standin.files["https://files.example.org/a"] = b"a"
    environment = {**os.environ, **standin.env()}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "200"


def test_as_a_program_it_prints_the_environment_and_serves() -> None:
    command = [sys.executable, "-m", "tests.standin", "--shape", "dict"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        lines: dict[str, str] = {}
        while "FAL_HOME_DIR" not in lines:
            name, _, value = process.stdout.readline().removeprefix("export ").strip().partition("=")
            lines[name] = value.strip("'")
        with httpx.Client(proxy=lines["HTTPS_PROXY"], verify=trusting(lines["SSL_CERT_FILE"])) as client:
            assert client.get("https://v3.fal.media/nothing").status_code == 404
        process.terminate()


def trusting(ca_file: str | Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def test_stopping_hangs_up_and_leaves_neither_thread_nor_file() -> None:
    before = threading.active_count()
    with StandIn() as service:
        folder = service.ca_file.parent
        client = httpx.Client(proxy=service.env()["HTTPS_PROXY"], verify=trusting(service.ca_file))
        client.get("https://v3.fal.media/nothing")  # its connection stays open
        assert threading.active_count() > before
    assert threading.active_count() == before
    assert not folder.exists()
    client.close()


def test_faults_are_used_up(standin: StandIn) -> None:
    standin.fail("GET v3", "status", times=2)
    with httpx.Client() as client:
        codes = [client.get("https://v3.fal.media/nothing").status_code for _ in range(3)]
    assert codes == [500, 500, 404]


LIMITED, FULL = pytest.approx(235, abs=4), pytest.approx(255, abs=4)  # white, by the range of the luma


@pytest.mark.parametrize(
    ("shape", "facts"),
    [
        ("same", ("h264", (50, 70), 12, 24, LIMITED)),
        ("rounded", ("h264", (64, 80), 12, 24, LIMITED)),
        ("sampled", ("h264", (50, 70), 6, 12, LIMITED)),
        ("gray", ("h264", (50, 70), 12, 24, FULL)),  # and no chroma
        ("mpeg4", ("mpeg4", (50, 70), 12, 24, LIMITED)),
    ],
)
def test_mask_videos_have_the_shape_that_was_chosen_and_show_the_masks(
    tmp_path: Path, shape: str, facts: tuple[Any, ...]
) -> None:
    clip = read_clip(clip_bytes(tmp_path, height=50, width=70))
    videos = mask_videos(clip, SHAPES[shape], 6)
    expected = block_masks(clip, 2)
    if shape == "sampled":
        expected = expected[:, np.linspace(0, 11, 6).round().astype(int)]
    for video, blocks in zip(videos, expected, strict=True):
        assert stream_facts(video) == facts
        (tmp_path / "mask.mp4").write_bytes(video)
        decoded = np.asarray(decode_masks(tmp_path / "mask.mp4"))
        truth = np.stack([enlarge(mask, *facts[1]) for mask in blocks])
        assert (decoded & truth).sum() / (decoded | truth).sum() > 0.9


def test_masks_follow_the_brightness_of_the_clip(tmp_path: Path) -> None:
    clip = read_clip(clip_bytes(tmp_path))
    first, second = block_masks(clip, 2)
    assert clip.brightness.shape == (12, 6, 8)
    assert not (first & second).any()
    assert clip.brightness[first].min() > clip.brightness[second].max()
    assert clip.brightness[second].min() > clip.brightness[~first & ~second].max()
    assert first.mean() == pytest.approx(1 / 3, abs=0.02)
