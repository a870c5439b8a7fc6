"""Counts which pictures of real clips are read as masks, and which refused: ``python -m tests.kinds``."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from sa2va_nb import DecodeError, Video, decode_masks
from tests.encoders import encode, paint

COLORS = {
    "white": (255, 255, 255),
    "blue": (0, 0, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "yellow": (255, 255, 0),
    "grey": (128, 128, 128),
    "orange": (255, 128, 32),
    "dark red": (128, 0, 0),
}
_FRAMES = 10

Images = NDArray[np.uint8]


def pictures(clip: Path) -> Iterator[tuple[str, Images]]:
    """Give what kind it is and (T, H, W, 3) pictures, of a DAVIS clip and its first mask."""
    files = sorted((clip / "gt").glob("*.png"))[:_FRAMES]
    masks = np.stack([np.array(Image.open(file)) for file in files]) == 1  # (T, H, W) bool
    source = np.stack([image for image, _ in zip(Video(clip / "video.mp4"), files, strict=False)])
    source = source[:, : masks.shape[1], : masks.shape[2]]
    grey = np.repeat(source.mean(axis=-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    inside = masks[..., None]
    for color in COLORS.values():
        yield "mask", paint(masks, color=color)
        for alpha in (0.3, 0.5, 0.7):
            mixed = (source * (1 - alpha) + np.array(color) * alpha).astype(np.uint8)
            yield "overlay", np.where(inside, mixed, source)
        yield "opaque overlay", np.where(inside, np.uint8(color), source)
        yield "opaque overlay on grey", np.where(inside, np.uint8(color), grey)
    for sigma in (2, 6, 15):
        blurred = gaussian_filter(masks.astype(np.float32) * 255, (0, sigma, sigma)).astype(np.uint8)
        yield "blurred mask", np.repeat(blurred[..., None], 3, axis=-1)
    yield "source", source
    yield "source in grey", grey
    yield "source darkened to 30 %", np.where(inside, source, (source * 0.3).astype(np.uint8))
    yield "source cut out on black", np.where(inside, source, np.uint8(0))


def main() -> None:
    """Print the counts of each kind."""
    davis = Path(__file__).resolve().parents[2] / "shared" / "data" / "davis"
    counts: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for clip in sorted(path for path in davis.iterdir() if path.is_dir()):
            for kind, images in pictures(clip):
                path = encode(Path(folder) / "m.mp4", images, options={"crf": "23", "preset": "veryfast"})
                try:
                    decode_masks(path)
                except DecodeError:
                    counts.setdefault(kind, [0, 0])[1] += 1
                else:
                    counts.setdefault(kind, [0, 0])[0] += 1
    for kind, (read, refused) in counts.items():
        sys.stdout.write(f"{kind:26}{read:4} read {refused:4} refused\n")


if __name__ == "__main__":
    main()
