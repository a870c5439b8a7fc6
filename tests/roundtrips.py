"""Sends real masks through every codec, and real clips through random access: ``python -m tests.roundtrips``."""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sa2va_nb import Video, decode_masks
from tests.encoders import encode, iou, paint

CODECS: dict[str, dict[str, Any]] = {
    "H.264 CRF 23": {"codec": "libx264", "options": {"crf": "23", "preset": "veryfast"}},
    "H.264 CRF 23 10 bit": {
        "codec": "libx264",
        "pix_fmt": "yuv420p10le",
        "options": {"crf": "23", "preset": "veryfast"},
    },
    "H.265 CRF 23": {"codec": "libx265", "options": {"crf": "23", "preset": "veryfast"}},
    "VP9 CRF 23": {"codec": "libvpx-vp9", "options": {"crf": "23", "b": "0", "cpu-used": "8", "deadline": "realtime"}},
    "AV1 CRF 23": {"codec": "libsvtav1", "options": {"crf": "23", "preset": "10"}},
    "MPEG-4 part 2, quantiser 3": {"codec": "mpeg4", "options": {"qscale": "3"}},
    "MJPEG, quantiser 3": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "options": {"qscale": "3"}},
    "H.264 lossless": {"codec": "libx264", "options": {"qp": "0", "preset": "veryfast"}},
    "FFV1": {"codec": "ffv1", "pix_fmt": "gray", "container": "matroska"},
    "PNG": {"codec": "png", "pix_fmt": "gray"},
    "GIF": {"codec": "gif", "pix_fmt": "gray", "container": "gif"},
}  # fmt: skip
LOSSLESS = {"H.264 lossless", "FFV1", "PNG", "GIF"}


def real_masks(davis: Path, *, frames: int | None = None) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Give (T, H, W) of every object of the ground truth and the predictions of each clip."""
    for clip in sorted(path for path in davis.iterdir() if path.is_dir()):
        for source in ("gt", "osvos", "rvos"):
            files = sorted((clip / source).glob("*.png"))[:frames]
            labels = np.stack([np.array(Image.open(file)) for file in files])
            for label in np.unique(labels[(labels > 0) & (labels < 255)]):
                yield f"{clip.name} {source} {label}", labels == label


def round_trip(dense: NDArray[np.bool_], name: str, folder: Path) -> float:
    """Encode and decode; give the mean IoU with the original."""
    decoded = decode_masks(encode(folder / "output", paint(dense), **{"container": "mp4", **CODECS[name]}))
    return iou(np.asarray(decoded), dense)


def wrong_random_frames(path: Path, *, count: int, seed: int = 0) -> int:
    """Count random frames that differ, in any bit, from the same frame read in order."""
    in_order, video = dict(enumerate(Video(path))), Video(path)
    frames = np.random.default_rng(seed).integers(0, len(video), count)
    return sum(not np.array_equal(video[frame], in_order[int(frame)]) for frame in frames)


def main() -> None:
    """Print the mean and the worst object of each codec, then the clips."""
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    masks = list(real_masks(data / "davis", frames=int(sys.argv[1]) if len(sys.argv) > 1 else None))
    with tempfile.TemporaryDirectory() as folder:
        for name in CODECS:
            started = time.monotonic()
            scores = {which: round_trip(dense, name, Path(folder)) for which, dense in masks}
            worst = min(scores, key=lambda which: scores[which])
            sys.stdout.write(
                f"{name:28}{len(scores)} objects  mean IoU {np.mean(list(scores.values())):.5f}  "
                f"worst {scores[worst]:.5f} ({worst})  {time.monotonic() - started:.0f} s\n"
            )
    for path in [data / "bedroom.mp4", *sorted((data / "davis").glob("*/video.mp4"))]:
        wrong = wrong_random_frames(path, count=200)
        sys.stdout.write(f"{path.relative_to(data)}: {wrong} of 200 random frames differ\n")


if __name__ == "__main__":
    main()
