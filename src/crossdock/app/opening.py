"""An existing database, opened to look at or to work on: nothing is made, nothing is migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import psycopg

from crossdock.app import database
from crossdock.settings import ConfigurationError, Settings
from crossdock.store import databases, reading
from crossdock.store.connect import DatabaseUnreachable, connect

_PATIENCE_SECONDS: Final = 3.0


class Opened(NamedTuple):
    """A connection, the tenant we work for, and where that is."""

    connection: psycopg.Connection
    tenant: int
    url: str


def url_of(settings: Settings) -> str:
    """The URL of our database, whether or not it is there. Starts the embedded server if that is the one we use."""
    url = database.server_url(settings)
    return url if settings.database_url else databases.url_for(url, database.DATABASE_NAME)


@contextmanager
def existing(settings: Settings) -> Iterator[Opened]:
    """Our database as it is. Raises `ConfigurationError` when it, its schema or the tenant is not there."""
    url = url_of(settings)
    try:
        connection = connect(url, purpose="command line", patience_seconds=_PATIENCE_SECONDS)
    except DatabaseUnreachable as unreachable:
        if "does not exist" in str(unreachable):
            raise ConfigurationError("there is no database yet: run `crossdock db migrate`") from unreachable
        raise
    with connection:
        try:
            yield Opened(connection, _tenant(connection, settings), url)
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as behind:
            raise ConfigurationError("the schema is not at its head: run `crossdock db migrate`") from behind


def _tenant(connection: psycopg.Connection, settings: Settings) -> int:
    tenant = reading.tenant_named(connection, settings.tenant)
    if tenant is not None:
        return tenant
    others = reading.tenant_names(connection)
    if others:
        hint = f"there is {', '.join(others)}: say so with --tenant or CROSSDOCK_TENANT"
    else:
        hint = "there is none yet: run `crossdock config apply examples/distributor`"
    raise ConfigurationError(f"no tenant {settings.tenant!r} in this database; {hint}")
