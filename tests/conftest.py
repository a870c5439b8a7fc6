from collections.abc import Iterator

import pytest

from tests.standin import StandIn


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Turn this process to a stand-in for the model service."""
    with StandIn() as service:
        for name, value in service.env().items():
            monkeypatch.setenv(name, value)
        yield service
    assert service.errors == []
