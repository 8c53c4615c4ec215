"""Every statement of a settling transaction. Each takes whole columns; how many there are never depends on the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Bool, Bytes, Column, Instants, Int4, Int8, Texts


class Message(NamedTuple):
    """A message as settling reads it."""

    tenant: int
    arrival: int
    source: int
    content_type: str
    header: bytes | None
    first_row: int
    body: bytes


class Stored(NamedTuple):
    """A case as it lies in the database; version 0 is a case that does not exist yet."""

    version: int
    record: bytes


class Due(NamedTuple):
    """A wake-up that is due: at which deadline (microseconds since 1970), and whether only to ask again."""

    owner: str
    at: int
    again: bool


# -- what is to be done ------------------------------------------------------------------------------------------

_CLAIM: Final = """
with free as materialized (
    select arrival, messages from inbox where tenant = %b::int order by arrival limit %b for update skip locked
), taken as (
    select arrival from (select arrival, sum(messages) over (order by arrival) - messages as before from free) as queued
    where before < %b
)
delete from inbox using taken where inbox.tenant = %b::int and inbox.arrival = taken.arrival
returning inbox.arrival, inbox.messages
"""

# `offset 0` keeps the planner from turning the look-up by range into a join over the whole table.
_READ: Final = """
select found.tenant, found.arrival, found.source, found.content_type, found.header, found.first_row, found.body
from unnest(%b::bigint[], %b::bigint[]) as claimed(first, next),
    lateral (
        select * from message
        where tenant = %b::int and arrival >= claimed.first and arrival < claimed.next order by arrival offset 0
    ) as found
"""

_DUE: Final = """
select owner, (extract(epoch from at) * 1000000)::bigint, again from wake_up
where tenant = %b::int and at <= %b order by at limit %b
"""

_RANG: Final = """
delete from wake_up using unnest(%b::text[], %b::timestamptz[]) as rang(owner, at)
where wake_up.tenant = %b::int and wake_up.owner = rang.owner and wake_up.at = rang.at
"""


def claim(connection: psycopg.Connection, tenant: int, *, commits: int, messages: int) -> list[tuple[int, int]]:
    """Take group commits from the inbox, at most `commits`, and no more once they hold `messages`.

    Each is (first arrival, how many numbers). They are gone when the transaction commits.
    """
    return connection.execute(_CLAIM, (tenant, commits, messages, tenant), binary=True).fetchall()


def read_messages(connection: psycopg.Connection, tenant: int, claimed: Sequence[tuple[int, int]]) -> list[Message]:
    """The claimed messages in order of arrival."""
    claimed = sorted(claimed)
    rows = connection.execute(
        _READ,
        (Int8([first for first, _ in claimed]), Int8([first + count for first, count in claimed]), tenant),
        binary=True,
    ).fetchall()
    return [Message(*row) for row in rows]


def read_due(connection: psycopg.Connection, tenant: int, now: datetime, limit: int) -> list[Due]:
    """Up to `limit` wake-ups whose deadline has come; none when another transaction is at them.

    They are not locked: a case may set its wake-up while another worker holds the row it would wait for. Remove them
    by `rang` when their cases are locked.
    """
    row = connection.execute("select pg_try_advisory_xact_lock(%b::int, 3)", (tenant,), binary=True).fetchone()
    if row is None or not row[0]:
        return []
    return [Due(*row) for row in connection.execute(_DUE, (tenant, now, limit), binary=True)]


def rang(connection: psycopg.Connection, tenant: int, due: Sequence[Due]) -> None:
    """Remove wake-ups that were heard, unless they were set anew."""
    if due:
        connection.execute(_RANG, (Texts([one.owner for one in due]), Instants([one.at for one in due]), tenant))


# -- cases -------------------------------------------------------------------------------------------------------

_CASES: Final = """
select id, version, record from unnest(%b::text[]) as asked(owner)
join case_record on tenant = %b::int and id = asked.owner
"""

_UPSERT: Final = """
insert into case_record (tenant, id, version, record, status, view)
select %b::int, id, version, record, status, view::json
from unnest(%b::text[], %b::int[], %b::bytea[], %b::text[], %b::text[]) as asked(id, version, record, status, view)
on conflict (tenant, id) do update
set version = excluded.version, record = excluded.record, status = excluded.status, view = excluded.view,
    updated_at = now()
