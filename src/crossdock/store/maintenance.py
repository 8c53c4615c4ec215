"""What keeps a growing database healthy: partitions made before their day comes."""

from __future__ import annotations

from typing import Final

import psycopg

_DAYS_AHEAD: Final = 8


def ensure_partitions(connection: psycopg.Connection) -> None:
    """Partitions for yesterday (a message may wait over midnight), today and the days ahead; waits for nobody long."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(0, 4)")
        connection.execute("select ensure_partitions(current_date - 1, %s)", (_DAYS_AHEAD + 1,))
        connection.execute("select ensure_attempt_partitions(current_date - 1, %s)", (_DAYS_AHEAD + 1,))
