"""Chromium and JupyterLab for tests, or a skip that says what is missing."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import nbformat
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "SA2VA_NB_REQUIRE_BROWSER"  # set to 1, a missing browser or JupyterLab fails instead of skips
_CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
]
_START_S = 60
_STOP_S = 10


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where the browser tests are required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {what}")
    pytest.skip(what)


def chromium_path() -> str:
    """Find Chromium, or skip."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    missing(f"no Chromium was found on the PATH ({', '.join(CHROMIUM_NAMES)})")


@contextmanager
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=_CHROMIUM_ARGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[str]:
    """Run JupyterLab on a folder, with settings of its own; give its address."""
    executable = Path(sys.executable).parent / "jupyter-lab"
    if not executable.exists():
        missing(f"no JupyterLab is installed beside {Path(sys.executable).name}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        port = free_port()
        log = Path(home, "log")
        with log.open("w") as output:
            server = subprocess.Popen(
                [executable, *_lab_options(port, folder)],
                env=os.environ | _private_folders(Path(home)),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_up(f"{address}/api/status", server, log)
            yield address
        finally:
            _stop(server)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def write_notebook(path: Path, *cells: str) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, path)


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open a notebook in JupyterLab and wait until its kernel is idle."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_selector("#jupyterlab-splash", state="hidden", timeout=30_000)
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )


def run_cells(page: Page) -> None:
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")


def painted(page: Page) -> NDArray[np.uint8]:
    """Read the scrubber's canvas: (h, w, 3) uint8."""
    height, width, values = page.evaluate(
        """() => {
            const canvas = document.querySelector(".sa2va-scrubber .sv-picture");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return [canvas.height, canvas.width, btoa(Array.from(data, (v) => String.fromCharCode(v)).join(""))];
        }"""
    )
    pixels = np.frombuffer(base64.b64decode(values), np.uint8)
    return pixels.reshape(height, width, 4)[..., :3]


def wait_for_frame(page: Page, frame: int) -> None:
    page.wait_for_selector(f'.sa2va-scrubber[data-ready="true"][data-frame="{frame}"]', timeout=20_000)


def _lab_options(port: int, folder: Path) -> list[str]:
    return [
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={folder}",
    ]


def _private_folders(home: Path) -> dict[str, str]:
    news = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    return {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
    }


def _wait_until_up(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except urllib.error.URLError as error:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"JupyterLab didn't start: {log.read_text()[-3000:]}") from error
            time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
