"""How clearly a mask stands out from the picture."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, gaussian_gradient_magnitude

from sa2va_nb.analysis.quality.appearance import Colors, color_match

FloatArray = NDArray[np.float64]


def contrasts(covered: NDArray[np.uint8], luma: NDArray[np.uint8], colors: Colors) -> dict[str, FloatArray]:
    """Compute ``edge_contrast`` and ``color_contrast``, (T,) each, 0 to 1; NaN where no cell is half covered.

    Diagnostics only: in an experiment with real predictions both told next to nothing of a mask's quality.

    - edge_contrast: g / (g + n), with g the mean gradient of brightness in the cells on both sides of the contour,
      n that in the four nearest on both sides: 0.5 where the contour is like its surroundings. NaN
      also where there is no gradient, or no contour: the image's edge is none.
    - color_contrast: χ² distance of the colours in the mask to those around it, 1 where none is shared.
    """
    edge, color = np.full(len(covered), np.nan), np.full(len(covered), np.nan)
    for t, share in enumerate(covered):
        core = share > 127
        if not core.any():
            continue
        color[t] = 1 - color_match(colors.inside[t], colors.around[t])
        contour = binary_dilation(core) & ~binary_erosion(core, border_value=1)
        if not contour.any():
            continue
        band = binary_dilation(core, iterations=4) & ~binary_erosion(core, iterations=4, border_value=1)
        gradient = gaussian_gradient_magnitude(luma[t].astype(np.float32), 1.0)
        on, near = float(gradient[contour].mean()), float(gradient[band].mean())
        edge[t] = on / (on + near) if on + near else np.nan
    return {"edge_contrast": edge, "color_contrast": color}
