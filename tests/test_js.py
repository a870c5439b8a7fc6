"""The scrubber's JavaScript without a browser: its types, and its pure functions run by node."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sa2va_nb.view.widget.assets import module_text, page_script
from tests.browser.harness import missing, node_file
from tests.js.fixtures import write_fixtures

JS = Path(__file__).parent / "js"
OLDEST_NODE = 20


def node() -> str:
    """Find node, or skip."""
    path = shutil.which("node")
    if path is None:
        missing("no node was found on the PATH")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        missing(f"node {OLDEST_NODE} or newer is needed, found {version.strip()}")
    return path


def run(*arguments: str | Path, **variables: str) -> str:
    """Run node in tests/js; give what it prints, which is the failure's message if it fails."""
    result = subprocess.run(
        [node(), *arguments], cwd=JS, env=os.environ | variables, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    return result.stdout


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("js")
    write_fixtures(folder)
    return folder


def test_types_are_sound():
    assert run(node_file("typescript/bin/tsc"), "-p", ".") == ""


@pytest.mark.parametrize("tests", sorted(path.name for path in JS.glob("*.test.js")))
def test_functions(tests, fixtures):
    run("--test", "--test-reporter=spec", tests, SA2VA_NB_FIXTURES=str(fixtures))


def test_the_joined_scripts_are_modules(tmp_path):
    for name, text in (("widget", module_text()), ("page", page_script())):
        path = tmp_path / f"{name}.mjs"
        path.write_text(text, encoding="utf-8")
        run("--check", path)
