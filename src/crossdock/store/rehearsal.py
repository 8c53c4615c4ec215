"""Cases as they would become: kept beside the real ones in a table of this transaction, which is never committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import psycopg
from psycopg.rows import tuple_row

from crossdock.store import settling
from crossdock.store.arrays import Bytes, Int4, Texts
from crossdock.store.settling import CaseRow, Stored

_FETCH_ROWS: Final = 500

_TABLES: Final = """
create temporary table rehearsed_case (
    id text collate "C" primary key, version int not null, record bytea not null
) on commit drop;
create temporary table rehearsed_want (
    id text collate "C", slot text collate "C", wanted text not null, primary key (id, slot)
) on commit drop;
"""

_READ: Final = "select id, version, record from rehearsed_case where id = any(%b::text[])"

_WRITE: Final = """
insert into rehearsed_case (id, version, record)
select * from unnest(%b::text[], %b::int[], %b::bytea[])
on conflict (id) do update set version = excluded.version, record = excluded.record
"""

_WANT: Final = """
insert into rehearsed_want (id, slot, wanted)
select * from unnest(%b::text[], %b::text[], %b::text[])
on conflict (id, slot) do update set wanted = excluded.wanted
"""

_RECORDS: Final = """
select id, record from case_record where tenant = %s and (%s::text is null or starts_with(id, %s)) order by id
"""

_PAIRS: Final = """
select new.id, old.record, new.record,
    coalesce((select json_object_agg(slot, wanted) from rehearsed_want want where want.id = new.id)::text, '{}')
from rehearsed_case new left join case_record old on old.tenant = %s and old.id = new.id order by new.id
"""


class Pair(NamedTuple):
    """A case as it is (`None`: it is not yet) and as it would become; what its slots would want, by hash, as JSON."""

    id: str
    before: bytes | None
    after: bytes
    wants: str


@contextmanager
def rehearsing(connection: psycopg.Connection) -> Iterator[None]:
    """Everything read inside is as it was at one moment; nothing written inside stays."""
    with connection.transaction(force_rollback=True):
        connection.execute("set transaction isolation level repeatable read")
        connection.execute(_TABLES)
        yield


def records(connection: psycopg.Connection, tenant: int, prefix: str | None) -> Iterator[tuple[str, bytes]]:
    """All cases, or those whose id begins so, in order, streamed."""
    with connection.cursor("rehearsed_records", row_factory=tuple_row, binary=True) as cursor:
        cursor.itersize = _FETCH_ROWS
        cursor.execute(_RECORDS, (tenant, prefix, prefix))
        yield from cursor


def pairs(connection: psycopg.Connection, tenant: int) -> Iterator[Pair]:
    """Every case that was rehearsed, before and after, in order, streamed."""
    with connection.cursor("rehearsed_pairs", row_factory=tuple_row, binary=True) as cursor:
        cursor.itersize = _FETCH_ROWS
        cursor.execute(_PAIRS, (tenant,))
        for row in cursor:
            yield Pair(*row)


def history(connection: psycopg.Connection, tenant: int, kind: str, limit: int) -> Iterator[str]:
    """What events of a type said lately, as JSON; the latest first."""
    rows = connection.execute(
        "select data::text from event where tenant = %s and type = %s and not copy order by arrival desc limit %s",
        (tenant, kind, limit),
    )
    for row in rows:
        yield row[0]


def want(connection: psycopg.Connection, rows: Sequence[tuple[str, str, str]]) -> None:
    """Remember what slots would want: (case, slot, hash)."""
    if rows:
        ids, slots, hashes = zip(*rows, strict=True)
        connection.execute(_WANT, (Texts(ids), Texts(slots), Texts(hashes)))


class Overlay:
    """The cases of a tenant with what was rehearsed so far laid over them; as a shelf for `Rounds`."""

    def __init__(self, connection: psycopg.Connection, tenant: int) -> None:
        """Inside of `rehearsing`."""
        self._connection = connection
        self._tenant = tenant

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """The cases that exist, as they would be."""
        wanted = list(ids)
        rows = self._connection.execute(_READ, (Texts(wanted),), binary=True)
        found = {name: Stored(version, record) for name, version, record in rows}
        missing = [name for name in wanted if name not in found]
        return found | settling.read_cases(self._connection, self._tenant, missing) if missing else found

    def write(self, rows: list[CaseRow]) -> set[str]:
        """Lay them over the real ones; nobody else is here to lose a race to."""
        if rows:
            ids, versions, records, *_ = zip(*rows, strict=True)
            self._connection.execute(_WRITE, (Texts(ids), Int4(versions), Bytes(records)))
        return set()
