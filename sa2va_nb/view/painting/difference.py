"""Draws where the masks of two segmentations differ."""

import numpy as np

from sa2va_nb.view.painting.colors import GROUND, RGB, to_rgb
from sa2va_nb.view.painting.frames import BoolArray, Image
from sa2va_nb.view.painting.paints import Paints

# web/compare.js holds the same; of the palette's colours those that stay apart, also to colour-blind eyes.
AGREE: RGB = to_rgb("#92dadd")
ONLY_A: RGB = to_rgb("#e76300")
ONLY_B: RGB = to_rgb("#832db6")
MIXED: RGB = to_rgb("#bd1f01")
_LUMA = (77, 150, 29)  # parts in 256 of red, green and blue, as ITU-R BT.601 weighs them


def difference(image: Image, ours: BoolArray, theirs: BoolArray, *, opacity: float, mode: str) -> Image:
    """Paint the pixels that both, only A, or only B have, pair by pair, over the picture in grey.

    All colour is of the marks: over something purple, "both" would else look like "only B".
    A pixel that is too much in one pair and missing in another belongs to the wrong object.

    Args:
        image: (h, w, 3) uint8 RGB; left as it is.
        ours: (P, h, w) bool, A's mask of each pair.
        theirs: (P, h, w) bool, B's.
        opacity: 0 to 1.
        mode: "mask" leaves the picture out, and is opaque; of any other it doesn't matter which.
    """
    picture = mode != "mask"
    both, only_a, only_b = (
        np.any(each, axis=0, keepdims=False) for each in (ours & theirs, ours & ~theirs, theirs & ~ours)
    )  # (h, w) bool each
    paints = Paints(image.shape[:2])
    for where, color in ((both, AGREE), (only_b, ONLY_B), (only_a, ONLY_A), (only_a & only_b, MIXED)):
        paints.put(where, color, opacity if picture else 1.0)
    drawn = _grey(image) if picture else np.full_like(image, GROUND)
    paints.blend_into(drawn)
    return drawn


def _grey(image: Image) -> Image:
    """Give a picture without its colours: (h, w, 3) uint8, the three alike."""
    red, green, blue = (image[..., channel].astype(np.uint16) * part for channel, part in enumerate(_LUMA))
    luma = (red + green + blue + 128 >> 8).astype(np.uint8)
    return np.repeat(luma[..., None], 3, axis=2)
