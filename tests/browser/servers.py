"""Jupyter and marimo for tests, each with settings of its own."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Page

from tests.browser.harness import missing

ROOT = Path(__file__).parents[2]
_START_S = 60
_STOP_S = 10
_IDLE = "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'"


@dataclass(frozen=True)
class Lab:
    """JupyterLab and Notebook 7, served on a folder."""

    address: str
    folder: Path

    def open(self, page: Page, name: str, *cells: str) -> None:
        """Write a notebook, open it in JupyterLab, and wait until its kernel is idle."""
        write_notebook(self.folder / name, *cells)
        page.goto(f"{self.address}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_selector("#jupyterlab-splash", state="hidden", timeout=30_000)
        page.wait_for_function(_IDLE, timeout=60_000)

    def open_in_notebook_7(self, page: Page, name: str, *cells: str) -> None:
        """The same in Notebook 7."""
        write_notebook(self.folder / name, *cells)
        page.goto(f"{self.address}/notebooks/{name}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_function(_IDLE, timeout=60_000)

    def end_kernels(self) -> None:
        with urllib.request.urlopen(f"{self.address}/api/kernels") as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            request = urllib.request.Request(f"{self.address}/api/kernels/{kernel['id']}", method="DELETE")
            urllib.request.urlopen(request).close()


@contextmanager
def jupyter(folder: Path) -> Iterator[Lab]:
    """Run JupyterLab and Notebook 7 on a folder."""
    executable = Path(sys.executable).parent / "jupyter-lab"
    if not executable.exists():
        missing(f"no JupyterLab is installed beside {Path(sys.executable).name}")
    port = free_port()
    command = [str(executable), *_jupyter_options(port, folder)]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        running(
            command, f"http://127.0.0.1:{port}", "/api/status", _private_folders(Path(home)), folder
        ) as address,
    ):
        yield Lab(address, folder)


@contextmanager
def marimo(notebook: Path) -> Iterator[str]:
    """Run a marimo notebook as an app; give its address."""
    if importlib.util.find_spec("marimo") is None:
        missing("marimo is not installed")
    port = free_port()
    options = ["--headless", "--no-token", "--host=127.0.0.1", f"--port={port}"]
    command = [sys.executable, "-m", "marimo", "-q", "run", *options, str(notebook)]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        running(command, f"http://127.0.0.1:{port}", "/health", {"HOME": home}, notebook.parent) as address,
    ):
        yield address


@contextmanager
def running(
    command: Sequence[str], address: str, probe: str, variables: dict[str, str], folder: Path
) -> Iterator[str]:
    """Run a server in a folder, in a process group of its own; give its address once it answers."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | variables | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_up(address + probe, server, log)
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


def run_cells(page: Page, *, below: int = -1) -> None:
    """Run all cells, or those below one; don't wait."""
    page.evaluate(
        """(below) => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = below + 1;
            window.jupyterapp.commands.execute("notebook:run-all-below");
        }""",
        below,
    )


def run_cell(page: Page, index: int, *, wait: bool = True) -> None:
    """Run one cell, and wait until it is done."""
    page.evaluate(
        """([index, wait]) => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
            const done = window.jupyterapp.commands.execute("notebook:run-cell");
            return wait ? done : null;
        }""",
        [index, wait],
    )


def _jupyter_options(port: int, folder: Path) -> list[str]:
    return [
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--JupyterNotebookApp.expose_app_in_browser=True",
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


def _wait_until_up(address: str, server: subprocess.Popen[bytes], log) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (urllib.error.URLError, TimeoutError) as error:
            if server.poll() is not None or time.monotonic() > end:
                log.seek(0)
                raise RuntimeError(f"{address} never answered: {log.read()[-3000:].decode()}") from error
            time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
