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
    strength of the strongest. Contours lie inside the masks and are opaque; of two the later one, or
    else the selected one, is on top.

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
        ValueError: if the shapes or the number of colours don't match, or the mode is unknown.
    """
    style = _mode(mode)
    _check(image, masks, colors)
    strengths = np.array([1.0 if selected in (None, k) else DIMMED for k in range(len(masks))])
    drawn = image.copy() if style.picture else np.full_like(image, GROUND)
    if style.fill:
        _fill(drawn, masks, colors, strengths * (opacity if style.picture else 1.0))
    if style.contour:
        _contours(drawn, image, masks, colors, strengths, selected)
    return drawn


def contour_px(width: int) -> int:
    """Give the thickness of a contour, in pixels, in an image ``width`` pixels wide."""
    return max(1, round(width / 320))


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


def _fill(
    drawn: Image, masks: Sequence[BoolArray] | BoolArray, colors: Sequence[RGB], strengths: NDArray[np.float64]
) -> None:
    """Blend the masks into ``drawn``: number each set of objects that share pixels, then look up by set."""
    sets = np.zeros(drawn.shape[:2], np.uint16)  # (H, W) number of the set; 0 is nobody
    members: list[tuple[int, ...]] = [()]
    for k, mask in enumerate(masks):
        box = _box(mask)
        if box is None or strengths[k] == 0:
            continue
        step = np.arange(len(members), dtype=np.uint16)
        for number in np.unique(sets[box][mask[box]]):
            step[number] = len(members)
            members.append((*members[number], k))
        np.copyto(sets[box], step[sets[box]], where=mask[box])
    box = _box(sets > 0)
    if box is not None:
        _blend(drawn[box], sets[box], members, colors, strengths)


def _blend(
    drawn: Image,
    sets: NDArray[np.uint16],
    members: Sequence[tuple[int, ...]],
    colors: Sequence[RGB],
    strengths: NDArray[np.float64],
) -> None:
    alpha = np.array([max((strengths[k] for k in group), default=0.0) for group in members])
    paint = np.array(
        [np.average([colors[k] for k in g], axis=0, weights=strengths[list(g)]) if g else (0, 0, 0) for g in members]
    )
    row = sets.astype(np.intp) << 8  # of the table: 256 values for each set
    values = np.arange(256)
    for channel in range(3):
        table = values * (1 - alpha[:, None]) + (paint[:, channel] * alpha)[:, None]
        drawn[..., channel] = np.rint(table).astype(np.uint8).ravel().take(row + drawn[..., channel])


def _contours(
    drawn: Image,
    image: Image,
    masks: Sequence[BoolArray] | BoolArray,
    colors: Sequence[RGB],
    strengths: NDArray[np.float64],
    selected: int | None,
) -> None:
    """Draw inner contours from the bottom up; a weaker one never covers a stronger one."""
    order = sorted(range(len(masks)), key=lambda k: k == selected)
    for k in order:
        box = _box(masks[k])
        if box is None:
            continue
        edge = _inner_edge(masks[k][box], contour_px(image.shape[1]))
        if strengths[k] < 1:  # dimmed: over the bare picture, where no undimmed mask lies
            if selected is not None and selected < len(masks):
                edge &= ~masks[selected][box]
            mixed = image[box] * (1 - strengths[k]) + np.asarray(colors[k]) * strengths[k]
            drawn[box][edge] = np.rint(mixed[edge]).astype(np.uint8)
        else:
            drawn[box][edge] = colors[k]


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
