"""What follows from a settling transaction: one class a table, its rows collected, then written by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import psycopg

from crossdock.store.arrays import Bool, Column, Encoded, Instants, Int4, Int8, Texts


class Rows:
    """Rows to be written to one table.

    Updates look their rows up by key behind `offset 0`, then go by place: joined directly, the planner read the whole
    table as long as its statistics said that it was small. The place stays: whoever writes these rows holds the lock
    of their case.
    """

    statement: str
    columns: tuple[type[Column], ...]

    def __init__(self) -> None:
        """No rows yet."""
        self.rows: list[tuple[object, ...]] = []

    def write(self, connection: psycopg.Connection, tenant: int) -> None:
        """Write what was collected."""
        if self.rows:
            columns = zip(*self.rows, strict=True)
            packed = [kind(_shortest(values)) for kind, values in zip(self.columns, columns, strict=True)]
            connection.execute(self.statement, (tenant, *packed))


def _shortest(values: Sequence[object]) -> Sequence[object]:
    """A column of nothing but NULL need not be sent: `unnest` fills the shorter ones up."""
    return values if values[0] is not None or any(value is not None for value in values) else ()


class Events(Rows):
    """Columns: as in the statement; `occurred` and `recorded` in microseconds since 1970.

    NULL stands for the usual lifecycle (actual), revision (0) and retraction (none).
    """

    columns = (
        Bool, Int8, Int4, Texts, Texts, Texts, Instants, Int4, Instants, Texts, Int8, Bool, Int4, Texts, Texts, Texts,
        Encoded,
    )  # fmt: skip
    statement = """
insert into event (tenant, copy, arrival, row, type, owner, key, occurred_at, occurred_offset, recorded_at, lifecycle,
    revision, retracted, mapping, source_id, correlation, causation, data)
select %b::int, copy, arrival, row, type, owner, key, occurred_at, occurred_offset, recorded_at,
    coalesce(lifecycle, 'actual'), coalesce(revision, 0), coalesce(retracted, false), mapping, source_id,
    correlation, causation, data::json
from unnest(%b::boolean[], %b::bigint[], %b::int[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::int[],
    %b::timestamptz[], %b::text[], %b::bigint[], %b::boolean[], %b::int[], %b::text[], %b::text[], %b::text[],
    %b::text[])
as new(copy, arrival, row, type, owner, key, occurred_at, occurred_offset, recorded_at, lifecycle, revision, retracted,
    mapping, source_id, correlation, causation, data)
on conflict (tenant, arrival, row) do nothing
"""


class Results(Rows):
    """Columns: arrival, events, rejected."""

    columns = (Int8, Int4, Int4)
    statement = """
insert into message_result (tenant, arrival, events, rejected)
select %b::int, * from unnest(%b::bigint[], %b::int[], %b::int[])
on conflict (tenant, arrival) do update set events = excluded.events, rejected = excluded.rejected
"""


class DeadLetters(Rows):
    """Columns: arrival, row, source, mapping, cause, place, position, rule, problem, value, sample."""

    columns = (Int8, Int4, Int4, Int4, Texts, Texts, Texts, Texts, Texts, Texts, Texts)
    statement = """
insert into dead_letter (tenant, arrival, row, source, mapping, cause, place, position, rule, problem, value, sample)
select %b::int, * from unnest(%b::bigint[], %b::int[], %b::int[], %b::int[], %b::text[], %b::text[], %b::text[],
    %b::text[], %b::text[], %b::text[], %b::text[])
on conflict (tenant, arrival, row) do update
set mapping = excluded.mapping, cause = excluded.cause, place = excluded.place, position = excluded.position,
    rule = excluded.rule, problem = excluded.problem, value = excluded.value, sample = excluded.sample,
    settled_at = null, settlement = null
"""


class Identifiers(Rows):
    """Columns: value, owner."""

    columns = (Texts, Texts)
    statement = """
insert into identifier (tenant, value, owner)
select %b::int, * from unnest(%b::text[], %b::text[])
on conflict do nothing
"""


class OpenedItems(Rows):
    """Columns: as in the statement; NULL stands for the usual cause (facts)."""

    columns = (Texts, Texts, Texts, Texts, Texts, Texts, Texts, Int8, Texts, Bool, Int8, Int4, Int4, Texts)
    statement = """
insert into work_item (tenant, owner, name, code, subject, title, desk, action, at_stake_minor, currency, finding,
    arrival, rules, policies, cause)
select %b::int, owner, name, code, subject, title, desk, action, at_stake_minor, currency, finding, arrival, rules,
    policies, coalesce(cause, 'facts')
from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[],
    %b::text[], %b::boolean[], %b::bigint[], %b::int[], %b::int[], %b::text[])
