"""Dead letters that wait, grouped by cause; and how messages are put back to be read. Work items: `work.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int8
from crossdock.store.messages import LETTER, LetterRow


class LetterGroup(NamedTuple):
    """Dead letters that wait, of one cause; the sample is of the oldest."""

    rule: str
    source: str | None
    mapping: str | None
    letters: int
    messages: int
    oldest: datetime
    arrival: int
    row: int
    problem: str


_CAUSES: Final = """
with cause as (
    select rule, source, mapping, count(*)::int as count, count(distinct arrival)::int as messages,
        min(created_at) as oldest, min(arrival) as arrival
    from dead_letter
    where tenant = %(tenant)s and settled_at is null and (%(rule)s::text is null or rule = %(rule)s)
    group by rule, source, mapping
)
select cause.rule, source.name, mapping.name || '@' || mapping.version, cause.count, cause.messages, cause.oldest,
    sample.arrival, sample.row, sample.problem
from cause
cross join lateral (
    select arrival, row, problem from dead_letter letter
    where letter.tenant = %(tenant)s and letter.rule = cause.rule and letter.arrival = cause.arrival
        and letter.source = cause.source and letter.mapping is not distinct from cause.mapping
        and settled_at is null
    order by row limit 1
) as sample
left join source on source.tenant = %(tenant)s and source.id = cause.source
left join mapping on mapping.tenant = %(tenant)s and mapping.id = cause.mapping
order by cause.count desc, cause.rule, source.name
"""

_LETTERS: Final = f"""
select {LETTER} where letter.tenant = %(tenant)s and settled_at is null and rule = %(rule)s
order by letter.arrival, letter.row limit %(limit)s
"""

_WAITING: Final = """
select arrival, array_agg(row order by row), array_agg(rule order by row) from dead_letter
where tenant = %(tenant)s and settled_at is null and arrival > %(after)s
    and (%(arrival)s::bigint is null or arrival = %(arrival)s)
    and (%(rule)s::text is null or arrival in (
        select arrival from dead_letter
        where tenant = %(tenant)s and rule = %(rule)s and settled_at is null and arrival > %(after)s
        order by arrival limit %(limit)s))
group by arrival order by arrival limit %(limit)s
"""


def letter_groups(connection: psycopg.Connection, tenant: int, rule: str | None) -> list[LetterGroup]:
    """Dead letters that wait, by cause, the most frequent first."""
    return [LetterGroup(*row) for row in connection.execute(_CAUSES, {"tenant": tenant, "rule": rule})]


def letters_of_rule(connection: psycopg.Connection, tenant: int, rule: str, limit: int) -> list[LetterRow]:
    """Dead letters of one rule that wait, the oldest first."""
    asked = {"tenant": tenant, "rule": rule, "limit": limit}
    return [LetterRow(*row) for row in connection.execute(_LETTERS, asked)]


class Waiting(NamedTuple):
    """A message with dead letters that wait: the row of each, and the rule that refused it."""

    arrival: int
    rows: list[int]
    rules: list[str]


def messages_with_letters(
    connection: psycopg.Connection, tenant: int, *, rule: str | None, arrival: int | None, batch: int
) -> Iterator[list[Waiting]]:
    """Messages of which a dead letter waits (of a rule, or one message), in batches by arrival number."""
    after = -1
    while True:
        asked = {"tenant": tenant, "rule": rule, "arrival": arrival, "after": after, "limit": batch}
        found = [Waiting(*row) for row in connection.execute(_WAITING, asked)]
        if not found:
            return
        yield found
        after = found[-1].arrival


_QUEUE: Final = """
insert into inbox (tenant, arrival, messages, bytes)
select tenant, arrival, 1, octet_length(body) from message
where tenant = %b::int and arrival = any(%b::bigint[]) order by arrival on conflict do nothing
"""

# The result of the first reading goes: settling writes the one of the next.
_FORGET_RESULT: Final = "delete from message_result where tenant = %b::int and arrival = any(%b::bigint[])"

_SETTLE: Final = """
update dead_letter set settled_at = now(), settlement = 'replayed'
where tenant = %b::int and arrival = any(%b::bigint[]) and settled_at is null
"""


def put_back(connection: psycopg.Connection, tenant: int, arrivals: Sequence[int]) -> None:
    """Queue messages to be read again and settle their dead letters, in one transaction.

    What fails again becomes a dead letter again; what was read before is known and changes nothing.
    """
    with connection.transaction():
        for statement in (_QUEUE, _FORGET_RESULT, _SETTLE):
            connection.execute(statement, (tenant, Int8(arrivals)))
