"""What all processes share of a connection: permissions, breaker, counters, autonomy; and what changed about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import psycopg

_MAKE: Final = """
insert into connection_state (tenant, name) select %b::int, * from unnest(%b::text[]) on conflict do nothing
"""

_LOCK: Final = """
select extract(epoch from clock_timestamp())::float8, bucket::text, breaker::text, undone::text, autonomy::text
from connection_state where tenant = %b::int and name = %b::text for update {}
"""

_SAVE: Final = """
update connection_state set bucket = %b::text::jsonb, breaker = %b::text::jsonb, undone = %b::text::jsonb,
    applied = applied + %b::int, refused = refused + %b::int, retried = retried + %b::int, unknown = unknown + %b::int
where tenant = %b::int and name = %b::text
"""

_EVENT: Final = """
insert into connection_event (tenant, connection, what, before, after, reason, who)
values (%s::int, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text)
"""

_SET_AUTONOMY: Final = """
update connection_state set autonomy = case when %s::text is null then autonomy - %s::text
    else autonomy || jsonb_build_object(%s::text, %s::text) end
where tenant = %s::int and name = %s::text
"""

# Held ones are judged anew under the changed autonomy.
_UNHOLD: Final = """
update delivery set hold = null where tenant = %s::int and connection = %s::text and hold in ('observe', 'propose')
"""


class State(NamedTuple):
    """A connection's shared state as JSON, and the time by the database's clock (seconds since 1970)."""

    now: float
    bucket: str
    breaker: str
    undone: str
    autonomy: str


class Counts(NamedTuple):
    """How many outcomes of which kind."""

    applied: int = 0
    refused: int = 0
    retried: int = 0
    unknown: int = 0


def make(connection: psycopg.Connection, tenant: int, names: Sequence[str]) -> None:
    """Make the rows that are not there."""
    connection.execute(_MAKE.replace("%b", "%s"), (tenant, list(names)))


def lock(connection: psycopg.Connection, tenant: int, name: str, *, wait: bool) -> State | None:
    """Hold a connection's state until the end of the transaction; `None` when another process does and we may not wait.

    `wait` waits for it.
    """
    row = connection.execute(_LOCK.format("" if wait else "skip locked"), (tenant, name), binary=True).fetchone()
    return State(*row) if row else None


def save(
    connection: psycopg.Connection, tenant: int, name: str, bucket: str, breaker: str, undone: str, counts: Counts
) -> None:
    """Write it back."""
    connection.execute(_SAVE, (bucket, breaker, undone, *counts, tenant, name))


def note(
    connection: psycopg.Connection,
    tenant: int,
    name: str,
    *,
    what: str,
    before: str,
    after: str,
    reason: str,
    who: str,
) -> None:
    """Record a change, for screens and for the trail."""
    connection.execute(_EVENT, (tenant, name, what, before, after, reason, who))


def set_autonomy(
    connection: psycopg.Connection, tenant: int, name: str, *, kind: str, level: str | None, who: str
) -> None:
    """Trust a connection so far from now on, for a kind of command (`*`: all); `None`: as it is configured."""
    with connection.transaction():
        make(connection, tenant, [name])
        state = lock(connection, tenant, name, wait=True)
        connection.execute(_SET_AUTONOMY, (level, kind, kind, level, tenant, name))
        connection.execute(_UNHOLD, (tenant, name))
        before = state.autonomy if state else "{}"
        after = connection.execute(
            "select autonomy::text from connection_state where tenant = %s and name = %s", (tenant, name)
        ).fetchone()
        note(
            connection, tenant, name, what="autonomy", before=before, after=after[0] if after else "",
            reason=f"{kind} {level or 'as configured'}", who=who,
        )  # fmt: skip
