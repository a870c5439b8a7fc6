"""What the hosted models cost: one table of endpoints, with where each figure was read."""

import math
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Endpoint:
    """One hosted model.

    Attributes:
        app: its id at the service.
        usd_per_s: list price for a second. Whether seconds of video or of compute is not published.
        source: the page that says so.
        read_on: when that page was read; prices change without notice.
    """

    app: str
    usd_per_s: float
    source: str
    read_on: date


ENDPOINTS = {
    "8b": Endpoint(
        "fal-ai/sa2va/8b/video", 0.08, "https://fal.ai/models/fal-ai/sa2va/8b/video", date(2026, 11, 22)
    ),
    "4b": Endpoint(
        "fal-ai/sa2va/4b/video", 0.04, "https://fal.ai/models/fal-ai/sa2va/4b/video", date(2026, 11, 22)
    ),
}


def find_endpoint(name: str) -> Endpoint:
    """Look an endpoint up by its short name.

    Raises:
        ValueError: if there is none of that name.

    >>> find_endpoint("8b").app
    'fal-ai/sa2va/8b/video'
    """
    if name not in ENDPOINTS:
        known = ", ".join(repr(known) for known in ENDPOINTS)
        raise ValueError(f"endpoint must be one of {known}, got {name!r}")
    return ENDPOINTS[name]


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
