import pytest

from tests.fuzz.campaign import MAX_MB, MAX_SECONDS, run_campaign


@pytest.mark.parametrize(("kind", "count"), [("mp4", 200), ("other", 100), ("run", 150)])
def test_mutated_files_give_a_result_or_an_error_that_says_why(kind, count):
    tally = run_campaign(kind, count=count, seed=20)
    assert tally.bad == 0, tally.findings
    assert sum(tally.counts.values()) == count
    assert tally.counts["result"] > count // 50  # the mutations are not so coarse that nothing is read
    assert tally.slowest_s < MAX_SECONDS
    assert 0 < tally.peak_mb < MAX_MB


def test_what_gets_through_is_counted():
    from tests.fuzz.campaign import Tally

    tally = Tally()
    tally.add("mp4 1", "DecodeError", "", 0.1, 100)
    tally.add("mp4 2", "escaped", "KeyError", 0.1, 100)
    tally.add("mp4 3", "hang", "", 10.0, 100)
    assert tally.bad == 2
    assert [name for name, _, _ in tally.findings] == ["mp4 2", "mp4 3"]
