"""The books, read and checked: balances, the entries they are made of, and the targets of the cases.

A check runs within one snapshot (see `snapshot`), so settling goes on beside it and cannot make it wrong.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

_FETCH_ROWS: Final = 2_000


class Balance(NamedTuple):
    """What an account holds of an item: debits less credits."""

    account: str
    item: str
    amount: int


class CaseEntries(NamedTuple):
    """What the entries of a case sum to on one route, and the last message that caused one."""

    owner: str
    debit: str
    credit: str
    item: str
    amount: int
    arrival: int


_BALANCES: Final = """
select account, item, sum(amount) from balance
where tenant = %(tenant)s and starts_with(account, %(prefix)s) and (%(item)s::text is null or item = %(item)s)
group by account, item having sum(amount) <> 0 or %(zeros)s order by account, item
"""

_OUT_OF_ZERO: Final = """
select item, sum(amount) from balance where tenant = %s group by item having sum(amount) <> 0 order by item
"""

_PARTS: Final = """
select child.relname from pg_inherits
join pg_class child on child.oid = inhrelid
where inhparent = 'ledger_entry'::regclass order by child.relname
"""

_SUMS: Final = """
select account, item, sum(amount) from (
    select debit as account, item, amount from {part} where tenant = %(tenant)s
    union all
    select credit, item, -amount from {part} where tenant = %(tenant)s
) as side group by account, item
"""

_BY_CASE: Final = """
select owner, debit, credit, item, sum(amount), max(arrival) from ledger_entry
where tenant = %s group by owner, debit, credit, item having sum(amount) <> 0 order by owner, debit, credit, item
"""

_RECORDS: Final = "select id, record from case_record where tenant = %s order by id"


@contextmanager
def snapshot(connection: psycopg.Connection) -> Iterator[None]:
    """Everything read inside is as it was at one moment."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        yield


def balances(
    connection: psycopg.Connection, tenant: int, *, prefix: str = "", item: str | None = None, zeros: bool = False
) -> Generator[Balance, None, None]:
    """Balances by account and item, shards summed; those that are zero only if asked for."""
    asked = {"tenant": tenant, "prefix": prefix, "item": item, "zeros": zeros}
    with connection.transaction(), connection.cursor("balances") as cursor:
        cursor.itersize = _FETCH_ROWS
        cursor.execute(_BALANCES, asked)
        for row in cursor:
            yield Balance(*row)


def out_of_zero(connection: psycopg.Connection, tenant: int) -> list[tuple[str, int]]:
    """Items that do not sum to zero over all accounts."""
    return connection.execute(_OUT_OF_ZERO, (tenant,)).fetchall()


def entry_parts(connection: psycopg.Connection) -> list[str]:
    """The partitions of the entries, one a day."""
    return [row[0] for row in connection.execute(_PARTS)]


def sums_of_part(connection: psycopg.Connection, tenant: int, part: str) -> list[Balance]:
    """What the entries of one partition add to each account and item."""
    statement = sql.SQL(_SUMS).format(part=sql.Identifier(part))
    return [Balance(*row) for row in connection.execute(statement, {"tenant": tenant})]


def cases_counted(connection: psycopg.Connection, tenant: int) -> int:
    """How many cases there are."""
    row = connection.execute("select count(*) from case_record where tenant = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


def entries_by_case(connection: psycopg.Connection, tenant: int) -> Iterator[CaseEntries]:
    """What each case posted, in order of cases; streamed, within a transaction of the caller."""
    with connection.cursor("entries_by_case", row_factory=tuple_row) as cursor:
        cursor.itersize = _FETCH_ROWS
        cursor.execute(_BY_CASE, (tenant,))
        for row in cursor:
            yield CaseEntries(*row)


def records(connection: psycopg.Connection, tenant: int) -> Iterator[tuple[str, bytes]]:
    """All cases in order, streamed, within a transaction of the caller."""
    with connection.cursor("records", row_factory=tuple_row, binary=True) as cursor:
        cursor.itersize = _FETCH_ROWS
        cursor.execute(_RECORDS, (tenant,))
        yield from cursor
