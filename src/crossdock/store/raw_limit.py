"""What the database itself can do: messages into one table with deduplication, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from crossdock.store.arrays import Bytes, Uuids


def insert_raw(connection: psycopg.Connection, batches: Iterable[Sequence[tuple[bytes, bytes]]]) -> int:
    """Insert batches of (identity, body) in a transaction each; how many were new."""
    connection.execute("create table raw_limit (identity uuid primary key, body bytea not null)")
    fresh = 0
    for batch in batches:
        done = connection.execute(
            "insert into raw_limit select * from unnest(%b::uuid[], %b::bytea[]) on conflict do nothing",
            (Uuids([identity for identity, _ in batch]), Bytes([body for _, body in batch])),
        )
        fresh += done.rowcount
    connection.execute("drop table raw_limit")
    return fresh
