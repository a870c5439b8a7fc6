"""What the documentation needs besides Sphinx: living scrubbers, the columns there are, an entry page at the top."""

import hashlib
import html
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import sa2va_nb as sa
from sa2va_nb.analysis.columns import column_groups
from sa2va_nb.sample import spoil
from tests.notebooks import execute

SCRUBBERS = "_scrubbers"  # a folder of the site
# Pictures, which a code-hosting page shows, in whose place the site has the living thing, and its height in px.
LIVING = {"docs/images/scrubber.png": ("scrubber", 1060), "docs/images/comparing.png": ("comparing", 1120)}
DEFECTS = [
    ("the red ball", "halved", 40, 48),
    ("the left fish", "dropped", 60, 65),
    ("the left fish", "swapped", 85, 119),
]
_FRAME = re.compile(r'<iframe ([^>]*?)srcdoc="([^"]*)"([^>]*)>')
# Makes a kernel show a scrubber as a page of its own, which lives on without it.
_STARTUP = """
from sa2va_nb import Scrubber, Segmentation, scrub

def _living(scrubber, **_):
    return scrubber.static()._repr_mimebundle_()

_show = get_ipython().display_formatter.mimebundle_formatter
_show.for_type(Scrubber, _living)
_show.for_type(Segmentation, lambda seg, **_: _living(scrub(seg)))
"""


def setup(app: Sphinx) -> dict[str, bool]:
    """Join Sphinx' events."""
    app.add_config_value("run_notebooks", False, "env", types=(bool,))
    app.add_directive("measure-columns", MeasureColumns)
    app.connect("builder-inited", write_scrubbers)
    app.connect("source-read", prepare_notebook)
    app.connect("doctree-resolved", place_scrubbers)
    app.connect("build-finished", write_entry)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class MeasureColumns(SphinxDirective):
    """``.. measure-columns::`` documents each module of ``sa2va_nb.analysis.columns``."""

    def run(self) -> list[nodes.Node]:
        """Let autodoc do it, for those that are there."""
        modules = (
            f".. automodule:: sa2va_nb.analysis.columns.{name}\n   :members:\n" for name in column_groups()
        )
        return self.parse_text_to_nodes("\n".join(modules))


def write_scrubbers(app: Sphinx) -> None:
    """Make the scrubbers that the guides show: masks of the sample clip, damaged on purpose."""
    folder = app.outdir / SCRUBBERS
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as clips:
        _, truth = sa.sample_clip(clips)
        seg = spoil(truth, DEFECTS)
        sa.scrub(seg, table=sa.quality(seg)).to_html(folder / "scrubber.html")
        sa.scrub(seg, reference=truth).to_html(folder / "comparing.html")


def place_scrubbers(app: Sphinx, tree: nodes.document, docname: str) -> None:
    """Put a living scrubber in the place of its picture."""
    for image in [*tree.findall(nodes.image)]:
        is_link = isinstance(image.parent, nodes.reference)  # a click on it would leave
        if image["uri"] in LIVING and not is_link:
            name, height = LIVING[image["uri"]]
            frame = (
                f'<iframe class="living" sandbox="allow-scripts" loading="lazy" style="height:{height}px" '
                f'title="{html.escape(image["alt"])}" src="{_up(docname)}{SCRUBBERS}/{name}.html"></iframe>'
            )
            image.replace_self(nodes.raw("", frame, format="html"))


def prepare_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    """Run a notebook where that is asked for, and move the scrubbers out of its outputs into files."""
    if not docname.startswith("notebooks/"):
        return
    notebook = nbformat.reads(source[0], as_version=4)
    if app.config.run_notebooks:
        notebook = run_living(app.srcdir / f"{docname}.ipynb")
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/html", "")
            if "srcdoc=" in text:
                output["data"]["text/html"] = move_out(text, app.outdir / SCRUBBERS, _up(docname))
    source[0] = nbformat.writes(notebook)


def run_living(path: Path) -> nbformat.NotebookNode:
    """Run a notebook so that the scrubbers in its outputs live."""
    with TemporaryDirectory() as folder:
        startup = Path(folder) / ".ipython/profile_default/startup/living.py"
        startup.parent.mkdir(parents=True)
        startup.write_text(_STARTUP, encoding="utf-8")
        return execute(path, Path(folder))


def move_out(text: str, folder: Path, up: str) -> str:
    """Write what frames hold into files: a page of megabytes would stand still until all of it is there."""

    def as_file(found: re.Match[str]) -> str:
        page = html.unescape(found[2])
        name = hashlib.sha256(page.encode()).hexdigest()[:16] + ".html"
        (folder / name).write_text(page, encoding="utf-8")
        return f'<iframe class="living" loading="lazy" {found[1]}src="{up}{SCRUBBERS}/{name}"{found[3]}>'

    return _FRAME.sub(as_file, text)


def write_entry(app: Sphinx, error: Exception | None) -> None:
    """Let the site's top lead to its first page."""
    if error is None:
        target = f"{app.config.root_doc}.html"
        (app.outdir / "index.html").write_text(
            f'<!doctype html><meta charset="utf-8"><title>{app.config.project}</title>'
            f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">{app.config.project}</a>',
            encoding="utf-8",
        )


def _up(docname: str) -> str:
    return "../" * docname.count("/")
