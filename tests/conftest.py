from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.build import build
from tests.standin import StandIn
from tests.standin.service import SECRETS


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Turn this process to a stand-in for the model service."""
    with StandIn() as service:
        for name, value in service.env().items():
            monkeypatch.setenv(name, value)
        yield service
    assert service.errors == []


@pytest.fixture
def headless() -> Iterator[None]:
    """Draw without a screen; leave neither figures nor settings behind."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    with mpl.rc_context():
        mpl.use("Agg")
        yield
        plt.close("all")


@pytest.fixture(scope="session")
def docs_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation once; a warning fails it."""
    site = tmp_path_factory.mktemp("docs") / "site"
    assert build(site) == 0
    return site


@pytest.fixture(scope="session", autouse=True)
def _no_file_of_the_suite_holds_the_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Search all that the tests have written, whatever it is, when the last one is done."""
    yield
    files = (path for path in tmp_path_factory.getbasetemp().rglob("*") if path.is_file())
    assert [path for path in files if _holds_secret(path)] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail a test that printed or logged the key."""
    report = yield
    if any(secret in text for _, text in report.sections for secret in SECRETS):
        report.outcome, report.longrepr = "failed", f"{item.nodeid} printed or logged the key"
    return report


def _holds_secret(path: Path) -> bool:
    """Search a file piece by piece; the pieces overlap by the longest secret."""
    wanted = [secret.encode() for secret in SECRETS]
    before = b""
    with path.open("rb") as file:
        while piece := file.read(2**22):
            if any(secret in before + piece for secret in wanted):
                return True
            before = piece[-max(map(len, wanted)) :]
    return False
