"""The trail of what people did: rows are only added, and each holds the hash of the one before it.

The database chains them (migration 0003), so no writer can forget to. Here the chain is read, and checked by a second
computation that shares nothing with the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import psycopg

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_COLUMNS: Final = "seq, at, who, what, subject, note, detail"


class Act(NamedTuple):
    """What a person did; `detail` is JSON."""

    seq: int
    at: datetime
    who: str
    what: str
    subject: str
    note: str
    detail: str


def append(
    connection: psycopg.Connection,
    tenant: int,
    *,
    who: str,
    what: str,
    subject: str,
    note: str = "",
    detail: str = "{}",
) -> int:
    """Add an act within the caller's transaction; its number. Acts of one tenant wait for each other from here on."""
    row = connection.execute(
        "insert into act (tenant, who, what, subject, note, detail) values (%s, %s, %s, %s, %s, %s) returning seq",
        (tenant, who, what, subject, note, detail),
    ).fetchone()
    if row is None:
        raise LookupError("the trail took nothing")
    return int(row[0])


def latest(connection: psycopg.Connection, tenant: int, limit: int, *, before: int | None = None) -> list[Act]:
    """The latest acts, or those before a number; the latest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from act where tenant = %s and (%s::bigint is null or seq < %s)"  # noqa: S608  # a constant
        " order by seq desc limit %s",
        (tenant, before, before, limit),
    )
    return [Act(*row) for row in rows]


def broken_at(connection: psycopg.Connection, tenant: int) -> int | None:
    """The number of the first act that was changed, or follows one that is gone; `None` when the chain holds.

    Acts cut off at the end leave a whole chain: keep the last hash elsewhere to notice that.
    """
    expected_seq, expected_previous = 1, b""
    for act, previous, kept in _chain(connection, tenant):
        texts = (str(tenant), str(act.seq), str((act.at - _EPOCH) // _MICROSECOND), *act[2:])
        fields = [text.encode() for text in texts]
        digest = hashlib.sha256(previous + b"".join(b"%d:%b" % (len(field), field) for field in fields)).digest()
        if act.seq != expected_seq or previous != expected_previous or digest != kept:
            return act.seq
        expected_seq, expected_previous = act.seq + 1, kept
    return None


def _chain(connection: psycopg.Connection, tenant: int) -> Iterator[tuple[Act, bytes, bytes]]:
    with connection.transaction(), connection.cursor("chain") as cursor:
        cursor.itersize = 2_000
        cursor.execute(
            f"select {_COLUMNS}, previous, hash from act where tenant = %s order by seq",  # noqa: S608  # a constant
            (tenant,),
        )
        for row in cursor:
            yield Act(*row[:7]), bytes(row[7]), bytes(row[8])
