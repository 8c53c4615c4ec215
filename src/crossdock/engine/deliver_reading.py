"""Reading what systems hold: records that hooks hint at, and feeds, which cover the hooks that never came.

A hint is never believed: the record is read again, and taken in as a message of its system's source. Reading changes
nothing elsewhere, so whatever fails is tried later; what cannot be believed is kept as evidence and takes no effect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import psycopg

from crossdock.engine.configuration import Configuration
from crossdock.engine.deliver_rules import Answers
from crossdock.engine.reading_breaker import Leave, heard_reading, may_read
from crossdock.kit.connection import Connection
from crossdock.kit.connector import Connector, Failed, Gone, Hint, Page, Record
from crossdock.store import delivery_inbound as store
from crossdock.store.delivery_inbound import Hinted, LostFeed, Moved, Taken
from crossdock.store.intake import Incoming, digest

_LOG = logging.getLogger(__name__)
_HINTS_AT_ONCE: Final = 50
_READS_AT_ONCE: Final = 8
_FAILED_SECONDS: Final = 1.0
_ATTEMPTS_MAX: Final = 12
_LEASE_SECONDS_LEAST: Final = 5.0
_LEASE_SECONDS_MORE: Final = 3.0

T = TypeVar("T")
Books = Callable[[Callable[["Place"], T]], Awaitable[T]]


class Place(NamedTuple):
    """Where reading is written down: a database connection, whose data, by which configuration, by whom."""

    connection: psycopg.Connection
    tenant: int
    configuration: Configuration
    worker: str


class Reader:
    """Reads one system, in one process."""

    def __init__(
        self,
        name: str,
        settings: Connection,
        connector: Connector,
        in_books: Callable[..., Any],
        is_put_off: Callable[[], bool],
    ) -> None:
        """`in_books` runs a function of a `Place` where the database is spoken to. It begins nothing while put off."""
        self.name = name
        self._settings = settings
        self._connector = connector
        self._in_books = in_books
        self._is_put_off = is_put_off
        self.reads = False
        self._hinted = asyncio.Event()

    def call(self) -> None:
        """There are hints to be followed."""
        self._hinted.set()

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Follow hints and read the feed until `stopping()`."""
        await asyncio.gather(self._follow(stopping), self._poll(stopping))

    # -- hints ---------------------------------------------------------------------------------------------------

    async def _follow(self, stopping: Callable[[], bool]) -> None:
        while not stopping():
            try:
                await asyncio.wait_for(self._hinted.wait(), 0.5)
            except TimeoutError:
                continue
            if self._is_put_off():
                await asyncio.sleep(_FAILED_SECONDS)
                continue
            self._hinted.clear()
            try:
                await self._follow_some()
            except Exception:  # noqa: BLE001  # the hints are still there
                _LOG.exception("hints of %s could not be followed; trying again", self.name)
                await asyncio.sleep(_FAILED_SECONDS)

    async def _follow_some(self) -> None:
        leave, hints = await self._in_books(self._due)
        room = asyncio.Semaphore(_READS_AT_ONCE)
        answers = await asyncio.gather(*(self._follow_one(one, room) for one in hints))
        if hints:
            bad = [one for one in answers if one is not None]
            await self._tell(leave, len(answers) - len(bad), bad)

    def _due(self, place: Place) -> tuple[Leave, list[Hinted]]:
        """Hints to be followed now, unless the system is left alone."""
        if self.name not in store.hinted(place.connection, place.tenant):
            return Leave(is_probe=False), []
        leave = self._may_read(place)
        if leave is None:
            return Leave(is_probe=False), []
        count = 1 if leave.is_probe else _HINTS_AT_ONCE
        return leave, store.take_hints(
            place.connection, place.tenant, self.name, count, lease_seconds=self.lease_seconds
        )

    async def _follow_one(self, one: Hinted, room: asyncio.Semaphore) -> str | None:
        """Read one record; why that failed, if it did."""
        async with room:
            got = await self._connector.get(Hint(entity=one.entity, id=one.id))
        if isinstance(got, Record):
            await self._in_books(lambda place: self._take(place, one, got))
        elif isinstance(got, Gone):
            await self._in_books(
                lambda place: self._give_up(place, one, f"a hook hints at {one.entity} {one.id}, which is not there")
            )
        else:
            await self._in_books(lambda place: self._distrust(place, one, got))
            return got.reason
        return None

    # -- the breaker of reading ----------------------------------------------------------------------------------

    def _may_read(self, place: Place) -> Leave | None:
        return may_read(place.connection, place.tenant, self.name, self._settings, place.worker)

    async def _tell(self, leave: Leave, good: int, bad: Sequence[str]) -> None:
        answers = Answers(good, len(bad), (not bad) if leave.is_probe else None, bad[-1] if bad else "")
        await self._in_books(
            lambda place: heard_reading(
                place.connection, place.tenant, self.name, self._settings, answers, place.worker
            )
        )

    def _take(self, place: Place, one: Hinted, record: Record) -> None:
        incoming = self._incoming(place, record)
        store.follow_hint(place.connection, place.tenant, self.name, one, incoming)

    def _give_up(self, place: Place, one: Hinted, problem: str) -> None:
        with place.connection.transaction():
            store.note_problem(place.connection, place.tenant, self.name, what="hook", problem=problem, evidence="")
            store.follow_hint(place.connection, place.tenant, self.name, one, None)

    def _distrust(self, place: Place, one: Hinted, failed: Failed) -> None:
        """Keep the evidence; the hint is due again later, and after an hour of trying only the feed can help."""
        is_last = one.attempts >= _ATTEMPTS_MAX
        with place.connection.transaction():
            if failed.is_evil or is_last:
                _note(place, self.name, "get", failed)
            if is_last:
                store.follow_hint(place.connection, place.tenant, self.name, one, None)
            else:
                store.retry_hint(place.connection, place.tenant, self.name, one)

    # -- the feed ------------------------------------------------------------------------------------------------

    async def _poll(self, stopping: Callable[[], bool]) -> None:
        poll = self._settings.poll
        if poll is None or not self._connector.declares.has_feed:
            return
        while not stopping():
            if self._is_put_off():
                await asyncio.sleep(_FAILED_SECONDS)
                continue
            try:
                taken = await self._in_books(partial(self._take_feed, every_seconds=poll.every_seconds))
                if taken is not None:
                    self.reads = True
                    leave, feed = taken
                    problem = await self._read_feed(feed, poll.pages, stopping)
                    await self._tell(leave, int(problem is None), [] if problem is None else [problem])
            except LostFeed as lost:
                _LOG.info("%s", lost)
            except Exception:  # noqa: BLE001  # the cursor is where it was
                _LOG.exception("the feed of %s could not be read; trying again", self.name)
                await asyncio.sleep(_FAILED_SECONDS)
            finally:
                self.reads = False
            await asyncio.sleep(min(poll.every_seconds, _FAILED_SECONDS) / 4)

    @property
    def lease_seconds(self) -> float:
        """How long the feed is ours after the last that was heard of us; renewed while a page takes longer."""
        return max(_LEASE_SECONDS_LEAST, self._settings.limits.timeout_seconds + _LEASE_SECONDS_MORE)

    def _take_feed(self, place: Place, every_seconds: float) -> tuple[Leave, Taken] | None:
        """Leave to read the feed, and from where, if it is time and the system is not left alone."""
        taken = store.take_feed(
            place.connection,
            place.tenant,
            self.name,
            place.worker,
            every_seconds,
            lease_seconds=self.lease_seconds,
        )
        if taken is None:
            return None
        leave = self._may_read(place)
        if leave is None:
            store.leave_feed(place.connection, place.tenant, self.name, place.worker, "it is left alone for a while")
            return None
        return leave, taken

    async def _read_feed(self, feed: Taken, pages: int, stopping: Callable[[], bool]) -> str | None:
        """Read pages until there is no more, or as many as are allowed at a time; why that failed, if it did."""
        cursor = feed.cursor
        for _ in range(pages):
            page = await self._connector.changes(cursor)
            if isinstance(page, Failed):
                await self._in_books(partial(self._leave, failed=page))
                return page.reason
            await self._in_books(partial(self._move, page=page, since=feed.at))
            if not page.more or stopping():
                break
            cursor = page.cursor
        await self._in_books(
            lambda place: store.leave_feed(place.connection, place.tenant, self.name, place.worker, None)
        )
        return None

    def _move(self, place: Place, page: Page, since: datetime) -> None:
        incoming = [one for record in page.records if (one := self._incoming(place, record)) is not None]
        store.move_feed(
            place.connection,
            place.tenant,
            self.name,
            place.worker,
            incoming,
            Moved(page.cursor, page.more, since, [(record.entity, record.id) for record in page.records]),
            lease_seconds=self.lease_seconds,
        )

    def _leave(self, place: Place, failed: Failed) -> None:
        with place.connection.transaction():
            store.leave_feed(place.connection, place.tenant, self.name, place.worker, failed.reason[:500])
            if failed.is_evil:
                _note(place, self.name, "changes", failed)

    def _incoming(self, place: Place, record: Record) -> Incoming | None:
        """A record as a message; `None`, recorded, where its sender is not one of ours."""
        name = record.source or self._settings.source
        source = place.configuration.named(name) if name else None
        if source is None:
            problem = f"{record.entity} {record.id} is of {name or 'nobody'}, which is no source"
            shown = record.body[:1_000].decode("utf-8", "replace")
            store.note_problem(
                place.connection, place.tenant, self.name, what="record", problem=problem, evidence=shown
            )
            return None
        # As intake does it, so that what is both sent and read is one message.
        layout = record.content_type.encode() if ";" in record.content_type else None
        content = digest(layout, record.body) if layout else digest(record.body)
        return Incoming(source.id, content, content, record.content_type, record.body)


def _note(place: Place, name: str, what: str, failed: Failed) -> None:
    shown = failed.evidence[-1].answer if failed.evidence else ""
    store.note_problem(place.connection, place.tenant, name, what=what, problem=failed.reason, evidence=shown)
