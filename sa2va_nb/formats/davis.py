"""Reads annotations drawn as PNGs, one a frame, as DAVIS keeps them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from rlemasklib import RLEMask

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.masks import Masks
from sa2va_nb.segmentation import Segmentation, SegmentedObject

VOID = 255  # in a label image: undecided pixels, no object (DAVIS 2017 unsupervised, YouTube-VOS)


def load_reference(path: str | Path) -> Segmentation:
    """Load ground truth from a folder of PNG masks.

    A palette or grey PNG is a label image: 0 is background, each other value one object. A 1-bit PNG,
    or grey ones that hold nothing but 0 and 255, are one object's masks. Other files are ignored.

    Args:
        path: the folder.

    Returns:
        A ``Segmentation`` without video, phrases and answer; objects in the order of their labels.
        ``frame`` is the number that the file is named by (``00012.png``: 12), or the files' order where
        a name is no number. PNGs don't tell times: ``time_s`` is NaN. ``notes`` say what was taken how.

    Raises:
        ValueError: if the path is not a folder with PNGs, or a PNG holds colours.
        DecodeError: if a PNG cannot be read.
        AlignmentError: if the PNGs differ in size.
    """
    folder = Path(path)
    files = [file for file in folder.iterdir() if file.suffix.lower() == ".png"] if folder.is_dir() else []
    if not files:
        raise ValueError(
            f"expected a folder of PNG masks, one a frame, got {str(folder)!r}, which "
            f"{'holds none' if folder.is_dir() else 'is no folder' if folder.exists() else 'does not exist'}; "
            "other annotations are not read"
        )
    numbered = all(file.stem.isdecimal() for file in files)
    files.sort(key=lambda file: (int(file.stem), file.name) if numbered else (0, file.name))
    frame = np.array([int(file.stem) for file in files] if numbered else range(len(files)), np.int64)
    labels, size = _read_all(files)
    objects, notes = _objects(labels, size)
    first, last = files[0].name, files[-1].name
    notes.append(
        f"frames {frame[0]} to {frame[-1]}, from the {'names' if numbered else 'order'} of {first} … {last}"
    )
    return Segmentation(objects, frame, np.full(len(files), np.nan), notes=tuple(notes))


def _read_all(files: list[Path]) -> tuple[list[dict[int, RLEMask]], tuple[int, int]]:
    """Encode each label of each file; also give their common (H, W)."""
    labels: list[dict[int, RLEMask]] = []
    size: tuple[int, int] | None = None
    for file in files:
        image = _read(file)
        size = size or (image.shape[0], image.shape[1])
        if image.shape != size:
            raise AlignmentError(
                f"every PNG must have the size of the first, {size[1]}x{size[0]}, got "
                f"{image.shape[1]}x{image.shape[0]} in {file.name}; resize them first"
            )
        labels.append({int(label): rle for label, rle in RLEMask.from_label_map(image).items() if label})
    return labels, size or (0, 0)


def _read(file: Path) -> NDArray[np.uint8]:
    """Read a PNG's labels, (H, W); a 1-bit one's foreground becomes 255."""
    try:
        with Image.open(file) as image:
            mode, pixels = image.mode, np.asarray(image)
    # Pillow tells of damage by several kinds: SyntaxError and ValueError for chunks, a bomb for sizes.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DecodeError(f"{file} is not a PNG that can be read: {error}") from error
    if mode not in ("1", "L", "P"):
        raise ValueError(
            f"a mask must be a palette, grey or 1-bit PNG, got mode {mode} in {file.name}; "
            "save the labels as a palette PNG"
        )
    return pixels.astype(np.uint8) * (VOID if mode == "1" else 1)


def _objects(
    labels: list[dict[int, RLEMask]], size: tuple[int, int]
) -> tuple[tuple[SegmentedObject, ...], list[str]]:
    """Make an object of each label, and note what is not plain."""
    found = sorted(set().union(*labels))
    notes = []
    if VOID in found and len(found) > 1:
        found.remove(VOID)
        notes.append(f"pixels of value {VOID} are void beside other labels: taken as background")
    elif VOID in found:
        notes.append(f"value {VOID} is the one object")
    if found != list(range(1, len(found) + 1)) and found != [VOID]:
        notes.append(f"objects 0 to {len(found) - 1} are the labels {', '.join(map(str, found))}")
    empty = RLEMask.zeros(size)
    return tuple(
        SegmentedObject(index, None, Masks((of_file.get(label, empty) for of_file in labels), size))
        for index, label in enumerate(found)
    ), notes
