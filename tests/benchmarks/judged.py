"""Makes clips of masks with their ground truth, in one file."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.benchmarks.clips import SIZES, blobs

RENDERED = "rendered"
DAVIS = Path(__file__).resolve().parents[3] / "shared" / "data" / "davis"
SEQUENCES = {  # with their numbers of frames
    "bmx-trees": 80,
    "camel": 90,
    "car-shadow": 40,
    "dog": 60,
    "drift-straight": 50,
    "libby": 49,
}
METHODS = ("osvos", "rvos")
Dense = NDArray[np.bool_]


def at_hand(clip: str) -> bool:
    """Tell whether a clip can be made: real ones need the shared data."""
    return clip == RENDERED or (DAVIS / clip).is_dir()


def judged_clip(folder: Path, clip: str, size: str, *, frames: int) -> Path:
    """Make a file with masks and reference, or find that of an earlier call.

    Args:
        folder: where.
        clip: ``RENDERED``, or a DAVIS sequence and a real method's predictions for it, as in "dog/rvos"; all
            of the method's objects count as one.
        size: a name of ``SIZES``; real masks are scaled to it, smoothly.
        frames: how many, from the first on.
    """
    path = folder / f"judged-{clip.replace('/', '-')}-{size}-{frames}.npz"
    if not path.exists():
        if clip == RENDERED:
            reference = np.stack(list(blobs(SIZES[size], frames, seed=0)))
            masks = np.roll(reference, (2, 3), axis=(1, 2))
        else:
            masks = np.stack(list(_read(DAVIS / clip, size, frames)))
            reference = np.stack(list(_read(DAVIS / clip.split("/")[0] / "gt", size, frames)))
        np.savez(path, masks=np.packbits(masks, axis=-1), reference=np.packbits(reference, axis=-1))
    return path


def read_judged(path: Path) -> tuple[Dense, Dense]:
    """Read masks and reference, (T, H, W) each."""
    with np.load(path) as saved:
        masks, reference = (
            np.unpackbits(saved[name], axis=-1).astype(bool) for name in ("masks", "reference")
        )
    width = next((width for height, width in SIZES.values() if height == masks.shape[1]), masks.shape[2])
    return masks[..., :width], reference[..., :width]


def _read(folder: Path, size: str, frames: int) -> Iterable[Dense]:
    """Read PNGs, whatever is not 0 as foreground; gives (H, W) each."""
    height, width = SIZES[size]
    for file in sorted(folder.glob("*.png"))[:frames]:
        with Image.open(file) as image:
            mask = Image.fromarray((np.asarray(image) > 0).astype(np.uint8) * 255)
        yield np.asarray(mask.resize((width, height), Image.Resampling.BILINEAR)) > 127
