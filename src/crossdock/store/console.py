"""What the first page shows: figures of today, of orders, commands and systems; and documents of a journey.

What grows with the day is counted from an arrival number on, so that a page looks only at what is new; what grows with
the number of cases is left to the caller to ask for seldom (`order_statuses`, `command_states`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int8, Texts

# -- today -------------------------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """Messages and events after an arrival number: all, and those up to where counting may begin next time."""

    messages: int
    events: int
    final_mark: int
    final_messages: int
    final_events: int


class Waiting(NamedTuple):
    """Messages that wait to be settled, at most, and the first arrival number of them."""

    messages: int
    first: int | None


_WAITING: Final = "select coalesce(sum(messages), 0)::bigint, min(arrival) from inbox where tenant = %s"

# What is final: received a while ago (group commits of several processes may end in another order than that of their
# numbers), and before whatever still waits to be settled.
_MARK: Final = """
select coalesce(max(arrival), %(mark)s) from message
where tenant = %(tenant)s and arrival > %(mark)s and arrival < %(first)s and received_at < %(final)s
"""

_TALLY: Final = """
select
    (select count(*) from message where tenant = %(tenant)s and arrival > %(mark)s),
    (select count(*) from event where tenant = %(tenant)s and arrival > %(mark)s),
    %(final_mark)s::bigint,
    (select count(*) from message where tenant = %(tenant)s and arrival > %(mark)s and arrival <= %(final_mark)s),
    (select count(*) from event where tenant = %(tenant)s and arrival > %(mark)s and arrival <= %(final_mark)s)
"""

_COPIES: Final = """
select (select count(*) from event where tenant = %(tenant)s and copy and arrival >= %(since)s)
    + (select coalesce(sum(copies * coalesce(events, 1)), 0)::bigint
       from message_repeat repeat left join message_result result
           on result.tenant = repeat.tenant and result.arrival = repeat.arrival and result.arrival >= %(since)s
       where repeat.tenant = %(tenant)s and repeat.arrival >= %(since)s and conflict is null)
"""


def waiting(connection: psycopg.Connection, tenant: int) -> Waiting:
    """What waits to be settled."""
    row = connection.execute(_WAITING, (tenant,)).fetchone()
    return Waiting(*row) if row else Waiting(0, None)


def tally(connection: psycopg.Connection, tenant: int, *, mark: int, before: int, final: datetime) -> Tally:
    """Count what came after `mark`; final is what was received before `final` and numbered before `before`."""
    asked = {"tenant": tenant, "mark": mark, "first": before, "final": final}
    row = connection.execute(_MARK, asked).fetchone()
    counted = connection.execute(_TALLY, asked | {"final_mark": row[0] if row else mark}).fetchone()
    return Tally(*counted) if counted else Tally(0, 0, mark, 0, 0)


def copies(connection: psycopg.Connection, tenant: int, since: int) -> int:
    """Events that told nothing new, of messages numbered from `since` on."""
    row = connection.execute(_COPIES, {"tenant": tenant, "since": since}).fetchone()
    return int(row[0]) if row else 0


# -- cases, commands, systems ------------------------------------------------------------------------------------


class CommandCount(NamedTuple):
    """Commands for a role in a state."""

    target: str
    state: str
    commands: int


class ConnectionRow(NamedTuple):
    """A connection: its breakers of sending and reading as JSON, what waits, what is held back, its outcomes so far."""

    name: str
    breaker: str
    reading: str
    waiting: int
    held: int
    applied: int
    refused: int
    retried: int
    unknown: int


_STATUSES: Final = """
select status, count(*)::int from case_record where tenant = %s and id >= %s and id < %s group by status
"""

_COMMANDS: Final = """
select target, state, count(*)::int from command where tenant = %s group by target, state order by target, state
"""

_CONNECTIONS: Final = """
select state.name, state.breaker::text, coalesce(feed.breaker, '{}')::text, coalesce(queued.waiting, 0),
    coalesce(queued.held, 0), state.applied, state.refused, state.retried, state.unknown
