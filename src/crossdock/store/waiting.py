"""Dead letters that wait, grouped by cause; and how messages are put back to be read. Work items: `work.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int8
from crossdock.store.arrival import base
from crossdock.store.arrival import text as arrival_text
from crossdock.store.configuration import source_named
from crossdock.store.messages import LETTER, LetterRow

_END: Final = 1 << 62


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

# Of each message chosen: its dead letters that wait, if any.
_CHOSEN: Final = """
with chosen as materialized (
    select arrival from message
    where tenant = %(tenant)s and arrival > %(after)s and arrival >= %(first)s and arrival < %(end)s
        and (%(since)s::timestamptz is null or received_at >= %(since)s)
        and (%(until)s::timestamptz is null or received_at < %(until)s)
        and (%(arrivals)s::bigint[] is null or arrival = any(%(arrivals)s::bigint[]))
        and (%(source)s::int is null or source = %(source)s)
        and (%(content_type)s::text is null or content_type = %(content_type)s)
        and (not %(dead)s or arrival in (
            select arrival from dead_letter
            where tenant = %(tenant)s and settled_at is null and arrival > %(after)s
                and (%(rule)s::text is null or rule = %(rule)s)
                and (%(value)s::text is null or value = %(value)s)))
    order by arrival limit %(limit)s
)
select chosen.arrival, coalesce(array_agg(row order by row) filter (where row is not null), '{}'),
    coalesce(array_agg(rule order by row) filter (where row is not null), '{}')
from chosen left join dead_letter letter
    on letter.tenant = %(tenant)s and letter.arrival = chosen.arrival and letter.settled_at is null
group by chosen.arrival order by chosen.arrival
"""


def letter_groups(connection: psycopg.Connection, tenant: int, rule: str | None) -> list[LetterGroup]:
    """Dead letters that wait, by cause, the most frequent first."""
    return [LetterGroup(*row) for row in connection.execute(_CAUSES, {"tenant": tenant, "rule": rule})]


def letters_of_rule(connection: psycopg.Connection, tenant: int, rule: str, limit: int) -> list[LetterRow]:
    """Dead letters of one rule that wait, the oldest first."""
    asked = {"tenant": tenant, "rule": rule, "limit": limit}
    return [LetterRow(*row) for row in connection.execute(_LETTERS, asked)]


class Which(NamedTuple):
    """Which messages to read again: by number, source, content type, time of receipt (half-open), or dead letters.

    `dead` narrows to messages of which a dead letter waits, `rule` and `value` to dead letters of these.
    """

    arrivals: Sequence[int] | None = None
    source: str | None = None
    content_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    dead: bool = False
    rule: str | None = None
    value: str | None = None

    def words(self) -> str:
        """As the trail keeps it."""
        said = [
            f"{name} {value}" for name, value in self._asdict().items() if value and name not in {"arrivals", "dead"}
        ]
        if self.arrivals:
            said.insert(0, ", ".join(arrival_text(one) for one in self.arrivals[:5]))
        return ", ".join(said) or ("dead letters" if self.dead else "all messages")


class Chosen(NamedTuple):
    """A message to be read again: the row of each of its dead letters that waits, and the rule that refused it."""

    arrival: int
    rows: list[int]
    rules: list[str]


def chosen(connection: psycopg.Connection, tenant: int, which: Which, *, batch: int) -> Iterator[list[Chosen]]:
    """Messages to be read again, in batches by arrival number. Raises `LookupError` for a source that is none."""
    source = None
    if which.source is not None:
        source = source_named(connection, tenant, which.source)
        if source is None:
            raise LookupError(f"there is no source {which.source!r}")
    asked = {
        "tenant": tenant,
        "first": base(which.since.astimezone(UTC).date(), 0) if which.since else 0,
        "end": base(which.until.astimezone(UTC).date() + timedelta(days=1), 0) if which.until else _END,
        "since": which.since,
        "until": which.until,
        "arrivals": list(which.arrivals) if which.arrivals is not None else None,
        "source": source,
        "content_type": which.content_type,
        "dead": which.dead or which.rule is not None or which.value is not None,
        "rule": which.rule,
        "value": which.value,
        "limit": batch,
    }
    after = -1
    while True:
        found = [Chosen(*row) for row in connection.execute(_CHOSEN, asked | {"after": after})]
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


def put_back_waiting(connection: psycopg.Connection, tenant: int) -> int:
    """How many messages with a dead letter that was replayed wait to be settled."""
    row = connection.execute(
        "select count(distinct inbox.arrival)::int from inbox join dead_letter letter"
        " on letter.tenant = inbox.tenant and letter.arrival = inbox.arrival and letter.settlement = 'replayed'"
        " where inbox.tenant = %s",
        (tenant,),
    ).fetchone()
    return int(row[0]) if row else 0


def put_back(connection: psycopg.Connection, tenant: int, arrivals: Sequence[int]) -> None:
    """Queue messages to be read again and settle their dead letters, in one transaction.

    What fails again becomes a dead letter again; what was read before is known and changes nothing.
    """
    with connection.transaction():
        for statement in (_QUEUE, _FORGET_RESULT, _SETTLE):
            connection.execute(statement, (tenant, Int8(arrivals)))
