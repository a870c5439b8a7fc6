"""Clips whose masks are right: rendered truth, and human ground truth where it is at hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sa2va_nb.masks import Masks
from sa2va_nb.media.video import Video
from sa2va_nb.sample import sample_clip
from sa2va_nb.segmentation import Segmentation, SegmentedObject

DAVIS = Path(__file__).resolve().parents[3] / "shared" / "data" / "davis"


def labels(folder: Path) -> NDArray[np.uint8]:
    """Read the PNGs of a folder: (T, H, W)."""
    return np.stack([np.asarray(Image.open(path), np.uint8) for path in sorted(folder.glob("*.png"))])


def union_clip(sequence: Path, name: str) -> Segmentation:
    """Give the union of a folder's objects as one object of the sequence's video."""
    video = Video(sequence / "video.mp4")
    masks = Masks.from_array(labels(sequence / name) > 0)
    return Segmentation((SegmentedObject(0, None, masks),), np.arange(len(masks)), video.time_s, video)


def davis_sequences() -> list[Path]:
    """List the sequences at hand; none where the data is missing."""
    return sorted(path for path in DAVIS.glob("*") if (path / "gt").is_dir())


def clean_clips(folder: str | Path) -> Iterator[tuple[str, Segmentation]]:
    """Give every clip with right masks, by name; the rendered one is put into ``folder``."""
    yield "pond", sample_clip(folder)[1]
    for sequence in davis_sequences():
        yield sequence.name, union_clip(sequence, "gt")
