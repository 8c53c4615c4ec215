"""Dates and instants as senders write them: a moment needs its zone, and a year must be one of our time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.mapping.conversions import Convert
from crossdock.mapping.record import Context, Get, Node, Raw, Refused

YEAR_MIN: Final = 1990
YEAR_MAX: Final = 2100

# RFC 3339 section 5.6: the zone may be missing here so that we can say so.
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
DATE_STYLES: Final = {
    "iso": (re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})", re.ASCII), "2026-03-02"),
    "ccyymmdd": (re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", re.ASCII), "20260302"),
    "month_first": (re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})", re.ASCII), "3/2/2026"),
    "day_first": (re.compile(r"(?P<d>[0-9]{1,2})[./](?P<m>[0-9]{1,2})[./](?P<y>[0-9]{4})", re.ASCII), "2.3.2026"),
}
# A date and a time run together, to the second and without a zone.
MOMENT_STYLES: Final = {"ccyymmddhhmmss": re.compile(r"[0-9]{14}", re.ASCII)}
_TIME: Final = re.compile(r"([01][0-9]|2[0-3])([0-5][0-9])(?:([0-5][0-9])([0-9]{0,2}))?", re.ASCII)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(Z|[+-][0-9]{2}:[0-9]{2})")

# X12 element 623 and what it says about the zone; LT and unknown codes leave it to the mapping's `zone`.
_FIXED_HOURS: Final = {
    "UT": 0, "GM": 0, "TS": -4, "TD": -3, "ES": -5, "ED": -4, "CS": -6, "CD": -5, "MS": -7, "MD": -6, "PS": -8,
    "PD": -7, "AS": -9, "AD": -8, "HS": -10, "HD": -9,
}  # fmt: skip
_CITIES: Final = {
    "TT": "America/Halifax", "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles", "AT": "America/Anchorage", "HT": "America/Adak", "NT": "America/St_Johns",
}  # fmt: skip
_HALF_HOURS: Final = {"NS": timedelta(hours=-3, minutes=-30), "ND": timedelta(hours=-2, minutes=-30)}
_EAST_MAX: Final = 12
_WEST_MAX: Final = 24

_NO_MOMENT: Final = "must be a moment such as 2026-03-02T08:27:47Z"
_WRONG_YEAR: Final = f"must have a year from {YEAR_MIN} to {YEAR_MAX}"

Day = Callable[[Raw, Node, Context], date]


def instant(zone: tzinfo | None) -> Convert:
    """RFC 3339 text to a moment; `zone` stands in where the text has none."""

    def convert(raw: Raw, _node: Node, _context: Context) -> datetime:
        if type(raw) is not str:
            raise Refused("instant.syntax", _NO_MOMENT, raw)
        moment = _moment(raw)
        if moment.tzinfo is not None:
            return moment
        if zone is None:
            problem = "has no zone; send one (2026-03-02T08:27:47Z) or set `zone` in the mapping"
            raise Refused("instant.zone", problem, raw)
        return moment.replace(tzinfo=zone)

    return convert


# One message says the same moment several times, and one day's messages the same dates.
@lru_cache(1024)
def _moment(raw: str) -> datetime:
    if not _INSTANT.fullmatch(raw):
        raise Refused("instant.syntax", _NO_MOMENT, raw)
    try:
        moment = datetime.fromisoformat(raw.upper())
    except ValueError:
        raise Refused("instant.syntax", "is no moment of the calendar", raw) from None
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        raise Refused("instant.year", _WRONG_YEAR, raw)
    return moment


def digits(style: str, zone: tzinfo) -> Convert:
    """A moment written in one style, as the clocks of `zone` show it."""
    pattern = MOMENT_STYLES[style]

    def convert(raw: Raw, _node: Node, _context: Context) -> datetime:
        if type(raw) is not str or not pattern.fullmatch(raw):
            raise Refused("instant.syntax", "must be a moment such as 20260302082747", raw)
        return _moment(f"{raw[:4]}-{raw[4:6]}-{raw[6:8]}T{raw[8:10]}:{raw[10:12]}:{raw[12:]}").replace(tzinfo=zone)

    return convert


def day(style: str) -> Day:
    """A calendar date written in one style; nothing is guessed."""

    def convert(raw: Raw, _node: Node, _context: Context) -> date:
        if type(raw) is not str:
            raise Refused("date.syntax", f"must be a date such as {DATE_STYLES[style][1]}", raw)
        return _date(raw, style)

    return convert


@lru_cache(1024)
def _date(raw: str, style: str) -> date:
    pattern, example = DATE_STYLES[style]
    match = pattern.fullmatch(raw)
    try:
        found = date(int(match["y"]), int(match["m"]), int(match["d"])) if match else None
    except ValueError:
        found = None
    if found is None:
        raise Refused("date.syntax", f"must be a date such as {example}", raw)
    if not YEAR_MIN <= found.year <= YEAR_MAX:
        raise Refused("date.year", _WRONG_YEAR, raw)
    return found


def day_at(to_day: Day, clock: time) -> Convert:
    """A date as the moment at which `clock` strikes."""
    return lambda raw, node, context: datetime.combine(to_day(raw, node, context), clock)


def day_and_time(to_day: Day, time_of: Get, zone_code: Get | None, zone: tzinfo | None) -> Convert:
    """A date, a time HHMM[SS[dd]] and a time code of X12 element 623; `zone` where the code says local or nothing."""

    def convert(raw: Raw, node: Node, context: Context) -> datetime:
        found = to_day(raw, node, context)
        written = time_of(node, context)
        match = _TIME.fullmatch(written) if type(written) is str else None
        if match is None:
            raise Refused("instant.time", "must be a time HHMM or HHMMSS beside its date", written or "")
        hour, minute, second, part = match.groups()
        micro = int(part.ljust(2, "0")) * 10_000 if part else 0
        clock = time(int(hour), int(minute), int(second or 0), micro)
        said = zone_code(node, context) if zone_code is not None else None
        actual = (zone_of_code(said) if type(said) is str else None) or zone
        if actual is None:
            problem = f"the time code {str(said or 'none')[:10]!r} names no zone; set `zone` in the mapping"
            raise Refused("instant.zone", problem, said or "")
        return datetime.combine(found, clock, actual)

    return convert


@cache
def zone_of_code(code: str) -> tzinfo | None:
    """The zone of a time code (X12 element 623), None for local time and for codes that we do not know."""
    if code in _FIXED_HOURS:
        hours = _FIXED_HOURS[code]
        return timezone(timedelta(hours=hours)) if hours else UTC
    if code in _HALF_HOURS:
        return timezone(_HALF_HOURS[code])
    if code in _CITIES:
        return ZoneInfo(_CITIES[code])
    if len(code) == 2 and code.isascii() and code.isdigit():  # noqa: PLR2004
        number = int(code)
        if 1 <= number <= _EAST_MAX:
            return timezone(timedelta(hours=number))
        if number <= _WEST_MAX and number:
            return timezone(timedelta(hours=number - _WEST_MAX - 1))
    return None


def zone_named(name: str) -> tzinfo:
    """A zone of the IANA database, or an offset such as `-07:00`. Raises `ValueError` for any other."""
    if name in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    moment = time.fromisoformat(f"00:00{name}")
    if moment.tzinfo is None:
        raise ValueError(name)
    return moment.tzinfo


def clock_of(text: str) -> time:
    """A time of day with its zone: `00:00Z`. Raises `ValueError` for any other text."""
    if not _CLOCK.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)
