"""Makes processes that segment a clip each, without the seconds that starting Python takes: it forks.

Reads lines of JSON, ``[clip, prompt, runs_dir, kill_after_s]``, and writes each process's exit code. One with
``kill_after_s`` is killed after so long; one with null is left alone; the next line is not waited with where it is
"together".
"""

import json
import os
import signal
import sys
import time

import sa2va_nb as sa
from tests.faults.matrix import PATIENT


def main() -> None:
    _load()
    n_running = 0
    for line in sys.stdin:
        clip, prompt, runs_dir, kill_after_s = json.loads(line)
        process = os.fork()
        if process == 0:
            os._exit(_segment(clip, prompt, runs_dir))
        n_running += 1
        if kill_after_s == "together":
            continue
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(process, signal.SIGKILL)  # it is this one for certain: nobody has waited for it
        n_running -= _wait()
    for _ in range(n_running):
        _wait()


def _load() -> None:
    """Load everything before the first fork."""
    for name in ("segment", "Segmentation", "load_masks"):
        getattr(sa, name)


def _wait() -> int:
    _, status = os.wait()
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
    sys.stdout.flush()
    return 1


def _segment(clip: str, prompt: str, runs_dir: str) -> int:
    try:
        sa.segment(clip, prompt, engine=PATIENT, runs_dir=runs_dir, progress=False)
    except sa.Sa2VAError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    main()
