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
    "words.js",
    "dom.js",
    "wire.js",
    "runs.js",
    "outlines.js",
    "paint.js",
    "compare.js",
    "decode.js",
    "picture.js",
    "clock.js",
    "store.js",
    "numbers.js",
    "supply.js",
    "player.js",
    "session.js",
    "zoom.js",
    "loupe.js",
    "tip.js",
    "message.js",
    "wipe.js",
    "stage.js",
    "answer.js",
    "legend.js",
    "marks.js",
    "lanes.js",
    "ruler.js",
    "caption.js",
    "timeline.js",
    "transport.js",
    "objects.js",
    "tools.js",
    "help.js",
    "notes.js",
    "actions.js",
    "keys.js",
    "view.js",
)  # each needs only those before
_STYLES = {
    "scrubber.css": (
        "scrubber.css",
        "stage.css",
        "answer.css",
        "timeline.css",
        "objects.css",
        "tools.css",
        "media.css",
    ),
    "report.css": ("report.css",),
}
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const))", re.MULTILINE)


@cache
def module_text() -> str:
    """Join the scrubber's modules to one ES module, whose default export is the widget."""
    return "\n".join(_plain(name) for name in (*_MODULES, "scrubber.js"))


@cache
def loader_text() -> str:
    """Read what takes that module from a widget's state, ``_module``."""
    return (_WEB / "loader.js").read_text(encoding="utf-8")


@cache
def page_script() -> str:
    """Join the modules with what runs them in a page that has no kernel."""
    return "\n".join([module_text(), _plain("standalone.js")])


@cache
def style_text(name: str) -> str:
    """Join the style sheets of ``scrubber.css`` or ``report.css``."""
    return "\n".join((_WEB / part).read_text(encoding="utf-8") for part in _STYLES[name])


def _plain(name: str) -> str:
    source = (_WEB / name).read_text(encoding="utf-8")
    return _EXPORT.sub("", _IMPORT.sub("", source))
