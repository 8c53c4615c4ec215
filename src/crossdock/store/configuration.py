"""Configuration as it lies in the database: sources, mappings, policies, connections, and the number of its change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

import psycopg

from crossdock.store import mappings as mappings_store
from crossdock.store.connect import enter

State = Literal["draft", "review", "approved", "published", "deprecated", "retired"]


class SourceRow(NamedTuple):
    """A registered sender: its id, name and JSON document."""

    id: int
    name: str
    document: str


class MappingRow(NamedTuple):
    """One version of a mapping: its id, name, version, YAML document and state."""

    id: int
    name: str
    version: int
    document: str
    state: State


class PolicyRow(NamedTuple):
    """A policy from a day on, as JSON, and the edition in which it was published."""

    name: str
    valid_from: date
    document: str
    edition: int


class ConnectionRow(NamedTuple):
    """A connection with its manifest, as JSON."""

    name: str
    document: str


class Rows(NamedTuple):
    """The configuration of a tenant at one version."""

    version: int
    sources: list[SourceRow]
    mappings: list[MappingRow]
    policies: list[PolicyRow]
    connections: Sequence[ConnectionRow] = ()
    governance: str = "{}"


def tenant_id(connection: psycopg.Connection, name: str) -> int:
    """The id of a tenant, made on first use. From here on the session works for it alone (see `connect.enter`)."""
    row = connection.execute("select id from tenant where name = %s", (name,)).fetchone()
    if row is None:
        connection.execute("insert into tenant (name) values (%s) on conflict do nothing", (name,))
        row = connection.execute("select id from tenant where name = %s", (name,)).fetchone()
    if row is None:
        msg = f"tenant {name} could not be made"
        raise LookupError(msg)
    enter(connection, row[0])
    return int(row[0])


def version(connection: psycopg.Connection, tenant: int) -> int:
    """A number that rises with each change of configuration."""
    row = connection.execute("select configuration from tenant where id = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


def read(connection: psycopg.Connection, tenant: int) -> Rows:
    """All of it, at one moment."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        return read_within(connection, tenant)


def read_within(connection: psycopg.Connection, tenant: int) -> Rows:
    """All of it, in the caller's transaction."""
    return Rows(
        version(connection, tenant),
        [
            SourceRow(*row)
            for row in connection.execute(
                "select id, name, document::text from source where tenant = %s order by id", (tenant,)
            )
        ],
        [
            MappingRow(*row)
            for row in connection.execute(
                "select id, name, version, document, state from mapping where tenant = %s order by name, version",
                (tenant,),
            )
        ],
        [
            PolicyRow(*row)
            for row in connection.execute(
                "select name, valid_from, document::text, edition from policy where tenant = %s"
                " order by name, valid_from",
                (tenant,),
            )
        ],
        [
            ConnectionRow(*row)
            for row in connection.execute(
                "select name, document::text from connection where tenant = %s order by name", (tenant,)
            )
        ],
        mappings_store.governance(connection, tenant),
    )


class NewMapping(NamedTuple):
    """A version of a mapping to be stored, if it is not: who answers for it, and its examples.

    `state` is the one to which it is brought, `None`: it stays where it is. Examples are name, message, what must come.
    """

    name: str
    version: int
    document: str
    owner: str = ""
    state: State | None = None
    examples: Sequence[tuple[str, bytes, str]] = ()


class NewSource(NamedTuple):
    """A source to be registered or changed; `key_hash` only counts when it is new, `None`: nobody sends as it."""

    name: str
    document: str
    key_hash: bytes | None


class Wanted(NamedTuple):
    """What a folder wants to be stored, and who applied it; documents are JSON."""

    sources: Sequence[NewSource]
    mappings: Sequence[NewMapping]
    policies: Sequence[tuple[str, date, str]]
    connections: Sequence[tuple[str, str]]
    exchanges: Sequence[tuple[str, str]]
    governance: str
    who: str


def write(connection: psycopg.Connection, tenant: int, wanted: Wanted) -> list[str]:
    """Register what is new and change what differs, in one transaction; the names of sources that are new."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s, 2)", (tenant,))
        row = connection.execute(
            "select coalesce(max(edition), 0) + 1 from policy where tenant = %s", (tenant,)
        ).fetchone()
        edition = row[0] if row else 1
        known = {
            row[0] for row in connection.execute("select name from source where tenant = %s", (tenant,)).fetchall()
        }
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into source (tenant, name, document, key_hash) values (%s, %s, %s::jsonb, %s)"
                " on conflict (tenant, name) do update set document = excluded.document",
                [(tenant, *source[:2], source.key_hash) for source in wanted.sources],
            )
            cursor.executemany(
                "insert into policy (tenant, name, valid_from, document, edition) values (%s, %s, %s, %s::jsonb, %s)"
                " on conflict (tenant, name, valid_from) do nothing",
                [(tenant, *row, edition) for row in wanted.policies],
            )
            cursor.executemany(
                "insert into connection (tenant, name, document) values (%s, %s, %s::jsonb)"
                " on conflict (tenant, name) do update set document = excluded.document",
                [(tenant, *row) for row in wanted.connections],
            )
            cursor.executemany(
                "insert into exchange (tenant, name, document) values (%s, %s, %s::jsonb)"
                " on conflict (tenant, name) do update set document = excluded.document",
                [(tenant, *row) for row in wanted.exchanges],
            )
        _write_mappings(connection, tenant, wanted.mappings, wanted.who)
        connection.execute(
            "update tenant set configuration = configuration + 1, governance = %s::jsonb where id = %s",
            (wanted.governance, tenant),
        )
    return [source.name for source in wanted.sources if source.name not in known]


def _write_mappings(connection: psycopg.Connection, tenant: int, rows: Sequence[NewMapping], who: str) -> None:
    # What goes out of force does so first: of each name, one version is published at a time.
    for row in sorted(rows, key=lambda one: one.state == "published"):
        fresh = connection.execute(
            "insert into mapping (tenant, name, version, document, owner, state) values (%s, %s, %s, %s, %s, %s)"
            " on conflict (tenant, name, version) do nothing returning id",
            (tenant, row.name, row.version, row.document, row.owner, row.state or "deprecated"),
        ).fetchone()
        known = (
            fresh
            or connection.execute(
                "select id from mapping where tenant = %s and name = %s and version = %s",
                (tenant, row.name, row.version),
            ).fetchone()
        )
        if known is not None and row.state is not None:
            mappings_store.move(connection, tenant, known[0], row.state, who=who, note="config apply", act=None)
        if known is not None and (fresh or row.state == "published"):
            mappings_store.keep_examples(connection, tenant, known[0], row.examples)


def source_of_key(connection: psycopg.Connection, key_hash: bytes) -> tuple[int, int] | None:
    """(tenant, source) whose API key has this hash."""
    row = connection.execute("select tenant, id from source_of_key(%s)", (key_hash,)).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def source_named(connection: psycopg.Connection, tenant: int, name: str) -> int | None:
    """The id of a source."""
    row = connection.execute("select id from source where tenant = %s and name = %s", (tenant, name)).fetchone()
    return int(row[0]) if row else None


def rotate_key(connection: psycopg.Connection, tenant: int, source: str, key_hash: bytes) -> bool:
    """Give a source another key; the old one ends at once. False when there is no such source."""
    done = connection.execute(
        "update source set key_hash = %s where tenant = %s and name = %s", (key_hash, tenant, source)
    )
    if done.rowcount:
        connection.execute("update tenant set configuration = configuration + 1 where id = %s", (tenant,))
    return bool(done.rowcount)
