"""Packs the package, as it is installed here, into a wheel."""

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from sa2va_nb.kit.notebooks import notebooks_folder

_NAME = "sa2va_nb"


def write_wheel(folder: Path) -> Path:
    """Write a wheel that is like the one that was installed; needs neither network nor build tools.

    That is possible as the package is Python alone: its files, and those that describe it, by the form of a wheel
    (packaging.python.org, "Binary distribution format"). Also a clone that was installed with ``-e`` gives one.
    """
    version = distribution(_NAME).version
    path, info = folder / f"{_NAME}-{version}-py3-none-any.whl", f"{_NAME}-{version}.dist-info"
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in [*_code(), *_description(info)]:
            wheel.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}\n")
        wheel.writestr(f"{info}/RECORD", "".join([*record, f"{info}/RECORD,,\n"]))
    return path


def _code() -> Iterator[tuple[str, bytes]]:
    """Give the package's files by their names in a wheel, and the notebooks where a wheel has them."""
    package = Path(__file__).parents[1]
    for file in sorted(package.rglob("*")):
        inside = file.relative_to(package)
        hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
        if file.is_file() and not hidden and inside.parts[0] != "notebooks":
            yield f"{_NAME}/{inside.as_posix()}", file.read_bytes()
    notebooks = notebooks_folder()
    for file in (
        sorted(notebooks.glob("*.ipynb")) if notebooks else ()
    ):  # not what they made when they ran there
        yield f"{_NAME}/notebooks/{file.name}", file.read_bytes()


def _description(info: str) -> Iterator[tuple[str, bytes]]:
    """Give the files that say what the package is, needs and offers."""
    files = distribution(_NAME).files or ()
    own = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}  # of this installation
    for file in files:
        folder, _, name = file.as_posix().partition("/")
        if folder == info and name not in own:
            yield f"{info}/{name}", Path(str(file.locate())).read_bytes()
