"""Runs Sphinx over the repository."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(site: Path, *, run: bool = False, root: Path = ROOT) -> int:
    """Build a site; gives Sphinx' status, which is not 0 after a warning.

    Args:
        site: the folder to write.
        run: run the notebooks first.
        root: the repository.
    """
    trees = site.with_name(f"{site.name}-doctrees")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", "-d", trees]
    command += ["-D", f"run_notebooks={int(run)}", ".", site]
    return subprocess.run(command, cwd=root, check=False).returncode
