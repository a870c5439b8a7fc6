"""Draws masks over one image, as the scrubber draws them in the browser."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.view.colors import GROUND, RGB

Image = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]


class Mode(NamedTuple):
    """What is drawn: the picture itself, filled masks, their contours."""

    picture: bool
    fill: bool
    contour: bool


# web/paint.js holds the same table; a browser test compares the pixels mode by mode.
MODES = {
    "both": Mode(picture=True, fill=True, contour=True),
    "fill": Mode(picture=True, fill=True, contour=False),
    "contour": Mode(picture=True, fill=False, contour=True),
    "mask": Mode(picture=False, fill=True, contour=False),
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
) -> Image:
    """Draw masks over an image.

    Where several masks cover a pixel, their mean colour, weighted by strength, is laid over it at the
    strength of the strongest. Contours lie inside the masks and are opaque; of two the later one is on
    top. Beside a selected mask the others are dimmed, and never cover what is stronger.

    Args:
        image: (H, W, 3) uint8 RGB; left as it is.
        masks: (K, H, W) bool, or K masks of (H, W).
        colors: K colours (red, green, blue), 0 to 255.
        opacity: of the filling, 0 to 1; mode "mask" is always opaque.
        mode: a key of ``MODES``: "both", "fill", "contour" or "mask".
        selected: index of the mask that stands out against the others, or None.

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
    strengths = np.array([1.0 if selected in (None, k) else DIMMED for k in range(len(masks))])
    layer = _Layer(np.zeros(image.shape[:2], np.uint16))
    if style.fill:
        layer.fill(masks, colors, strengths * (opacity if style.picture else 1.0))
    if style.contour:
        for k in sorted(range(len(masks)), key=lambda k: k == selected):
            layer.contour(masks[k], colors[k], float(strengths[k]))
    drawn = image.copy() if style.picture else np.full_like(image, GROUND)
    layer.blend_into(drawn)
    return drawn


def contour_px(width: int) -> int:
    """Give the thickness of a contour, in pixels, in an image ``width`` pixels wide."""
    return max(1, round(width / 320))


class _Layer:
    """What lies over the picture: a number for each pixel, a colour and a strength for each number."""

    def __init__(self, numbers: NDArray[np.uint16]) -> None:
        self._numbers = numbers  # (H, W); 0 is bare
        self._colors: list[NDArray[np.float64]] = [np.zeros(3)]
        self._strengths: list[float] = [0.0]

    def fill(
        self, masks: Sequence[BoolArray] | BoolArray, colors: Sequence[RGB], strengths: NDArray[np.float64]
    ) -> None:
        """Number each set of objects that share pixels."""
        members: list[list[int]] = [[]]
        for k, mask in enumerate(masks):
            box = _box(mask)
            if box is None or strengths[k] == 0:
                continue
            step = np.arange(len(members), dtype=np.uint16)  # the number a pixel changes to
            for number in np.unique(self._numbers[box][mask[box]]):
                group = [*members[number], k]
                step[number] = len(members)
                members.append(group)
                self._colors.append(np.average([colors[i] for i in group], axis=0, weights=strengths[group]))
                self._strengths.append(float(strengths[group].max()))
            np.copyto(self._numbers[box], step[self._numbers[box]], where=mask[box])

    def contour(self, mask: BoolArray, color: RGB, strength: float) -> None:
        """Draw one inner contour, wherever nothing stronger lies."""
        box = _box(mask)
        if box is None:
            return
        edge = _inner_edge(mask[box], contour_px(mask.shape[1]))
        weaker = np.array(self._strengths) <= strength
        self._numbers[box][edge & weaker[self._numbers[box]]] = len(self._colors)
        self._colors.append(np.asarray(color, np.float64))
        self._strengths.append(strength)

    def blend_into(self, drawn: Image) -> None:
        """Lay it over (H, W, 3) uint8 RGB, by a table of 256 values for each number."""
        box = _box(self._numbers > 0)
        if box is None:
            return
        color, strength = np.array(self._colors), np.array(self._strengths)[:, None]
        row = self._numbers[box].astype(np.intp) << 8
        for channel in range(3):
            table = np.arange(256) * (1 - strength) + color[:, channel, None] * strength
            region = drawn[box][..., channel]
            region[...] = np.rint(table).astype(np.uint8).ravel().take(row + region)


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


def _inner_edge(mask: BoolArray, thickness: int) -> BoolArray:
    """(h, w) bool: mask pixels with a non-mask pixel, or the border, at most ``thickness`` off along an axis."""
    height, width = mask.shape
    padded = np.pad(mask, thickness)
    inside = mask.copy()
    middle_y, middle_x = slice(thickness, thickness + height), slice(thickness, thickness + width)
    for d in range(1, thickness + 1):
        for shift in (-d, d):
            inside &= padded[thickness + shift : thickness + shift + height, middle_x]
            inside &= padded[middle_y, thickness + shift : thickness + shift + width]
    return mask & ~inside


def _box(mask: BoolArray) -> tuple[slice, slice] | None:
    """Give the slices of the smallest box around a mask, or None for an empty one."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[y0:y1].any(axis=0))
    return slice(y0, y1), slice(int(columns[0]), int(columns[-1]) + 1)
