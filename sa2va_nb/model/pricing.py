"""Estimates what a call to a hosted model costs."""

import math

from sa2va_nb.model.endpoints import find_endpoint

ASSUMED = (
    "priced by the seconds of the video; whether the service bills these or compute seconds is unverified"
)


def estimate_cost_usd(endpoint: str, seconds: float) -> float:
    """Estimate what a call costs: the list price times the seconds.

    An estimate, because the service may bill compute seconds instead of video seconds.

    Args:
        endpoint: a name in ``ENDPOINTS``.
        seconds: length of the video, at least 0.

    Raises:
        ValueError: if the endpoint is unknown, or the seconds are negative or not finite.

    >>> round(estimate_cost_usd("8b", 10), 2)
    0.8
    """
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"seconds must be a finite number from 0 up, got {seconds}")
    return find_endpoint(endpoint).usd_per_s * seconds
