"""Measures how large this process has been."""

import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """Give the largest resident size so far.

    Linux counts it afresh in ``/proc`` for each program; ``ru_maxrss`` starts with that of the process
    which started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def resident_mb() -> float:
    """Give the resident size now; where the system doesn't tell, the largest so far."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_mb()
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
