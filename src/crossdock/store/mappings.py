"""Versions of mappings as they lie in the database: state, owner, who took which step, and their examples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg


class VersionRow(NamedTuple):
    """A version; `who` brought it into its state, `at` when."""

    id: int
    name: str
    version: int
    owner: str
    state: str
    who: str | None
    at: datetime | None


class StepRow(NamedTuple):
    """A step in the life of a version; `act` is its number in the trail, where a person took it alone."""

    state: str
    who: str
    note: str
    at: datetime
    act: int | None


_VERSIONS: Final = """
select mapping.id, name, version, owner, mapping.state, step.who, step.at
from mapping
left join lateral (
    select who, at from mapping_step
    where mapping_step.tenant = mapping.tenant and mapping_step.mapping = mapping.id order by id desc limit 1
) as step on true
where mapping.tenant = %s and (%s::text is null or name = %s) order by name, version
"""


def versions(connection: psycopg.Connection, tenant: int, name: str | None = None) -> list[VersionRow]:
    """All versions, or those of a name."""
    return [VersionRow(*row) for row in connection.execute(_VERSIONS, (tenant, name, name))]


def steps(connection: psycopg.Connection, tenant: int, mapping: int) -> list[StepRow]:
    """The life of a version, from its beginning."""
    rows = connection.execute(
        "select state, who, note, at, act from mapping_step where tenant = %s and mapping = %s order by id",
        (tenant, mapping),
    )
    return [StepRow(*row) for row in rows]


def lock(connection: psycopg.Connection, tenant: int) -> None:
    """One at a time changes the configuration; within the caller's transaction."""
    connection.execute("select pg_advisory_xact_lock(%s, 2)", (tenant,))


def draft(
    connection: psycopg.Connection, tenant: int, name: str, version: int, document: str, owner: str
) -> int | None:
    """Store a draft, or change one; its id, `None` where that version is no draft any more."""
    row = connection.execute(
        "insert into mapping (tenant, name, version, document, owner, state) values (%s, %s, %s, %s, %s, 'draft')"
        " on conflict (tenant, name, version) do update set document = excluded.document, owner = excluded.owner"
        " where mapping.state = 'draft' returning id",
        (tenant, name, version, document, owner),
    ).fetchone()
    return int(row[0]) if row else None


def move(
    connection: psycopg.Connection, tenant: int, mapping: int, state: str, *, who: str, note: str, act: int | None
) -> None:
    """Bring a version into a state. Of what is published, one version of the same name: deprecate that first."""
    connection.execute("update mapping set state = %s where tenant = %s and id = %s", (state, tenant, mapping))
    connection.execute(
        "insert into mapping_step (tenant, mapping, state, who, note, act) values (%s, %s, %s, %s, %s, %s)",
        (tenant, mapping, state, who, note, act),
    )


def changed(connection: psycopg.Connection, tenant: int) -> None:
    """Tell workers to read the configuration again."""
    connection.execute("update tenant set configuration = configuration + 1 where id = %s", (tenant,))


def keep_examples(
    connection: psycopg.Connection, tenant: int, mapping: int, examples: Sequence[tuple[str, bytes, str]]
) -> None:
    """Keep the examples of a version in place of those it had."""
    connection.execute("delete from mapping_example where tenant = %s and mapping = %s", (tenant, mapping))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into mapping_example (tenant, mapping, name, body, expected) values (%s, %s, %s, %s, %s)",
            [(tenant, mapping, *example) for example in examples],
        )


def examples(connection: psycopg.Connection, tenant: int, mapping: int) -> list[tuple[str, bytes, str]]:
    """The examples of a version: name, message, and what must come of it."""
    return connection.execute(
        "select name, body, expected from mapping_example where tenant = %s and mapping = %s order by name",
        (tenant, mapping),
    ).fetchall()


def governance(connection: psycopg.Connection, tenant: int) -> str:
    """How the house governs what it configures, as JSON."""
    row = connection.execute("select governance::text from tenant where id = %s", (tenant,)).fetchone()
    return str(row[0]) if row else "{}"
