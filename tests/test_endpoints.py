import datetime

import pytest

from sa2va_nb.model.endpoints import ENDPOINTS, find_endpoint, frame_limits, frame_notes


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_fact_names_a_page_on_its_model_and_the_day_it_was_read(name: str) -> None:
    endpoint = ENDPOINTS[name]
    assert endpoint.facts
    for fact in endpoint.facts:
        assert fact.source.startswith(f"https://fal.ai/models/{endpoint.app}")
        assert fact.read_on >= datetime.date(2026, 11, 22)


def test_the_price_in_the_table_is_the_one_that_its_fact_says() -> None:
    for endpoint in (ENDPOINTS["8b"], ENDPOINTS["4b"]):
        assert f"${endpoint.usd_per_s:.2f}" in endpoint.facts[0].says


@pytest.mark.parametrize("name", ["8b/image", "4b/image"])
def test_models_for_images_are_known_and_not_supported(name: str) -> None:
    with pytest.raises(ValueError, match=f"'8b', '4b', got '{name}', which segments images"):
        find_endpoint(name)


def test_limits_are_those_of_the_endpoint_and_of_the_default_for_a_model_that_is_not_in_the_table() -> None:
    assert frame_limits("4b") == (1, 100)
    assert frame_limits("my own") == frame_limits("8b/image") == frame_limits("8b")


@pytest.mark.parametrize(("n", "told"), [(None, False), (1, True), (4, True), (5, False), (100, False)])
def test_fewer_frames_than_a_later_schema_allows_are_told(n: int | None, told: bool) -> None:
    assert bool(frame_notes("8b", n)) is told
    assert frame_notes("my own", n) == ()
