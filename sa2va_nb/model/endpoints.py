"""What is known of the hosted models: one table, with where each fact was read."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Fact:
    """Something that the service's pages say, which may change without notice.

    Attributes:
        says: the fact, in words.
        source: the page that says so.
        read_on: when that page was read.
    """

    says: str
    source: str
    read_on: date


@dataclass(frozen=True)
class Endpoint:
    """One hosted model.

    Attributes:
        app: its id at the service.
        takes: what it segments; images are known, but not supported here.
        usd_per_s: list price for a second. Whether seconds of video or of compute is not published.
        min_frames, max_frames: limits of ``num_frames_to_sample``, by the published schema.
        advised_frames: the fewest that a later schema allows, below which the service may refuse or change it.
        facts: what the figures, and what is sent and expected, rest on.
    """

    app: str
    takes: Literal["video", "image"]
    usd_per_s: float
    min_frames: int
    max_frames: int
    advised_frames: int
    facts: tuple[Fact, ...]


def _video(app: str, usd_per_s: float) -> Endpoint:
    page = f"https://fal.ai/models/{app}"
    facts = (
        Fact(f"the price is ${usd_per_s:.2f} 'per seconds'", page, date(2026, 11, 22)),
        Fact("prompt and video_url are required; num_frames_to_sample is 1 to 100", page, date(2026, 11, 22)),
        Fact("without num_frames_to_sample all frames are sampled", page, date(2026, 11, 22)),
        Fact(
            "the answer has output, a text, and masks, a list of files described as a dictionary of label to "
            "mask video",
            page,
            date(2026, 11, 22),
        ),
        Fact(
            "in a later schema num_frames_to_sample is 5 to 100, 32 unless given",
            f"{page}/api",
            date(2026, 11, 22),
        ),
    )
    return Endpoint(app, "video", usd_per_s, 1, 100, 5, facts)


def _image(app: str) -> Endpoint:
    fact = Fact(
        "takes prompt and image_url, answers with images",
        f"https://fal.ai/models/{app}/api",
        date(2026, 11, 24),
    )
    return Endpoint(app, "image", float("nan"), 1, 1, 1, (fact,))


ENDPOINTS = {
    "8b": _video("fal-ai/sa2va/8b/video", 0.08),
    "4b": _video("fal-ai/sa2va/4b/video", 0.04),
    "8b/image": _image("fal-ai/sa2va/8b/image"),
    "4b/image": _image("fal-ai/sa2va/4b/image"),
}
DEFAULT = "8b"


def find_endpoint(name: str) -> Endpoint:
    """Look an endpoint up by its short name.

    Raises:
        ValueError: if there is none of that name, or it takes no videos.

    >>> find_endpoint("8b").app
    'fal-ai/sa2va/8b/video'
    """
    found = ENDPOINTS.get(name)
    known = ", ".join(repr(known) for known, endpoint in ENDPOINTS.items() if endpoint.takes == "video")
    if found is None:
        raise ValueError(f"endpoint must be one of {known}, got {name!r}")
    if found.takes != "video":
        raise ValueError(
            f"endpoint must be one of {known}, got {name!r}, which segments images; make a video of one frame"
        )
    return found


def frame_limits(name: str) -> tuple[int, int]:
    """Give the limits of ``num_frames_to_sample``; for models of an engine of the user's own, those of the default."""
    endpoint = ENDPOINTS.get(name, ENDPOINTS[DEFAULT])
    endpoint = endpoint if endpoint.takes == "video" else ENDPOINTS[DEFAULT]
    return endpoint.min_frames, endpoint.max_frames


def frame_notes(name: str, num_frames_to_sample: int | None) -> tuple[str, ...]:
    """Say what speaks against a number of sampled frames that is within the limits.

    >>> frame_notes("8b", 5)
    ()
    """
    endpoint = ENDPOINTS.get(name)
    if endpoint is None or num_frames_to_sample is None or num_frames_to_sample >= endpoint.advised_frames:
        return ()
    return (
        f"num_frames_to_sample={num_frames_to_sample}: the service's newer description names "
        f"{endpoint.advised_frames} as the fewest; it may refuse this, or use another number",
    )
