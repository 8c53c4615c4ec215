"""Files that partners left: who looks after a place, what was taken from it, and what could not be."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import psycopg

_TAKE: Final = """
insert into exchange_state (tenant, name, lease_until, leased_by)
values (%(tenant)s, %(name)s, now() + make_interval(secs => %(lease)s), %(worker)s)
on conflict (tenant, name) do update set lease_until = excluded.lease_until, leased_by = excluded.leased_by
where exchange_state.leased_by = excluded.leased_by or exchange_state.lease_until is null
    or exchange_state.lease_until < now()
returning name
"""

_LOOKED: Final = """
update exchange_state set looked_at = now(), problem = %(problem)s, waiting = %(waiting)s
where tenant = %(tenant)s and name = %(name)s and leased_by = %(worker)s
"""

_ENTER: Final = """
insert into exchange_file (tenant, name, file, sha256, bytes, messages, first_message)
values (%(tenant)s, %(name)s, %(file)s, %(sha256)s, %(bytes)s, %(messages)s, %(first)s)
on conflict (tenant, name, file, sha256) do update set seen = exchange_file.seen + 1
returning seen, first_message, messages, taken_at
"""

_COUNT: Final = """
update exchange_state set files = files + 1, bytes = exchange_state.bytes + %(bytes)s
where tenant = %(tenant)s and name = %(name)s
"""

_STANDINGS: Final = """
select name, looked_at, problem, waiting, files, bytes, leased_by from exchange_state where tenant = %s order by name
"""

_FILES: Final = """
select name, file, bytes, messages, first_message, taken_at, seen from exchange_file
where tenant = %(tenant)s and (%(name)s::text is null or name = %(name)s) order by taken_at desc, file limit %(limit)s
"""


class Entered(NamedTuple):
    """A file that was taken: how often it was seen, its first message and how many, and when it was taken first."""

    seen: int
    first_message: int
    messages: int
    taken_at: datetime


class Standing(NamedTuple):
    """A place where files arrive: when it was looked at, what was wrong, how many wait, how many were taken."""

    name: str
    looked_at: datetime | None
    problem: str | None
    waiting: int
    files: int
    bytes: int
    leased_by: str | None


class File(NamedTuple):
    """A file that was taken."""

    name: str
    file: str
    bytes: int
    messages: int
    first_message: int
    taken_at: datetime
    seen: int


def documents(connection: psycopg.Connection, tenant: int) -> list[tuple[str, str]]:
    """The places that are configured, each with its settings as JSON."""
    rows = connection.execute("select name, document::text from exchange where tenant = %s order by name", (tenant,))
    return rows.fetchall()


def take(connection: psycopg.Connection, tenant: int, name: str, worker: str, *, lease_seconds: float) -> bool:
    """Look after a place for a while, unless another process does."""
    asked = {"tenant": tenant, "name": name, "worker": worker, "lease": lease_seconds}
    return connection.execute(_TAKE, asked).fetchone() is not None


def looked(
    connection: psycopg.Connection, tenant: int, name: str, worker: str, *, waiting: int, problem: str | None
) -> None:
    """Say what was found there."""
    asked = {"tenant": tenant, "name": name, "worker": worker, "waiting": waiting, "problem": problem}
    connection.execute(_LOOKED, asked)


def known(connection: psycopg.Connection, tenant: int, name: str, file: str, sha256: str) -> Entered | None:
    """What is known of a file with this name and content."""
    row = connection.execute(
        "select seen, first_message, messages, taken_at from exchange_file"
        " where tenant = %s and name = %s and file = %s and sha256 = %s",
        (tenant, name, file, sha256),
    ).fetchone()
    return Entered(*row) if row else None


def enter(
    connection: psycopg.Connection,
    tenant: int,
    name: str,
    *,
    file: str,
    sha256: str,
    size_bytes: int,
    messages: int,
    first: int,
) -> Entered:
    """Write down that a file was taken, in the transaction that took its messages."""
    asked = {
        "tenant": tenant, "name": name, "file": file, "sha256": sha256, "bytes": size_bytes, "messages": messages,
        "first": first,
    }  # fmt: skip
    row = connection.execute(_ENTER, asked).fetchone()
    assert row is not None  # noqa: S101  # it is inserted or updated
    connection.execute(_COUNT, asked)
    return Entered(*row)


def standings(connection: psycopg.Connection, tenant: int) -> list[Standing]:
    """All places that were ever looked at."""
    return [Standing(*row) for row in connection.execute(_STANDINGS, (tenant,))]


def files(connection: psycopg.Connection, tenant: int, name: str | None, limit: int) -> list[File]:
    """What was taken, the latest first."""
    return [File(*row) for row in connection.execute(_FILES, {"tenant": tenant, "name": name, "limit": limit})]
