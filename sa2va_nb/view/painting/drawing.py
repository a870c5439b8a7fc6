"""Draws a scene at one position, as the browser paints it."""

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.view.painting.colors import RGB, is_dashed, to_rgb
from sa2va_nb.view.painting.difference import difference
from sa2va_nb.view.painting.frames import BoolArray, Image, dense, picture_at
from sa2va_nb.view.painting.look import Look
from sa2va_nb.view.painting.overlay import contour_px, overlay
from sa2va_nb.view.painting.scene import Scene
from sa2va_nb.view.widget.numbers import centroids

_LINE: RGB = (255, 255, 255)  # between the two sides of a wipe


def draw(scene: Scene, position: int, look: Look) -> Image:
    """Draw a position.

    Returns:
        (h, w, 3) uint8 RGB; twice as wide with A and B side by side.
    """
    picture = picture_at(scene.seg, position, scene.size)
    masks = dense(scene.rles(position), scene.size)  # (K + L, h, w)
    here = bool(scene.covered[position])
    if look.comparing == "difference" and here:
        return difference(picture, *_pair_masks(scene, look, masks), opacity=look.opacity, mode=look.mode)
    ours = _side(scene, position, look, picture, masks, _visible_a(look))
    if look.comparing not in ("side", "wipe"):
        return ours
    theirs = _side(scene, position, look, picture, masks, _visible_b(scene, look)) if here else picture
    if look.comparing == "side":
        return np.concatenate([ours, theirs], axis=1)
    return _wiped(ours, theirs, look.split)


def _visible_a(look: Look) -> list[int]:
    return sorted(look.visible)


def _visible_b(scene: Scene, look: Look) -> list[int]:
    """Give B's objects whose partner is visible, and those without one; counted behind A's."""
    k = len(scene.seg)
    return [k + at for at, mate in enumerate(scene.partner) if mate is None or mate in look.visible]


def _side(
    scene: Scene, position: int, look: Look, picture: Image, masks: BoolArray, shown: list[int]
) -> Image:
    """Draw some of the objects over the picture."""
    colors = scene.colors(look.colors)
    return overlay(
        picture,
        masks[shown],
        colors=[to_rgb(colors[i]) for i in shown],
        opacity=look.opacity,
        mode=look.mode,
        selected=_place_of_selected(scene, look, shown),
        dashed=[is_dashed(scene.color_index[i]) for i in shown],
        boxes=look.boxes,
        trails=_trails(scene, position, shown) if look.trails else None,
    )


def _place_of_selected(scene: Scene, look: Look, shown: list[int]) -> int | None:
    """Find the selected object, or its partner, among those shown; -1 where it isn't there: all are dimmed."""
    if look.selected is None:
        return None
    k = len(scene.seg)
    own = {look.selected} | {k + b for a, b in scene.pairs if a == look.selected}
    return next((at for at, i in enumerate(shown) if i in own), -1)


def _trails(scene: Scene, position: int, shown: list[int]) -> list[NDArray[np.float32]]:
    first = max(0, position - scene.trail)
    points = centroids(scene, range(first, position + 1))  # (2, K + L, n)
    return [points[:, i] for i in shown]


def _wiped(ours: Image, theirs: Image, split: float) -> Image:
    """Put A left of the line, B right of it."""
    width = ours.shape[1]
    at, thickness = int(np.floor(split * width + 0.5)), contour_px(width)
    drawn = np.concatenate([ours[:, :at], theirs[:, at:]], axis=1)
    left = at - thickness // 2
    drawn[:, max(0, left) : max(0, left + thickness)] = _LINE
    return drawn


def _pair_masks(scene: Scene, look: Look, masks: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Give the two masks of each pair shown: (P, h, w) of A and of B, empty for one without a partner."""
    k = len(scene.seg)
    mate_of: dict[int, int | None] = {a: k + b for a, b in scene.pairs}
    pairs: list[tuple[int | None, int | None]] = [(a, mate_of.get(a)) for a in _visible_a(look)]
    if look.selected is None:
        pairs += [(None, k + at) for at, mate in enumerate(scene.partner) if mate is None]
    else:
        pairs = [pair for pair in pairs if pair[0] == look.selected]
    empty = np.zeros(scene.size, np.bool_)
    sides = [[empty if i is None else masks[i] for i in side] for side in zip(*pairs, strict=True)] or [
        [],
        [],
    ]
    ours, theirs = (np.array(side, np.bool_).reshape(-1, *scene.size) for side in sides)
    return ours, theirs
