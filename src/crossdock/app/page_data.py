"""The pages' port (`console.views.Data`) over the database: two threads, each with one connection of its own.

One makes the first page, for everybody, at most once a second; the other looks up what one person asks for, so that a
long journey holds up nobody's counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import psycopg

from crossdock.api.long_work import LongWork
from crossdock.api.problems import Problem
from crossdock.app import deciding, finding, handling, held_page, letters_again, message_page
from crossdock.app.journey import item_view, journey_of, top_of
from crossdock.app.lookup import Lookup
from crossdock.app.opening import Opened
from crossdock.app.page_figures import Figures, acts, causes, letter_causes
from crossdock.clock import SystemClock
from crossdock.console.data import NoAnswer
from crossdock.console.held_views import Held, HeldFilters, LetGo
from crossdock.console.journey_views import Found, Journey, Message
from crossdock.console.views import Acted, Again, Deed, Filters, Front, Item, Letters, Queue, Refusal, Trail, Unknown
from crossdock.settings import ConfigurationError
from crossdock.store import arrival as arrivals
from crossdock.store import dead_letters, messages, trail, work
from crossdock.store.connect import DatabaseUnreachable, connect
from crossdock.store.work import WorkRow

ITEMS_A_PAGE: Final = 50
_FRESH_SECONDS: Final = 1.0
_FOUND_MAX: Final = 50
_LETTERS_MAX: Final = 100
_ACTS_A_PAGE: Final = 100
_STATEMENT_MS_MAX: Final = 20_000

T = TypeVar("T")


class PageData:
    """What the pages of a tenant show. Used by one event loop."""

    def __init__(self, url: str, tenant: int, name: str) -> None:
        """Connects when it is first asked."""
        self._url = url
        self._tenant = tenant
        self._figures = Figures(tenant, name)
        self._front_reader = _Reader(url, tenant, "page figures")
        self._reader = _Reader(url, tenant, "page")
        self._lock = asyncio.Lock()
        self._front: Front | None = None
        self._front_at = 0.0
        self._clock = SystemClock()

    def close(self) -> None:
        """Let go of the connections."""
        self._front_reader.close()
        self._reader.close()

    async def front(self) -> Front:
        """The first page, at most a second old; made once for all who ask at the same time."""
        async with self._lock:
            if self._front is None or time.monotonic() - self._front_at > _FRESH_SECONDS:
                self._front = await self._front_reader.ask(self._figures.front)
                self._front_at = time.monotonic()
        return self._front

    async def find(self, text: str) -> list[Found]:
        """Cases with this name; where there is none, those whose names begin so."""

        def look(connection: psycopg.Connection) -> list[Found]:
            exact = finding.find(connection, self._tenant, text)
            if exact:
                lookup = Lookup(connection, self._tenant)
                lookup.cases([case.id for case in exact])
                return [Found(one.id, one.status, one.name, top_of(lookup, one.id), is_exact=True) for one in exact]
            cases = finding.search(connection, self._tenant, text, _FOUND_MAX)
            return [Found(case.id, case.status, case.name) for case in cases]

        return await self._reader.ask(look)

    async def near(self, text: str) -> list[Found]:
        """What a person may have meant."""
        found = await self._reader.ask(lambda connection: finding.near(connection, self._tenant, text, _FOUND_MAX))
        return [Found(case.id, case.status, case.name) for case in found]

    async def journey(self, case: str) -> Journey | None:
        """The journey that a case belongs to."""
        now = self._clock.now()
        return await self._reader.ask(lambda connection: journey_of(connection, self._tenant, case, now))

    async def message(self, name: str) -> Message | None:
        """A message by its arrival number."""
        arrival = arrivals.parse(name)
        if arrival is None:
            return None
        now = self._clock.now()
        return await self._reader.ask(lambda connection: message_page.page_of(connection, self._tenant, arrival, now))

    async def raw(self, name: str) -> bytes | None:
        """All bytes of a message, the header of its file included."""
        arrival = arrivals.parse(name)
        if arrival is None:
            return None
        found = await self._reader.ask(lambda connection: messages.bodies(connection, self._tenant, [arrival]))
        return (found[0].header or b"") + found[0].body if found else None

    async def queue(self, filters: Filters) -> Queue:
        """A page of the work queue."""
        now = self._clock.now()

        def look(connection: psycopg.Connection) -> Queue:
            wanted = work.Wanted(
                filters.code.upper() or None, filters.desk or None, filters.claimed or None, resolved=filters.resolved
            )
            groups = work.groups(connection, self._tenant, wanted)
            total = sum(group.items for group in groups)
            offset = (filters.page - 1) * ITEMS_A_PAGE
            rows = work.items(connection, self._tenant, wanted, limit=ITEMS_A_PAGE, offset=offset)
            everything = work.groups(connection, self._tenant, work.Wanted(resolved=filters.resolved))
            return Queue(
                filters=filters,
                causes=causes(groups),
                items=[item_view(row) for row in rows],
                total=total,
                desks=work.desks(connection, self._tenant),
                codes=sorted({group.code for group in everything}),
                pages=max(1, -(-total // ITEMS_A_PAGE)),
                at=now,
            )

        return await self._reader.ask(look)

    async def item(self, name: str) -> Item | None:
        """A work item by its id."""
        rows = await self._reader.ask(lambda connection: handling.named(connection, self._tenant, [name]))
        return item_view(rows[0]) if rows else None

    async def act(self, deed: Deed, items: Sequence[tuple[str, str]], *, who: str, note: str) -> Acted:
        """Do something about items, each with the content that the person saw."""

        def write(connection: psycopg.Connection) -> Acted:
            rows = handling.named(connection, self._tenant, [name for name, _ in items])
            seen = {name: content for name, content in items if content}
            try:
                match deed:
                    case "claim" | "release" | "resolve" | "reopen":
                        done = handling.act(connection, self._tenant, deed, rows, who=who, note=note, seen=seen)
                    case _:
                        return self._decide(connection, rows, deciding.Wish(deed, who, note, seen=seen))
            except handling.NotDone as refused:
                return Acted(deed=deed, refusal=str(refused))
            return Acted(
                deed=deed,
                done=len(done.done),
                refused=[Refusal(one.item, one.why) for one in done.refused],
                trail=done.trail,
            )

        acted = await self._reader.ask(write)
        self._front = None  # what a person did, that person should see
        return acted

    def _decide(self, connection: psycopg.Connection, rows: list[WorkRow], wish: deciding.Wish) -> Acted:
        decided = deciding.decide(connection, self._tenant, wish, rows)
        return Acted(
            deed=decided.verb,
            done=len(decided.done),
            waiting=sum(not one.closed for one in decided.done),
            refused=[Refusal(one.item, one.why) for one in decided.refused],
            trail=decided.trail,
        )

    async def letters(self, rule: str) -> Letters:
        """Dead letters that wait."""
        now = self._clock.now()

        def look(connection: psycopg.Connection) -> Letters:
            groups = dead_letters.groups(connection, self._tenant, rule=rule or None)
            rows = dead_letters.letters(connection, self._tenant, _LETTERS_MAX, rule=rule) if rule else []
            letters = [message_page.letter_view(row) for row in rows]
            unknown = letters_again.unknown(connection, self._tenant, rule)
            return Letters(causes=letter_causes(groups), rule=rule, letters=letters, at=now, unknown=unknown)

        return await self._reader.ask(look)

    async def read_again(self, rule: str, *, who: str, unknown: Unknown | None = None, ours: str = "") -> Again:
        """Read dead letters of a rule again; with `unknown`, say first what it is, and read those that lack it."""
        again = await self._reader.ask(
            lambda connection: letters_again.read_again(
                connection, self._tenant, rule, who=who, unknown=unknown, ours=ours
            )
        )
        self._front = None
        return again

    async def held(self, filters: HeldFilters) -> Held:
        """Commands that wait for a person."""
        now = self._clock.now()
        return await self._reader.ask(lambda connection: held_page.held(self._at(connection), filters, now))

    async def release(self, commands: Mapping[str, str], *, who: str) -> LetGo:
        """Let commands go: by key, the hash of the content that the person saw."""
        gone = await self._reader.ask(lambda connection: held_page.release(self._at(connection), commands, who))
        self._front = None
        return gone

    async def was_done(self, key: str, *, who: str, document_no: str) -> LetGo:
        """Say that a command whose outcome nobody can look up was done."""
        gone = await self._reader.ask(
            lambda connection: held_page.was_done(self._at(connection), key, who=who, document_no=document_no)
        )
        self._front = None
        return gone

    def _at(self, connection: psycopg.Connection) -> Opened:
        return Opened(connection, self._tenant, self._url)

    async def trail(self, before: int | None) -> Trail:
        """What people did, and whether the chain holds."""
        now = self._clock.now()

        def look(connection: psycopg.Connection) -> Trail:
            rows = trail.latest(connection, self._tenant, _ACTS_A_PAGE, before=before)
            older = rows[-1].seq if len(rows) == _ACTS_A_PAGE and rows[-1].seq > 1 else None
            return Trail(acts=acts(rows), broken_at=trail.broken_at(connection, self._tenant), older=older, at=now)

        return await self._reader.ask(look)


class _Reader:
    """A thread with a connection, which is made anew after it was lost."""

    def __init__(self, url: str, tenant: int, purpose: str) -> None:
        self._url = url
        self._tenant = tenant
        self._purpose = purpose
        self._work = LongWork(purpose)
        self._connection: psycopg.Connection | None = None

    async def ask(self, question: Callable[[psycopg.Connection], T]) -> T:
        """The answer. Raises `NoAnswer`."""
        try:
            return await self._work.do(lambda: self._answer(question))
        except (psycopg.OperationalError, DatabaseUnreachable) as gone:
            raise NoAnswer("The database cannot be reached, or took too long to answer.") from gone
        except ConfigurationError as missing:
            raise NoAnswer(str(missing)) from missing
        except Problem as busy:
            raise NoAnswer("Too many people are asking at once. Try again in a moment.") from busy

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _answer(self, question: Callable[[psycopg.Connection], T]) -> T:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, purpose=self._purpose, tenant=self._tenant, patience_seconds=0)
            self._connection.execute(f"set statement_timeout = {_STATEMENT_MS_MAX}")
        try:
            return question(self._connection)
        except psycopg.OperationalError:
            self.close()
            raise
