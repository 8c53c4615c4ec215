"""Reading a system that tells nobody: rounds that overlap, pages that cannot lose a record, and no repeats."""

from __future__ import annotations

import json
from typing import Any

from crossdock.connectors.tryton.feed import Feed, Watched
from crossdock.connectors.tryton.settings import Settings, read_settings
from crossdock.connectors.tryton.talk import Sent
from crossdock.kit.connector import Failed, Page

SETTINGS = read_settings({"manifest": "m", "version": 1, "database": "d", "overlap_seconds": 10, "page": 2})
THING = Watched("thing", "a.thing", [], ["name"])


class Table:
    """A table of a Tryton: rows by number, with the stamp of the transaction that wrote each."""

    evidence = ()

    def __init__(self) -> None:
        self.rows: dict[int, float] = {}

    async def search(
        self, model: str, domain: list[Any], fields: list[str], *, order: list[list[str]], limit: int
    ) -> list[dict[str, Any]]:
        """The latest stamps."""
        assert domain
        assert (model, fields, order[0][1]) == ("a.thing", ["_timestamp"], "DESC")
        stamps = sorted(self.rows.values(), reverse=True)[:limit] if order[0][0] == "write_date" else []
        return [{"id": 0, "_timestamp": str(stamp)} for stamp in stamps]

    async def search_sent(
        self, model: str, domain: list[Any], fields: list[str], *, order: list[list[str]], limit: int
    ) -> list[Sent]:
        assert (model, fields[-1], order) == ("a.thing", "_timestamp", [["id", "ASC"]])
        after = next(one[2] for one in domain if one[0] == "id")
        since = next((_seconds(one[1][2]) for one in domain if one[0] == "OR"), 0.0)
        found = [n for n, stamp in sorted(self.rows.items()) if n > after and stamp >= since]
        rows = [{"id": n, "_timestamp": f"{self.rows[n]:.6f}", "name": f"T{n}"} for n in found[:limit]]
        return [Sent(row, json.dumps(row).encode()) for row in rows]


def _seconds(moment: dict[str, int]) -> float:
    from datetime import UTC, datetime  # noqa: PLC0415

    parts = {name: value for name, value in moment.items() if name != "__class__"}
    return datetime(**parts, tzinfo=UTC).timestamp()


def page_of(table: Table, cursor: str | None, settings: Settings = SETTINGS) -> Page | Failed:
    """One page. It never waits for anything, so no event loop is needed."""
    asked = Feed(settings, [THING]).page(table, cursor)  # type: ignore[arg-type]  # it asks as a talk is asked
    try:
        asked.send(None)
    except StopIteration as done:
        page: Page | Failed = done.value
        return page
    raise AssertionError("it waits for something")


def told(table: Table, cursor: str | None) -> tuple[list[str], str]:
    """What one round tells, and where to go on."""
    names: list[str] = []
    while True:
        page = page_of(table, cursor)
        assert isinstance(page, Page), page
        names += [record.id for record in page.records]
        cursor = page.cursor
        if not page.more:
            return names, cursor


def test_a_round_goes_by_number_and_the_next_one_tells_only_what_is_new() -> None:
    table = Table()
    table.rows = {n: 1_000.0 + n for n in range(1, 6)}
    names, cursor = told(table, None)
    assert names == ["1", "2", "3", "4", "5"]
    assert told(table, cursor)[0] == []
    table.rows[2] = 1_050.0
    assert told(table, cursor)[0] == ["2"]


def test_what_becomes_visible_late_is_told_within_the_overlap() -> None:
    table = Table()
    table.rows = {1: 1_000.0, 3: 1_020.0}
    _, cursor = told(table, None)
    table.rows[2] = 1_012.0  # its transaction began before the latest one that we saw, and ended after it
    assert told(table, cursor)[0] == ["2"]


def test_what_changes_behind_us_during_a_round_is_told_by_the_next() -> None:
    table = Table()
    table.rows = {n: 1_000.0 + n for n in range(1, 7)}
    first = page_of(table, None)
    assert isinstance(first, Page)
    table.rows[1] = 2_000.0  # passed already in this round
    table.rows[6] = 2_100.0  # still ahead, and later than it
    rest, cursor = told(table, first.cursor)
    assert "6" in rest
    assert "1" in told(table, cursor)[0]


def test_a_record_keeps_the_bytes_that_it_was_sent_as() -> None:
    table = Table()
    table.rows = {1: 1_000.0}
    page = page_of(table, None)
    assert isinstance(page, Page)
    assert b'"record":{"id": 1, "_timestamp": "1000.000000", "name": "T1"},' in page.records[0].body


def test_nothing_is_read_that_was_not_changed_since_it_begins() -> None:
    table = Table()
    table.rows = {1: 1_000.0, 2: 2_000.0}
    begins = read_settings({"manifest": "m", "version": 1, "database": "d", "begins": "1970-01-01T00:30:00Z"})
    page = page_of(table, None, begins)
    assert isinstance(page, Page)
    assert [record.id for record in page.records] == ["2"]


def test_a_cursor_that_is_none_of_ours_is_no_cursor() -> None:
    page = page_of(Table(), "yesterday")
    assert not isinstance(page, Page)
    assert page.is_evil
