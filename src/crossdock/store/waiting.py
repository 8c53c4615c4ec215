"""Which messages are read again, and how they are put back to be read. Dead letters themselves: `dead_letters.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import psycopg

from crossdock.store import dead_letters
from crossdock.store.arrays import Int8
from crossdock.store.arrival import base
from crossdock.store.arrival import text as arrival_text
from crossdock.store.configuration import source_named

_END: Final = 1 << 62


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
                and (%(cause)s::text is null or cause = %(cause)s)
                and (%(value)s::text is null or value = %(value)s)))
    order by arrival limit %(limit)s
)
select chosen.arrival, coalesce(array_agg(row order by row) filter (where row is not null), '{}'),
    coalesce(array_agg(rule order by row) filter (where row is not null), '{}')
from chosen left join dead_letter letter
    on letter.tenant = %(tenant)s and letter.arrival = chosen.arrival and letter.settled_at is null
group by chosen.arrival order by chosen.arrival
"""


class Which(NamedTuple):
    """Which messages to read again: by number, source, content type, time of receipt (half-open), or dead letters.

    `dead` narrows to messages of which a dead letter waits, `rule`, `value` and `cause` to dead letters of these;
    `first` to so many messages, those that came first.
    """

    arrivals: Sequence[int] | None = None
    source: str | None = None
    content_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    dead: bool = False
    rule: str | None = None
    value: str | None = None
    cause: str | None = None
    first: int | None = None

    @property
    def is_of_letters(self) -> bool:
        """Are messages chosen by what could not be read of them?"""
        return self.dead or not self.rule is self.value is self.cause is None

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
        "dead": which.is_of_letters,
        "rule": which.rule,
        "value": which.value,
        "cause": which.cause,
    }
    after, left = -1, _END if which.first is None else which.first
    while left > 0:
        wanted = {"after": after, "limit": min(batch, left)}
        found = [Chosen(*row) for row in connection.execute(_CHOSEN, asked | wanted)]
        if not found:
            return
        yield found
        after, left = found[-1].arrival, left - len(found)


_QUEUE: Final = """
insert into inbox (tenant, arrival, messages, bytes, mapping)
select tenant, arrival, 1, octet_length(body), %b::int from message
where tenant = %b::int and arrival = any(%b::bigint[]) order by arrival on conflict do nothing
"""

# The result of the first reading goes: settling writes the one of the next.
_FORGET_RESULT: Final = "delete from message_result where tenant = %b::int and arrival = any(%b::bigint[])"


def put_back_waiting(connection: psycopg.Connection, tenant: int) -> int:
    """How many messages with a dead letter that was replayed wait to be settled."""
    row = connection.execute(
        "select count(distinct inbox.arrival)::int from inbox join dead_letter letter"
        " on letter.tenant = inbox.tenant and letter.arrival = inbox.arrival and letter.settlement = 'replayed'"
        " where inbox.tenant = %s",
        (tenant,),
    ).fetchone()
    return int(row[0]) if row else 0


def put_back(
    connection: psycopg.Connection, tenant: int, arrivals: Sequence[int], *, mapping: int | None = None
) -> None:
    """Queue messages to be read again and settle their dead letters, in one transaction.

    What fails again becomes a dead letter again; what was read before is known and changes nothing. `mapping` (an id)
    reads those of them that a version of the same name would read.
    """
    numbers = Int8(arrivals)
    with connection.transaction():
        connection.execute(_QUEUE, (mapping, tenant, numbers))
        connection.execute(_FORGET_RESULT, (tenant, numbers))
        dead_letters.settle(connection, tenant, arrivals, "replayed")
