"""What a source has sent today, counted by the database and remembered for a few seconds.

Counting a day of millions again and again would be dear, so what is older than a minute is counted once: only what
came after it is looked at. A minute, because group commits of several processes may end in another order than that of
their numbers.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
import psycopg

from crossdock.api.long_work import LongWork
from crossdock.store import counts
from crossdock.store.arrival import base
from crossdock.store.connect import connect

_FRESH_SECONDS: Final = 5.0
_FINAL_AFTER: Final = timedelta(minutes=1)
_REPEATED_WITHIN: Final = timedelta(days=7)


class Count(msgspec.Struct, frozen=True):
    """Messages of a source on a UTC day. `duplicates` are copies of messages of the last seven days."""

    day: date
    received: int
    new: int
    duplicates: int
    conflicts: int


class Counts:
    """Counts of all sources of a tenant. Used by one event loop."""

    def __init__(self, url: str, tenant: int) -> None:
        """Asks the database when it is asked."""
        self._url = url
        self._tenant = tenant
        self._lock = asyncio.Lock()
        self._counting = LongWork("counting")
        self._counted_at = -_FRESH_SECONDS
        self._day = date.min
        self._mark = 0
        self._final: Counter[int] = Counter()
        self._stored: Counter[int] = Counter()
        self._duplicates: Counter[int] = Counter()
        self._conflicts: Counter[int] = Counter()

    async def of(self, source: int) -> Count:
        """Today's count of a source, a few seconds old. Raises psycopg's errors and `DatabaseUnreachable`."""
        async with self._lock:
            if time.monotonic() - self._counted_at > _FRESH_SECONDS:
                await self._counting.do(self._count)
                self._counted_at = time.monotonic()
        stored, duplicates, conflicts = self._stored[source], self._duplicates[source], self._conflicts[source]
        return Count(self._day, stored + duplicates, stored - conflicts, duplicates, conflicts)

    def _count(self) -> None:
        with connect(self._url, purpose="counts", tenant=self._tenant, patience_seconds=0) as connection:
            row = connection.execute("select now()").fetchone()
            now: datetime = row[0] if row else datetime.now(UTC)
            today = now.astimezone(UTC).date()
            if today != self._day:
                self._day, self._mark, self._final = today, base(today, 0) - 1, Counter()
            self._count_stored(connection, now)
            self._count_repeated(connection)

    def _count_stored(self, connection: psycopg.Connection, now: datetime) -> None:
        self._stored = self._final.copy()
        rows = counts.stored(connection, self._tenant, mark=self._mark, final=now - _FINAL_AFTER)
        for source, count, final, mark in rows:
            self._stored[source] += count
            self._final[source] += final
            self._mark = max(self._mark, mark)

    def _count_repeated(self, connection: psycopg.Connection) -> None:
        midnight = datetime(self._day.year, self._day.month, self._day.day, tzinfo=UTC)
        oldest = base(self._day - _REPEATED_WITHIN, 0)
        rows = counts.repeated(connection, self._tenant, oldest=oldest, today=midnight)
        self._duplicates = Counter({source: duplicates for source, duplicates, _ in rows})
        self._conflicts = Counter({source: conflicts for source, _, conflicts in rows})
