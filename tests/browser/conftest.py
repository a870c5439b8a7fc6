from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.harness import chromium, quiet_page
from tests.browser.servers import Lab, jupyter


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with no network, which must not complain."""
    with quiet_page(browser) as page:
        yield page


@pytest.fixture
def large_page(browser: Browser) -> Iterator[Page]:
    """A page with network, in which no widget may fail."""
    page = browser.new_page(viewport={"width": 1300, "height": 1500})
    failures: list[str] = []

    def note(error: Error) -> None:
        if "blob:" in (error.stack or ""):  # a widget's module; others are the application's own
            failures.append(str(error))

    page.on("pageerror", note)
    yield page
    page.close()
    assert failures == []


@pytest.fixture(scope="package")
def running_lab(tmp_path_factory) -> Iterator[Lab]:
    with jupyter(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab(running_lab: Lab) -> Iterator[Lab]:
    """JupyterLab and Notebook 7, with no kernel left from another test."""
    yield running_lab
    running_lab.end_kernels()
