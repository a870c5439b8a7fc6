"""Saves odd segmentations in every format and reads them back: ``python -m tests.there_and_back --count 2000``.

Tables and films are among them. Each must come back as far as its format says that it keeps it, with the rest
told, or be refused in words for a reason that is known here, with nothing written and what was there before
untouched. A fault is printed with its number, which ``--first`` draws again. ``--real FOLDER`` sends the masks
of DAVIS and SA-V that lie there.
"""

import argparse
import csv
import io
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

import sa2va_nb as sa
from sa2va_nb.opening.saving import WRITTEN
from sa2va_nb.view.tables import format_table
from tests.odd import MAX_FRAME, odd_segmentation
from tests.rich import flattened, stack

FORMS = [*WRITTEN, "table", "film"]
NAMES = ["masks", "a b [1]*?", "μάσκα.x", "-rf", "%d%05d", "x:y", "l\nn", "n" * 200]


def there_and_back(seg: sa.Segmentation, form: str, path: Path) -> str:
    """Save and read; gives "kept" or "refused", or raises an AssertionError or whatever else escapes."""
    before = contents(path.parent)
    if is_beyond(seg, form):
        with pytest.raises(ValueError, match=r"\w+ .{20}") as refusal:
            sa.save_masks(seg, path, format=form, overwrite=True)
        assert refusal.type is ValueError
        assert contents(path.parent) == before, "something was written"
        return "refused"
    saved = sa.save_masks(seg, path, format=form, overwrite=bool(before))
    assert [file.name for file in path.parent.iterdir()] == [path.name], "left over"
    check_same(seg, sa.load_reference(path), form, " ".join(saved.not_kept))
    return "kept"


