"""How Sphinx builds the documentation: ``python -m tests.docs``, which checks it as well.

The pages are the repository's own, where they stand: the source folder is its root, so that a link from one page
to another, or to a notebook, is the same here and on a code-hosting page.
"""

from sa2va_nb import __version__

project = "sa2va_nb"
author = "The sa2va_nb contributors"
copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "myst_nb",
    "sphinx_copybutton",
    "tests.docs.pages",
]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "notebooks/*.ipynb", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
exclude_patterns = ["tests", "sa2va_nb", "build", "dist", "sa2va_runs", "sa2va_demo", "**.ipynb_checkpoints"]

nb_execution_mode = "off"  # the stored outputs are shown; `python -m tests.notebooks` refreshes them
nb_merge_streams = True
nb_number_source_lines = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True

highlight_language = "none"  # of what is not marked as Python: commands
html_theme = "furo"
html_title = "sa2va_nb"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": False}
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = ">>> "
