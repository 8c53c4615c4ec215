"""The queue of commands on their way: enqueued by settling, leased by whoever sends, gone when the outcome is known.

Who works on a connection holds the row of its state first, then cases, then rows of the queue; settling holds cases,
then rows of the queue of those cases only. So nobody waits in a circle.

Statements look rows up one by one by their whole key, lock them, and go by place: joined directly, the planner
read the whole queue as long as its statistics said that it was small, which cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int4, Int8, Texts

LEASE_SECONDS: Final = 10


class Key(NamedTuple):
    """A command: case, slot, generation."""

    owner: str
    slot: str
    generation: int

    def wire(self) -> str:
        """As the other system sees it."""
        return f"{self.owner}/{self.slot}/{self.generation}"


class Queued(NamedTuple):
    """A command to be put into the queue of a connection."""

    key: Key
    connection: str
    kind: str
    action: str
    hold: str | None = None


def _keys(keys: Iterable[Key]) -> tuple[Texts, Texts, Int4]:
    rows = list(keys)
    return Texts([key[0] for key in rows]), Texts([key[1] for key in rows]), Int4([key[2] for key in rows])


# -- in the transaction that settles -----------------------------------------------------------------------------

# Whatever a person released before was the earlier content.
_ENQUEUE: Final = """
insert into delivery (tenant, owner, slot, generation, connection, kind, action, hold)
select %b::int, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[])
on conflict (tenant, owner, slot, generation) do update
set connection = excluded.connection, kind = excluded.kind, action = excluded.action,
    hold = coalesce(excluded.hold, case when delivery.hold = 'rule' then delivery.hold end), released = null
"""

_DROP: Final = """
delete from delivery using (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[]) as asked(owner, slot, generation)
) as gone,
    lateral (
        select ctid as place from delivery
        where delivery.tenant = gone.tenant and delivery.owner = gone.owner and delivery.slot = gone.slot
            and delivery.generation = gone.generation for update
    ) as found
where delivery.ctid = found.place
"""


def enqueue(connection: psycopg.Connection, tenant: int, rows: Sequence[Queued]) -> None:
    """Put commands into the queue; one that is there already is taken for revised."""
    if rows:
        columns = zip(*((*row.key, *row[1:]) for row in rows), strict=True)
        owners, slots, generations, *texts = columns
        connection.execute(
            _ENQUEUE, (tenant, Texts(owners), Texts(slots), Int4(generations), *(Texts(text) for text in texts))
        )


def drop(connection: psycopg.Connection, tenant: int, keys: Sequence[Key]) -> None:
    """Take commands out of the queue, if they are in it."""
    if keys:
        connection.execute(_DROP, (tenant, *_keys(keys)))


_UNQUEUED: Final = """
select owner, slot, generation, kind, action, target, content::text, cause in ('policy', 'rule') from command
where tenant = %b::int and state = 'wanted' and target = any(%b::text[])
    and not exists (
        select 1 from delivery where delivery.tenant = command.tenant and delivery.owner = command.owner
            and delivery.slot = command.slot and delivery.generation = command.generation)
limit %b
"""


class Unqueued(NamedTuple):
    """A command that was wanted before there was a connection for it."""

    key: Key
    kind: str
    action: str
    target: str
    content: str
    by_rule: bool


def unqueued(connection: psycopg.Connection, tenant: int, targets: Sequence[str], limit: int) -> list[Unqueued]:
    """Commands for these targets that wait in no queue. Reads the whole table: for a change of configuration."""
    rows = connection.execute(_UNQUEUED, (tenant, Texts(targets), limit), binary=True)
    return [Unqueued(Key(*row[:3]), *row[3:]) for row in rows]


def enqueue_if_new(connection: psycopg.Connection, tenant: int, rows: Sequence[Queued]) -> None:
    """Put commands into the queue that are not in it; what is there stays as it is."""
    if rows:
        owners, slots, generations, *texts = zip(*((*row.key, *row[1:]) for row in rows), strict=True)
        statement = _ENQUEUE.partition("do update")[0] + "do nothing"
        connection.execute(
            statement, (tenant, Texts(owners), Texts(slots), Int4(generations), *(Texts(text) for text in texts))
        )


# -- who delivers ------------------------------------------------------------------------------------------------

_READY: Final = """
select name from unnest(%b::text[]) as known(name)
where exists (
    select 1 from delivery where tenant = %b::int and connection = name and hold is null and lease_until is null
        and due_at <= now())
