"""Sealed secrets as rows; nothing here can open them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import psycopg

_KEPT: Final = """
select connection, name, key_id, nonce, sealed, at, who from connection_secret
where tenant = %s and (%s::text is null or connection = %s) order by connection, name
"""
_PUT: Final = """
insert into connection_secret (tenant, connection, name, key_id, nonce, sealed, who)
values (%s, %s, %s, %s, %s, %s, %s)
on conflict (tenant, connection, name) do update
set key_id = excluded.key_id, nonce = excluded.nonce, sealed = excluded.sealed, who = excluded.who, at = now()
"""


class Kept(NamedTuple):
    """A sealed secret."""

    connection: str
    name: str
    key_id: str
    nonce: bytes
    sealed: bytes
    at: datetime
    who: str


def put(
    connection: psycopg.Connection,
    tenant: int,
    of: str,
    name: str,
    *,
    key_id: str,
    nonce: bytes,
    sealed: bytes,
    who: str,
) -> None:
    """Keep a secret, in place of the one before."""
    connection.execute(_PUT, (tenant, of, name, key_id, nonce, sealed, who))


def kept(connection: psycopg.Connection, tenant: int, of: str | None = None) -> list[Kept]:
    """All of them, or those of one connection."""
    rows = connection.execute(_KEPT, (tenant, of, of))
    return [Kept(*row) for row in rows]


def remove(connection: psycopg.Connection, tenant: int, of: str, name: str) -> bool:
    """Forget one; was it there?"""
    done = connection.execute(
        "delete from connection_secret where tenant = %s and connection = %s and name = %s", (tenant, of, name)
    )
    return done.rowcount > 0
