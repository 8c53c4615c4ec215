"""Dates and moments whose form a code beside them tells, as EDIFACT writes them: `202603020854`, `203`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from crossdock.formats.edi.pictures import parts_of
from crossdock.formats.edifact.dictionary import PICTURES
from crossdock.mapping import times
from crossdock.mapping.conversions import Convert
from crossdock.mapping.record import Context, Get, Node, Raw, Refused

# Pictures that name a day, and perhaps a time of day; weeks, months and periods are none.
_WRITTEN: Final = {"CCYYMMDD": "%Y%m%d", "YYMMDD": "%y%m%d", "HHMM": "%H%M", "SS": "%S", "ZZZ": ""}
_FORMS: Final = {
    code: "".join(_WRITTEN[part] for part in parts_of(picture))
    for code, picture in PICTURES
    if picture.startswith(("CCYYMMDD", "YYMMDD")) and "-" not in picture
}
_ZONED: Final = {code for code, picture in PICTURES if picture.endswith("ZZZ")}
_DAYS: Final = {code for code, form in _FORMS.items() if "%H" not in form}
_MIDNIGHT: Final = re.compile(r"([0-9]{6,8})2400(?:00)?")
_OFFSET: Final = re.compile(r"[+-](?:0[0-9]|1[0-4])")
_ZONES: Final = frozenset({"UTC", "GMT", "WET", "CET", "EET", "EST", "MST"})


def day(code: Get) -> Convert:
    """A date; of a moment, its day."""

    def convert(raw: Raw, node: Node, context: Context) -> date:
        return _read(raw, _code(code, node, context))[0].date()

    return convert


def moment(code: Get, zone: tzinfo) -> Convert:
    """A moment, as the clocks of `zone` show it where the text names no zone."""

    def convert(raw: Raw, node: Node, context: Context) -> datetime:
        said = _code(code, node, context)
        if said in _DAYS:
            problem = f"is a day ({said}), and no moment; send 203, or map it by `as: date`"
            raise Refused("instant.time", problem, raw)
        found, named = _read(raw, said)
        return found.replace(tzinfo=named or zone)

    return convert


def _code(code: Get, node: Node, context: Context) -> str:
    said = code(node, context)
    if said not in _FORMS:
        problem = f"is written as {str(said or 'nothing')[:10]!r} says, and we read {', '.join(sorted(_FORMS))}"
        raise Refused("instant.syntax", problem, said or "")
    return str(said)


# One message says the same moment several times, and one day's messages the same dates.
@lru_cache(1024)
def _read(raw: Raw, code: str) -> tuple[datetime, tzinfo | None]:
    text, zone = str(raw), None
    if code in _ZONED:
        text, zone = text[:-3], _zone(text[-3:])
    midnight = _MIDNIGHT.fullmatch(text)
    try:
        found = datetime.strptime(f"{midnight[1]}0000" if midnight else text, _FORMS[code])  # noqa: DTZ007  (below)
    except ValueError:
        raise Refused("instant.syntax", f"is no moment of the calendar as {code} writes it", raw) from None
    if not times.YEAR_MIN <= found.year <= times.YEAR_MAX:
        raise Refused("instant.year", f"must have a year from {times.YEAR_MIN} to {times.YEAR_MAX}", raw)
    return found + timedelta(days=1 if midnight else 0), zone


def _zone(text: str) -> tzinfo:
    if text in _ZONES:
        return times.zone_named(text)
    if _OFFSET.fullmatch(text):
        return timezone(timedelta(hours=int(text)))
    raise Refused("instant.zone", f"names the zone {text!r}, which we do not know", text)
