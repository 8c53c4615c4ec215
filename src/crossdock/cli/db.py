"""`crossdock db`: the database's schema."""

from __future__ import annotations

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, configured, size
from crossdock.settings import Settings


@click.group()
def db() -> None:
    """The database: is its schema right, and bring it there."""


@db.command()
@configured
def status(out: Output, where: Settings) -> None:
    """Which database, which schema it has and which one it needs. Exit code 1 when they differ."""
    from urllib.parse import urlsplit

    from crossdock.app import opening
    from crossdock.store import health, migrate
    from crossdock.store.connect import DatabaseUnreachable, connect

    url = opening.url_of(where)
    head = migrate.head()
    current = bytes_ = None
    try:
        with connect(url, purpose="db status", patience_seconds=5) as connection:
            current, bytes_ = health.revision(connection), health.size_bytes(connection)
    except DatabaseUnreachable as unreachable:
        if "does not exist" not in str(unreachable):
            raise
    name = urlsplit(url).path.lstrip("/")
    if out.as_json:
        is_embedded = not where.database_url
        out.document({"database": name, "embedded": is_embedded, "schema": current, "head": head, "bytes": bytes_})
    else:
        out.pairs([
            ("database", f"{name}{'' if where.database_url else ' (embedded)'}"),
            ("schema", current or ("none" if bytes_ is not None else "there is no such database yet")),
            ("needed", head),
            ("size", size(bytes_) if bytes_ is not None else None),
        ], indent=0)  # fmt: skip
    if current != head:
        advise("Run `crossdock db migrate`.")
        raise Finish(FINDINGS)


@db.command()
@configured
def migrate(out: Output, where: Settings) -> None:
    """Bring the schema to its head, and make the partitions of the coming days. All of it, or nothing.

    On the embedded server the database is made on first use.
    """
    from crossdock.app import database
    from crossdock.store import health
    from crossdock.store import migrate as migrations
    from crossdock.store.connect import connect

    url = database.ready(where)
    with connect(url, purpose="db migrate") as connection:
        revision = health.revision(connection)
        days = health.partition_days(connection)
    if out.as_json:
        out.document({"schema": revision, "head": migrations.head(), "partitions_until": days[-1] if days else None})
    else:
        until = f", partitions until {days[-1]}" if days else ""
        out.text(f"The schema is at its head, {revision}{until}.", style="green")
