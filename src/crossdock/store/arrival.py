"""Arrival numbers: the order of first receipt, as one whole number that also says on which day.

Bits, high to low: 17 for the UTC day since 1970 (to the year 2328), 33 for the number of the group commit (a sequence
that may wrap without harm: the day tells its rounds apart), 13 for the place in the group commit.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

PLACE_BITS: Final = 13
DAY_SHIFT: Final = 46
MESSAGES_PER_COMMIT_MAX: Final = 1 << PLACE_BITS
_EPOCH: Final = date(1970, 1, 1)


def base(day: date, commit: int) -> int:
    """The arrival number of the first message of a group commit."""
    return ((day - _EPOCH).days << DAY_SHIFT) | (commit << PLACE_BITS)


def day_of(arrival: int) -> date:
    """The UTC day of receipt."""
    return _EPOCH + timedelta(days=arrival >> DAY_SHIFT)


def text(arrival: int) -> str:
    """As people read and type it: `2026-11-23/5021/17`."""
    within = arrival & ((1 << DAY_SHIFT) - 1)
    return f"{day_of(arrival)}/{within >> PLACE_BITS}/{within & (MESSAGES_PER_COMMIT_MAX - 1)}"


def parse(name: str) -> int | None:
    """The arrival number of its text, or of plain digits; `None` when it is neither."""
    if name.isascii() and name.isdigit():
        return int(name)
    try:
        day, commit, place = name.split("/")
        return base(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).date(), int(commit)) | int(place)
    except ValueError:
        return None
