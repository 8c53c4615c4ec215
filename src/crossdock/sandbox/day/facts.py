"""What a system says of an order, when it says it, and what that changes in the books: the vocabulary of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final, NamedTuple

from crossdock.sandbox.day.trade import Form, Place

Data = dict[str, Any]

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
QUARTER_MS: Final = 15 * MINUTE_MS

_FIRST_DAY: Final = date(2026, 3, 2)


@lru_cache(maxsize=64)
def _date(day: int) -> str:
    return (_FIRST_DAY + timedelta(days=day)).isoformat()


def on_date(at_ms: int) -> str:
    """Return the date (ISO) of a time given in milliseconds since the day began."""
    return _date(at_ms // DAY_MS)


def stamp(at_ms: int) -> str:
    """Return a time as messages write it: UTC with milliseconds."""
    seconds, ms = divmod(at_ms % DAY_MS, 1_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{on_date(at_ms)}T{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}Z"


def money(cents: int) -> str:
    """Return an amount as JSON and CSV write it."""
    return f"{cents // 100}.{cents % 100:02d}"


class Effect(NamedTuple):
    """What a fact changes in the books of its order, once it has been told.

    `stage` is a status the order has at least reached; `figures` replace members of the order's result; `stock` holds
    per SKU what is added to on hand and to reserved; `exceptions` are `CODE key`.
    """

    stage: str | None = None
    figures: Data | None = None
    stock: Sequence[tuple[str, int, int]] = ()
    exceptions: tuple[str, ...] = ()


class Load(NamedTuple):
    """What carriers know of a shipment; EDI documents repeat it."""

    order_no: str
    shipment_no: str
    scac: str
    pro_no: str
    weight_lb: int
    origin: Place
    destination: Place
    ship_to: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """One business fact, the system that tells it and the time (milliseconds of the day) it is told."""

    kind: str
    source: str
    form: Form
    at_ms: int
    key: str
    data: Data
    load: Load | None = None
    effect: Effect = field(default_factory=Effect)


def minutes(rng: Random, least: int, most: int) -> int:
    """Draw a duration, in milliseconds."""
    return rng.randrange(least * MINUTE_MS, most * MINUTE_MS)


def arrives_ms(fact: Fact) -> int:
    """Return when a fact reaches us: at once, but CSV rows wait for the file at the end of their quarter of an hour."""
    return fact.at_ms if fact.form != "csv" else next_quarter(fact.at_ms)


def next_quarter(at_ms: int) -> int:
    """Return the end of the quarter of an hour that holds a time; the end itself belongs to the next."""
    return at_ms - at_ms % QUARTER_MS + QUARTER_MS
