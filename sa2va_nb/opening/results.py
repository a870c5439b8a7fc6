"""Finds the results and references that paths, folders and runs' names stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sa2va_nb.errors import RunError
from sa2va_nb.formats.catalogue import FORMATS
from sa2va_nb.formats.files import GENERAL_SUFFIXES
from sa2va_nb.formats.format import Opened
from sa2va_nb.opening.loading import open_run
from sa2va_nb.opening.reference import VIDEO_SUFFIXES, load_reference
from sa2va_nb.run_folder import RunFolder, locate_run
from sa2va_nb.segmentation import Segmentation

_FILES = {*VIDEO_SUFFIXES, ".zip", ".json", *(suffix for form in FORMATS for suffix in form.suffixes)}


@dataclass(frozen=True)
class Result:
    """Masks of one clip, not opened yet.

    Attributes:
        path: a run folder, a bundle, or what ``load_reference`` takes.
        given: what was asked for, as it was given: itself, or the folder of results that it is in.
        is_in_folder: whether it is one of a folder of results.
        names: what its clip may be called: the name of the file or folder; of a run, of its video too.
    """

    path: Path
    given: str
    is_in_folder: bool
    names: tuple[str, ...]

    def __str__(self) -> str:
        return str(Path(self.given) / self.path.name) if self.is_in_folder else self.given

    def load(self, videos: Mapping[str, Path] | None = None) -> Segmentation:
        """Open it, with the video of the same name, if there is one."""
        video = next((videos[name] for name in self.names if name in videos), None) if videos else None
        is_run = self.path.suffix.lower() == ".zip" or (self.path / "run.json").is_file()
        return open_run(self.path, video=video) if is_run else load_reference(self.path, video=video)


def find_references(path: Path) -> dict[str, Path]:
    """Give the references in a folder by their names; nothing where the path is one reference itself.

    Raises:
        ValueError: if there is nothing at the path, or two have the same name.
    """
    if not path.exists():
        raise ValueError(f"there is no reference at {str(path)!r}; expected a file or a folder")
    found = [(_name(child), child) for child in _children(path)] if _holds_results(path) else []
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two references in {path} are called {twice!r}; keep one of each")
    return dict(found)


def find_videos(path: Path) -> dict[str, Path]:
    """Give the videos in a folder by their names, or the one at a path.

    Raises:
        ValueError: if there is none.
    """
    files = [path] if path.is_file() else _children(path)
    found = {file.stem: file for file in files if file.suffix.lower() in VIDEO_SUFFIXES}
    if not found:
        raise ValueError(
            f"there is no video at {str(path)!r}; expected a video, or a folder of videos named as the clips"
        )
    return found


def find_results(
    given: Sequence[str | Path], *, known: Sequence[str] = (), runs_dir: Path | None = None
) -> list[Result]:
    """Find the results that paths and runs' names stand for.

    A folder that is neither a run nor holds masks itself is a folder of results. One of mask videos
    is one clip's objects, unless each has the name of a known clip.

    Args:
        given: runs by name, run folders, bundles, folders of PNGs or of mask videos, annotation files, or
            folders of all these.
        known: the names of the clips that there are references of.
        runs_dir: where runs' names are looked up.

    Raises:
        RunError: if a name is no run.
        ValueError: if a folder holds nothing of this.
    """
    found: list[Result] = []
    for each in dict.fromkeys(map(str, given)):
        path = Path(each)
        videos = [child for child in _children(path) if child.suffix.lower() in VIDEO_SUFFIXES]
        is_clip_each = bool(videos) and all(child.stem in known for child in videos)
        if path.is_dir() and (is_clip_each or _holds_results(path)):
            children = _children(path)
            if not children:
                raise ValueError(f"{each!r} holds no results: no run, no folder of masks, no mask file")
            found += [Result(child, each, True, _names(child)) for child in children]
        else:
            path = path if path.exists() else locate_run(each, runs_dir).path
            found.append(Result(path, each, False, _names(path)))
    return found


def load_one(result: str | Path, *, video: Path | None = None, runs_dir: Path | None = None) -> Segmentation:
    """Open the one result that a path or a run's name stands for.

    Args:
        result: as in ``find_results``.
        video: the source video, for masks without one.
        runs_dir: where runs' names are looked up.

    Raises:
        RunError: if a name is no run.
        ValueError: if it is a folder of several.
    """
    found = find_results([result], runs_dir=runs_dir)
    if len(found) != 1:
        raise ValueError(f"{str(result)!r} holds {len(found)} results; take one at a time")
    return found[0].load(None if video is None else dict.fromkeys(found[0].names, video))


def _holds_results(path: Path) -> bool:
    """Tell a folder of results from a result: it is no run, and is or holds no masks itself."""
    if not path.is_dir() or (path / "run.json").is_file():
        return False
    opened = Opened(path)
    has_videos = any(Path(name).suffix.lower() in VIDEO_SUFFIXES for name in opened.names)
    return not has_videos and not _is_recognised(opened)


def _children(path: Path) -> list[Path]:
    """Give what a folder holds that may be a result, in order."""
    if not path.is_dir():
        return []
    return sorted(
        child
        for child in path.iterdir()
        if not child.name.startswith(".") and (child.is_dir() or _may_be_masks(child))
    )


def _may_be_masks(file: Path) -> bool:
    """Tell by the ending, or by the content where the ending promises nothing."""
    suffix = file.suffix.lower()
    return suffix in _FILES and (suffix not in GENERAL_SUFFIXES or _is_recognised(Opened(file)))


def _is_recognised(opened: Opened) -> bool:
    return any(form.recognises(opened) for form in FORMATS)


def _name(path: Path) -> str:
    return path.stem if path.is_file() or path.suffix.lower() in _FILES else path.name


def _names(path: Path) -> tuple[str, ...]:
    """Give what the clip of a result may be called."""
    if not (path / "run.json").is_file():
        return (_name(path),)
    try:
        video: Mapping[str, str] = RunFolder.open(path).record.get("video", {})
    except RunError:  # told when it is opened, for this result alone
        return (path.name,)
    return tuple(dict.fromkeys((path.name, *([Path(video["name"]).stem] if video.get("name") else []))))
