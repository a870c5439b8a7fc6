"""The style of printed figures: a journal's column width, small text, fonts that stay text."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from numbers import Real
from typing import Any

import matplotlib as mpl
from cycler import cycler

from sa2va_nb.view.painting.colors import PALETTE

# Widths and sizes of text are those of Nature's research figure guide
# (https://research-figure-guide.nature.com/figures/building-and-exporting-figure-panels); IEEE's columns
# (88.9 and 182 mm) and Elsevier's (90 and 190 mm) are about as wide.
_WIDTHS_MM = {"single": 89.0, "double": 183.0}
_TEXT_PT = 7.0  # at most; what is "small" then has 5.8, and 5 is the least
_MM_PER_IN = 25.4
_FONTS = ("Arial", "Helvetica", "Liberation Sans", "Nimbus Sans", "DejaVu Sans")


@contextmanager
def figure_style(width: str | float = "single") -> Iterator[None]:
    """Draw figures for print within a ``with`` block.

    The figures that are made in it have a column's width, text of 5.8 to 7 pt in Arial or what is like it,
    thin lines, and a white ground whatever style is set outside. Those that are saved in it keep their text
    as text: TrueType in PDF and PostScript, ``<text>`` in SVG, which then is shown in the reader's own
    Arial; pixels have 450 a inch. So make the figure and save it in the same block. Nothing changes outside.

    It holds for any matplotlib figure; the colours of lines are those of the objects. Fonts that ``font.family``
    names outside are kept for what Arial lacks.

    Args:
        width: ``"single"`` (89 mm) or ``"double"`` (183 mm), or a number of mm.

    Raises:
        ValueError: if the width is another word, or a number that isn't above 0 and finite.
        TypeError: if it is neither.

    >>> with figure_style("double"):
    ...     print(round(mpl.rcParams["figure.figsize"][0], 2), mpl.rcParams["pdf.fonttype"])
    7.2 42
    """
    width_in = _width_mm(width) / _MM_PER_IN
    others = [name for name in mpl.rcParams["font.family"] if name not in ("sans-serif", "DejaVu Sans")]
    families = {"font.family": ["sans-serif", *others, "DejaVu Sans"], "font.sans-serif": [*_FONTS]}
    import matplotlib.style

    with matplotlib.style.context(["default", {**_settings(), **families}]):
        mpl.rcParams["figure.figsize"] = (width_in, 0.7 * width_in)
        yield


def _width_mm(width: object) -> float:
    if isinstance(width, str):
        if width not in _WIDTHS_MM:
            raise ValueError(f"width must be one of {', '.join(_WIDTHS_MM)} or a number of mm, got {width!r}")
        return _WIDTHS_MM[width]
    if isinstance(width, bool) or not isinstance(width, Real):
        raise TypeError(f"width must be a word or a number of mm, got {width!r}")
    if not 0 < float(width) < math.inf:
        raise ValueError(f"width must be above 0 mm and finite, got {width!r}")
    return float(width)


def _settings() -> Mapping[str, Any]:
    thin = dict.fromkeys(("axes.linewidth", "xtick.major.width", "ytick.major.width"), 0.5)
    short = dict.fromkeys(("xtick.major.size", "ytick.major.size"), 2.5)
    return {
        "figure.dpi": 200,  # on the screen, where a column's width is little
        "savefig.dpi": 450,
        "font.size": _TEXT_PT,
        "axes.titlesize": "medium",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.fonttype": "none",
        "text.usetex": False,  # phrases are no TeX
        "lines.linewidth": 1.0,
        "lines.markersize": 4.5,
        "axes.prop_cycle": cycler(color=PALETTE),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.alpha": 0.0,  # Nature wants no lines behind the data
        "legend.frameon": False,
        **thin,
        **short,
    }