or exists (
    select 1 from delivery where tenant = %b::int and connection = name and lease_until < now())
"""

_CANDIDATES: Final = """
(
    select owner, slot, generation, kind, action, attempts, told, released, told is not distinct from 'unknown', seq
    from delivery as one
    where tenant = %b::int and connection = %b::text and hold is null and lease_until is null and due_at <= now()
        and not exists (
            select 1 from delivery as earlier
            where earlier.tenant = one.tenant and earlier.owner = one.owner and earlier.connection = one.connection
                and earlier.seq < one.seq and earlier.hold is null)
    order by due_at, seq limit %b
) union all (
    select owner, slot, generation, kind, action, attempts, coalesce(told, 'sent'), released, true, seq
    from delivery
    where tenant = %b::int and connection = %b::text and lease_until < now() - make_interval(secs => %b::float8)
    order by lease_until limit %b
)
"""

_LEASED_BY_OTHERS: Final = """
select count(*)::int from delivery
where tenant = %b::int and connection = %b::text and lease_until >= now() and leased_by <> %b::text
"""

_LEASE: Final = """
update delivery set lease_until = now() + make_interval(secs => %b::int), leased_by = %b::text, told = new.told
from (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[])
        as asked(owner, slot, generation, told)
) as new,
    lateral (
        select ctid as place from delivery
        where delivery.tenant = new.tenant and delivery.owner = new.owner and delivery.slot = new.slot
            and delivery.generation = new.generation for update
    ) as found
where delivery.ctid = found.place
returning delivery.owner, delivery.slot, delivery.generation
"""

_AGAIN: Final = """
update delivery set lease_until = null, leased_by = null, attempts = delivery.attempts + 1, told = new.told,
    due_at = now() + make_interval(secs => new.wait_us / 1e6), last_error = new.error, hold = new.hold
from (
    select %b::int as tenant, *
    from unnest(%b::text[], %b::text[], %b::int[], %b::text[], %b::bigint[], %b::text[], %b::text[])
        as asked(owner, slot, generation, told, wait_us, error, hold)
) as new,
    lateral (
        select ctid as place from delivery
        where delivery.tenant = new.tenant and delivery.owner = new.owner and delivery.slot = new.slot
            and delivery.generation = new.generation for update
    ) as found
where delivery.ctid = found.place and delivery.leased_by = %b::text
"""

_HEARTBEAT: Final = """
update delivery set lease_until = now() + make_interval(secs => %b::int)
from (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[]) as asked(owner, slot, generation)
) as mine,
    lateral (
        select ctid as place from delivery
        where delivery.tenant = mine.tenant and delivery.owner = mine.owner and delivery.slot = mine.slot
            and delivery.generation = mine.generation for update
    ) as found
