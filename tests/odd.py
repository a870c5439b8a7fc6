"""Draws segmentations as odd as any that may come, for the campaign of ``tests.there_and_back``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

WORDS = [
    None,
    "",
    " ",
    "a dog",
    "δύο παιδιά",
    "e\u0301 日本 🐕\u200d🦺",
    "\u202egnp.exe",
    "\ufeffmark",
    "\ud800 alone",
    "a\x00b",
    "ends with\x00",
    "tab\tand\r\nlines\rof\u2028many\x85kinds",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x";"y")',
    "-1",
    "nan",
    "None",
    "void",
    "object 1",
    "{0} %s %d $x_1$ \\input{x}",
    "'quoted', \"twice\"",
    "x" * 10_000,
]
CLIPS = [
    "clip",
    "12",
    "a/b",
    "a\\b",
    " ",
    "é日本",
    "\udcff",
    "x:y",
    ".hidden",
    "line\nbreak",
    "{0}%d",
    "c" * 200,
]
MAX_FRAME = 10**9  # is refused, as no file name has more digits


@dataclass(frozen=True)
class Named:
    """A source video of which little is known but its name and its size."""

    path: Path
    shape: tuple[int, int, int, int]
    fps: float = 25.0

    @property
    def time_s(self) -> NDArray[np.float64]:
        return np.arange(self.shape[0]) / self.fps

    @property
    def duration_s(self) -> float:
        return self.shape[0] / self.fps

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        return np.zeros(self.shape[1:], np.uint8)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return (self[index] for index in range(len(self)))


def odd_segmentation(rng: np.random.Generator) -> Segmentation:
    """Draw a small one: few or hundreds of objects, thin pictures, gaps, any frames, times and phrases."""
    n = (
        int(rng.choice([0, 1, 2, 3, 5, 11]))
        if rng.random() < 0.97
        else int(rng.choice([254, 255, 300, 1000]))
    )
    shape = (int(rng.choice([1, 2, 3, 5, 9])), *map(int, rng.choice([1, 2, 3, 7, 8, 13, 16, 33, 64], 2)))
    tracks: list[NDArray[np.bool_]] = []
    for _ in range(n):
        tracks.append(_track(rng, shape, tracks))
    items = (SegmentedObject(k, _phrase(rng), Masks.from_array(track)) for k, track in enumerate(tracks))
    frame = _frames(rng, shape[0])
    video = None
    if rng.random() < 0.4:
        path = Path(f"/nowhere/{rng.choice(np.array(CLIPS, object))}.mp4")
        video = Named(path, (int(frame[-1]) + 1, *shape[1:], 3))
    void = Masks.from_array(_track(rng, shape, tracks)) if rng.random() < 0.4 else None
    return Segmentation(tuple(items), frame, _times(rng, frame), video=video, void=void)


def _track(
    rng: np.random.Generator, shape: tuple[int, int, int], earlier: list[NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Draw (T, H, W) masks of one object, some of them empty."""
    kind = rng.choice(["noise", "empty", "full", "pixel", "box", "again"])
    dense = np.zeros(shape, bool)
    if kind == "noise":
        dense = rng.random(shape) < rng.random()
    elif kind == "full":
        dense[:] = True
    elif kind == "pixel":
        dense[:, rng.integers(shape[1]), rng.integers(shape[2])] = True
    elif kind == "box":
        top, left = rng.integers(shape[1]), rng.integers(shape[2])
        dense[:, top : top + rng.integers(1, 9), left : left + rng.integers(1, 9)] = True
    elif kind == "again" and earlier:
        dense = earlier[-1].copy()
    if rng.random() < 0.4:
        dense[rng.random(shape[0]) < 0.5] = False
    return dense


def _phrase(rng: np.random.Generator) -> str | None:
    """Draw words that somebody wrote, or letters of all planes."""
    if rng.random() < 0.8:
        return WORDS[rng.integers(len(WORDS))]
    return "".join(map(chr, rng.integers(0, 0x110000, rng.integers(1, 9))))


def _frames(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Draw (T,) increasing frames."""
    kind = rng.choice(["all", "every", "gaps", "long", "end", "beyond"], p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05])
    if kind == "all":
        return np.arange(n)
    if kind == "every":
        return np.arange(n) * rng.integers(2, 30)
    if kind == "gaps":
        return np.cumsum(rng.integers(1, 9, n))
    if kind == "long":  # numbers of five digits, then of more
        return 99_999 + np.cumsum(rng.integers(0, 3, n) + 1) - 2
    last = MAX_FRAME - (kind == "end")
    return last - np.arange(n, dtype=np.int64)[::-1]


def _times(rng: np.random.Generator, frame: NDArray[np.int64]) -> NDArray[np.floating | np.integer]:
    """Draw (T,) times that don't go back; NaN where nobody knows."""
    kind = rng.choice(["none", "even", "uneven", "some", "one", "early", "epoch", "int", "float32"])
    even = frame / rng.choice([23.976, 24, 25, 29.97, 1000])
    if kind == "none":
        return np.full(len(frame), np.nan)
    if kind == "uneven":
        return np.cumsum(rng.random(len(frame)))
    if kind == "some":
        return np.where(rng.random(len(frame)) < 0.5, np.nan, even)
    if kind == "one":
        return np.full(len(frame), 0.5)
    if kind == "int":
        return np.arange(len(frame))
    if kind == "float32":
        return even.astype(np.float32)
    return even + {"even": 0.0, "early": -1e3, "epoch": 1.7e9}[str(kind)]
