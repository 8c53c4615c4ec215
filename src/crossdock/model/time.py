"""Instants as whole microseconds since 1970 in UTC, and back: exact, unlike a float timestamp."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(at: int) -> datetime:
    """The instant, in UTC, of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


def day_of(at: int) -> date:
    """The UTC day of microseconds since 1970."""
    return date.fromordinal(_EPOCH_ORDINAL + at // 86_400_000_000)


def start_of(day: date) -> int:
    """Microseconds since 1970 at the first moment of a UTC day."""
    return (day - _EPOCH.date()).days * 86_400_000_000
