"""Reads mutated files one by one, as told on standard input; a process of its own."""

import json
import random
import resource
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

from sa2va_nb import Sa2VAError
from tests.fuzz.cases import KINDS
from tests.memory import peak_mb

_ADDRESS_SPACE = 4 * 2**30  # a guard for the machine; the resident size is what is judged


def outcome_of(kind: str, seeds: Path, scratch: Path, name: str) -> tuple[str, str]:
    """Read one mutated file: "result", the name of a ``Sa2VAError``, or "escaped" with the traceback."""
    try:
        KINDS[kind](seeds, scratch, random.Random(name))
    except Sa2VAError as error:
        return type(error).__name__, ""
    except Exception:  # noqa: BLE001  # whatever gets through is what is looked for
        return "escaped", traceback.format_exc()
    return "result", ""


def main() -> None:
    """Answer each line, a kind and a name, with a line of JSON."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seeds = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        for line in sys.stdin:
            kind, name = line.split()
            outcome, detail = outcome_of(kind, seeds, Path(scratch), name)
            answer = {"outcome": outcome, "peak_mb": peak_mb(), "detail": detail}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
