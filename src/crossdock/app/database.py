"""Which database we work on, made ready: the embedded server unless a URL is set, the schema at its head."""

from __future__ import annotations

import psycopg

from crossdock.settings import Settings
from crossdock.store import configuration, databases, embedded, maintenance
from crossdock.store.connect import connect

DATABASE_NAME = "crossdock"


def server_url(settings: Settings) -> str:
    """The server's URL: the one set, or the embedded server, started if need be."""
    if settings.database_url:
        return settings.database_url
    return embedded.ensure_running(settings.data_dir / "pg" if settings.data_dir else None)


def ready(settings: Settings) -> str:
    """The URL of our database, its schema at the head. On the embedded server the database is made on first use."""
    url = server_url(settings)
    if not settings.database_url:
        url = _made(url, DATABASE_NAME)
    prepare(url)
    return url


def prepare(url: str) -> None:
    """Bring the schema to its head and make the partitions of the coming days."""
    from crossdock.store import migrate  # noqa: PLC0415  # Alembic takes 0.3 s, half of a short command

    migrate.upgrade(url)
    with connect(url, purpose="prepare") as connection:
        maintenance.ensure_partitions(connection)


def tenant(url: str, settings: Settings) -> int:
    """The id of the tenant we work for."""
    with connect(url, purpose="tenant") as connection:
        return configuration.tenant_id(connection, settings.tenant)


def _made(admin_url: str, name: str) -> str:
    try:
        return databases.create_database(admin_url, name)
    except psycopg.errors.DuplicateDatabase:
        return databases.url_for(admin_url, name)
