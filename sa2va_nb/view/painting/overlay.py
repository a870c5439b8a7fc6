"""Draws masks over one image, as the scrubber draws them in the browser."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.view.painting.colors import GROUND, RGB, is_dashed
from sa2va_nb.view.painting.paints import BoolArray, Image, Paints
from sa2va_nb.view.painting.strokes import box_outline, contour_px, inner_contour, trail

__all__ = ["DIMMED", "MODES", "Mode", "contour_px", "overlay"]

FloatArray = NDArray[np.floating]


class Mode(NamedTuple):
    """What is drawn: the picture itself, filled masks, their contours, a veil over all that isn't masked."""

    picture: bool
    fill: bool
    contour: bool
    veil: float = 0.0


# web/paint.js holds the same table; a browser test compares the pixels mode by mode.
MODES = {
    "both": Mode(picture=True, fill=True, contour=True),
    "fill": Mode(picture=True, fill=True, contour=False),
    "contour": Mode(picture=True, fill=False, contour=True),
    "mask": Mode(picture=False, fill=True, contour=False),
    "spotlight": Mode(picture=True, fill=False, contour=False, veil=0.7),
    "cutout": Mode(picture=True, fill=False, contour=False, veil=1.0),
}
DIMMED = 0.3  # what is left of an object's strength while another one is selected


def overlay(
    image: Image,
    masks: Sequence[BoolArray] | BoolArray,
    *,
    colors: Sequence[RGB],
    opacity: float = 0.5,
    mode: str = "both",
    selected: int | None = None,
    dashed: Sequence[bool] | None = None,
    boxes: bool = False,
    trails: Sequence[FloatArray] | None = None,
) -> Image:
    """Draw masks over an image.

    Where several masks cover a pixel, those that are strongest there take turns in diagonal stripes.
    Contours lie inside the masks and are opaque; over them lie boxes, over those the trails. Of two lines
    of one kind the later one is on top. Beside a selected mask the others are dimmed, and never cover what
    is stronger.

    Args:
        image: (H, W, 3) uint8 RGB; left as it is.
        masks: (K, H, W) bool, or K masks of (H, W).
        colors: K colours (red, green, blue), 0 to 255.
        opacity: of the filling, 0 to 1; mode "mask" is always opaque.
        mode: a key of ``MODES``: "both", "fill", "contour", "mask", "spotlight" or "cutout".
        selected: index of the mask that stands out against the others, or None.
        dashed: K flags, whose contours are dashed; None for those beyond the palette's ten colours.
        boxes: whether the smallest box around each mask is drawn.
        trails: K arrays (2, n) of x and y, the way of each mask's centroid up to here, NaN where absent.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: if the shapes or the number of colours don't match, the mode is unknown, or the opacity
            out of range.
    """
    style = _mode(mode)
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity must be 0 (clear) to 1 (solid), got {opacity}")
    _check(image, masks, colors)
    strengths = [1.0 if selected in (None, k) else DIMMED for k in range(len(masks))]
    paints = Paints(image.shape[:2])
    if style.fill:
        paints.fill(masks, colors, [s * (opacity if style.picture else 1.0) for s in strengths])
    if style.veil:
        paints.veil(masks, strengths, style.veil)
    on_top = sorted(range(len(masks)), key=lambda k: k == selected)

    def draw(line: Callable[[int], tuple[tuple[slice, slice], BoolArray] | None]) -> None:
        for k in on_top:
            found = line(k)
            if found is not None:
                paints.line(*found, colors[k], strengths[k])

    thickness = contour_px(image.shape[1])
    if style.contour:
        draw(
            lambda k: inner_contour(masks[k], thickness, dashed=is_dashed(k) if dashed is None else dashed[k])
        )
    if boxes:
        draw(lambda k: box_outline(masks[k], thickness))
    if trails is not None:
        draw(lambda k: trail(trails[k], thickness, image.shape[:2]))
    drawn = image.copy() if style.picture else np.full_like(image, GROUND)
    paints.blend_into(drawn)
    return drawn


def _mode(mode: str) -> Mode:
    try:
        return MODES[mode]
    except KeyError:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}") from None


def _check(image: Image, masks: Sequence[BoolArray] | BoolArray, colors: Sequence[RGB]) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"image must be (H, W, 3) uint8, got {image.shape} {image.dtype}")
    for k, mask in enumerate(masks):
        if mask.shape != image.shape[:2] or mask.dtype != np.bool_:
            raise ValueError(
                f"masks must be {image.shape[:2]} bool like the image, got {mask.shape} {mask.dtype} at {k}"
            )
    if len(colors) != len(masks):
        raise ValueError(f"colors must be one for each of {len(masks)} masks, got {len(colors)}")
