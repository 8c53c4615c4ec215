"""Connections to the database: typed columns registered, times in UTC, patience while a server recovers."""

from __future__ import annotations

import time
from typing import Final

import psycopg

from crossdock.store import arrays

_PATIENCE_SECONDS: Final = 30.0
# What libpq says when trying again cannot help.
_IN_VAIN: Final = ("does not exist", "authentication failed", "no password supplied", "role ")

# Every look-up by the whole key of its index.
_PINNED: Final = {"plan_cache_mode": "force_generic_plan"} | dict.fromkeys(
    ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan", "enable_material"), "off"
)


class DatabaseUnreachable(RuntimeError):
    """The database did not accept a connection in time; the message says what it answered."""


def connect(
    url: str, *, purpose: str, tenant: int | None = None, patience_seconds: float = _PATIENCE_SECONDS
) -> psycopg.Connection:
    """An autocommit connection; `purpose` is what `pg_stat_activity` shows of it.

    With a `tenant` it sees that tenant's rows and no others (see `enter`). A server that starts or recovers refuses
    connections for a while: tried again for `patience_seconds`.
    """
    give_up_at = time.monotonic() + patience_seconds
    while True:
        try:
            connection = psycopg.connect(
                url,
                autocommit=True,
                connect_timeout=10,
                application_name=f"crossdock {purpose}",
                options="-c timezone=UTC -c jit=off",
            )
        except psycopg.OperationalError as refused:
            detail = (str(refused).strip() or "no answer").splitlines()[0]
            if time.monotonic() >= give_up_at or any(reason in detail for reason in _IN_VAIN):
                raise DatabaseUnreachable(f"the database cannot be reached: {detail}") from refused
            time.sleep(0.2)
        else:
            arrays.register(connection)
            connection.prepare_threshold = 1
            if tenant is not None:
                enter(connection, tenant)
            return connection


def enter(connection: psycopg.Connection, tenant: int) -> None:
    """Work for one tenant from here on, under a role that owns nothing: its rows are all there is (migration 0005)."""
    connection.execute(
        "select set_config('crossdock.tenant', %s, false), set_config('role', 'crossdock_tenant', false)",
        (str(tenant),),
    )


def pin_plans(connection: psycopg.Connection) -> None:
    """Plan once, by index: for sessions that run the same statements on arrays of any length.

    The planner cannot know how long an array is, nor how large a table that is still empty will be. Left to itself it
    joined whole tables by hash, or copied every case aside for each batch until the next `analyze`: one time and a
    half to five times the server's work.
    """
    connection.execute(
        "select set_config(name, value, false) from unnest(%b::text[], %b::text[]) as pinned(name, value)",
        (arrays.Texts(_PINNED), arrays.Texts(_PINNED.values())),
    )
