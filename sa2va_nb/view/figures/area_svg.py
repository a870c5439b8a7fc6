"""A figure of each object's area over time, as SVG that takes the page's own colours."""

import numpy as np
from numpy.typing import NDArray

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.painting.colors import hex_color

_WIDTH, _HEIGHT = 900, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 10, 36


def area_svg(seg: Segmentation) -> str:
    """Draw the share of the image that each object covers.

    Args:
        seg: K objects in at least two frames.

    Returns:
        An ``<svg>`` element; its text is numbers and axis names only.
    """
    _, height, width = seg.shape
    share = np.array([item.masks.area_px for item in seg]) / (height * width)  # (K, T)
    top = float(share.max()) or 1.0
    timed = bool(np.isfinite(seg.time_s).all() and seg.time_s[-1] > seg.time_s[0])
    along = seg.time_s if timed else seg.frame.astype(np.float64)  # (T,)
    x = np.interp(along, (along[0], along[-1]), (_LEFT, _WIDTH - _RIGHT))
    lines = [
        f'<path d="{_line(x, _height(row / top), row > 0)}" fill="none" stroke="{hex_color(item.index)}" '
        f'stroke-width="2" stroke-linejoin="round"/>'
        for item, row in zip(seg, share, strict=True)
    ]
    return "\n".join(
        [
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Area of each object over time">',
            *_vertical_axis(top),
            *_time_axis(float(along[0]), float(along[-1]), "{:.4g} s" if timed else "frame {:.0f}"),
            *lines,
            "</svg>",
        ]
    )


def _height(fraction: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(_HEIGHT - _BOTTOM - fraction * (_HEIGHT - _BOTTOM - _TOP), np.float64)


def _line(x: NDArray[np.float64], y: NDArray[np.float64], visible: NDArray[np.bool_]) -> str:
    """Draw through the points (T,) at which the object is visible; the line stops where it is not."""
    starts = visible & ~np.r_[False, visible[:-1]]
    return "".join(f"{'M' if starts[t] else 'L'}{x[t]:.1f} {y[t]:.1f}" for t in np.flatnonzero(visible))


def _vertical_axis(top: float) -> list[str]:
    parts = []
    for tick in _ticks(0, top):
        y = float(_height(tick / top))
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="currentColor" opacity="0.15"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{100 * tick:.4g} %</text>'
        )
    return parts


def _time_axis(start: float, end: float, words: str) -> list[str]:
    parts = []
    for tick in _ticks(start, end):
        x = _LEFT + (tick - start) / (end - start) * (_WIDTH - _LEFT - _RIGHT)
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{words.format(tick)}</text>')
    return parts


def _ticks(low: float, high: float) -> NDArray[np.float64]:
    """Give about five round values from ``low`` to ``high``."""
    rough = (high - low) / 5
    magnitude = 10.0 ** np.floor(np.log10(rough))
    step = magnitude * min((1, 2, 5, 10), key=lambda factor: abs(factor * magnitude - rough))
    ticks: NDArray[np.float64] = np.arange(np.ceil(low / step), np.floor(high / step + 1e-9) + 1) * step
    return ticks
