from datetime import UTC, datetime, timedelta, timezone

import pytest

from crossdock.clock import Clock, FixedClock, NaiveInstant, SystemClock


def test_the_system_clock_tells_utc_and_never_an_earlier_time() -> None:
    clock: Clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_a_fixed_clock_stands_still_until_it_is_set() -> None:
    clock = FixedClock(datetime(2025, 3, 1, 8, 0, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
    clock.set(datetime(2025, 3, 2, tzinfo=UTC))
    assert clock.now() == datetime(2025, 3, 2, tzinfo=UTC)


def test_a_fixed_clock_tells_utc_whatever_the_zone_it_was_set_in() -> None:
    clock = FixedClock(datetime(2025, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now().isoformat() == "2025-03-01T06:00:00+00:00"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant, match="tzinfo=UTC"):
        FixedClock(datetime(2025, 3, 1, 8, 0))  # noqa: DTZ001 - the fault under test
