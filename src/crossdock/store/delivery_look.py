"""What a person or a screen sees of connections: queues, breakers, counters, changes, evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import psycopg

_QUEUES: Final = """
select connection,
    count(*) filter (where hold is null and lease_until is null)::int,
    count(*) filter (where lease_until is not null)::int,
    count(*) filter (where hold is not null)::int,
    min(enqueued_at) filter (where hold is null),
    max(last_error) filter (where attempts > 0 and hold is null)
from delivery where tenant = %s::int group by connection
"""

_STATES: Final = """
select name, bucket::text, breaker::text, undone::text, autonomy::text, applied, refused, retried, unknown, hooks_forged
from connection_state where tenant = %s::int order by name
"""

_EVENTS: Final = """
select at, what, before, after, reason, who from connection_event
where tenant = %s::int and connection = %s::text order by id desc limit %s
"""

_ATTEMPTS: Final = """
select at, connection, what, took_us, sent_hash, sent, status, answer, classified, reason, owner, slot, generation
from delivery_attempt
where tenant = %s::int and owner = %s::text and (%s::text is null or slot = %s::text)
order by id desc limit %s
"""


class Queue(NamedTuple):
    """What waits on a connection, what is on its way, what is held, since when, and the last error."""

    name: str
    waiting: int
    sending: int
    held: int
    oldest: datetime | None
    last_error: str | None


class Standing(NamedTuple):
    """The state of a connection, its parts as JSON."""

    name: str
    bucket: str
    breaker: str
    undone: str
    autonomy: str
    applied: int
    refused: int
    retried: int
    unknown: int
    hooks_forged: int


class Changed(NamedTuple):
    """A change of a connection."""

    at: datetime
    what: str
    before: str
    after: str
    reason: str
    who: str


class Exchange(NamedTuple):
    """Evidence of one exchange."""

    at: datetime
    connection: str
    what: str
    took_us: int
    sent_hash: str
    sent: str
    status: int | None
    answer: str
    classified: str
    reason: str
    owner: str
    slot: str
    generation: int


def queues(connection: psycopg.Connection, tenant: int) -> dict[str, Queue]:
    """By connection; one with an empty queue is missing."""
    return {row[0]: Queue(*row) for row in connection.execute(_QUEUES, (tenant,))}


def standings(connection: psycopg.Connection, tenant: int) -> dict[str, Standing]:
    """By connection; one that no deliverer has seen yet is missing."""
    return {row[0]: Standing(*row) for row in connection.execute(_STATES, (tenant,))}


def events(connection: psycopg.Connection, tenant: int, name: str, limit: int = 20) -> list[Changed]:
    """What changed about a connection, the latest first."""
    return [Changed(*row) for row in connection.execute(_EVENTS, (tenant, name, limit))]


def attempts(
    connection: psycopg.Connection, tenant: int, owner: str, slot: str | None = None, limit: int = 50
) -> list[Exchange]:
    """The evidence about a case's commands, the latest first."""
    return [Exchange(*row) for row in connection.execute(_ATTEMPTS, (tenant, owner, slot, slot, limit))]


_PROBLEMS: Final = """
select at, connection, what, problem, evidence from feed_problem
where tenant = %(tenant)s and (%(what)s::text is null or what = %(what)s)
    and (%(name)s::text is null or connection = %(name)s)
order by id desc limit %(limit)s
"""


class Problem(NamedTuple):
    """Something that came by reading and could not be believed or taken, and its beginning."""

    at: datetime
    connection: str
    what: str
    problem: str
    evidence: str


def problems(
    connection: psycopg.Connection, tenant: int, what: str | None, name: str | None, limit: int
) -> list[Problem]:
    """What could not be believed or taken, the latest first."""
    asked = {"tenant": tenant, "what": what, "name": name, "limit": limit}
    return [Problem(*row) for row in connection.execute(_PROBLEMS, asked)]


def opened(connection: psycopg.Connection, tenant: int) -> dict[str, int]:
    """How often each connection was left alone, for sending or for reading."""
    rows = connection.execute(
        "select connection, count(*)::int from connection_event"
        " where tenant = %s and what in ('breaker', 'reading') and before = 'closed' and after = 'open'"
        " group by connection order by connection",
        (tenant,),
    )
    return dict(rows.fetchall())
