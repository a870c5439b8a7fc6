"""Runs the tests with the oldest versions that pyproject.toml allows: ``python -m tests.lowest``.

What the package itself needs, its extras included, is installed at its lower bound exactly, everything else at
its newest, into an environment of its own. Tests that need a browser, and those of types and lint, are left out;
so is whether notebooks give the figures that are stored, as an older encoder changes pixels: they run against the
stand-in. An old version's deprecated use of a newer package is no failure.
``--keep FOLDER`` keeps the environment there and finds it again; other arguments go to pytest.
"""

import argparse
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Those that the tests install; not the tools of the tests, nor the large ones that are tried by hand.
TOO_NEW = ("trackeval",)  # a tool that itself needs newer versions than the lowest; its tests are skipped
EXTRAS = ("distributed", "lab", "parquet", "supervision", "tracking", "xarray", "zarr")
LEFT_OUT = (
    "--ignore=tests/browser",
    "--ignore=tests/test_architecture.py",
    "--ignore=tests/test_js.py",
    "--deselect=tests/test_contributing.py::test_the_examples_are_free_of_lint",
    "--deselect=tests/test_notebooks.py::test_runs_without_a_key_and_says_what_is_stored",
    "-Wignore::DeprecationWarning",
)


def lower_bounds() -> list[str]:
    """Give each requirement of the package, pinned to the version its lower bound names."""
    listed = PROJECT["dependencies"] + [
        line for extra in EXTRAS for line in PROJECT["optional-dependencies"][extra]
    ]
    return [pinned(Requirement(line)) for line in listed]


def tools() -> list[str]:
    """Give what the tests need beside the package, with ``docs`` and its other extras."""
    listed = [Requirement(line) for line in PROJECT["optional-dependencies"]["test"]]
    of_itself = [f"-e.[{','.join(each.extras)}]" for each in listed if each.name == PROJECT["name"]]
    return of_itself + [str(each) for each in listed if each.name not in (PROJECT["name"], *TOO_NEW)]


def pinned(requirement: Requirement) -> str:
    """Turn ``name>=1.2`` into ``name==1.2``."""
    (bound,) = (part.version for part in requirement.specifier if part.operator == ">=")
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}=={bound}{marker}"


def main() -> int:
    """Make the environment where it isn't there, and run the tests in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="the environment's folder")
    options, for_pytest = parser.parse_known_args()
    with TemporaryDirectory() as folder:
        environment = options.keep or Path(folder) / "venv"
        python = environment / "bin" / "python"
        if not python.exists():
            venv.create(environment, with_pip=True)
        bounds = Path(folder) / "bounds.txt"
        bounds.write_text("\n".join(lower_bounds()), encoding="utf-8")
        install = [python, "-m", "pip", "install", "-q", "-c", bounds, *tools()]
        subprocess.run(install, cwd=ROOT, check=True)
        command = [python, "-m", "pytest", "--no-cov", "-q", *LEFT_OUT, *for_pytest]
        return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