from connection_state state
left join feed on feed.tenant = state.tenant and feed.connection = state.name
left join (
    select connection, count(*) filter (where hold is null)::int as waiting,
        count(*) filter (where hold is not null)::int as held
    from delivery where tenant = %(tenant)s group by connection
) as queued on queued.connection = state.name
where state.tenant = %(tenant)s order by state.name limit 200
"""


def statuses(connection: psycopg.Connection, tenant: int, kind: str) -> dict[str, int]:
    """How many cases of a kind have which status. Reads all of them."""
    return dict(connection.execute(_STATUSES, (tenant, f"{kind}/", f"{kind}0")).fetchall())


def command_states(connection: psycopg.Connection, tenant: int) -> list[CommandCount]:
    """How many commands are in which state. Reads all of them."""
    return [CommandCount(*row) for row in connection.execute(_COMMANDS, (tenant,))]


def connections(connection: psycopg.Connection, tenant: int) -> list[ConnectionRow]:
    """The state of each connection, and what waits for it."""
    return [ConnectionRow(*row) for row in connection.execute(_CONNECTIONS, {"tenant": tenant})]


# -- what happened last ------------------------------------------------------------------------------------------


class RecentRow(NamedTuple):
    """An event that was settled lately."""

    arrival: int
    row: int
    type: str
    owner: str
    copy: bool
    occurred_at: datetime
    received_at: datetime
    source: str | None


_RECENT: Final = """
select event.arrival, event.row, type, owner, copy, occurred_at, received_at, source.name
from (
    select arrival, row, type, owner, copy, occurred_at from event
    where tenant = %(tenant)s and arrival >= %(since)s order by arrival desc, row desc limit %(limit)s
) as event
join message on message.tenant = %(tenant)s and message.arrival = event.arrival
left join source on source.tenant = %(tenant)s and source.id = message.source
order by event.arrival desc, event.row desc
"""


def recent(connection: psycopg.Connection, tenant: int, *, since: int, limit: int) -> list[RecentRow]:
    """The latest events of messages numbered from `since` on, the latest first."""
    rows = connection.execute(_RECENT, {"tenant": tenant, "since": since, "limit": limit})
    return [RecentRow(*row) for row in rows]


# -- a journey ---------------------------------------------------------------------------------------------------


class DocumentRow(NamedTuple):
    """A message as a list of documents shows it."""

    arrival: int
    source: str | None
    content_type: str
    size_bytes: int
    received_at: datetime


class DeliveryRow(NamedTuple):
    """How a generation of a command was sent: exchanges so far, the last one, why it is held."""

    owner: str
    slot: str
    generation: int
    attempts: int
    last: str | None
    hold: str | None


_DOCUMENTS: Final = """
select message.arrival, source.name, content_type, length(body) + coalesce(length(header), 0), received_at
from message left join source on source.tenant = message.tenant and source.id = message.source
where message.tenant = %b::int and message.arrival = any(%b::bigint[]) order by message.arrival limit %b
"""

_DELIVERIES: Final = """
select command.owner, command.slot, command.generation, coalesce(tried.attempts, 0)::int,
    coalesce(delivery.last_error, tried.last), delivery.hold
from command
left join delivery on delivery.tenant = command.tenant and delivery.owner = command.owner
    and delivery.slot = command.slot and delivery.generation = command.generation
left join lateral (
    select count(*) as attempts,
        (array_agg(classified || coalesce(': ' || nullif(reason, ''), '') order by id desc))[1] as last
    from delivery_attempt attempt
    where attempt.tenant = command.tenant and attempt.owner = command.owner and attempt.slot = command.slot
        and attempt.generation = command.generation and attempt.at >= command.created_at
) as tried on true
where command.tenant = %b::int and command.owner = any(%b::text[])
"""


def documents(connection: psycopg.Connection, tenant: int, arrivals: Iterable[int], limit: int) -> list[DocumentRow]:
    """Messages in order of receipt, without their bodies."""
    rows = connection.execute(_DOCUMENTS, (tenant, Int8(arrivals), limit), binary=True)
    return [DocumentRow(*row) for row in rows]


def deliveries(connection: psycopg.Connection, tenant: int, cases: Sequence[str]) -> list[DeliveryRow]:
    """How the commands of cases were sent."""
    rows = connection.execute(_DELIVERIES, (tenant, Texts(cases)), binary=True)
    return [DeliveryRow(*row) for row in rows]
