"""What comes in by reading: hints that records changed, how far feeds were read, and what could not be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int4, Texts
from crossdock.store.intake import Incoming, Received, receive

_RETRY_SECONDS_MOST: Final = 3_600

_HINT: Final = """
insert into hook_hint (tenant, connection, entity, id)
select %b::int, * from unnest(%b::text[], %b::text[], %b::text[]) as new(connection, entity, id)
order by connection, entity, id
on conflict (tenant, connection, entity, id) do update
set hints = hook_hint.hints + 1, hinted_at = now(), due_at = now(), attempts = 0
"""

_FORGED: Final = """
insert into connection_state (tenant, name, hooks_forged)
select %b::int, * from unnest(%b::text[], %b::int[]) as new(name, count) order by name
on conflict (tenant, name) do update set hooks_forged = connection_state.hooks_forged + excluded.hooks_forged
"""

# Whoever reads it again has a while for it; two who do it at once do no harm.
_TAKE: Final = """
update hook_hint
set attempts = attempts + 1, due_at = now() + make_interval(secs => %s::float8)
where (tenant, connection, entity, id) in (
    select tenant, connection, entity, id from hook_hint
    where tenant = %s::int and connection = %s::text and due_at <= now()
    order by due_at limit %s for update skip locked)
returning entity, id, hinted_at, attempts
"""

_LATER: Final = """
update hook_hint set due_at = now() + make_interval(secs => least(2 ^ (attempts - 1), %s::int))
where tenant = %s::int and connection = %s::text and entity = %s::text and id = %s::text and hinted_at = %s
"""

_COVERED: Final = """
delete from hook_hint using unnest(%b::text[], %b::text[]) as told(entity, id)
where tenant = %b::int and connection = %b::text
    and hook_hint.entity = told.entity and hook_hint.id = told.id and hinted_at <= %b::timestamptz
"""

_FORGET: Final = """
delete from hook_hint
where tenant = %s::int and connection = %s::text and entity = %s::text and id = %s::text and hinted_at = %s
"""

_TAKE_FEED: Final = """
insert into feed (tenant, connection, lease_until, leased_by)
values (%s::int, %s::text, now() + make_interval(secs => %s::float8), %s::text)
on conflict (tenant, connection) do update set lease_until = excluded.lease_until, leased_by = excluded.leased_by
where (feed.polled_at is null or feed.polled_at + make_interval(secs => %s::float8) <= now())
    and (feed.lease_until is null or feed.lease_until < now())
returning cursor, now()
"""

_MOVE_FEED: Final = """
update feed set cursor = %s::text,
    lease_until = case when %s::boolean then now() + make_interval(secs => %s::float8) end,
    polled_at = case when %s::boolean then feed.polled_at else now() end, problem = null
