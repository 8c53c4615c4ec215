"""What was known at an earlier moment: the last message received by then, tellings by their receipt, what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int4, Int8, Texts
from crossdock.store.arrival import DAY_SHIFT

_EPOCH: Final = date(1970, 1, 1)

_LAST: Final = """
select max(arrival) from message
where tenant = %b::int and arrival >= %b::bigint and arrival < %b::bigint and received_at <= %b
"""

_TOLD: Final = """
select event.arrival, event.row, type, occurred_at, revision, retracted, data::text
from unnest(%b::bigint[], %b::int[]) as asked(arrival, row)
join event on event.tenant = %b::int and event.arrival = asked.arrival and event.row = asked.row
"""

_REFERENCE: Final = """
select key, data::text from reference
where tenant = %b::int and key = any(%b::text[]) and not retracted and arrival <= %b::bigint
order by key, valid_from desc
"""

_COMMANDS: Final = """
select slot, generation, kind, target, action, created_at from command
where tenant = %b::int and owner = %b and created_at <= %b order by created_at, slot, generation
"""

_ENTRIES: Final = """
select debit, credit, item, sum(amount)::bigint from ledger_entry
where tenant = %b::int and owner = %b and posted_at <= %b
group by debit, credit, item having sum(amount) <> 0 order by debit, credit, item
"""


class Told(NamedTuple):
    """A telling as it was stored; `data` as JSON."""

    arrival: int
    row: int
    type: str
    occurred: datetime
    revision: int
    retracted: bool
    data: str


class Asked(NamedTuple):
    """A command that had been asked for."""

    slot: str
    generation: int
    kind: str
    target: str
    action: str
    created: datetime


def last_arrival(connection: psycopg.Connection, tenant: int, at: datetime) -> int:
    """The last arrival number given by a moment; without one on its UTC day, the last that the day before can have."""
    first = (at.astimezone(UTC).date() - _EPOCH).days << DAY_SHIFT
    asked = (tenant, first, first + (1 << DAY_SHIFT), at)
    row = connection.execute(_LAST, asked, binary=True).fetchone()
    return int(row[0]) if row and row[0] is not None else first - 1


def tellings(connection: psycopg.Connection, tenant: int, places: Iterable[tuple[int, int]]) -> list[Told]:
    """Events by message and row."""
    arrivals, rows = zip(*places, strict=True)
    found = connection.execute(_TOLD, (Int8(arrivals), Int4(rows), tenant), binary=True)
    return [Told(*row) for row in found]


def reference(connection: psycopg.Connection, tenant: int, keys: Sequence[str], latest: int) -> list[tuple[str, str]]:
    """Records of reference data received up to an arrival number, as `reference.read_reference` gives them."""
    return connection.execute(_REFERENCE, (tenant, Texts(keys), latest), binary=True).fetchall()


def commands(connection: psycopg.Connection, tenant: int, owner: str, at: datetime) -> list[Asked]:
    """What the case had asked of other systems."""
    return [Asked(*row) for row in connection.execute(_COMMANDS, (tenant, owner, at), binary=True)]


def posted(connection: psycopg.Connection, tenant: int, owner: str, at: datetime) -> list[tuple[str, str, str, int]]:
    """What the case had posted: (debit, credit, item, amount)."""
    return connection.execute(_ENTRIES, (tenant, owner, at), binary=True).fetchall()
