"""How often, how many, when not at all, how long to wait: the rules of delivery as values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crossdock.engine.deliver_rules import (
    Answers,
    Breaker,
    Bucket,
    Undone,
    allowed,
    filled,
    heard,
    may_take,
    may_undo,
    paused,
    probing,
    taken,
    wait_seconds,
)
from crossdock.kit.connection import BreakerSettings, Connection, Limits, Retry, UndoLimit, overlap
from crossdock.model.money import minor_in

LIMITS = Limits(per_second=10, burst=5)
SETTINGS = BreakerSettings(failures=3, share_percent=50, least=10, window_seconds=10, wait_seconds=2)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 10)), max_size=50))
def test_a_bucket_never_gives_more_than_its_rate_and_one_burst(steps: list[tuple[float, int]]) -> None:
    now, bucket, given_out = 100.0, filled(Bucket(), LIMITS, 100.0), 0
    for elapsed, wanted in steps:
        now += elapsed
        bucket = filled(bucket, LIMITS, now)
        count = min(wanted, may_take(bucket, LIMITS, now)[0])
        bucket, given_out = taken(bucket, count), given_out + count
    assert given_out <= LIMITS.burst + LIMITS.per_second * (now - 100.0) + 1e-6


def test_an_empty_bucket_says_when_to_come_back() -> None:
    bucket = taken(filled(Bucket(), LIMITS, 100.0), 5)
    count, wait = may_take(bucket, LIMITS, 100.0)
    assert count == 0
    assert may_take(filled(bucket, LIMITS, 100.0 + wait), LIMITS, 100.0 + wait)[0] == 1


def test_a_bucket_that_a_system_paused_gives_nothing_until_then() -> None:
    bucket = paused(filled(Bucket(), LIMITS, 100.0), 107.0)
    assert may_take(bucket, LIMITS, 100.0) == (0, 7.0)
    assert may_take(filled(bucket, LIMITS, 107.0), LIMITS, 107.0)[0] == 5


def test_a_clock_that_goes_back_fills_nothing() -> None:
    bucket = taken(filled(Bucket(), LIMITS, 100.0), 5)
    assert may_take(filled(bucket, LIMITS, 40.0), LIMITS, 40.0)[0] == 0


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker = heard(breaker, SETTINGS, Answers(bad=1, reason="503"), 100.0)
        assert breaker.state == "closed"
    breaker = heard(breaker, SETTINGS, Answers(bad=1, reason="503"), 100.0)
    assert breaker.state == "open"
    assert "3 failures in a row, the last: 503" in breaker.reason


def test_a_success_between_breaks_the_row() -> None:
    breaker = Breaker()
    for _ in range(2):
        for answers in (Answers(bad=2), Answers(good=1)):
            breaker = heard(breaker, SETTINGS, answers, 100.0)
    assert breaker.state == "closed"


def test_a_breaker_opens_at_a_share_of_failures() -> None:
    breaker = heard(Breaker(), SETTINGS, Answers(good=6, bad=2), 100.0)
    assert breaker.state == "closed"
    breaker = heard(breaker, SETTINGS, Answers(good=1, bad=5), 101.0)
    assert breaker.state == "open"
    assert "7 of 14" in breaker.reason


def test_a_window_that_ended_is_forgotten() -> None:
    breaker = heard(Breaker(), SETTINGS, Answers(good=1, bad=7), 100.0)
    assert heard(breaker, SETTINGS, Answers(good=8, bad=2), 111.0).state == "closed"


def test_an_open_breaker_lets_one_probe_through_after_the_wait_and_no_second() -> None:
    opened = heard(Breaker(), SETTINGS, Answers(bad=3), 100.0)
    assert allowed(opened, SETTINGS, 101.0)[1:] == (0, 1.0)
    assert allowed(opened, SETTINGS, 102.0).through == 1
    half = probing(opened, 102.0, 10.0)
    assert allowed(half, SETTINGS, 103.0).through == 0
    assert allowed(half, SETTINGS, 118.0).through == 1, "a probe that nobody heard of again is given up"


def test_only_the_probe_closes_a_breaker_or_opens_it_for_longer() -> None:
    half = probing(heard(Breaker(), SETTINGS, Answers(bad=3), 100.0), 102.0, 10.0)
    assert heard(half, SETTINGS, Answers(good=5), 103.0) == half, "these were asked before"
    assert heard(half, SETTINGS, Answers(good=1, probe=True), 103.0).state == "closed"
    again = heard(half, SETTINGS, Answers(bad=1, probe=False, reason="503"), 103.0)
    assert again.state == "open"
    assert allowed(again, SETTINGS, 105.0).through == 0, "the wait doubles"
    assert allowed(again, SETTINGS, 107.0).through == 1


@given(st.integers(0, 2_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_a_part_of_a_span_that_doubles_up_to_the_longest(attempts: int, draw: float) -> None:
    retry = Retry(first_seconds=0.5, longest_seconds=60)
    assert 0 <= wait_seconds(retry, attempts, draw) <= min(60, 0.5 * 2 ** min(attempts, 30))
    assert wait_seconds(retry, attempts, draw, 30.0) >= 30.0, "never sooner than the system asked for"


def test_undos_are_limited_by_count_and_money_within_the_hour() -> None:
    limit = UndoLimit(per_hour=2, minor_per_hour=1_000)
    first = may_undo(Undone(), limit, 900, 10_000.0)
    assert first == Undone(10_000.0, 1, 900)
    assert may_undo(first, limit, 101, 10_001.0) is None
    second = may_undo(first, limit, 100, 10_001.0)
    assert second is not None
    assert may_undo(second, limit, 0, 10_002.0) is None
    assert may_undo(second, limit, 5, 13_600.0) == Undone(13_600.0, 1, 5)


def test_the_money_of_a_document_is_its_largest_amount() -> None:
    assert minor_in({"freight_minor": 5, "lines": [{"amount_minor": -70}, {"amount_minor": 8}], "minor": 99}) == 70
    assert minor_in(None) == 0


def test_connections_of_one_role_must_not_take_the_same_commands() -> None:
    def connection(**only: list[str]) -> Connection:
        return Connection(role="wms", manifest="m", only=only)

    assert overlap(connection(), connection(warehouse=["A"]))
    assert overlap(connection(warehouse=["A", "B"]), connection(warehouse=["B"]))
    assert not overlap(connection(warehouse=["A"]), connection(warehouse=["B"]))
    assert overlap(connection(warehouse=["A"]), connection(zone=["1"]))
    assert connection(warehouse=["A"]).takes("wms", {"warehouse": "A"})
    assert not connection(warehouse=["A"]).takes("wms", {"warehouse": "B"})
    assert not connection().takes("erp", {})
