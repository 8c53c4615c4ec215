"""Every statement of a settling transaction. Each takes whole columns; how many there are never depends on the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Bytes, Encoded, Instants, Int4, Int8, Texts


class Message(NamedTuple):
    """A message as settling reads it."""

    tenant: int
    arrival: int
    source: int
    content_type: str
    header: bytes | None
    first_row: int
    body: bytes


class Claimed(NamedTuple):
    """A row of the inbox: the first arrival number and how many follow; `mapping` is set where a person chose one."""

    first: int
    messages: int
    mapping: int | None = None


class Stored(NamedTuple):
    """A case as it lies in the database; version 0 is a case that does not exist yet."""

    version: int
    record: bytes


class Due(NamedTuple):
    """A wake-up that is due: at which deadline (microseconds since 1970), and whether only to ask again."""

    owner: str
    at: int
    again: bool


# -- what is to be done ------------------------------------------------------------------------------------------

_CLAIM: Final = """
with free as materialized (
    select ctid as place, arrival, messages, bytes from inbox where tenant = %b::int
    order by arrival limit %b for update skip locked
), taken as (
    select place from (
        select place, sum(messages) over earlier - messages as messages, sum(bytes) over earlier - bytes as bytes
        from free window earlier as (order by arrival)
    ) as before
    where messages < %b and bytes < %b
)
delete from inbox using taken where inbox.ctid = taken.place
returning inbox.arrival, inbox.messages, inbox.mapping
"""

# `offset 0` keeps the planner from turning the look-up by range into a join over the whole table.
_READ: Final = """
select found.tenant, found.arrival, found.source, found.content_type, found.header, found.first_row, found.body
from unnest(%b::bigint[], %b::bigint[]) as claimed(first, next),
    lateral (
        select * from message
        where tenant = %b::int and arrival >= claimed.first and arrival < claimed.next order by arrival offset 0
    ) as found
"""

_DUE: Final = """
select owner, (extract(epoch from at) * 1000000)::bigint, again from wake_up
where tenant = %b::int and at <= %b order by at limit %b
"""

_RANG: Final = """
delete from wake_up
using unnest(%b::text[], %b::timestamptz[]) as rang(owner, at),
    lateral (
        select ctid as place from wake_up where wake_up.tenant = %b::int and wake_up.owner = rang.owner offset 0
    ) as found
where wake_up.ctid = found.place and wake_up.at = rang.at
"""


def claim(
    connection: psycopg.Connection, tenant: int, *, commits: int, messages: int, size_bytes: int
) -> list[Claimed]:
    """Take group commits from the inbox, at most `commits`, and no more once they hold `messages` or `size_bytes`.

    They are gone when the transaction commits.
    """
    rows = connection.execute(_CLAIM, (tenant, commits, messages, size_bytes), binary=True)
    return [Claimed(*row) for row in rows]


def read_messages(connection: psycopg.Connection, tenant: int, claimed: Sequence[Claimed]) -> list[Message]:
    """The claimed messages in order of arrival."""
    claimed = sorted(claimed)
    rows = connection.execute(
        _READ,
        (Int8([one.first for one in claimed]), Int8([one.first + one.messages for one in claimed]), tenant),
        binary=True,
    ).fetchall()
    return [Message(*row) for row in rows]


def read_due(connection: psycopg.Connection, tenant: int, now: datetime, limit: int) -> list[Due]:
    """Up to `limit` wake-ups whose deadline has come; none when another transaction is at them.

    They are not locked: a case may set its wake-up while another worker holds the row it would wait for. Remove them
    by `rang` when their cases are locked.
    """
    row = connection.execute("select pg_try_advisory_xact_lock(%b::int, 3)", (tenant,), binary=True).fetchone()
    if row is None or not row[0]:
        return []
    return [Due(*row) for row in connection.execute(_DUE, (tenant, now, limit), binary=True)]


def rang(connection: psycopg.Connection, tenant: int, due: Sequence[Due]) -> None:
    """Remove wake-ups that were heard, unless they were set anew."""
    if due:
        connection.execute(_RANG, (Texts([one.owner for one in due]), Instants([one.at for one in due]), tenant))


# -- cases -------------------------------------------------------------------------------------------------------

_CASES: Final = """
select id, version, record from case_record where tenant = %b::int and id = any(%b::text[])
"""

_UPSERT: Final = """
insert into case_record (tenant, id, version, record, status, view)
select %b::int, id, version, record, status, view::json
from unnest(%b::text[], %b::int[], %b::bytea[], %b::text[], %b::text[]) as asked(id, version, record, status, view)
on conflict (tenant, id) do update
set version = excluded.version, record = excluded.record, updated_at = now(),
    status = case when excluded.status = '' then case_record.status else excluded.status end,
    view = case when excluded.status = '' then case_record.view else excluded.view end
where case_record.version = excluded.version - 1
returning id
"""


def read_cases(connection: psycopg.Connection, tenant: int, ids: Iterable[str]) -> dict[str, Stored]:
    """The cases that exist, without any lock."""
    rows = connection.execute(_CASES, (tenant, Texts(ids)), binary=True)
    return {name: Stored(version, record) for name, version, record in rows}


AS_BEFORE: Final = ""
"""In place of a status: status and view stay."""


class CaseRow(NamedTuple):
    """A case to be written, if it still has the version before `version`; `view` as JSON."""

    id: str
    version: int
    record: bytes
    status: str
    view: bytes | None


def write_cases(connection: psycopg.Connection, tenant: int, rows: Sequence[CaseRow]) -> set[str]:
    """Write cases whose version is one ahead; the ids of those that lost a race. `rows` must be sorted by id.

    All of them, losers too, are locked afterwards: `on conflict` locks a row before it looks at the condition.
    """
    if not rows:
        return set()
    ids, versions, records, statuses, views = zip(*rows, strict=True)
    written = connection.execute(
        _UPSERT, (tenant, Texts(ids), Int4(versions), Bytes(records), Texts(statuses), Encoded(views)), binary=True
    )
    return set(ids).difference(row[0] for row in written)
