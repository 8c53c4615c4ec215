"""The time of day as a value that is passed in, so that everything but the outermost shell can be asked "what if"."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present instant by the operating system, aware and in UTC."""
        return datetime.now(UTC)


class NaiveInstant(ValueError):
    """An instant without a time zone was given; pass one such as `datetime(2025, 3, 1, 8, 0, tzinfo=UTC)`."""


class FixedClock:
    """A clock that stands still until it is set: for tests, simulations and rehearsals.

    Raises `NaiveInstant` when given an instant without a time zone.
    """

    def __init__(self, instant: datetime) -> None:
        self._instant = _in_utc(instant)

    def now(self) -> datetime:
        """The instant the clock was last set to, aware and in UTC."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Move the hands, forward or back. Raises `NaiveInstant` when `instant` has no time zone."""
        self._instant = _in_utc(instant)


def _in_utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise NaiveInstant(f"{instant!r} has no time zone; give an aware datetime, for instance with tzinfo=UTC")
    return instant.astimezone(UTC)
