"""Runs the notebooks in ``notebooks/`` and stores their outputs: ``python -m tests.notebooks``."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook top to bottom with ``folder`` as its working directory; gives it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    # a notebook's kernel must not write its settings into the user's home
    environment = {**os.environ, "IPYTHONDIR": str(folder / ".ipython"), "MPLBACKEND": ""}
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
    )
    client.execute(env=environment)
    return notebook


def without_widgets(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave of each output what a page without a kernel can show; drop those that are nothing but a widget."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        outputs = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop(WIDGET, None) is None or "image/png" in data:
                outputs.append(output)
        if "outputs" in cell:
            cell.outputs = outputs
    return notebook


def main() -> None:
    """Refresh every notebook."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        with TemporaryDirectory() as folder:
            nbformat.write(without_widgets(execute(path, Path(folder))), path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB\n")


if __name__ == "__main__":
    main()