where tenant = %s::int and connection = %s::text and leased_by = %s::text
"""

_LEAVE_FEED: Final = """
update feed set lease_until = null, polled_at = now(), problem = %s::text
where tenant = %s::int and connection = %s::text and leased_by = %s::text
"""

_KEEP_FEED: Final = """
update feed set lease_until = now() + make_interval(secs => %s::float8)
where tenant = %s::int and connection = %s::text and leased_by = %s::text and lease_until is not null
"""

_PROBLEM: Final = """
insert into feed_problem (tenant, connection, what, problem, evidence)
values (%s::int, %s::text, %s::text, %s::text, %s::text)
"""

_DUE: Final = "select distinct connection from hook_hint where tenant = %s::int and due_at <= now()"


_LOCK_BREAKER: Final = """
select extract(epoch from clock_timestamp())::float8, breaker::text from feed
where tenant = %s::int and connection = %s::text for update {}
"""


def lock_breaker(
    connection: psycopg.Connection, tenant: int, name: str, *, wait: bool = False
) -> tuple[float, str] | None:
    """Hold the breaker of reading until the end of the transaction; `None` when another process does and we don't wait.

    With the time by the database's clock, in seconds since 1970.
    """
    connection.execute("insert into feed (tenant, connection) values (%s, %s) on conflict do nothing", (tenant, name))
    row = connection.execute(_LOCK_BREAKER.format("" if wait else "skip locked"), (tenant, name)).fetchone()
    return (float(row[0]), str(row[1])) if row else None


def save_breaker(connection: psycopg.Connection, tenant: int, name: str, breaker: str) -> None:
    """Write it back."""
    connection.execute(
        "update feed set breaker = %s::jsonb where tenant = %s and connection = %s", (breaker, tenant, name)
    )


def reading_breakers(connection: psycopg.Connection, tenant: int) -> dict[str, str]:
    """The breaker of reading, by connection, as JSON."""
    rows = connection.execute("select connection, breaker::text from feed where tenant = %s", (tenant,))
    return dict(rows.fetchall())


class Hinted(NamedTuple):
    """A record that may have changed; `hinted_at` tells this hint from a later one."""

    entity: str
    id: str
    hinted_at: datetime
    attempts: int


class Taken(NamedTuple):
    """A feed to be read on from `cursor`, by us, since `at`."""

    cursor: str | None
    at: datetime


class Moved(NamedTuple):
    """How far a page brought the reading of a feed: `more` of it follows.

    It `told` of records (entity, id) and was asked for after `since`: hints until then ask for nothing newer.
    """

    cursor: str
    more: bool
    since: datetime
    told: Sequence[tuple[str, str]]


class LostFeed(RuntimeError):
    """Another process reads this feed by now; what was read here is not stored."""


def hint(
    connection: psycopg.Connection,
    tenant: int,
    hints: Sequence[tuple[str, str, str]],
    forged: Mapping[str, int],
) -> None:
    """Record hints (connection, entity, id), and how many forged calls came for which connection; one transaction."""
    with connection.transaction():
        if hints:
            names, entities, ids = zip(*sorted(set(hints)), strict=True)
            connection.execute(_HINT, (tenant, Texts(names), Texts(entities), Texts(ids)))
        if forged:
            connection.execute(_FORGED, (tenant, Texts(forged.keys()), Int4(forged.values())))


def hinted(connection: psycopg.Connection, tenant: int) -> list[str]:
    """Connections of which a record should be read again."""
    return [row[0] for row in connection.execute(_DUE, (tenant,))]


def take_hints(
    connection: psycopg.Connection, tenant: int, name: str, limit: int, *, lease_seconds: float
) -> list[Hinted]:
    """Hints to be followed now. They stay until they are forgotten; if we die over them, they are due after a lease."""
    return [Hinted(*row) for row in connection.execute(_TAKE, (lease_seconds, tenant, name, limit))]


def retry_hint(connection: psycopg.Connection, tenant: int, name: str, one: Hinted) -> None:
    """A hint could not be followed: it is due again after a second, and ever more slowly, at last once an hour."""
    connection.execute(_LATER, (_RETRY_SECONDS_MOST, tenant, name, one.entity, one.id, one.hinted_at))


def follow_hint(
    connection: psycopg.Connection, tenant: int, name: str, one: Hinted, record: Incoming | None
) -> Received | None:
    """Take the record in and forget the hint, in one transaction; a later hint at the same record stays."""
    with connection.transaction():
        received = receive(connection, tenant, [record])[0] if record is not None else None
        connection.execute(_FORGET, (tenant, name, one.entity, one.id, one.hinted_at))
    return received


def take_feed(
    connection: psycopg.Connection,
    tenant: int,
    name: str,
    worker: str,
    every_seconds: float,
    *,
    lease_seconds: float,
) -> Taken | None:
    """Where to read a feed from, if it is time and nobody else is at it.

    Who dies while reading holds it up for the lease: a little longer than a page may take.
    """
    row = connection.execute(_TAKE_FEED, (tenant, name, lease_seconds, worker, every_seconds)).fetchone()
    return Taken(*row) if row else None


def move_feed(
    connection: psycopg.Connection,
    tenant: int,
    name: str,
    worker: str,
    records: Sequence[Incoming],
    to: Moved,
    *,
    lease_seconds: float,
) -> list[Received]:
    """Take the records of a page in and move the cursor behind them, both or neither. Raises `LostFeed`.

    Hints at records of which it told are forgotten: they have been followed.
    """
    with connection.transaction():
        received = receive(connection, tenant, records) if records else []
        if to.told:
            entities, ids = zip(*to.told, strict=True)
            connection.execute(_COVERED, (Texts(entities), Texts(ids), tenant, name, to.since), binary=True)
        moved = connection.execute(_MOVE_FEED, (to.cursor, to.more, lease_seconds, to.more, tenant, name, worker))
        if not moved.rowcount:
            raise LostFeed(f"the feed of {name} is read by another process now")
    return received


def keep_feed(connection: psycopg.Connection, tenant: int, name: str, worker: str, *, lease_seconds: float) -> None:
    """Say that this process lives and still reads the feed: a page of a slow system may take longer than a lease."""
    connection.execute(_KEEP_FEED, (lease_seconds, tenant, name, worker))


def polled(connection: psycopg.Connection, tenant: int) -> dict[str, datetime]:
    """When each feed was asked last, by connection; one that never was is missing."""
    rows = connection.execute(
        "select connection, polled_at from feed where tenant = %s and polled_at is not null", (tenant,)
    )
    return dict(rows.fetchall())


def leave_feed(connection: psycopg.Connection, tenant: int, name: str, worker: str, problem: str | None) -> None:
    """Give a feed back as far as it was read."""
    connection.execute(_LEAVE_FEED, (problem, tenant, name, worker))


def note_problem(
    connection: psycopg.Connection, tenant: int, name: str, *, what: str, problem: str, evidence: str
) -> None:
    """Keep what could not be believed, with its beginning."""
    connection.execute(_PROBLEM, (tenant, name, what, problem[:500], evidence.replace("\0", "\\0")[:4_000]))
