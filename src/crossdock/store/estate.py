"""What Crossdock asked of other systems, and whether anything is still on its way: to be held against their books."""

from __future__ import annotations

from typing import Final, NamedTuple

import psycopg

from crossdock.store.delivery import Key

_COMMANDS: Final = """
select command.owner, command.slot, command.generation, command.kind, command.target, command.action, state, hold
from command left join delivery on delivery.tenant = command.tenant and delivery.owner = command.owner
    and delivery.slot = command.slot and delivery.generation = command.generation
where command.tenant = %s order by created_at
"""

_MOVING: Final = """
select (select count(*) from inbox where tenant = %(tenant)s)::int,
    (select count(*) from delivery where tenant = %(tenant)s and hold is null)::int,
    (select count(*) from command where tenant = %(tenant)s and state in ('wanted', 'sent', 'unknown')
        and target = any(%(targets)s::text[]) and (tenant, owner, slot, generation) not in (
            select tenant, owner, slot, generation from delivery where hold is not null))::int,
    (select coalesce(max(arrival), 0) from event where tenant = %(tenant)s),
    (select count(*) from hook_hint where tenant = %(tenant)s)::int,
    (select extract(epoch from min(case when problem is null then polled_at else '-infinity' end))::float8
        from feed where tenant = %(tenant)s and polled_at is not null),
    extract(epoch from clock_timestamp())::float8
"""


class Asked(NamedTuple):
    """A generation of a command, and what became of it; `hold` says why it waits for a person."""

    key: Key
    kind: str
    target: str
    action: str
    state: str
    hold: str | None


class Moving(NamedTuple):
    """Messages not settled, commands in the queue, commands without an end, and the latest event's arrival.

    `hints` are not followed yet. By `read_at` every feed was read to its end, minus infinity if one could not be; the
    database's clock shows `now`.
    """

    messages: int
    queued: int
    commands: int
    latest: int
    hints: int
    read_at: float | None
    now: float

    @property
    def is_still(self) -> bool:
        """Is nothing on its way?"""
        return not (self.messages or self.queued or self.commands or self.hints)


def commands(connection: psycopg.Connection, tenant: int) -> list[Asked]:
    """Every command that was ever wanted."""
    rows = connection.execute(_COMMANDS, (tenant,))
    return [Asked(Key(*row[:3]), *row[3:]) for row in rows]


def moving(connection: psycopg.Connection, tenant: int, targets: list[str]) -> Moving:
    """What is on its way; commands for `targets` only, as nobody delivers the others."""
    row = connection.execute(_MOVING, {"tenant": tenant, "targets": targets}).fetchone()
    assert row is not None  # noqa: S101  # an aggregate has a row
    return Moving(*row)


def messages(connection: psycopg.Connection, tenant: int) -> int:
    """How many different messages were taken in."""
    row = connection.execute("select count(distinct arrival) from event where tenant = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


def count_events(connection: psycopg.Connection, tenant: int, kind: str) -> int:
    """How many events of a type were settled."""
    row = connection.execute(
        "select count(*)::int from event where tenant = %s and type = %s", (tenant, kind)
    ).fetchone()
    return int(row[0]) if row else 0


def took_seconds(connection: psycopg.Connection, tenant: int) -> dict[str, list[float]]:
    """How long each command took that was applied, from being wanted, by its target; the quickest first."""
    rows = connection.execute(
        "select target, extract(epoch from changed_at - created_at)::float8 from command"
        " where tenant = %s and state = 'applied' order by 2",
        (tenant,),
    )
    found: dict[str, list[float]] = {}
    for target, seconds in rows:
        found.setdefault(target, []).append(seconds)
    return found