where delivery.ctid = found.place and delivery.leased_by = %b::text
"""


class Candidate(NamedTuple):
    """A command that may be sent now. `told` is null where it was never sent; `look`: it may have been done already."""

    key: Key
    kind: str
    action: str
    attempts: int
    told: str | None
    released: str | None
    look: bool


class Again(NamedTuple):
    """A command to be tried once more after `wait_us` microseconds, or held."""

    key: Key
    told: str
    wait_us: int
    error: str
    hold: str | None = None


def ready(connection: psycopg.Connection, tenant: int, names: Sequence[str]) -> list[str]:
    """Connections that have something to be sent."""
    return [row[0] for row in connection.execute(_READY, (Texts(names), tenant, tenant), binary=True)]


def candidates(
    connection: psycopg.Connection, tenant: int, name: str, limit: int, *, grace_seconds: float
) -> list[Candidate]:
    """Commands due on a connection, longest waiting first, one of an object at most; and those whose sender is gone.

    `grace_seconds` is how long after its sender's death a command may still be on its way.
    """
    rows = connection.execute(
        _CANDIDATES, (tenant, name, limit, tenant, name, grace_seconds, limit), binary=True
    ).fetchall()
    found: dict[str, Candidate] = {}
    for owner, slot, generation, *rest, _ in sorted(rows, key=lambda row: row[-1]):
        found.setdefault(owner, Candidate(Key(owner, slot, generation), *rest))
    return list(found.values())[:limit]


def leased_by_others(connection: psycopg.Connection, tenant: int, name: str, worker: str) -> int:
    """How many commands of a connection other processes have on their way."""
    row = connection.execute(_LEASED_BY_OTHERS, (tenant, name, worker), binary=True).fetchone()
    return int(row[0]) if row else 0


def lease(
    connection: psycopg.Connection, tenant: int, worker: str, keys: Sequence[Key], told: Sequence[str]
) -> set[Key]:
    """Take commands for `LEASE_SECONDS`; those that are still in the queue."""
    if not keys:
        return set()
    rows = connection.execute(_LEASE, (LEASE_SECONDS, worker, tenant, *_keys(keys), Texts(told)), binary=True)
    return {Key(*row) for row in rows}


def again(connection: psycopg.Connection, tenant: int, worker: str, rows: Sequence[Again]) -> None:
    """Give back the leases of commands that have to be tried again, unless somebody else took them over."""
    if rows:
        keys, told, waits, errors, holds = zip(*rows, strict=True)
        connection.execute(
            _AGAIN, (tenant, *_keys(keys), Texts(told), Int8(waits), Texts(errors), Texts(holds), worker)
        )


def heartbeat(connection: psycopg.Connection, tenant: int, worker: str, keys: Sequence[Key]) -> None:
    """Say that this process lives and is at these commands: their leases go on."""
    if keys:
        connection.execute(_HEARTBEAT, (LEASE_SECONDS, tenant, *_keys(keys), worker))


# -- evidence ----------------------------------------------------------------------------------------------------

_ATTEMPTS: Final = """
insert into delivery_attempt (tenant, owner, slot, generation, connection, what, took_us, sent_hash, sent, status,
    answer, classified, reason)
select %b::int, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[], %b::text[], %b::bigint[], %b::text[],
    %b::text[], %b::int[], %b::text[], %b::text[], %b::text[])
"""


class Attempt(NamedTuple):
    """One exchange about a command, and how it was understood."""

    key: Key
    connection: str
    what: str
    took_us: int
    sent_hash: str
    sent: str
    status: int | None
    answer: str
    classified: str
    reason: str


def keep_attempts(connection: psycopg.Connection, tenant: int, rows: Sequence[Attempt]) -> None:
    """Keep the evidence."""
    if not rows:
        return
    keys, names, whats, took, hashes, sent, statuses, answers, classified, reasons = zip(*rows, strict=True)
    connection.execute(
        _ATTEMPTS,
        (
            tenant, *_keys(keys), Texts(names), Texts(whats), Int8(took), Texts(hashes), Texts(sent), Int4(statuses),
            Texts(answers), Texts(classified), Texts(reasons),
        ),
    )  # fmt: skip


_HOLD: Final = """
update delivery set hold = new.hold
from (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[])
        as asked(owner, slot, generation, hold)
) as new,
    lateral (
        select ctid as place from delivery
        where delivery.tenant = new.tenant and delivery.owner = new.owner and delivery.slot = new.slot
            and delivery.generation = new.generation for update
    ) as found
where delivery.ctid = found.place and delivery.lease_until is null
"""


def hold(connection: psycopg.Connection, tenant: int, keys: Sequence[Key], holds: Sequence[str]) -> None:
    """Keep commands from being sent, and say why."""
    if keys:
        connection.execute(_HOLD, (tenant, *_keys(keys), Texts(holds)))


_POSTPONE: Final = """
update delivery set due_at = now() + interval '30 seconds', last_error = %b::text
from (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[]) as asked(owner, slot, generation)
) as new,
    lateral (
        select ctid as place from delivery
        where delivery.tenant = new.tenant and delivery.owner = new.owner and delivery.slot = new.slot
            and delivery.generation = new.generation for update
    ) as found
where delivery.ctid = found.place and delivery.lease_until is null
"""


def postpone(connection: psycopg.Connection, tenant: int, keys: Sequence[Key], error: str) -> None:
    """Leave commands where they are for a while, and say why."""
    if keys:
        connection.execute(_POSTPONE, (error, tenant, *_keys(keys)))
