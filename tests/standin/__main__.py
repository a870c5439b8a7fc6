"""Serves the stand-in for trying notebooks by hand: ``python -m tests.standin``, then paste the exports."""

import argparse
import contextlib
import sys
import threading

from tests.standin.masks import SHAPES
from tests.standin.server import StandIn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="same", help="what the answers look like")
    parser.add_argument("--queue-polls", type=int, default=3, help="looks at its status that a job waits")
    parser.add_argument("--run-polls", type=int, default=6, help="looks at its status that a job runs")
    options = parser.parse_args()
    with StandIn(options.shape, options.queue_polls, options.run_polls) as standin:
        sys.stdout.write(
            "# Paste these lines into another shell, or into %env lines of a notebook; this one goes on serving.\n"
        )
        sys.stdout.write(
            "# There, every https request then comes here. A new shell is free of it. Ctrl-C here ends it.\n"
        )
        sys.stdout.write(
            "# Its answers are test material: always two children and a bed, with masks of no meaning.\n"
        )
        for name, value in standin.env().items():
            sys.stdout.write(f"export {name}='{value}'\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
