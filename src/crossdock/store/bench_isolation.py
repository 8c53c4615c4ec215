"""How long commands took and how long transactions are, for measuring what systems cost each other."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import psycopg

_TOOK: Final = """
select extract(epoch from changed_at - created_at)::float8 * 1000 from command
where tenant = %s and target = %s and state = 'applied' and created_at >= %s
"""

_LONGEST: Final = """
select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 * 1000 from pg_stat_activity
where datname = current_database() and application_name like 'crossdock deliverer%'
"""


def now(connection: psycopg.Connection) -> datetime:
    """The database's clock."""
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101  # it has a row
    moment: datetime = row[0]
    return moment


def took_ms(connection: psycopg.Connection, tenant: int, target: str, since: datetime) -> list[float]:
    """How long each command for `target` took that was wanted since then, until its outcome was known."""
    return [row[0] for row in connection.execute(_TOOK, (tenant, target, since))]


def applied(connection: psycopg.Connection, tenant: int, target: str) -> int:
    """How many commands for `target` have been applied."""
    return _count(
        connection,
        "select count(*)::int from command where tenant = %s and target = %s and state = 'applied'",
        (tenant, target),
    )


def waiting(connection: psycopg.Connection, tenant: int) -> int:
    """How many commands are in the queues."""
    return _count(connection, "select count(*)::int from delivery where tenant = %s", (tenant,))


def longest_transaction_ms(connection: psycopg.Connection) -> float:
    """For how long the oldest transaction of a deliverer has been open."""
    row = connection.execute(_LONGEST).fetchone()
    return float(row[0]) if row else 0.0


def _count(connection: psycopg.Connection, statement: str, values: tuple[object, ...]) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(row[0]) if row else 0