where case_record.version = excluded.version - 1
returning id
"""


def read_cases(connection: psycopg.Connection, tenant: int, ids: Iterable[str]) -> dict[str, Stored]:
    """The cases that exist, without any lock."""
    rows = connection.execute(_CASES, (Texts(ids), tenant), binary=True)
    return {name: Stored(version, record) for name, version, record in rows}


class CaseRow(NamedTuple):
    """A case to be written, if it still has the version before `version`."""

    id: str
    version: int
    record: bytes
    status: str
    view: str | None


def write_cases(connection: psycopg.Connection, tenant: int, rows: Sequence[CaseRow]) -> set[str]:
    """Write cases whose version is one ahead; the ids of those that lost a race. `rows` must be sorted by id.

    All of them, losers too, are locked afterwards: `on conflict` locks a row before it looks at the condition.
    """
    if not rows:
        return set()
    ids, versions, records, statuses, views = zip(*rows, strict=True)
    written = connection.execute(
        _UPSERT, (tenant, Texts(ids), Int4(versions), Bytes(records), Texts(statuses), Texts(views)), binary=True
    )
    return set(ids).difference(row[0] for row in written)


# -- what follows ------------------------------------------------------------------------------------------------
# One class a table: its rows are collected column by column, and written by one statement.


class Rows:
    """Rows to be written to one table."""

    statement: str
    columns: tuple[type[Column], ...]

    def __init__(self) -> None:
        """No rows yet."""
        self.rows: list[tuple[object, ...]] = []

    def write(self, connection: psycopg.Connection, tenant: int) -> None:
        """Write what was collected."""
        if self.rows:
            columns = zip(*self.rows, strict=True)
            packed = [kind(values) for kind, values in zip(self.columns, columns, strict=True)]
            connection.execute(self.statement, (tenant, *packed))


class Events(Rows):
    """arrival, row, type, owner, key, occurred, offset, recorded, lifecycle, revision, retracted, copy, mapping,
    source_id, correlation, causation, data
    """

    columns = (
        Int8, Int4, Texts, Texts, Texts, Instants, Int4, Instants, Texts, Int8, Bool, Bool, Int4, Texts, Texts, Texts,
        Texts,
    )  # fmt: skip
    statement = """
insert into event (tenant, arrival, row, type, owner, key, occurred_at, occurred_offset, recorded_at, lifecycle,
    revision, retracted, copy, mapping, source_id, correlation, causation, data)
select %b::int, arrival, row, type, owner, key, occurred_at, occurred_offset, recorded_at, lifecycle,
    revision, retracted, copy, mapping, source_id, correlation, causation, data::json
