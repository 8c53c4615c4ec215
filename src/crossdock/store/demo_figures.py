"""What a demonstration measured of itself: how long things took, what came twice, what was held, what was not read.

Everything is about messages from an arrival number on: what came before is history.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg

_TOOK: Final = """
select extract(epoch from command.changed_at - message.received_at)::float8
from command join message on message.tenant = command.tenant and message.arrival = command.arrival
where command.tenant = %(tenant)s and command.kind = %(kind)s and command.state = 'applied'
    and command.arrival > %(after)s and command.generation = 1
"""

_MOMENTS: Final = """
select owner, min(occurred_at) filter (where type = 'goods.issued'),
    min(occurred_at) filter (where type = 'shipment.delivered')
from event where tenant = %(tenant)s and arrival > %(after)s and type in ('goods.issued', 'shipment.delivered')
    and not copy and not retracted
group by owner
"""

# Copies: events of other messages that told nothing new, and messages that were received again byte for byte. Only what
# carriers send by file: what is JSON we read twice ourselves, for a hook and in the feed.
_BILLED_TWICE: Final = """
select count(*)::int, coalesce(sum(minor), 0)::bigint from (
    select (data ->> 'total_minor')::bigint as minor from event
    join message on message.tenant = event.tenant and message.arrival = event.arrival
        and content_type not like 'application/json%%'
    where event.tenant = %(tenant)s and event.arrival > %(after)s and type = 'freight_invoice.received' and copy
    union all
    select (event.data ->> 'total_minor')::bigint from event
    join message_repeat again on again.tenant = event.tenant and again.arrival = event.arrival and conflict is null
    join message on message.tenant = event.tenant and message.arrival = event.arrival
        and content_type not like 'application/json%%'
    cross join lateral generate_series(1, again.copies)
    where event.tenant = %(tenant)s and event.arrival > %(after)s and type = 'freight_invoice.received' and not copy
) as copies
"""

_HELD: Final = """
select count(*)::int, coalesce(sum(at_stake_minor), 0)::bigint from work_item
where tenant = %(tenant)s and arrival > %(after)s and code = 'FREIGHT_VARIANCE' and at_stake_minor > 0
"""

_UNREAD: Final = """
select count(*)::int, count(settled_at)::int,
    coalesce(extract(epoch from avg(settled_at - created_at)), 0)::float8
from dead_letter where tenant = %(tenant)s and arrival > %(after)s and rule = 'xref.unknown'
"""

_EARLY: Final = """
select count(*)::int from work_item where tenant = %(tenant)s and arrival > %(after)s and code = 'OUT_OF_SEQUENCE'
"""

_EDI_TO_LEDGER: Final = """
select message.arrival, event.key from message
join event on event.tenant = message.tenant and event.arrival = message.arrival
    and event.type = 'freight_invoice.received'
join ledger_entry entry on entry.tenant = message.tenant and entry.arrival = message.arrival
    and entry.credit = 'freight.payable'
where message.tenant = %(tenant)s and message.arrival > %(after)s and message.content_type = 'application/edi-x12'
order by message.arrival limit 1
"""

_LATEST: Final = "select coalesce(max(arrival), 0) from message where tenant = %(tenant)s"


class Moments(NamedTuple):
    """When the goods of a shipment left and arrived, by the clocks of those who said so."""

    shipment: str
    issued: datetime | None
    delivered: datetime | None


class Money(NamedTuple):
    """How many, and what they are worth in minor units."""

    bills: int
    minor: int


class Unread(NamedTuple):
    """Dead letters for want of a cross-reference: how many, how many are settled, how long these waited."""

    letters: int
    settled: int
    seconds: float


class EdiMessage(NamedTuple):
    """A bill by X12 that led to a ledger entry: its message, and the bill's name."""

    arrival: int
    bill: str


def latest(connection: psycopg.Connection, tenant: int) -> int:
    """The arrival number of the last message that was received."""
    row = connection.execute(_LATEST, {"tenant": tenant}).fetchone()
    return int(row[0]) if row else 0


def took_seconds(connection: psycopg.Connection, tenant: int, after: int, kind: str) -> list[float]:
    """From the message that made a command wanted until it was applied, for each command of a kind."""
    rows = connection.execute(_TOOK, {"tenant": tenant, "after": after, "kind": kind})
    return sorted(row[0] for row in rows)


def moments(connection: psycopg.Connection, tenant: int, after: int) -> list[Moments]:
    """When goods left and arrived, by shipment."""
    return [Moments(*row) for row in connection.execute(_MOMENTS, {"tenant": tenant, "after": after})]


def billed_twice(connection: psycopg.Connection, tenant: int, after: int) -> Money:
    """Freight bills that came again."""
    return Money(*_one(connection, _BILLED_TWICE, tenant, after))


def held(connection: psycopg.Connection, tenant: int, after: int) -> Money:
    """Freight bills beyond the tolerance, and by how much."""
    return Money(*_one(connection, _HELD, tenant, after))


def unread(connection: psycopg.Connection, tenant: int, after: int) -> Unread:
    """Messages that could not be read as long as nobody said what an identifier is."""
    return Unread(*_one(connection, _UNREAD, tenant, after))


def early(connection: psycopg.Connection, tenant: int, after: int) -> int:
    """Proofs of delivery that came before their goods issues."""
    return int(_one(connection, _EARLY, tenant, after)[0])


def edi_to_ledger(connection: psycopg.Connection, tenant: int, after: int) -> EdiMessage | None:
    """A bill by X12 that was posted."""
    row = connection.execute(_EDI_TO_LEDGER, {"tenant": tenant, "after": after}).fetchone()
    return EdiMessage(*row) if row else None


def _one(connection: psycopg.Connection, statement: str, tenant: int, after: int) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(statement, {"tenant": tenant, "after": after}).fetchone()
    assert row is not None  # noqa: S101  # an aggregate has a row
    return row