as new(owner, name, code, subject, title, desk, action, at_stake_minor, currency, finding, arrival, rules, policies,
    cause)
on conflict (tenant, owner, name) do update
set code = excluded.code, subject = excluded.subject, title = excluded.title, desk = excluded.desk,
    action = excluded.action, at_stake_minor = excluded.at_stake_minor, currency = excluded.currency,
    finding = excluded.finding, arrival = excluded.arrival, rules = excluded.rules, policies = excluded.policies,
    cause = excluded.cause, closed_at = null,
    opened_at = case when work_item.closed_at is null then work_item.opened_at else now() end
"""


class ClosedItems(Rows):
    """Columns: owner, name."""

    columns = (Texts, Texts)
    statement = """
update work_item set closed_at = now()
from (select %b::int as tenant, * from unnest(%b::text[], %b::text[]) as asked(owner, name)) as gone,
    lateral (
        select ctid as place from work_item
        where work_item.tenant = gone.tenant and work_item.owner = gone.owner and work_item.name = gone.name offset 0
    ) as found
where work_item.ctid = found.place and closed_at is null
"""


class Commands(Rows):
    """Columns: as in the statement; NULL stands for the usual cause (facts)."""

    columns = (Texts, Texts, Int4, Texts, Texts, Texts, Texts, Texts, Int8, Int4, Int4, Texts)
    statement = """
insert into command (tenant, owner, slot, generation, kind, target, action, state, content, arrival, rules, policies,
    cause)
select %b::int, owner, slot, generation, kind, target, action, state, content::json, arrival, rules, policies,
    coalesce(cause, 'facts')
from unnest(%b::text[], %b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
    %b::bigint[], %b::int[], %b::int[], %b::text[])
as new(owner, slot, generation, kind, target, action, state, content, arrival, rules, policies, cause)
on conflict (tenant, owner, slot, generation) do update
set kind = excluded.kind, target = excluded.target, action = excluded.action, state = excluded.state,
    content = excluded.content, arrival = excluded.arrival, rules = excluded.rules, policies = excluded.policies,
    cause = excluded.cause, changed_at = now()
"""


class CommandStates(Rows):
    """Columns: owner, slot, generation, state."""

    columns = (Texts, Texts, Int4, Texts)
    statement = """
update command set state = new.state, changed_at = now()
from (
    select %b::int as tenant, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[])
        as asked(owner, slot, generation, state)
) as new,
    lateral (
        select ctid as place from command
        where command.tenant = new.tenant and command.owner = new.owner and command.slot = new.slot
            and command.generation = new.generation offset 0
    ) as found
where command.ctid = found.place
"""


class WakeUps(Rows):
    """Columns: owner, at."""

    columns = (Texts, Instants)
    statement = """
insert into wake_up (tenant, owner, at)
select %b::int, * from unnest(%b::text[], %b::timestamptz[])
on conflict (tenant, owner) do update set at = least(wake_up.at, excluded.at)
"""


class ReferenceUses(Rows):
    """Columns: key, owner."""

    columns = (Texts, Texts)
    statement = """
insert into reference_use (tenant, key, owner)
select %b::int, * from unnest(%b::text[], %b::text[])
on conflict do nothing
"""


class Entries(Rows):
    """Columns: arrival, owner, debit, credit, item, amount, rules, policies."""

    columns = (Int8, Texts, Texts, Texts, Texts, Int8, Int4, Int4)
    statement = """
insert into ledger_entry (tenant, arrival, owner, debit, credit, item, amount, rules, policies)
select %b::int, * from unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::int[],
    %b::int[])
"""


_BALANCES: Final = """
insert into balance (tenant, account, item, shard, amount)
select %b::int, account, item, %b::smallint, amount
from unnest(%b::text[], %b::text[], %b::bigint[]) as change(account, item, amount)
on conflict (tenant, account, item, shard) do update set amount = balance.amount + excluded.amount
"""


def add_to_balances(connection: psycopg.Connection, tenant: int, shard: int, sums: dict[tuple[str, str], int]) -> None:
    """Add to balances, in key order, as the last thing a transaction does."""
    changed = [(account, item, amount) for (account, item), amount in sorted(sums.items()) if amount]
    if changed:
        accounts, items, amounts = zip(*changed, strict=True)
        connection.execute(_BALANCES, (tenant, shard, Texts(accounts), Texts(items), Int8(amounts)))
