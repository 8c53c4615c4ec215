"""Commands that wait for a person: listed with what they would change, released, or declared done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int4, Texts
from crossdock.store.delivery import Key

# What no deliverer has looked at yet is listed too (hold is null): the reader holds it against the autonomy.
_HELD: Final = """
select one.owner, one.slot, one.generation, one.connection, one.kind, one.action, one.hold, one.enqueued_at,
    command.content::text, (
        select earlier.content::text from command as earlier
        where earlier.tenant = one.tenant and earlier.owner = one.owner and earlier.slot = one.slot
            and earlier.generation < one.generation and earlier.state = 'applied' and earlier.action <> 'undo'
        order by earlier.generation desc limit 1
    ), command.cause
from delivery as one
join command on command.tenant = one.tenant and command.owner = one.owner and command.slot = one.slot
    and command.generation = one.generation
where one.tenant = %s::int and one.released is null
    and (one.hold is not null or (one.told is null and one.connection = any(%s::text[])))
    and (%s::text is null or one.connection = %s::text) and (%s::text is null or one.kind = %s::text)
    and (%s::text is null or one.owner || '/' || one.slot || '/' || one.generation = %s::text)
order by one.seq limit %s
"""


class Held(NamedTuple):
    """A command that waits. `content` is what it says as JSON, `before` what the system holds of it now."""

    key: Key
    connection: str
    kind: str
    action: str
    hold: str | None
    since: datetime
    content: str
    before: str | None
    cause: str | None


def held(
    connection: psycopg.Connection,
    tenant: int,
    watched: Sequence[str],
    *,
    name: str | None = None,
    kind: str | None = None,
    key: str | None = None,
    limit: int,
) -> list[Held]:
    """What is held, and what waits on the connections `watched` (which do not simply act), in order of asking."""
    rows = connection.execute(_HELD, (tenant, list(watched), name, name, kind, kind, key, key, limit))
    return [Held(Key(*row[:3]), *row[3:]) for row in rows]


class HeldSum(NamedTuple):
    """How many commands wait for the same reason."""

    connection: str
    kind: str
    action: str
    hold: str
    commands: int


_GROUPS: Final = """
select connection, kind, action, hold, count(*)::int from delivery
where tenant = %s and hold is not null and released is null
group by connection, kind, action, hold order by count(*) desc, connection, kind, action limit 100
"""


def groups(connection: psycopg.Connection, tenant: int) -> list[HeldSum]:
    """What is held, counted."""
    return [HeldSum(*row) for row in connection.execute(_GROUPS, (tenant,))]


_RELEASE: Final = """
update delivery set hold = null, released = new.released, due_at = now(),
    told = case when delivery.hold = 'person' then 'sent' else delivery.told end
from (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[])
        as asked(owner, slot, generation, released)
) as new
where delivery.tenant = new.tenant and delivery.owner = new.owner and delivery.slot = new.slot
    and delivery.generation = new.generation and delivery.lease_until is null
    and (delivery.hold is not null or delivery.told is null)
returning delivery.owner, delivery.slot, delivery.generation
"""


def release(connection: psycopg.Connection, tenant: int, keys: Sequence[Key], hashes: Sequence[str]) -> set[Key]:
    """Let commands go with the content of these hashes; those that were still held."""
    if not keys:
        return set()
    owners, slots, generations = zip(*keys, strict=True)
    rows = connection.execute(
        _RELEASE, (tenant, Texts(owners), Texts(slots), Int4(generations), Texts(hashes)), binary=True
    )
    return {Key(*row) for row in rows}
