"""Builds the documentation into ``build/docs`` and checks it; a warning or a dead link is an error.

``--run`` runs the notebooks first, with scrubbers that live in the page; else what they store is shown.
"""

import argparse
import sys
from pathlib import Path

from tests.docs.build import ROOT, build
from tests.docs.links import broken_links


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.docs", description=__doc__)
    parser.add_argument("--run", action="store_true", help="run the notebooks; takes minutes")
    parser.add_argument("--into", type=Path, default=ROOT / "build/docs", help="the site's folder")
    options = parser.parse_args()
    if status := build(options.into, run=options.run):
        return status
    broken = broken_links(options.into)
    sys.stdout.write("\n".join([*broken, f"{options.into / 'index.html'}: {len(broken)} broken links", ""]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
