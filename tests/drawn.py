"""What is seen in a figure, of scenes that are easy to draw."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from sa2va_nb.segmentation import Segmentation
from tests.scenes import rectangles, segmentation

SIZE = (40, 60)
PHRASE = "Two children in white night shirts who jump on the bed of their parents"


def moving(*, absent: tuple[int, ...] = (), frames: int = 8, size: tuple[int, int] = SIZE) -> np.ndarray:
    return rectangles([None if t in absent else (t, 5, t + 6, 9) for t in range(frames)], size=size)


def scene(phrases: tuple[str | None, ...] = (PHRASE, None), **timing: list) -> Segmentation:
    return segmentation(*[moving(absent=(3, 4), frames=8)] * len(phrases), phrases=phrases, **timing)


def texts(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def labels(ax: plt.Axes) -> list[mpl.text.Text]:
    """The names at the ends of the lines, as they were written."""
    return [text for legend in ax.findobj(mpl.legend.Legend) for text in legend.get_texts()]


def words(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in labels(ax)]


def draw(figure: plt.Figure) -> np.ndarray:
    """Render for real, (H, W, 3), with every warning an error."""
    canvas = mpl.backends.backend_agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