def contents(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def is_beyond(seg: sa.Segmentation, form: str) -> bool:
    """Tell what a format can't hold."""
    n, (_, *size), frame = len(seg), seg.shape, seg.frame
    step = frame[1] if len(frame) > 1 else 0
    every_kth = np.array_equal(frame, np.arange(len(frame)) * step)
    return bool(
        frame[-1] >= MAX_FRAME
        or not all(size)
        or (form == "davis" and n > 254)
        or (form == "mots" and n > 999)
        or (form == "tiff" and 1 in size)
        or (form == "mp4" and not n)
        or (form == "sav" and (not every_kth or (len(frame) == 2 and step == 3)))
    )


def check_same(seg: sa.Segmentation, back: sa.Segmentation, form: str, said: str) -> None:
    """Hold what was read against what was saved and what was said to be lost."""
    keeps = WRITTEN[form].keeps
    (dense, void), (found, found_void) = stack(seg), stack(back)
    expected = dense if "overlaps" in keeps else flattened(dense, void)
    assert ("lie under" in said) == (not np.array_equal(dense, expected)), "hidden pixels"
    seen = expected.any((1, 2, 3))
    if "absent" not in keeps:
        assert ("without a pixel" in said) == (not seen.all()), "absent objects"
        expected = expected[seen]
    assert len(back) == len(expected), "objects"
    assert not len(back) or np.array_equal(found, expected), "masks"
    if "frame" in keeps or np.array_equal(seg.frame, np.arange(len(seg.frame))):
        assert np.array_equal(back.frame, seg.frame), f"frames {seg.frame} {back.frame}"
    else:
        assert "which source frames" in said, "frames not said"
    if "phrases" in keeps:
        assert [item.phrase or None for item in back] == [item.phrase or None for item in seg], "phrases"
    else:
        assert ("the phrases" in said) == any(item.phrase for item in seg), "phrases not said"
    if "void" in keeps and not (form == "davis" and not seen.any()):
        assert (not void.any()) if back.void is None else np.array_equal(found_void, void), "void"
    else:
        assert ("void" in said.replace("or void", "")) == void.any(), "void not said"
    check_times(seg.time_s, back.time_s, form, said)


def check_times(time_s: NDArray[np.floating], found: NDArray[np.float64], form: str, said: str) -> None:
    """Times come back, or the loss of what is known is said."""
    if "times" in said:
        return
    if "time_s" not in WRITTEN[form].keeps:
        assert np.isnan(time_s).all(), "times not said"
    else:
        known = np.isfinite(time_s)
        close = 0.0015 if form in ("mp4", "sav") else 0  # of those even times are told by the rate
        assert np.allclose(found[known], time_s[known], rtol=0, atol=close), f"times {time_s} {found}"
        assert form in ("mp4", "sav") or np.isnan(found[~known]).all(), "times made up"


def table_there_and_back(seg: sa.Segmentation, path: Path) -> str:
    """Write the frame table as Parquet and CSV and read it back."""
    table = sa.measure(seg, columns="all")
    words, numbers = [text or "" for text in table["phrase"]], table.drop(columns="phrase")
    table.to_parquet(path, index=False)
    stored = pd.read_parquet(path)
    pd.testing.assert_frame_equal(stored.drop(columns="phrase"), numbers)
    assert stored["phrase"].fillna("").tolist() == words, "phrases in Parquet"
    text = io.StringIO(format_table(table, "csv"), newline="")
    rows = list(csv.DictReader(text))
    lines = [re.sub("\r\n?", "\n", text) for text in words]  # as no reader keeps them apart
    assert all(row["phrase"] in (line, f"'{line}") for row, line in zip(rows, lines, strict=True)), "phrases"
    for name, column in numbers.items():
        found = [row[str(name)] for row in rows]
        if column.dtype.kind == "f":
            assert np.array_equal([float(each or "nan") for each in found], column, equal_nan=True), name
        else:
            assert found == column.astype(str).tolist(), name
    return "kept"


def film_there_and_back(seg: sa.Segmentation, path: Path) -> str:
    """Write films at the frames' own times, or else at a rate, and count their frames."""
    scrubber = sa.scrub(replace(seg, video=None))
    steps = np.diff(seg.time_s[np.isfinite(seg.time_s)])
    for suffix in (".mp4", ".gif", ".webp"):
        film = path.with_name(f"a:{suffix}")
        if (steps < 1e-4).any():  # NaN have times made up
            with pytest.raises(ValueError, match="with fps="):
                scrubber.save_video(film)
            assert not film.exists(), "something was written"
        film = scrubber.save_video(film, fps=None if (steps >= 1e-4).all() else 10)
        if suffix == ".mp4":
            assert len(sa.Video(film)) == len(seg.frame), "frames of the film"
        else:
            with Image.open(film) as pictures:  # those that show the same are one
                assert 1 <= pictures.n_frames <= len(seg.frame), "pictures of the film"
    return "kept"


def run_case(number: int, form: str, folder: Path) -> str:
    """Draw a case by its number, and send it there and back; over what is there in every other."""
    rng = np.random.default_rng([number, sorted(FORMS).index(form)])
    seg = odd_segmentation(rng)
    path = folder / str(rng.choice(NAMES))
    if form == "table":
        return table_there_and_back(seg, path)
    if form in ("mp4", "film") and len(seg) > 20:  # a file, or a drawing, each
        return "left out"
    if form == "film":
        return film_there_and_back(seg, path)
    if number % 2:
        sa.save_masks(sa.load_masks([np.ones((2, 4, 5), bool)]), path, format=form)
    return there_and_back(seg, form, path)


def run_campaign(
    forms: list[str], *, first: int, count: int, seconds: float = np.inf
) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Run cases of each format; gives the outcomes counted, and the faults in words."""
    outcomes: Counter[tuple[str, str]] = Counter()
    faults = []
    until = time.monotonic() + seconds
    for number in range(first, first + count):
        for form in forms:
            with TemporaryDirectory() as folder:
                outcome, fault = tried(partial(run_case, number, form, Path(folder)))
            outcomes[form, outcome] += 1
            faults += [f"{number} {form}: {fault}"] if fault else []
        if time.monotonic() > until:
            break
    return outcomes, faults


def run_real(forms: list[str], data: Path) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Send whole clips of people's and methods' masks; gives what ``run_campaign`` does."""
    sources = [*data.glob("davis/*/gt"), *data.glob("davis/*/osvos"), *data.glob("sav*.json")]
    outcomes: Counter[tuple[str, str]] = Counter()
    faults = []
    for source in sorted(sources):
        seg = sa.load_reference(source)
        for form in forms:
            with TemporaryDirectory() as folder:
                outcome, fault = tried(partial(there_and_back, seg, form, Path(folder) / "masks"))
            outcomes[form, outcome] += 1
            faults += [f"{source.parent.name} {source.name} {form}: {fault}"] if fault else []
    return outcomes, faults


def tried(case: Callable[[], str]) -> tuple[str, str]:
    """Run a case; gives its outcome, and the fault in words."""
    try:
        return case(), ""
    except Exception as error:  # noqa: BLE001  # whatever escapes is what is looked for
        return "fault", f"{type(error).__name__}: {str(error)[:300]}"


def main() -> int:
    """Print the outcomes of each format; 1 if there is a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.there_and_back", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="segmentations for each format")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--seconds", type=float, default=np.inf, help="stop after that time")
    parser.add_argument("--format", choices=FORMS, help="only this one")
    parser.add_argument("--real", type=Path, help="the folder of the shared data, instead of odd ones")
    asked = parser.parse_args()
    if asked.real:
        outcomes, faults = run_real([asked.format] if asked.format else [*WRITTEN], asked.real)
    else:
        outcomes, faults = run_campaign(
            [asked.format] if asked.format else FORMS,
            first=asked.first,
            count=asked.count,
            seconds=asked.seconds,
        )
    for form in dict.fromkeys(form for form, _ in outcomes):
        counts = ", ".join(f"{outcomes[form, kind]} {kind}" for f, kind in sorted(outcomes) if f == form)
        sys.stdout.write(f"{form:8}{counts}\n")
    sys.stdout.write("".join(f"--- {fault}\n" for fault in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
