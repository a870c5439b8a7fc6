"""Runs the notebooks in ``notebooks/`` and stores their outputs: ``python -m tests.notebooks [a part of a name]``."""

import hashlib
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
RAN = "sa2va_nb_ran"  # in a notebook's metadata: a digest of the cells whose outputs are stored
_SOLUTION = re.compile(r"<details>.*?```python\n(.*?)```.*?</details>", re.DOTALL)


def execute(
    path: Path, folder: Path, *, engine: str = "motion", solve: bool = False
) -> nbformat.NotebookNode:
    """Run a notebook top to bottom with ``folder`` as its working directory; gives it with its outputs.

    Args:
        path: the notebook.
        folder: where it may write.
        engine: what its ``ENGINE`` becomes.
        solve: run the solutions of its exercises as well, below all else.
    """
    notebook = nbformat.read(path, as_version=4)
    if solve:
        notebook.cells += [nbformat.v4.new_code_cell(source) for source in solutions(notebook)]
    # a notebook's kernel must not write its settings into the user's home, nor warn of its own transport
    environment = {
        **os.environ,
        "IPYTHONDIR": str(folder / ".ipython"),
        "MPLBACKEND": "",
        "SA2VA_NB_ENGINE": engine,
    }
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
    )
    client.execute(env=environment)
    return notebook


def solutions(notebook: nbformat.NotebookNode) -> list[str]:
    """Give the code of the solutions, which a reader unfolds and copies into a cell."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return _SOLUTION.findall(text)


def digest(notebook: nbformat.NotebookNode) -> str:
    """Give what tells whether the stored outputs are those of the code cells as they are."""
    code = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def words(notebook: nbformat.NotebookNode) -> list[str]:
    """Give what the code cells print and say in plain text, an item a cell."""
    return [
        "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


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


def main(part: str = "") -> None:
    """Refresh every notebook, or those whose name holds a part."""
    for path in sorted(NOTEBOOKS.glob(f"*{part}*.ipynb")):
        with TemporaryDirectory() as folder:
            notebook = without_widgets(execute(path, Path(folder)))
        notebook.metadata[RAN] = digest(notebook)
        nbformat.write(notebook, path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
