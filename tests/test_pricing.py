import pytest

from sa2va_nb.model.pricing import estimate_cost_usd


@pytest.mark.parametrize(("endpoint", "usd"), [("8b", 1.0), ("4b", 0.5)])
def test_cost_is_the_list_price_times_the_seconds(endpoint: str, usd: float) -> None:
    assert estimate_cost_usd(endpoint, 12.5) == pytest.approx(usd)
    assert estimate_cost_usd(endpoint, 0) == 0


def test_an_unknown_endpoint_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'8b', '4b', got '70b'"):
        estimate_cost_usd("70b", 1)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_seconds_that_are_no_duration_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds must be"):
        estimate_cost_usd("8b", seconds)
