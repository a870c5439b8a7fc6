"""The wheel and the sdist hold what they should, and nothing else."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build both; the build's own tools are those installed, so that no network is needed."""
    pytest.importorskip("hatchling", reason="needs hatchling, the build backend")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def source_files(*folders):
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not {"__pycache__", "node_modules", ".ipynb_checkpoints"} & set(path.parts)
    }


def test_the_wheel_holds_the_package_with_its_scripts_types_and_notebooks(built):
    (path,) = built.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        (info,) = {name.split("/")[0] for name in names} - {"sa2va_nb"}
        metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
        assert "sa2va-nb = sa2va_nb.cli:app" in wheel.read(f"{info}/entry_points.txt").decode()
    expected = source_files("sa2va_nb") | {
        f"sa2va_nb/{notebook}" for notebook in source_files("notebooks") if notebook.endswith(".ipynb")
    }
    assert expected - names == set()
    assert {name for name in names - expected if not name.startswith(info)} == set()
    assert f"{info}/licenses/LICENSE" in names
    assert path.stat().st_size < 20_000_000
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_payload().startswith("# sa2va_nb")


def test_the_sdist_holds_the_sources_and_no_junk(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = source_files("sa2va_nb", "docs", "tests", "notebooks") | {
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE"),
        *("pyproject.toml", ".gitignore", "PKG-INFO"),
    }
    assert names - expected == set()
    assert source_files("sa2va_nb", "docs") - names == set()
