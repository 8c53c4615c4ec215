"""Both sides of a reconciliation, laid side by side in temporary tables: what a system believes, and what we do.

All positions are compared by one statement, which gives back only what differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from crossdock.kit.beliefs import Belief
from crossdock.store.arrays import Int8, Texts
from crossdock.store.reconcile_positions import POSITIONS, Position

_FETCH_ROWS: Final = 2_000
_IN_FLIGHT: Final = ("wanted", "sent", "unknown")


_TABLES: Final = """
create temporary table if not exists reconcile_theirs (entity text collate "C", key text collate "C",
    document text collate "C", place text collate "C", item text collate "C", amount bigint, at text collate "C");
create temporary table if not exists reconcile_ours (like reconcile_theirs);
truncate reconcile_theirs, reconcile_ours
"""

_KEEP: Final = """
insert into reconcile_theirs
select %b::text, * from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[])
"""

# Which of them go to this connection: each field of `only` has one of its values.
_SCOPE: Final = """
(select coalesce(bool_and(allowed ? (content ->> field)), true) from jsonb_each(%(only)s::jsonb) as o(field, allowed))
"""

_COMMANDS: Final = """
insert into reconcile_ours
select %(entity)s, {key}, owner || '/' || slot || '/' || generation, line.place, line.item, line.amount, ''
from (
    select distinct on (owner, slot) owner, slot, generation, state, content from command
    where tenant = %(tenant)s and kind = %(of)s and state in ('applied', 'undone') and arrival >= %(since)s
    order by owner, slot, generation desc
) as latest, lateral ({lines}) as line
where state = 'applied' and {scope}
"""

_EVENTS: Final = """
insert into reconcile_ours
select %(entity)s, {key}, told.key, line.place, line.item, line.amount, ''
from (
    select distinct on (owner, key) owner, key, retracted, data as content from event
    where tenant = %(tenant)s and type = %(of)s and lifecycle = 'actual' and not copy and arrival >= %(since)s
    order by owner, key, revision desc, {order}
) as told, lateral ({lines}) as line
where not retracted and {scope}
"""

_LEDGER: Final = """
insert into reconcile_ours
select %(entity)s, item, place, place, item, amount, ''
from (
    select item, substr(account, length(%(of)s) + 1) as place, sum(amount)::bigint as amount
    from ({side}) as side where starts_with(account, %(of)s) group by item, account
) as held, lateral (select json_build_object('warehouse', place) as content) as said
where {scope}
"""

_BALANCE: Final = "select account, item, amount from balance where tenant = %(tenant)s"

_ENTRIES: Final = """
select debit as account, item, amount from ledger_entry
where tenant = %(tenant)s and (arrival >= %(since)s or starts_with(credit, 'stock.opening/'))
union all
select credit, item, -amount from ledger_entry where tenant = %(tenant)s and arrival >= %(since)s
"""

_DIFFERING: Final = """
with side as not materialized (
    select key, document, place, item, amount, 1 as sign, at from reconcile_ours where entity = %(entity)s
    union all
    select key, document, place, item, amount, -1, at from reconcile_theirs where entity = %(entity)s
), differing as (
    select key from side group by key, place, item having sum(sign * amount) <> 0
    union
    select key from side group by key
    having %(counted)s and count(distinct document) filter (where sign > 0)
        <> count(distinct document) filter (where sign < 0)
    union
    select unnest(%(keys)s::text[])
)
select key, sign > 0, document, place, item, amount, at from side join differing using (key)
order by key, sign, document
"""

_COUNTS: Final = """
select (select count(distinct (key, document)) from reconcile_theirs where entity = %(entity)s),
    (select count(distinct (key, document)) from reconcile_ours where entity = %(entity)s)
"""

_LATEST: Final = """
select {key}, owner || '/' || slot || '/' || generation, state, action, created_at, hold, last_error,
    line.place, line.item, line.amount
from (
    select distinct on (owner, slot) tenant, owner, slot, generation, state, action, content, created_at from command
    where tenant = %(tenant)s and kind = %(of)s order by owner, slot, generation desc
) as latest
left join (select tenant, owner, slot, generation, hold, last_error from delivery) as queued
    using (tenant, owner, slot, generation)
left join lateral ({lines}) as line on true
where state = any(%(states)s) and {scope} and ({key}) is not null
    and (not %(known)s or ({key}) in (select key from reconcile_theirs where entity = %(entity)s))
"""

_UNHEARD: Final = """
select theirs.key, place, item, amount, at from reconcile_theirs as theirs
where entity = 'goods_issued' and not exists (
    select from reconcile_ours as ours where ours.entity = 'goods_issued' and ours.key = theirs.key)
"""

_SETTLED: Final = """
select max(arrival) from message where tenant = %(tenant)s
    and arrival < coalesce((select min(arrival) from inbox where tenant = %(tenant)s), 9223372036854775807)
"""

_WAITING: Final = "select min(arrival), coalesce(sum(messages), 0)::bigint from inbox where tenant = %s"

_FEED: Final = """
select (select polled_at from feed where tenant = %(tenant)s and connection = %(name)s),
    (select count(*)::int from hook_hint where tenant = %(tenant)s and connection = %(name)s)
