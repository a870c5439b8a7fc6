"""Saves a ``Segmentation``: in the format that another tool reads, or its run as a bundle."""

import re
from dataclasses import dataclass
from pathlib import Path

from sa2va_nb.analysis.arguments import check_segmentations
from sa2va_nb.beside import write_beside, write_folder_beside
from sa2va_nb.bundle import write_bundle
from sa2va_nb.formats.bounds import MAX_OBJECTS
from sa2va_nb.formats.catalogue import FORMATS
from sa2va_nb.formats.format import Format
from sa2va_nb.formats.losses import hidden_px, losses
from sa2va_nb.formats.numbering import MAX_FRAMES
from sa2va_nb.opening.mask_videos import MASK_VIDEOS
from sa2va_nb.run_folder import RunFolder
from sa2va_nb.segmentation import Segmentation

WRITTEN = {form.name: form for form in (*FORMATS, MASK_VIDEOS) if form.write is not None}
_STAYS_AT_HOME = ("arguments", "response")  # the service's messages hold public addresses of the uploads


@dataclass(frozen=True)
class Saved:
    """What ``save_masks`` wrote, and what the format had no room for.

    Attributes:
        path: the file or folder; ``load_reference`` reads it.
        format: the format's name.
        hidden_px: (N,) pixels of each object, in all frames together, that lie under later objects or void
            and were left out; all 0 where the format lets objects overlap.
        not_kept: what else isn't in it, and the same of the pixels, in words; empty where nothing was lost.
    """

    path: Path
    format: str
    hidden_px: tuple[int, ...]
    not_kept: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.path}: {WRITTEN[self.format].title}", *(f"not kept: {x}" for x in self.not_kept)]
        )


def save_masks(
    seg: Segmentation, path: str | Path, *, format: str | None = None, overwrite: bool = False
) -> Saved:
    """Save masks in the format of another tool; ``load_reference`` reads each of them back.

    What a format can't hold is said in the result's ``not_kept``, and hidden pixels are counted: never
    silently lost. The answer, the run and the notes are in no format; ``save_bundle`` keeps those of a run.

    ======== ========================================== ========================================================
    format   what it is                                 what it keeps beside the masks
    ======== ========================================== ========================================================
    coco     COCO json, an image a frame                all: overlaps, phrases, frames, times, void
    ytvis    YouTube-VIS json, a track an object        all
    npz      numpy's .npz, dense                        all
    zarr     a zarr group with named axes               all
    tiff     label TIFF with ImageJ's axes              all but overlaps
    mevis    a folder with MeViS' two json files        overlaps, phrases, frames
    sav      SA-V json                                  overlaps, frames that are every k-th, even times
    davis    a folder of palette PNGs                   frames, void; 254 objects
    mots     text of MOTS                               frames, void; 999 objects
    mp4      a folder of mask videos, one an object     overlaps, even times; lossy, so checked
    ======== ========================================== ========================================================

    Args:
        seg: what to save.
        path: the file or folder to write.
        format: one of those names; None takes .npz, .zarr, .tif, .tiff and .txt (mots) by the name.
        overwrite: whether to replace what is there. A folder is replaced only where it holds nothing but what
            this format writes.

    Returns:
        What was written, and what was not kept.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ValueError: if the format is unknown or needed, can't hold ``seg`` (too many objects, frames that it has
            no way to say), or ``seg`` has no frames or no size.
        FileExistsError: if something is there, and ``overwrite`` is False or would remove other files.
        ImportError: if the format needs a package that isn't there; the message names the command.

    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from sa2va_nb import load_masks
    >>> seg = load_masks([np.ones((1, 2, 3), bool), np.eye(2, 3, dtype=bool)[None]], phrases=["wall", "line"])
    >>> with TemporaryDirectory() as folder:
    ...     save_masks(seg, f"{folder}/labels.tif").hidden_px
    (2, 0)
    """
    check_segmentations(seg=seg)
    path = Path(path)
    form = choose_format(path, format)
    if not len(seg.frame) or not all(seg.shape[1:]):
        what = "no frames" if not len(seg.frame) else "neither objects nor a video, so nothing tells its size"
        raise ValueError(f"a segmentation with {what} can't be saved in a format of masks")
    if seg.frame[-1] >= MAX_FRAMES:
        raise ValueError(f"frames must be below {MAX_FRAMES:,} to be saved, got {seg.frame[-1]:,}")
    if len(seg) > MAX_OBJECTS:
        raise ValueError(f"at most {MAX_OBJECTS} objects can be saved, as no more are read, got {len(seg)}")
    hidden = hidden_px(seg, form)
    if path.exists() or path.is_symlink():
        _check_replaceable(path, form, overwrite=overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = write_beside if form.folder is None else write_folder_beside
    with beside(path) as unfinished:
        lost = [*losses(seg, form, hidden), *form.write(seg, unfinished)]  # type: ignore[misc]  # WRITTEN has it
    return Saved(path, form.name, tuple(hidden.tolist()), tuple(lost))


def save_bundle(seg: Segmentation, path: str | Path) -> Path:
    """Write a .zip that ``open_run`` opens anywhere, source video included.

    Args:
        seg: a segmentation that came from a run.
        path: the .zip to write; an existing one is replaced.

    Returns:
        The path written.

    Raises:
        TypeError: if ``seg`` is no ``Segmentation``.
        ValueError: if ``seg`` has no run.
        RunError: if a file of the run is missing.
    """
    check_segmentations(seg=seg)
    if "folder" not in seg.run:
        raise ValueError(
            "only a segmentation that came from a run can be bundled; this one was made from masks"
        )
    run = RunFolder.open(Path(seg.run["folder"]))
    files = {mask["file"]: run.file(mask["file"]) for mask in run.record["masks"]}
    video = dict(run.record["video"], path=None, url=None)
    if seg.video is not None:
        video["file"] = f"video{seg.video.path.suffix or '.mp4'}"
        files[video["file"]] = seg.video.path
    record = {name: value for name, value in run.record.items() if name not in _STAYS_AT_HOME}
    return write_bundle(Path(path), {**record, "video": video}, files)


def choose_format(path: Path, name: str | None) -> Format:
    """Find the format that is asked for, or that the path's ending tells.

    Raises:
        ValueError: if there is none.
    """
    if name is not None:
        if name not in WRITTEN:
            raise ValueError(f"format must be one of {', '.join(WRITTEN)}, got {name!r}")
        return WRITTEN[name]
    suffix = path.suffix.lower()
    fitting = [form for form in WRITTEN.values() if suffix in form.suffixes]
    if not fitting:
        raise ValueError(
            f"{path.name!r} doesn't tell its format; say it with format=, one of {', '.join(WRITTEN)}"
        )
    return fitting[0]


def _check_replaceable(path: Path, form: Format, *, overwrite: bool) -> None:
    """Refuse to replace what the caller doesn't mean to lose."""
    if not overwrite:
        raise FileExistsError(f"{path} is there already; overwrite=True replaces it")
    if path.is_dir() != (form.folder is not None):
        kind = "a folder" if path.is_dir() else "a file"
        raise FileExistsError(f"{path} is {kind}, which {form.name} doesn't replace; choose another path")
    if form.folder is None:
        return
    names = [file.relative_to(path).as_posix() for file in path.rglob("*") if not file.is_dir()]
    strange = [name for name in names if not re.fullmatch(form.folder, name)]
    if strange:
        raise FileExistsError(
            f"{path} holds {strange[0]!r}, which {form.name} didn't write; nothing was replaced, choose another path"
        )
