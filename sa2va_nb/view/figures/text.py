"""Words as figures can print them: short, distinct, of known width."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import pandas as pd
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from sa2va_nb.analysis.frame_table import object_names

_LABEL_CHARS = 34
_LEAST_CHARS = 8  # a line
_JOINERS = "\u200c\u200d"  # unseen, but letters and emoji depend on them


def names_in(table: pd.DataFrame) -> dict[int, str]:
    """Name each object of a table."""
    return distinct(object_names(table))


def distinct(names: Mapping[int, str]) -> dict[int, str]:
    """Shorten the names; number those that several objects share."""
    short = {index: shorten(name) for index, name in names.items()}
    shared = Counter(short.values())
    return {index: f"{name} (#{index})" if shared[name] > 1 else name for index, name in short.items()}


def shorten(name: str, chars: int = _LABEL_CHARS) -> str:
    """Cut a name to one short line that matplotlib takes as it stands."""
    words = drawable(name) or "…"
    return escape(words if len(words) <= chars else words[: chars - 1].rstrip() + "…")


def escape(words: str) -> str:
    """Keep matplotlib from reading mathematics into words."""
    return words.replace("$", r"\$")


def drawable(words: str) -> str:
    """Give words as one line of characters that can be drawn: an empty square for each that no font has."""
    seen = "".join(c if c.isprintable() or c in _JOINERS else " " for c in words)
    one_line = " ".join(seen.split())
    has = frozenset[int]().union(*map(_glyphs, _fonts()))
    square = "□" if ord("□") in has else "?"
    return "".join(c if ord(c) in has or c == " " else square for c in one_line)


def _fonts() -> list[str]:
    """List the files that matplotlib looks for a character in, one after the other."""
    return [findfont(FontProperties(family=[family])) for family in FontProperties().get_family()]


@lru_cache(maxsize=16)
def _glyphs(font: str) -> frozenset[int]:
    """List the characters that a font has."""
    return frozenset(get_font(font).get_charmap())


def width_in(words: str) -> float:
    """Give the width of words in small print, in inches."""
    lines = words.replace(r"\$", "$").split("\n")
    properties = FontProperties(size="small")
    return float(
        max(text_to_path.get_text_width_height_descent(one, properties, ismath=False)[0] for one in lines)
        / 72
    )


def chars_in(room_in: float) -> int:
    """Give how many characters of small print a width in inches takes; some, however little it is."""
    return max(_LEAST_CHARS, int(room_in / width_in("n")))
