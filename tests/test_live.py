"""One call to the real service, about $0.04 by its list price; run with ``-m live`` (see docs/service.md)."""

import os

import numpy as np
import pytest

import sa2va_nb as sa
from tests.clips import textured_clip

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not os.environ.get("FAL_KEY"), reason="needs a key of the service in FAL_KEY"),
]


@pytest.fixture(scope="module")
def seg(tmp_path_factory: pytest.TempPathFactory) -> sa.Segmentation:
    folder = tmp_path_factory.mktemp("live")
    clip = textured_clip(folder / "clip.mp4", frames=12, height=144, width=256)
    return sa.segment(
        clip, "Please segment the background.", runs_dir=folder / "runs", max_cost_usd=0.1, progress=False
    )


def test_what_is_billed(seg: sa.Segmentation) -> None:
    assert seg.run["billable_units"] == pytest.approx(seg.video.duration_s, rel=0.5), dict(seg.run)
    assert seg.run["inference_s"] is not None


def test_every_frame_has_a_mask(seg: sa.Segmentation) -> None:
    assert seg.frame.tolist() == list(range(12)), seg.notes
    assert seg.shape == (12, 144, 256)
    assert all(0 < np.asarray(item.masks).mean() < 1 for item in seg)


def test_a_result_can_be_fetched_again(seg: sa.Segmentation) -> None:
    from fal_client import SyncClient

    handle = SyncClient().get_handle(seg.run["app"], seg.run["request_id"])
    assert handle.get()["output"] == seg.run["response"]["output"]
