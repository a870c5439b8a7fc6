"""Makes the pictures of docs: ``python -m tests.guide_pictures [figures | scrubber]``.

Those of docs/figures.md are drawn by running its examples; those of docs/scrubber.md are taken in Chromium.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from PIL import Image

from tests.browser.guide import take
from tests.test_readme import ROOT, run_blocks

_NAMES = ("area", "paths", "kymograph", "strip", "matrix", "lanes", "ways")  # as the page calls them
_DPI = 120
_COLORS = 255


def draw(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Run the page on figures in a folder, and give its figures."""
    mpl.use("agg")
    with chdir(folder):
        drawn = run_blocks(ROOT / "docs" / "figures.md")
    for name in _NAMES:
        figure = drawn[name].figure if isinstance(drawn[name], Axes) else drawn[name]
        picture = BytesIO()
        figure.savefig(picture, dpi=_DPI)
        yield f"figure-{name}", picture.getvalue()


def main(what: str = "") -> None:
    """Make all of them, or one kind."""
    for kind, make in {"figures": draw, "scrubber": take}.items():
        if what in ("", kind):
            with tempfile.TemporaryDirectory() as folder:
                for name, picture in make(Path(folder)):
                    _save(picture, ROOT / "docs" / "images" / f"{name}.png")


def _save(picture: bytes, path: Path) -> None:
    """Save it in few colours, which makes it a third as large."""
    small = Image.open(BytesIO(picture)).convert("RGB")
    small.quantize(_COLORS, kmeans=4, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
