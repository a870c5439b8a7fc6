"""A bar in a picture that is as long as so many units."""

import math

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from sa2va_nb.analysis.units import words_for

_LONGEST = 0.3  # of the picture's width
_THICKNESS = 0.012  # of its width


def draw_scale_bar(ax: Axes, width: float, units_wide: float, unit: str) -> None:
    """Draw a white bar with a dark rim into the lower right corner of a picture, its length above it.

    It is 1, 2 or 5 times a power of ten long, and no longer than 0.3 of the picture.

    Args:
        ax: with the picture.
        width: of the picture, in the axes' own numbers.
        units_wide: how many units that is.
        unit: its name, see ``to_units``.
    """
    length = _round_down(_LONGEST * units_wide)
    bar = AnchoredSizeBar(
        ax.transData,
        length / units_wide * width,
        f"{length:g} {words_for(unit)}",
        "lower right",
        size_vertical=_THICKNESS * width,
        fill_bar=True,
        color="white",
        frameon=False,
        label_top=True,
        sep=1,
        borderpad=0.7,
        fontproperties=FontProperties(size="x-small"),
    )
    rim = [withStroke(linewidth=1.2, foreground="black")]
    for part in (*bar.size_bar.get_children(), bar.txt_label.get_children()[0]):
        part.set_path_effects(rim)
    ax.add_artist(bar)


def _round_down(length: float) -> float:
    """Give the largest of 1, 2 and 5 times a power of ten that is not above a length."""
    power = 10.0 ** math.floor(math.log10(length))
    return max(step for step in (1, 2, 5) if step == 1 or step * power <= length) * power
