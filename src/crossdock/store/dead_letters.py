"""Dead letters that wait, by cause; and the items of unknown codes, which close when no letter of theirs waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int8
from crossdock.store.messages import LETTER, LetterRow


class LetterGroup(NamedTuple):
    """Dead letters that wait, of one cause. The sample is the oldest; `values` counts what stood there, all told."""

    cause: str
    rule: str
    source: str | None
    mapping: str | None
    place: str
    letters: int
    messages: int
    values: int
    oldest: datetime
    newest: datetime
    arrival: int
    row: int
    value: str
    problem: str


_CAUSES: Final = """
with cause as (
    select cause, count(*)::int as letters, count(distinct arrival)::int as messages,
        count(distinct value)::int as values, min(created_at) as oldest, max(created_at) as newest,
        min(arrival) as arrival, max(mapping) as mapping
    from dead_letter
    where tenant = %(tenant)s and settled_at is null and (%(rule)s::text is null or rule = %(rule)s)
        and (%(cause)s::text is null or cause = %(cause)s)
    group by cause
)
select cause.cause, sample.rule, source.name, mapping.name || '@' || mapping.version, sample.place, cause.letters,
    cause.messages, cause.values, cause.oldest, cause.newest, sample.arrival, sample.row, sample.value, sample.problem
from cause
cross join lateral (
    select arrival, row, source, rule, place, value, problem from dead_letter letter
    where letter.tenant = %(tenant)s and letter.arrival = cause.arrival and letter.cause = cause.cause
        and settled_at is null
    order by row limit 1
) as sample
left join source on source.tenant = %(tenant)s and source.id = sample.source
left join mapping on mapping.tenant = %(tenant)s and mapping.id = cause.mapping
order by cause.letters desc, sample.rule, source.name, cause.cause
"""

_LETTERS: Final = f"""
select {LETTER} where letter.tenant = %(tenant)s and settled_at is null
    and (%(rule)s::text is null or rule = %(rule)s) and (%(cause)s::text is null or cause = %(cause)s)
order by letter.arrival, letter.row limit %(limit)s
"""


def groups(
    connection: psycopg.Connection, tenant: int, *, rule: str | None = None, cause: str | None = None
) -> list[LetterGroup]:
    """Dead letters that wait, by cause, the most frequent first."""
    asked = {"tenant": tenant, "rule": rule, "cause": cause}
    return [LetterGroup(*row) for row in connection.execute(_CAUSES, asked)]


def letters(
    connection: psycopg.Connection, tenant: int, limit: int, *, rule: str | None = None, cause: str | None = None
) -> list[LetterRow]:
    """Dead letters of one rule or cause that wait, the oldest first."""
    asked = {"tenant": tenant, "rule": rule, "cause": cause, "limit": limit}
    return [LetterRow(*row) for row in connection.execute(_LETTERS, asked)]


# -- settled letters, and the items of codes ---------------------------------------------------------------------

# Locked first, and in order: a worker that writes of the code meanwhile is waited for, and what it wrote is seen below.
_LOCK_ITEMS: Final = """
select from work_item where tenant = %b::int and closed_at is null and owner = any(array(
    select distinct 'letters/' || rule || '/' || cause from dead_letter
    where tenant = %b::int and arrival = any(%b::bigint[])))
order by owner, name for update
"""

_SETTLE: Final = """
update dead_letter set settled_at = now(), settlement = %b
where tenant = %b::int and arrival = any(%b::bigint[]) and settled_at is null
"""

_CLOSE_ITEMS: Final = """
update work_item set closed_at = now()
from (
    select distinct rule, cause from dead_letter where tenant = %b::int and arrival = any(%b::bigint[])
) as gone
where work_item.tenant = %b::int and work_item.owner = 'letters/' || gone.rule || '/' || gone.cause
    and closed_at is null
    and not exists (select from dead_letter letter where letter.tenant = work_item.tenant
        and letter.rule = gone.rule and letter.cause = gone.cause and letter.settled_at is null)
"""


def settle(connection: psycopg.Connection, tenant: int, arrivals: Sequence[int], settlement: str) -> None:
    """Settle the dead letters of messages, and close the items of codes for which none waits any more.

    Within the caller's transaction.
    """
    numbers = Int8(arrivals)
    connection.execute(_LOCK_ITEMS, (tenant, tenant, numbers))
    connection.execute(_SETTLE, (settlement, tenant, numbers))
    connection.execute(_CLOSE_ITEMS, (tenant, numbers, tenant))


def items_open(connection: psycopg.Connection, tenant: int, code: str) -> int:
    """How many items of a code are open."""
    row = connection.execute(
        "select count(*)::int from work_item where tenant = %b::int and code = %b and closed_at is null",
        (tenant, code),
        binary=True,
    ).fetchone()
    return int(row[0]) if row else 0
