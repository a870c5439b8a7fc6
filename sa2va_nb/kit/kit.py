"""Writes the kit's folder."""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sa2va_nb.errors import FetchError
from sa2va_nb.kit.notebooks import notebooks_folder
from sa2va_nb.kit.readme import README
from sa2va_nb.kit.requirements import pinned_requirements
from sa2va_nb.kit.wheel import write_wheel
from sa2va_nb.opening.loading import open_run
from sa2va_nb.opening.saving import save_bundle
from sa2va_nb.pipeline import segment
from sa2va_nb.sample import sample_clip
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.tables import in_markdown

_EXTRAS = frozenset({"lab"})


@dataclass(frozen=True)
class Kit:
    """A kit that was written.

    Attributes:
        folder: where it is.
        bundles: its runs, each in one file.
        missing: what it lacks, in words.
    """

    folder: Path
    bundles: tuple[Path, ...]
    missing: tuple[str, ...]


def write_kit(
    folder: str | Path,
    runs: Sequence[str | Path] = (),
    *,
    runs_dir: str | Path | None = None,
    download: bool = False,
) -> Kit:
    """Put all that a class needs to work without a key, and without a network, into a folder.

    Args:
        folder: a new one, or an empty one.
        runs: runs' names, run folders or bundles to hand out; none, and the sample clip is segmented by the
            motion engine.
        runs_dir: where runs' names are looked up.
        download: fetch the wheels of all packages as well; else the class' README says how.

    Raises:
        FileExistsError: if the folder holds something.
        RunError: if a run can't be opened.
        FetchError: if packages can't be downloaded.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds something already; name a new folder for the kit")
    opened: dict[str, Segmentation] = {}
    for run in runs:
        opened[_free_name(run, opened)] = open_run(run, runs_dir=runs_dir)
    for name in ("wheels", "clips", "bundles"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    bundles = _bundles(folder, opened)
    write_wheel(folder / "wheels")
    pinned, lacking = pinned_requirements("sa2va_nb", _EXTRAS)
    (folder / "requirements.txt").write_text("\n".join([*pinned, *lacking, ""]), encoding="utf-8")
    missing = [f"{each} isn't installed here: its newest version is taken, untried" for each in lacking]
    notebooks = notebooks_folder()
    if notebooks is None:
        missing.append("the notebooks are not in this installation; copy them from the repository")
    else:
        (folder / "notebooks").mkdir()
        for notebook in notebooks.glob("*.ipynb"):  # beside them lies what they made: the teacher's own runs
            shutil.copyfile(notebook, folder / "notebooks" / notebook.name)
    made_with = f"Python {platform.python_version()} on {platform.system()} ({platform.machine()})"
    listed = "\n".join(f"- `bundles/{path.name}`: {_in_words(path)}" for path in bundles)
    readme = README.format(made_with=made_with, bundles=listed, first=bundles[0].name)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    if download:
        _download_wheels(folder)
    return Kit(folder, tuple(bundles), tuple(missing))


def _free_name(run: str | Path, taken: Collection[str]) -> str:
    """Give a name for a run's bundle that needs no quoting and is no other's."""
    name = re.sub(r"[^\w.-]+", "_", Path(run).resolve().stem)
    return next(each for n in count(1) if (each := name if n == 1 else f"{name}-{n}") not in taken)


def _download_wheels(folder: Path) -> None:
    """Fill the kit's folder of wheels with pip, for this kind of machine and Python."""
    command = ["-m", "pip", "download", "-r", "requirements.txt", "-d", "wheels", "-f", "wheels"]
    if subprocess.run([sys.executable, *command], cwd=folder).returncode:
        raise FetchError(f"pip could not download all packages; run it again: python {' '.join(command)}")


def _bundles(folder: Path, opened: dict[str, Segmentation]) -> list[Path]:
    """Write each run into a file; a run of the sample clip where there is none."""
    clip, _ = sample_clip(folder / "clips")
    if not opened:
        runs_dir = folder / ".runs"
        seg = segment(clip, "Please segment what moves.", engine="motion", runs_dir=runs_dir, progress=False)
        opened = {clip.stem: seg}
    paths = [save_bundle(seg, folder / "bundles" / f"{name}.zip") for name, seg in opened.items()]
    shutil.rmtree(folder / ".runs", ignore_errors=True)
    return paths


def _in_words(bundle: Path) -> str:
    seg = open_run(bundle)
    objects = "1 object" if len(seg) == 1 else f"{len(seg)} objects"
    answer, engine = in_markdown(seg.answer.text), in_markdown(seg.run["engine"])
    return f"“{answer}” ({objects} in {seg.shape[0]} frames, by {engine})"
