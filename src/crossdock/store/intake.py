"""Messages made durable: numbered in order of receipt, kept once, queued for settling, in one commit a batch."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

import psycopg

from crossdock.store.arrays import Bytes, Int4, Int8, Texts, Uuids
from crossdock.store.arrival import MESSAGES_PER_COMMIT_MAX

Verdict = Literal["new", "duplicate", "conflict"]


class Incoming(NamedTuple):
    """A message about to be stored. `identity` and `content` are digests of 16 bytes (see `digest`)."""

    source: int
    identity: bytes
    content: bytes
    content_type: str
    body: bytes
    name: str | None = None
    header: bytes | None = None
    first_row: int = 0


class Received(NamedTuple):
    """What became of an incoming message. Of a duplicate, `arrival` is that of the message it repeats."""

    arrival: int
    verdict: Verdict


def digest(*parts: bytes) -> bytes:
    """128 bits that stand for the bytes: nobody finds two messages with one digest by accident."""
    hashed = blake2b(digest_size=16)
    for part in parts:
        hashed.update(part)
    return hashed.digest()


_NUMBER_AND_KEEP: Final = """
with number as materialized (
    select ((extract(epoch from now())::bigint / 86400) << 46) | (nextval('commit_number') << 13) as base
)
insert into message_key (tenant, source, identity, content, arrival)
select %b::int, incoming.source, incoming.identity, incoming.content, number.base + incoming.place - 1
from number, unnest(%b::int[], %b::uuid[], %b::uuid[]) with ordinality as incoming(source, identity, content, place)
order by incoming.source, incoming.identity, incoming.place
on conflict do nothing
returning arrival
"""

_STORE: Final = """
insert into message (tenant, arrival, source, content_type, name, header, first_row, body)
select %b::int, *
from unnest(%b::bigint[], %b::int[], %b::text[], %b::text[], %b::bytea[], %b::int[], %b::bytea[])
"""

_QUEUE: Final = "insert into inbox (tenant, arrival, messages, bytes) values (%b::int, %b::bigint, %b::int, %b::bigint)"

# Behind `offset 0` each is looked up by its key; joined directly, the whole table was read while it was thought small.
_KNOWN: Final = """
select place::int, known.arrival, known.content = incoming.content
from unnest(%b::int[], %b::uuid[], %b::uuid[]) with ordinality as incoming(source, identity, content, place),
    lateral (
        select arrival, content from message_key
        where tenant = %b::int and source = incoming.source and identity = incoming.identity offset 0
    ) as known
"""

_REPEATED: Final = """
insert into message_repeat (tenant, arrival, copies, conflict)
select %b::int, * from unnest(%b::bigint[], %b::int[], %b::bigint[])
"""

_POSITION: Final = """
insert into intake_position (tenant, name, position) values (%s, %s, %s)
on conflict (tenant, name) do update set position = excluded.position
"""


def receive(
    connection: psycopg.Connection,
    tenant: int,
    batch: Sequence[Incoming],
    *,
    position: tuple[str, int] | None = None,
) -> list[Received]:
    """Store a batch in one transaction; when it returns, the batch is durable. One result a message, in order.

    `position` records how far a file was taken in, within the same transaction. At most `MESSAGES_PER_COMMIT_MAX`.
    """
    if len(batch) > MESSAGES_PER_COMMIT_MAX:
        msg = f"{len(batch)} messages in a batch, {MESSAGES_PER_COMMIT_MAX} at most"
        raise ValueError(msg)
    with connection.transaction():
        results = _receive(connection, tenant, batch)
        if position is not None:
            connection.execute(_POSITION, (tenant, *position))
    return results


def _receive(connection: psycopg.Connection, tenant: int, batch: Sequence[Incoming]) -> list[Received]:
    fresh = connection.execute(
        _NUMBER_AND_KEEP,
        (
            tenant,
            Int4([message.source for message in batch]),
            Uuids([message.identity for message in batch]),
            Uuids([message.content for message in batch]),
        ),
        binary=True,
    ).fetchall()
    results: dict[int, Received] = {
        arrival & (MESSAGES_PER_COMMIT_MAX - 1): Received(arrival, "new") for (arrival,) in fresh
    }
    if fresh:
        _store(connection, tenant, batch, sorted(arrival for (arrival,) in fresh))
    repeated = [place for place in range(len(batch)) if place not in results]
    if repeated:
        results |= _repeat(connection, tenant, batch, repeated)
    return [results[place] for place in range(len(batch))]


def _store(connection: psycopg.Connection, tenant: int, batch: Sequence[Incoming], arrivals: list[int]) -> None:
    stored = [batch[arrival & (MESSAGES_PER_COMMIT_MAX - 1)] for arrival in arrivals]
    connection.execute(
        _STORE,
        (
            tenant,
            Int8(arrivals),
            Int4([message.source for message in stored]),
            Texts([message.content_type for message in stored]),
            Texts([message.name for message in stored]),
            Bytes([message.header for message in stored]),
            Int4([message.first_row for message in stored]),
            Bytes([message.body for message in stored]),
        ),
    )
    first = arrivals[0]
    size = sum(len(message.body) for message in stored)
    connection.execute(_QUEUE, (tenant, first, arrivals[-1] - first + 1, size))


def _repeat(
    connection: psycopg.Connection, tenant: int, batch: Sequence[Incoming], places: list[int]
) -> dict[int, Received]:
    """Copies are counted; the same identity with other content is a message of its own, kept beside the first."""
    messages = [batch[place] for place in places]
    known = connection.execute(
        _KNOWN,
        (
            Int4([message.source for message in messages]),
            Uuids([message.identity for message in messages]),
            Uuids([message.content for message in messages]),
            tenant,
        ),
        binary=True,
    ).fetchall()
    results: dict[int, Received] = {}
    copies: dict[int, int] = {}
    conflicts: list[tuple[int, int]] = []
    for number, arrival, same in known:
        place = places[number - 1]
        if same:
            copies[arrival] = copies.get(arrival, 0) + 1
            results[place] = Received(arrival, "duplicate")
        else:
            conflicts.append((place, arrival))
    of_conflict: list[tuple[int, int]] = []
    if conflicts:
        others = [
            batch[place]._replace(identity=digest(batch[place].identity, batch[place].content))
            for place, _ in conflicts
        ]
        for (place, arrival), other in zip(conflicts, _receive(connection, tenant, others), strict=True):
            if other.verdict == "new":
                of_conflict.append((arrival, other.arrival))
            results[place] = Received(other.arrival, "conflict" if other.verdict == "new" else "duplicate")
    connection.execute(
        _REPEATED,
        (
            tenant,
            Int8([*copies, *(arrival for arrival, _ in of_conflict)]),
            Int4([*copies.values(), *(1 for _ in of_conflict)]),
            Int8([*(None for _ in copies), *(other for _, other in of_conflict)]),
        ),
    )
    return results


def backlog(connection: psycopg.Connection) -> int:
    """How many messages wait to be settled, at most."""
    row = connection.execute("select coalesce(sum(messages), 0)::bigint from inbox").fetchone()
    return int(row[0]) if row else 0


def position(connection: psycopg.Connection, tenant: int, name: str) -> int:
    """How far the file `name` was taken in."""
    row = connection.execute(
        "select position from intake_position where tenant = %s and name = %s", (tenant, name)
    ).fetchone()
    return int(row[0]) if row else 0
