"""Says what may be tried again, after what pause."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import RetryCallState, wait_random_exponential

PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})  # another attempt may not meet these
LONGEST_ASKED_PAUSE_S = 60.0  # a server may ask for more, but nobody waits for hours at a cell


def asked_pause_s(response: httpx.Response) -> float:
    """Read how long the server asks to wait, in seconds; 0 if it doesn't say so, or not in a known form."""
    written = response.headers.get("Retry-After", "").strip()
    if written.isdecimal():
        return min(float(written), LONGEST_ASKED_PAUSE_S)
    try:
        until = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), LONGEST_ASKED_PAUSE_S)


class PoliteWait:
    """Waits a growing, random while, or what the last answer asked for if that is longer."""

    def __init__(self, multiplier_s: float, longest_s: float) -> None:
        """Take the scale of the first pause and the longest, in seconds."""
        self._jitter = wait_random_exponential(multiplier=multiplier_s, max=longest_s)

    def __call__(self, state: RetryCallState) -> float:
        """Give the pause in seconds."""
        outcome = state.outcome
        error = outcome.exception() if outcome else None
        result = outcome.result() if outcome and error is None else None
        asked_s = (
            asked_pause_s(result)
            if isinstance(result, httpx.Response)
            else float(getattr(error, "asked_s", 0.0))
        )
        return max(asked_s, self._jitter(state))
