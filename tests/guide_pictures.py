"""Draws the pictures of docs/figures.md by running its examples: ``python -m tests.guide_pictures``."""

import tempfile
from contextlib import chdir
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from PIL import Image

from tests.test_readme import ROOT, run_blocks

_NAMES = ("area", "paths", "kymograph", "strip", "matrix", "lanes", "ways")  # as the page calls them
_DPI = 120
_COLORS = 255


def main() -> None:
    """Run the page, and keep its figures."""
    mpl.use("agg")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        drawn = run_blocks(ROOT / "docs" / "figures.md")
    for name in _NAMES:
        figure = drawn[name].figure if isinstance(drawn[name], Axes) else drawn[name]
        picture = BytesIO()
        figure.savefig(picture, dpi=_DPI)
        small = Image.open(picture).convert("RGB").quantize(_COLORS, kmeans=4, dither=Image.Dither.NONE)
        small.save(Path(ROOT, "docs", "images", f"figure-{name}.png"), optimize=True)


if __name__ == "__main__":
    main()
