"""Judges from samples whether a picture is a mask."""

from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.media.picture import BLACK, FOREGROUND_FULL

_SAMPLE_PX = 2**13  # pixels that are looked at in a frame
_ALL_OF_THE_FIRST = 3  # every frame below 2**3 is looked at, then 4 from each power of two to the next

# Measured on masks, hard and soft, in many colours, and on overlays of them on six natural clips, the
# clips in grey, darkened, cut out: a mask has one colour, and few pixels are neither black nor of it.
_FLAT = 24  # codes around the commonest brightness that count as the same
_MAX_OFF = 0.25  # share of the picture neither black nor of the commonest brightness; masks reach 0.17
_MOSTLY_LIT = 0.7  # a picture with so little black is held to more; only large masks have that
_MAX_OFF_LIT = 0.06
_SAME_HUE = 0.25  # largest difference of a channel, relative to the brightest, within one colour
_MAX_OTHER_HUE = 0.2  # share of the bright pixels
_BRIGHT = 170  # a colour this bright is thresholded at mid-range, a darker one at half its own


@dataclass(frozen=True)
class Survey:
    """What samples of a picture show.

    Attributes:
        color: red, green, blue, or brightness alone, 0 to 255, of what isn't black.
        peak: its brightest channel.
        doubt: why this is no mask, in words; empty if it is one.
    """

    color: tuple[int, ...]
    peak: int
    doubt: str = ""

    @property
    def level(self) -> int:
        """Brightness above which a pixel is foreground: mid-range, or half of a dark colour."""
        return FOREGROUND_FULL if self.peak >= _BRIGHT else self.peak // 2


def is_sampled(index: int) -> bool:
    """Tell whether a frame is looked at: the first all, later ones ever more rarely."""
    return index % (1 << max(0, index.bit_length() - _ALL_OF_THE_FIRST)) == 0


def sample(channels: list[NDArray[Any]]) -> NDArray[Any]:
    """Take pixels of (H, W) channels, evenly: (C, n)."""
    step = max(1, isqrt(channels[0].size // _SAMPLE_PX))
    return np.stack([channel[::step, ::step].ravel() for channel in channels])


def judge(samples: list[NDArray[np.uint8]]) -> Survey:
    """Find the colour of a mask on black, or why it is none.

    Args:
        samples: (C, n) uint8 of each frame that was looked at; red, green, blue, or brightness alone.
    """
    pixels = np.concatenate(samples, axis=1)
    value = pixels.max(axis=0)
    lit = value > BLACK * 255
    if not lit.any():
        return Survey((255,) * len(pixels), 255)
    peak = int(np.percentile(value[lit], 90))
    strong = pixels[:, lit & (value >= peak // 2)].astype(np.float32)
    hue = strong / strong.max(axis=0)  # (C, n), the brightest channel 1
    own = np.median(hue, axis=1)
    other = float(np.mean(np.abs(hue - own[:, None]).max(axis=0) > _SAME_HUE))
    return Survey(
        color=tuple(round(float(share) * peak) for share in own),
        peak=peak,
        doubt=_doubt(other, float(lit.mean()), _off_share(value, lit)),
    )


def _off_share(value: NDArray[np.uint8], lit: NDArray[np.bool_]) -> float:
    """Share of pixels that are neither black nor near the commonest brightness."""
    counts = np.convolve(np.bincount(value[lit], minlength=256), np.ones(2 * _FLAT + 1), mode="same")
    commonest = int(counts.argmax())
    return float(np.mean(lit & (np.abs(value.astype(np.int16) - commonest) > _FLAT)))


def _doubt(other: float, lit: float, off: float) -> str:
    """Say why shares of pixels are not those of a mask; nothing if they are."""
    if other > _MAX_OTHER_HUE:
        return f"{other:.0%} of its bright pixels have another colour than the rest"
    if off > (_MAX_OFF_LIT if lit > _MOSTLY_LIT else _MAX_OFF):
        return f"{off:.0%} of its pixels are neither black nor of one brightness"
    return ""
