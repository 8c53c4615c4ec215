"""Reference data: dated records, who asked for them, and the lock that lets publishing and planning see each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Bool, Int4, Int8, Texts

_LOCK_SHARED: Final = (
    "select pg_advisory_xact_lock_shared(%b::int, 1), (select reference from tenant where id = %b::int)"
)
_LOCK_ALONE: Final = "select pg_advisory_xact_lock(%b::int, 1), (select reference from tenant where id = %b::int)"

_REFERENCE: Final = """
select key, data::text from reference
where tenant = %b::int and key = any(%b::text[]) and not retracted
order by key, valid_from desc
"""

_PUBLISH: Final = """
with newer as (
    insert into reference (tenant, key, valid_from, type, arrival, row, revision, retracted, data)
    select %b::int, key, valid_from::date, type, arrival, row, revision, retracted, data::json
    from unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::int[], %b::bigint[], %b::boolean[], %b::text[])
        as new(key, valid_from, type, arrival, row, revision, retracted, data)
    on conflict (tenant, key, valid_from) do update
    set arrival = excluded.arrival, row = excluded.row, revision = excluded.revision,
        retracted = excluded.retracted, data = excluded.data
    where (excluded.revision, -excluded.arrival, -excluded.row)
        > (reference.revision, -reference.arrival, -reference.row)
    returning key
), used as (
    select distinct owner from reference_use where tenant = %b::int and key in (select key from newer)
), woken as (
    insert into wake_up (tenant, owner, at, again)
    select %b::int, owner, to_timestamp(0), true from used order by owner
    on conflict (tenant, owner) do update set at = excluded.at, again = true
)
update tenant set reference = reference + 1 where id = %b::int and exists (select from newer)
"""


class Published(NamedTuple):
    """A record of reference data as an event told it. `key` is `type/natural key`."""

    key: str
    valid_from: date
    type: str
    arrival: int
    row: int
    revision: int
    retracted: bool
    data: str


def lock_reference(connection: psycopg.Connection, tenant: int, *, alone: bool) -> int:
    """Keep reference data as it is until commit, or (`alone`) change it while nobody plans by it; its version.

    Without this lock a plan could miss a record that is published while it is made, and never be asked again.
    """
    row = connection.execute(_LOCK_ALONE if alone else _LOCK_SHARED, (tenant, tenant), binary=True).fetchone()
    if row is None or row[1] is None:
        msg = f"tenant {tenant} is gone from the database"
        raise LookupError(msg)
    return int(row[1])


def version(connection: psycopg.Connection, tenant: int) -> int:
    """How often reference data changed: what was read at another version may be out of date."""
    row = connection.execute("select reference from tenant where id = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


def read_reference(connection: psycopg.Connection, tenant: int, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Records as (key, data), latest `valid_from` first within a key."""
    return connection.execute(_REFERENCE, (tenant, Texts(keys))).fetchall()


_LATEST: Final = """
select distinct on (key) data::text from reference
where tenant = %b::int and key >= %b::text and key < %b::text || chr(1114111) and not retracted
order by key, valid_from desc limit %b
"""


def latest(connection: psycopg.Connection, tenant: int, beginning: str, limit: int) -> list[str]:
    """The latest record of each thing whose key begins so."""
    return [row[0] for row in connection.execute(_LATEST, (tenant, beginning, beginning, limit))]


def publish(connection: psycopg.Connection, tenant: int, records: Sequence[Published]) -> None:
    """Store records (highest revision, then earliest telling, counts) and wake the cases that asked for them."""
    keys, valid, types, arrivals, rows, revisions, retracted, data = zip(*records, strict=True)
    connection.execute(
        _PUBLISH,
        (
            tenant,
            Texts(keys),
            Texts([day.isoformat() for day in valid]),
            Texts(types),
            Int8(arrivals),
            Int4(rows),
            Int8(revisions),
            Bool(retracted),
            Texts(data),
            tenant,
            tenant,
            tenant,
        ),
    )
