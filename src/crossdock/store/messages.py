"""A message as it was received, and what became of it: waiting, read, told again, or refused."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int8
from crossdock.store.reading import EVENT, EVENT_JOINS, EventRow
from crossdock.store.settling import Message


class MessageRow(NamedTuple):
    """A message without its body. `result` is (events, rejected) where that is not one event."""

    arrival: int
    source: str | None
    received_at: datetime
    content_type: str
    name: str | None
    first_row: int
    size_bytes: int
    excerpt: bytes
    events: int | None
    rejected: int | None
    waits: bool


class RepeatRow(NamedTuple):
    """Copies received again, or another message under the same identity (`conflict`)."""

    received_at: datetime
    copies: int
    conflict: int | None


class LetterRow(NamedTuple):
    """A dead letter: a part of a message that could not be read or mapped."""

    arrival: int
    row: int
    source: str | None
    mapping: str | None
    position: str
    rule: str
    problem: str
    value: str
    sample: str
    created_at: datetime
    settled_at: datetime | None
    settlement: str | None


_MESSAGE: Final = """
select message.arrival, source.name, received_at, content_type, message.name, first_row,
    length(body) + coalesce(length(header), 0), substring(body from 1 for %b::int), result.events, result.rejected,
    coalesce((select arrival + messages > message.arrival from inbox
        where inbox.tenant = message.tenant and inbox.arrival <= message.arrival order by inbox.arrival desc limit 1),
        false)
from message
left join source on source.tenant = message.tenant and source.id = message.source
left join message_result result on result.tenant = message.tenant and result.arrival = message.arrival
where message.tenant = %b::int and message.arrival = %b::bigint
"""

_BODY: Final = """
select tenant, arrival, source, content_type, header, first_row, body from message
where tenant = %b::int and arrival = any(%b::bigint[]) order by arrival
"""

_EVENTS: Final = f"""
select {EVENT} from event {EVENT_JOINS}
where event.tenant = %b::int and event.arrival = %b::bigint order by event.row limit %b
"""  # noqa: S608  # both parts are constants of this file

_REPEATS: Final = """
select received_at, copies, conflict from message_repeat
where tenant = %b::int and arrival = %b::bigint order by received_at limit %b
"""

LETTER: Final = """
    letter.arrival, letter.row, source.name, mapping.name || '@' || mapping.version, letter.position, letter.rule,
    letter.problem, letter.value, letter.sample, letter.created_at, letter.settled_at, letter.settlement
from dead_letter letter
left join source on source.tenant = letter.tenant and source.id = letter.source
left join mapping on mapping.tenant = letter.tenant and mapping.id = letter.mapping
"""

_LETTERS: Final = f"""
select {LETTER} where letter.tenant = %b::int and letter.arrival = %b::bigint order by letter.row limit %b
"""


def message(connection: psycopg.Connection, tenant: int, arrival: int, *, excerpt_bytes: int) -> MessageRow | None:
    """A message with the first bytes of its body."""
    row = connection.execute(_MESSAGE, (excerpt_bytes, tenant, arrival), binary=True).fetchone()
    return MessageRow(*row) if row else None


def bodies(connection: psycopg.Connection, tenant: int, arrivals: list[int]) -> list[Message]:
    """Messages as settling reads them, in order of arrival."""
    return [Message(*row) for row in connection.execute(_BODY, (tenant, Int8(arrivals)), binary=True)]


def events_of(connection: psycopg.Connection, tenant: int, arrival: int, limit: int) -> list[EventRow]:
    """What a message said, row by row."""
    rows = connection.execute(_EVENTS, (tenant, arrival, limit), binary=True)
    return [EventRow(*row) for row in rows]


def repeats(connection: psycopg.Connection, tenant: int, arrival: int, limit: int) -> list[RepeatRow]:
    """When it was received again."""
    return [RepeatRow(*row) for row in connection.execute(_REPEATS, (tenant, arrival, limit), binary=True)]


def letters(connection: psycopg.Connection, tenant: int, arrival: int, limit: int) -> list[LetterRow]:
    """The dead letters of a message, settled ones too."""
    return [LetterRow(*row) for row in connection.execute(_LETTERS, (tenant, arrival, limit), binary=True)]


def rows_of_events(connection: psycopg.Connection, tenant: int, arrivals: list[int]) -> dict[int, frozenset[int]]:
    """The rows of which an event was read, by message."""
    rows = connection.execute(
        "select arrival, array_agg(row) from event where tenant = %b::int and arrival = any(%b::bigint[])"
        " group by arrival",
        (tenant, Int8(arrivals)),
        binary=True,
    )
    return {arrival: frozenset(found) for arrival, found in rows}