"""

_SINCE: Final = "select min(arrival) from message where tenant = %s and arrival >= %s and received_at >= %s"


class Scope(NamedTuple):
    """Whose position, at which connection (its `only`), and from which arrival number on."""

    tenant: int
    entity: str
    only: dict[str, list[str]]
    since: int = 0


class Line(NamedTuple):
    """A line of either side of a thing that differs."""

    key: str
    is_ours: bool
    document: str
    place: str
    item: str
    amount: int
    at: str


class Pending(NamedTuple):
    """A line of a command by its latest generation."""

    key: str
    name: str
    state: str
    action: str
    created_at: datetime
    hold: str | None
    last_error: str | None
    place: str | None
    item: str | None
    amount: int | None


class Unheard(NamedTuple):
    """A line of a goods issue that the system knows and we do not."""

    issue_no: str
    place: str
    item: str
    amount: int
    at: str


class Incoming(NamedTuple):
    """What may still tell us: messages not settled (the first, and how many), the last poll, hints not followed."""

    first: int | None
    messages: int
    polled_at: datetime | None
    hints: int


def begin(connection: psycopg.Connection) -> None:
    """Empty tables for the next system."""
    connection.execute(_TABLES)


def look(connection: psycopg.Connection) -> None:
    """Make the transaction that begins a snapshot, and let it sort in memory: it reads everything once."""
    connection.execute("set transaction isolation level repeatable read")
    connection.execute("set local work_mem = '64MB'")


def measure(connection: psycopg.Connection) -> None:
    """Tell the planner how much lies in the tables."""
    connection.execute("analyze reconcile_theirs, reconcile_ours")


def keep(connection: psycopg.Connection, entity: str, beliefs: Sequence[Belief]) -> None:
    """Keep a page of what the system believes."""
    if beliefs:
        rows = ((one.key, one.document, one.place, one.item, one.amount, one.at) for one in beliefs)
        keys, documents, places, items, amounts, ats = zip(*rows, strict=True)
        texts = (Texts(keys), Texts(documents), Texts(places), Texts(items))
        connection.execute(_KEEP, (entity, *texts, Int8(amounts), Texts(ats)))


def _statement(template: str, position: Position, side: str = "") -> sql.Composed:
    order = "arrival desc, row desc" if position.latest else "arrival, row"
    parts = {"key": position.key, "lines": position.lines, "scope": _SCOPE, "side": side, "order": order}
    # The parts are constants of this module.
    return sql.SQL(template).format(**{name: sql.SQL(part) for name, part in parts.items()})


def _asked(scope: Scope) -> dict[str, object]:
    only = msgspec.json.encode(scope.only).decode()
    return scope._asdict() | {"only": only, "of": POSITIONS[scope.entity].of}


def compute(connection: psycopg.Connection, scope: Scope) -> None:
    """Lay our position beside theirs. Call it within a snapshot."""
    position = POSITIONS[scope.entity]
    template = {"commands": _COMMANDS, "events": _EVENTS, "ledger": _LEDGER}[position.made_of]
    side = _ENTRIES if scope.since else _BALANCE
    connection.execute(_statement(template, position, side), _asked(scope))


def counts(connection: psycopg.Connection, entity: str) -> tuple[int, int]:
    """How many documents they have, and we."""
    row = connection.execute(_COUNTS, {"entity": entity}).fetchone()
    return row or (0, 0)


def differing(connection: psycopg.Connection, entity: str, keys: Iterable[str]) -> Iterator[Line]:
    """All lines of the things that differ, and of `keys`, in order of their keys; streamed, within a transaction."""
    asked = {"entity": entity, "counted": POSITIONS[entity].is_counted, "keys": Texts(keys)}
    with connection.cursor("differing", row_factory=tuple_row) as cursor:
        cursor.itersize = _FETCH_ROWS
        cursor.execute(_DIFFERING, asked)
        for row in cursor:
            yield Line(*row)


def pending(connection: psycopg.Connection, scope: Scope) -> list[Pending]:
    """Commands that are not settled, line by line."""
    return _latest(connection, scope, _IN_FLIGHT, known=False)


def done_by_others(connection: psycopg.Connection, scope: Scope) -> frozenset[str]:
    """The keys that the system holds, and for which we asked nothing more because somebody else did it."""
    return frozenset(one.key for one in _latest(connection, scope, ("satisfied",), known=True))


def _latest(connection: psycopg.Connection, scope: Scope, states: Sequence[str], *, known: bool) -> list[Pending]:
    position = POSITIONS[scope.entity]
    if position.made_of != "commands":
        return []
    asked = _asked(scope) | {"states": list(states), "known": known}
    return [Pending(*row) for row in connection.execute(_statement(_LATEST, position), asked)]


def unheard(connection: psycopg.Connection) -> list[Unheard]:
    """Goods issues of the system at hand that we have not heard of, line by line."""
    return [Unheard(*row) for row in connection.execute(_UNHEARD)]


def settled(connection: psycopg.Connection, tenant: int) -> int | None:
    """The watermark: the latest arrival number before which everything is settled."""
    row = connection.execute(_SETTLED, {"tenant": tenant}).fetchone()
    return row[0] if row else None


def incoming(connection: psycopg.Connection, tenant: int, name: str) -> Incoming:
    """What is still to be heard, of everybody and of this connection."""
    waiting = connection.execute(_WAITING, (tenant,)).fetchone() or (None, 0)
    feed = connection.execute(_FEED, {"tenant": tenant, "name": name}).fetchone() or (None, 0)
    return Incoming(*waiting, *feed)


def first_since(connection: psycopg.Connection, tenant: int, base: int, at: datetime) -> int | None:
    """The first arrival number received at or after a moment; `base` is that of its day."""
    row = connection.execute(_SINCE, (tenant, base, at)).fetchone()
    return row[0] if row else None