from unnest(%b::bigint[], %b::int[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::int[],
    %b::timestamptz[], %b::text[], %b::bigint[], %b::boolean[], %b::boolean[], %b::int[], %b::text[], %b::text[],
    %b::text[], %b::text[])
as new(arrival, row, type, owner, key, occurred_at, occurred_offset, recorded_at, lifecycle, revision, retracted,
    copy, mapping, source_id, correlation, causation, data)
on conflict (tenant, arrival, row) do nothing
"""


class Results(Rows):
    """arrival, events, rejected"""

    columns = (Int8, Int4, Int4)
    statement = """
insert into message_result (tenant, arrival, events, rejected)
select %b::int, * from unnest(%b::bigint[], %b::int[], %b::int[])
on conflict (tenant, arrival) do update set events = excluded.events, rejected = excluded.rejected
"""


class DeadLetters(Rows):
    """arrival, row, source, mapping, position, rule, problem, value, sample"""

    columns = (Int8, Int4, Int4, Int4, Texts, Texts, Texts, Texts, Texts)
    statement = """
insert into dead_letter (tenant, arrival, row, source, mapping, position, rule, problem, value, sample)
select %b::int, * from unnest(%b::bigint[], %b::int[], %b::int[], %b::int[], %b::text[], %b::text[], %b::text[],
    %b::text[], %b::text[])
on conflict (tenant, arrival, row) do update
set mapping = excluded.mapping, position = excluded.position, rule = excluded.rule, problem = excluded.problem,
    value = excluded.value, sample = excluded.sample, settled_at = null, settlement = null
"""


class Identifiers(Rows):
    """value, owner"""

    columns = (Texts, Texts)
    statement = """
insert into identifier (tenant, value, owner)
select %b::int, * from unnest(%b::text[], %b::text[])
on conflict do nothing
"""


class OpenedItems(Rows):
    """owner, name, code, subject, title, desk, action, at_stake_minor, currency, finding, arrival, rules"""

    columns = (Texts, Texts, Texts, Texts, Texts, Texts, Texts, Int8, Texts, Bool, Int8, Int4)
    statement = """
insert into work_item (tenant, owner, name, code, subject, title, desk, action, at_stake_minor, currency, finding,
    arrival, rules)
select %b::int, * from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
    %b::bigint[], %b::text[], %b::boolean[], %b::bigint[], %b::int[])
on conflict (tenant, owner, name) do update
set code = excluded.code, subject = excluded.subject, title = excluded.title, desk = excluded.desk,
    action = excluded.action, at_stake_minor = excluded.at_stake_minor, currency = excluded.currency,
    finding = excluded.finding, arrival = excluded.arrival, rules = excluded.rules, closed_at = null,
    opened_at = case when work_item.closed_at is null then work_item.opened_at else now() end
"""


class ClosedItems(Rows):
    """owner, name"""

    columns = (Texts, Texts)
    statement = """
update work_item set closed_at = now()
from (select %b::int as tenant, * from unnest(%b::text[], %b::text[]) as gone(owner, name)) as gone
where work_item.tenant = gone.tenant and work_item.owner = gone.owner and work_item.name = gone.name
    and closed_at is null
"""


class Commands(Rows):
    """owner, slot, generation, kind, target, action, state, content, arrival, rules"""

    columns = (Texts, Texts, Int4, Texts, Texts, Texts, Texts, Texts, Int8, Int4)
    statement = """
insert into command (tenant, owner, slot, generation, kind, target, action, state, content, arrival, rules)
select %b::int, owner, slot, generation, kind, target, action, state, content::json, arrival, rules
from unnest(%b::text[], %b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
    %b::bigint[], %b::int[])
as new(owner, slot, generation, kind, target, action, state, content, arrival, rules)
on conflict (tenant, owner, slot, generation) do update
set kind = excluded.kind, target = excluded.target, action = excluded.action, state = excluded.state,
    content = excluded.content, arrival = excluded.arrival, rules = excluded.rules, changed_at = now()
"""


class CommandStates(Rows):
    """owner, slot, generation, state"""

    columns = (Texts, Texts, Int4, Texts)
    statement = """
update command set state = new.state, changed_at = now()
from (select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[])
    as new(owner, slot, generation, state)) as new
where command.tenant = new.tenant and command.owner = new.owner and command.slot = new.slot
    and command.generation = new.generation
"""


class WakeUps(Rows):
    """owner, at"""

    columns = (Texts, Instants)
    statement = """
insert into wake_up (tenant, owner, at)
select %b::int, * from unnest(%b::text[], %b::timestamptz[])
on conflict (tenant, owner) do update set at = least(wake_up.at, excluded.at)
"""


class ReferenceUses(Rows):
    """key, owner"""

    columns = (Texts, Texts)
    statement = """
insert into reference_use (tenant, key, owner)
select %b::int, * from unnest(%b::text[], %b::text[])
on conflict do nothing
"""


class Entries(Rows):
    """arrival, owner, debit, credit, item, amount"""

    columns = (Int8, Texts, Texts, Texts, Texts, Int8)
    statement = """
