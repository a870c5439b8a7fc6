"""Colours of the objects, the same in the scrubber, the plots and the reports."""

RGB = tuple[int, int, int]

# matplotlib's petroff10 (Petroff, arXiv:2107.02270): of the usual cycles the one whose worst pair stays
# furthest apart under simulated colour blindness.
PALETTE = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)

GROUND: RGB = (38, 42, 48)  # what stands for the picture where there is none


def hex_color(index: int) -> str:
    """Give the colour of object ``index`` as ``#rrggbb``; beyond ten objects they come round again."""
    return PALETTE[index % len(PALETTE)]


def rgb_color(index: int) -> RGB:
    """Give the colour of object ``index`` as (red, green, blue), 0 to 255 each."""
    return to_rgb(hex_color(index))


def to_rgb(color: str) -> RGB:
    """Give ``#rrggbb`` as (red, green, blue), 0 to 255 each."""
    red, green, blue = bytes.fromhex(color[1:])
    return (red, green, blue)


def is_dashed(index: int) -> bool:
    """Say whether the contour of the object with colour ``index`` is dashed, as the colour came before."""
    return index >= len(PALETTE)
