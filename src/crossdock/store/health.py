"""What a doctor asks a database: its settings, its partitions, its backlog, and what waits in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import psycopg

_EPOCH: Final = date(1970, 1, 1)
_SETTINGS: Final = ("server_version", "server_version_num", "fsync", "synchronous_commit", "full_page_writes")

_PARTITIONS: Final = """
select child.relname from pg_inherits join pg_class child on child.oid = inhrelid
where inhparent = 'message'::regclass and child.relname ~ '^message_[0-9]+$'
"""

_STRAYS: Final = """
select exists (select from message_other) or exists (select from event_other) or exists (select from ledger_entry_other)
    or exists (select from delivery_attempt_other)
"""

_BACKLOG: Final = """
select coalesce(sum(messages), 0)::bigint,
    (select received_at from message where message.tenant = %(tenant)s
        and message.arrival >= (select min(arrival) from inbox where tenant = %(tenant)s)
        order by arrival limit 1)
from inbox where tenant = %(tenant)s
"""

_OVERDUE: Final = "select count(*)::int, min(at) from wake_up where tenant = %s and at <= now() and not again"

_PARKED: Final = """
select count(*)::int, min(owner) from work_item where tenant = %s and code = %s and closed_at is null
"""

_DEAD: Final = "select count(*)::int, min(created_at) from dead_letter where tenant = %s and settled_at is null"

_SESSIONS: Final = """
select count(*) filter (where application_name like 'crossdock worker%%' and datname = current_database())::int,
    count(*)::int, current_setting('max_connections')::int
from pg_stat_activity where backend_type = 'client backend'
"""


class Count(NamedTuple):
    """How many there are, and what the first of them is: an instant or a name."""

    number: int
    first: datetime | str | None


class Sessions(NamedTuple):
    """Connected workers, all connections, and how many the server takes."""

    workers: int
    connections: int
    connections_max: int


def server_settings(connection: psycopg.Connection) -> dict[str, str]:
    """The settings that durability hangs on."""
    rows = connection.execute("select name, setting from pg_settings where name = any(%s)", (list(_SETTINGS),))
    return dict(rows.fetchall())


def revision(connection: psycopg.Connection) -> str | None:
    """The revision of the schema; `None` when there is none."""
    found = connection.execute("select to_regclass('alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


def partition_days(connection: psycopg.Connection) -> list[date]:
    """The days that have partitions of their own, in order."""
    days = [int(row[0].removeprefix("message_")) for row in connection.execute(_PARTITIONS)]
    return sorted(_EPOCH + timedelta(days=day) for day in days)


def has_strays(connection: psycopg.Connection) -> bool:
    """Did anything fall outside the partitions of the days?"""
    row = connection.execute(_STRAYS).fetchone()
    return bool(row and row[0])


def backlog(connection: psycopg.Connection, tenant: int) -> Count:
    """Messages that wait to be settled, at most; and when the oldest was received."""
    row = connection.execute(_BACKLOG, {"tenant": tenant}).fetchone()
    return Count(*row) if row else Count(0, None)


def overdue(connection: psycopg.Connection, tenant: int) -> Count:
    """Deadlines that passed and that no worker has heard; the earliest."""
    row = connection.execute(_OVERDUE, (tenant,)).fetchone()
    return Count(*row) if row else Count(0, None)


def parked(connection: psycopg.Connection, tenant: int, code: str) -> Count:
    """Cases whose rules failed (the open items of `code`), and one of them."""
    row = connection.execute(_PARKED, (tenant, code)).fetchone()
    return Count(*row) if row else Count(0, None)


def dead(connection: psycopg.Connection, tenant: int) -> Count:
    """Dead letters that wait, and since when."""
    row = connection.execute(_DEAD, (tenant,)).fetchone()
    return Count(*row) if row else Count(0, None)


def sessions(connection: psycopg.Connection) -> Sessions:
    """Who is connected to the server."""
    row = connection.execute(_SESSIONS).fetchone()
    return Sessions(*row) if row else Sessions(0, 0, 0)


def size_bytes(connection: psycopg.Connection) -> int:
    """What our database takes on disk."""
    row = connection.execute("select pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def now(connection: psycopg.Connection) -> datetime:
    """The server's clock."""
    row = connection.execute("select clock_timestamp()").fetchone()
    if row is None:
        raise LookupError("the server gave no time")
    instant: datetime = row[0]
    return instant
