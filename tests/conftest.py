from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.build import build
from tests.standin import StandIn


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Turn this process to a stand-in for the model service."""
    with StandIn() as service:
        for name, value in service.env().items():
            monkeypatch.setenv(name, value)
        yield service
    assert service.errors == []


@pytest.fixture(scope="session")
def docs_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation once; a warning fails it."""
    site = tmp_path_factory.mktemp("docs") / "site"
    assert build(site) == 0
    return site
