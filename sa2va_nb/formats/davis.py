"""Annotations drawn as PNGs, one a frame, as DAVIS keeps them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sa2va_nb.errors import AlignmentError, DecodeError
from sa2va_nb.formats.bounds import Check, Tally, trusting
from sa2va_nb.formats.flatten import count_left_px, label_images
from sa2va_nb.formats.format import Format
from sa2va_nb.formats.labels import VOID, encode_labels, label_colors, objects_of
from sa2va_nb.formats.numbering import name_frames, number_frames, spell_frames
from sa2va_nb.segmentation import Segmentation


def write_pngs(seg: Segmentation, path: Path) -> list[str]:
    """Write a palette PNG a frame, named by its number: object k has the label k + 1, void 255.

    Raises:
        ValueError: if there are more objects than labels.
    """
    if len(seg) >= VOID:
        raise ValueError(
            f"a palette has {VOID - 1} labels beside background and void, got {len(seg)} objects; write tiff "
            "or npz"
        )
    path.mkdir()
    colors = label_colors()
    void = VOID if count_left_px(seg).any() else 0  # 255 alone would read as an object
    for name, image in zip(name_frames(seg.frame), label_images(seg, np.uint8, void=void), strict=True):
        picture = Image.fromarray(image).convert("L")
        picture.putpalette(colors.tobytes())
        picture.save(path / f"{name}.png")
    has_void = seg.void is not None and seg.void.area_px.any()
    return ["void, as no object is seen beside it"] if has_void and not void else []


def read_pngs(path: str | Path, *, check: Check = trusting) -> Segmentation:
    """Read a folder of PNG masks.

    A palette or grey PNG is a label image: 0 is background, each other value one object, and 255 beside
    other values is void. A 1-bit PNG, or grey ones that hold nothing but 0 and 255, are one object's
    masks. Other files are ignored.

    Args:
        path: the folder.
        check: refuses what is beyond the limits.

    Returns:
        A ``Segmentation`` without video, phrases and answer; objects in the order of their labels.
        ``frame`` is the number that the file's name ends with (``00012.png``: 12), or the files' order
        where a name has none. PNGs don't tell times: ``time_s`` is NaN. ``notes`` say what was taken how.

    Raises:
        ValueError: if the path is not a folder with PNGs, or a PNG holds colours.
        DecodeError: if a PNG cannot be read, or is beyond the limits.
        AlignmentError: if the PNGs differ in size.
    """
    folder = Path(path)
    files = sorted(
        file
        for file in (folder.iterdir() if folder.is_dir() else ())
        if file.suffix.lower() == ".png" and not file.name.startswith(".")
    )
    if not files:
        raise ValueError(
            f"expected a folder of PNG masks, one a frame, got {str(folder)!r}, which "
            f"{'holds none' if folder.is_dir() else 'is no folder' if folder.exists() else 'does not exist'}"
        )
    check("max_frames", len(files), folder.name)
    numbers, how = number_frames([file.name for file in files])
    order = np.argsort(numbers)
    frame, files = numbers[order], [files[i] for i in order]
    size = _size(files[0], check)
    labels, found = encode_labels(_images(files, size, check), Tally(check, folder.name), folder.name)
    objects, void, notes = objects_of(labels, found, size)
    notes.append(f"{spell_frames(frame)}, from the {how} of {files[0].name} … {files[-1].name}")
    return Segmentation(objects, frame, np.full(len(files), np.nan), notes=tuple(notes), void=void)


def _size(file: Path, check: Check) -> tuple[int, int]:
    height, width = _read(file, check).shape
    return height, width


def _images(files: list[Path], size: tuple[int, int], check: Check) -> Iterator[NDArray[np.uint8]]:
    """Read the files' labels, (H, W) each."""
    for file in files:
        image = _read(file, check)
        if image.shape != size:
            raise AlignmentError(
                f"every PNG must have the size of the first, {size[1]}x{size[0]}, got "
                f"{image.shape[1]}x{image.shape[0]} in {file.name}; resize them first"
            )
        yield image


def _read(file: Path, check: Check) -> NDArray[np.uint8]:
    """Read a PNG's labels, (H, W); a 1-bit one's foreground becomes 255."""
    try:
        with Image.open(file, formats=("PNG",)) as image:
            check("max_pixels", image.width * image.height, file.name)
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


FORMAT = Format(
    name="davis",
    title="a folder of PNG masks (DAVIS)",
    recognises=lambda opened: any(name.lower().endswith(".png") for name in opened.names),
    read=lambda opened: (read_pngs(opened.path, check=opened.check), False),
    write=write_pngs,
    keeps=frozenset({"frame", "void"}),
    folder=r"\d+\.png",
)