insert into ledger_entry (tenant, arrival, owner, debit, credit, item, amount)
select %b::int, * from unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[])
"""


_BALANCES: Final = """
insert into balance (tenant, account, item, shard, amount)
select %b::int, account, item, %b::smallint, amount
from unnest(%b::text[], %b::text[], %b::bigint[]) as change(account, item, amount)
on conflict (tenant, account, item, shard) do update set amount = balance.amount + excluded.amount
"""


def add_to_balances(
    connection: psycopg.Connection, tenant: int, shard: int, sums: dict[tuple[str, str], int]
) -> None:
    """Add to balances, in key order, as the last thing a transaction does."""
    changed = [(account, item, amount) for (account, item), amount in sorted(sums.items()) if amount]
    if changed:
        accounts, items, amounts = zip(*changed, strict=True)
        connection.execute(_BALANCES, (tenant, shard, Texts(accounts), Texts(items), Int8(amounts)))


# -- reference data ----------------------------------------------------------------------------------------------

_LOCK_SHARED: Final = "select pg_advisory_xact_lock_shared(%b::int, 1), (select reference from tenant where id = %b::int)"
_LOCK_ALONE: Final = "select pg_advisory_xact_lock(%b::int, 1), (select reference from tenant where id = %b::int)"

_REFERENCE: Final = """
select key, data::text from unnest(%b::text[]) as asked(name)
join reference on tenant = %b::int and key = asked.name and not retracted
order by key, valid_from desc
"""

_PUBLISH: Final = """
with newer as (
    insert into reference (tenant, key, valid_from, type, arrival, row, revision, retracted, data)
    select %b::int, key, valid_from::date, type, arrival, row, revision, retracted, data::json
    from unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::int[], %b::bigint[], %b::boolean[], %b::text[])
        as new(key, valid_from, type, arrival, row, revision, retracted, data)
    on conflict (tenant, key, valid_from) do update
    set arrival = excluded.arrival, row = excluded.row, revision = excluded.revision,
        retracted = excluded.retracted, data = excluded.data
    where (excluded.revision, -excluded.arrival, -excluded.row)
        > (reference.revision, -reference.arrival, -reference.row)
    returning key
), used as (
    select distinct owner from reference_use where tenant = %b::int and key in (select key from newer)
), woken as (
    insert into wake_up (tenant, owner, at, again)
    select %b::int, owner, to_timestamp(0), true from used order by owner
    on conflict (tenant, owner) do update set at = excluded.at, again = true
)
update tenant set reference = reference + 1 where id = %b::int and exists (select from newer)
"""


class Published(NamedTuple):
    """A record of reference data as an event told it. `key` is `type/natural key`."""

    key: str
    valid_from: date
    type: str
    arrival: int
    row: int
    revision: int
    retracted: bool
    data: str


def lock_reference(connection: psycopg.Connection, tenant: int, *, alone: bool) -> int:
    """Keep reference data as it is until commit, or (`alone`) change it while nobody plans by it; its version.

    Without this lock a plan could miss a record that is published while it is made, and never be asked again.
    """
    row = connection.execute(_LOCK_ALONE if alone else _LOCK_SHARED, (tenant, tenant), binary=True).fetchone()
    if row is None or row[1] is None:
        msg = f"tenant {tenant} is gone from the database"
        raise LookupError(msg)
    return int(row[1])


def read_reference(connection: psycopg.Connection, tenant: int, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Records as (key, data), latest `valid_from` first within a key."""
    return connection.execute(_REFERENCE, (Texts(keys), tenant)).fetchall()


def publish(connection: psycopg.Connection, tenant: int, records: Sequence[Published]) -> None:
    """Store records (highest revision, then earliest telling, counts) and wake the cases that asked for them."""
    keys, valid, types, arrivals, rows, revisions, retracted, data = zip(*records, strict=True)
    connection.execute(
        _PUBLISH,
        (
            tenant,
            Texts(keys),
            Texts([day.isoformat() for day in valid]),
            Texts(types),
            Int8(arrivals),
            Int4(rows),
            Int8(revisions),
            Bool(retracted),
            Texts(data),
            tenant,
            tenant,
            tenant,
        ),
    )
