"""Writes what a scrubber plays to a file that plays anywhere."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from PIL import Image as PilImage

from sa2va_nb.beside import write_beside
from sa2va_nb.errors import DecodeError
from sa2va_nb.view.painting.frames import Image

_CRF = "18"  # visually lossless
_TICKS = 90_000  # a second, of mp4's presentation times
_WEBP_QUALITY = 80
_MOST_S = {  # 31 bits of a tick, 16 of 1/100 s, 24 of 1/1000 s
    ".mp4": (2**31 - 1) / _TICKS,
    ".gif": (2**16 - 1) / 100,
    ".webp": (2**24 - 1) / 1000,
}
_GIF_STEP_MS, _GIF_MIN_MS = 10, 20  # what GIF can say; what is shorter, browsers play ten times slower


def write_film(
    path: str | Path, images: Iterable[Image], time_s: NDArray[np.float64], *, last_s: float
) -> Path:
    """Write images that are shown at given times.

    Args:
        path: the file, ending in .mp4 (H.264), .gif or .webp; written beside and renamed, so it is whole or not
            there. A GIF has 256 colours a frame, shows no more than 50 frames a second, and is held in memory.
        images: (H, W, 3) uint8 each, all of one size. An odd row or column at the end is doubled in an mp4.
        time_s: when each is shown, from 0 on, increasing.
        last_s: how long the last one is.

    Returns:
        The path.

    Raises:
        ValueError: if the suffix is none of these, or a frame lasts longer than the form can say, or no time.
        DecodeError: if the encoder fails.
        Sa2VAError: if the source can't be read.
    """
    path = Path(path)
    writers = {".mp4": _write_mp4, ".gif": _write_gif, ".webp": _write_webp}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"a film's name must end in {', '.join(writers)}, got {path.name!r}")
    ends = np.append(time_s, time_s[-1] + last_s)
    _check_lengths(np.diff(ends), path.suffix.lower())
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with write_beside(path) as part:
            writer(part, images, ends)
    except FFmpegError as error:
        raise DecodeError(f"{path.name} could not be encoded: {error}; is the disk full?") from error
    return path


def _check_lengths(shown_s: NDArray[np.float64], suffix: str) -> None:
    """Refuse frames that are shown for no time, or for longer than the form can say."""
    if shown_s.min() * _TICKS < 1:
        raise ValueError(
            "each frame of a film must be shown for some time, but some have the same time as the next; say how "
            "fast it is to play with fps="
        )
    if shown_s.max() > _MOST_S[suffix]:
        raise ValueError(
            f"a frame of a {suffix} lasts at most {int(_MOST_S[suffix]):,} s, got {shown_s.max():,.0f} s; say how "
            "fast it is to play with fps="
        )


def _write_mp4(path: Path, images: Iterable[Image], ends: NDArray[np.float64]) -> None:
    stamps = np.rint(ends * _TICKS).astype(int).tolist()
    lasting = dict(zip(stamps, np.diff(stamps).tolist(), strict=False))
    with av.open(f"file:{path}", "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=_mean_rate(ends))
        stream.pix_fmt = "yuv420p"  # what every player plays; it needs even sides
        stream.options = {"crf": _CRF, "preset": "veryfast"}
        stream.codec_context.time_base = Fraction(1, _TICKS)

        def write(frame: av.VideoFrame | None) -> None:
            for packet in stream.encode(frame):
                packet.duration = lasting[
                    packet.pts
                ]  # the encoder tells when a frame begins, not how long it is
                container.mux(packet)

        for stamp, image in zip(stamps, images, strict=False):
            even = np.pad(image, [(0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)], mode="edge")
            if stamp == stamps[0]:
                stream.height, stream.width = even.shape[:2]
            frame = av.VideoFrame.from_ndarray(even, format="rgb24")
            frame.pts, frame.time_base = stamp, Fraction(1, _TICKS)
            write(frame)
        write(None)


def _mean_rate(ends: NDArray[np.float64]) -> Fraction:
    """Give frames a second; only players that can't do with times of their own look at it."""
    return Fraction((len(ends) - 1) / float(ends[-1])).limit_denominator(1001) or Fraction(1, 1001)


def _write_gif(path: Path, images: Iterable[Image], ends: NDArray[np.float64]) -> None:
    shown = np.diff(np.rint(ends * 1000 / _GIF_STEP_MS).astype(int) * _GIF_STEP_MS)
    few = (PilImage.fromarray(image).quantize(256, PilImage.Quantize.FASTOCTREE) for image in images)
    _save(path, "GIF", few, duration=np.maximum(_GIF_MIN_MS, shown).tolist(), optimize=False)


def _write_webp(path: Path, images: Iterable[Image], ends: NDArray[np.float64]) -> None:
    shown = np.diff(np.rint(ends * 1000).astype(int))
    _save(
        path,
        "WEBP",
        map(PilImage.fromarray, images),
        duration=shown.tolist(),
        quality=_WEBP_QUALITY,
        method=0,
    )


def _save(
    path: Path, form: str, pictures: Iterator[PilImage.Image], duration: list[int], **options: object
) -> None:
    first = next(pictures)
    first.save(path, form, save_all=True, append_images=pictures, loop=0, duration=duration, **options)
