"""Finds the clips and masks that are kept beside the repository, for tests only."""

from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Give the path of a file or folder of the shared data, or skip the test where it is missing."""
    path = _DATA / name
    if not path.exists():
        pytest.skip(f"needs shared/data/{name} beside the repository, which is not here")
    return path
