"""The scrubber's JavaScript and style sheets, joined for the browser.

The modules below ``web/`` are plain ES modules that import each other, so that tools and tests can run
them as they are. A widget and a page that works offline each need one text: ``module_text`` joins them in
order, without the import lines and the ``export`` keywords. Their top-level names must therefore differ.
"""

import re
from functools import cache
from pathlib import Path

_WEB = Path(__file__).parent / "web"
_MODULES = (
    "wire.js",
    "paint.js",
    "store.js",
    "session.js",
    "words.js",
    "dom.js",
    "lanes.js",
    "keys.js",
    "view.js",
)  # each needs only those before
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const))", re.MULTILINE)


@cache
def module_text() -> str:
    """Join the scrubber's modules to one ES module, whose default export is the widget."""
    return "\n".join(_plain(name) for name in (*_MODULES, "scrubber.js"))


@cache
def page_script() -> str:
    """Join the modules with what runs them in a page that has no kernel."""
    return "\n".join([module_text(), _plain("standalone.js")])


@cache
def style_text(name: str) -> str:
    """Read a style sheet: ``scrubber.css`` or ``report.css``."""
    return (_WEB / name).read_text(encoding="utf-8")


def _plain(name: str) -> str:
    source = (_WEB / name).read_text(encoding="utf-8")
    return _EXPORT.sub("", _IMPORT.sub("", source))
