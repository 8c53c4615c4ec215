"""Dates and moments as senders write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crossdock.formats.x12.codes import TIME_CODES
from crossdock.mapping import times
from crossdock.mapping.conversions import Convert
from crossdock.mapping.record import Context, Refused

HERE = Context(None)


def refusal(convert: Convert, raw: object) -> str:
    with pytest.raises(Refused) as found:
        convert(raw, None, HERE)
    return found.value.rule


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T08:27:47.123Z", datetime(2026, 3, 2, 8, 27, 47, 123_000, tzinfo=UTC)),
        ("2026-03-02t08:27:47z", datetime(2026, 3, 2, 8, 27, 47, tzinfo=UTC)),
        ("2026-03-02 01:27-07:00", datetime(2026, 3, 2, 8, 27, tzinfo=UTC)),
    ],
)
def test_moments_of_rfc_3339(text: str, moment: datetime) -> None:
    assert times.instant(None)(text, None, HERE) == moment


def test_a_zone_of_the_mapping_stands_in_and_follows_daylight_saving() -> None:
    convert = times.instant(times.zone_named("America/Denver"))
    offsets = [convert(f"2026-{month}-01T12:00:00", None, HERE).utcoffset() for month in ("01", "07")]
    assert offsets == [timedelta(hours=-7), timedelta(hours=-6)]


@pytest.mark.parametrize(
    ("style", "text"),
    [("iso", "2026-03-02"), ("ccyymmdd", "20260302"), ("month_first", "3/2/2026"), ("day_first", "02.03.2026")],
)
def test_each_style_of_date_reads_its_own(style: str, text: str) -> None:
    assert times.day(style)(text, None, HERE) == date(2026, 3, 2)
    for other in {"iso", "ccyymmdd"} - {style}:
        assert refusal(times.day(other), text) == "date.syntax"


@pytest.mark.parametrize("text", ["1989-12-31", "2101-01-01", "9999-01-01"])
def test_years_are_of_our_time(text: str) -> None:
    assert refusal(times.day("iso"), text) == "date.year"
    assert refusal(times.instant(None), f"{text}T00:00:00Z") == "instant.year"


@pytest.mark.parametrize("raw", ["2460", "1260", "125960", "12", "12:30", "12300", "١٢٣٠", None, 1230])
def test_what_is_no_time_of_day(raw: object) -> None:
    convert = times.day_and_time(times.day("ccyymmdd"), lambda _node, _context: raw, None, UTC)
    assert refusal(convert, "20260302") == "instant.time"


@pytest.mark.parametrize(
    ("text", "second", "micro"), [("0854", 0, 0), ("085420", 20, 0), ("0854205", 20, 500_000), ("08542005", 20, 50_000)]
)
def test_times_to_the_hundredth(text: str, second: int, micro: int) -> None:
    convert = times.day_and_time(times.day("ccyymmdd"), lambda _node, _context: text, None, UTC)
    assert convert("20260302", None, HERE) == datetime(2026, 3, 2, 8, 54, second, micro, tzinfo=UTC)


@pytest.mark.parametrize("code", TIME_CODES)
def test_every_time_code_has_a_zone_but_local_time(code: str) -> None:
    assert (times.zone_of_code(code) is None) == (code == "LT")


@pytest.mark.parametrize(("code", "hours"), [("01", 1), ("12", 12), ("13", -12), ("24", -1)])
def test_numbered_time_codes_count_from_utc(code: str, hours: int) -> None:
    zone = times.zone_of_code(code)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "+25:00", "\x00"])
def test_a_zone_that_does_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        times.zone_named(name)
