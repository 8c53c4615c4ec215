"""Databases of a PostgreSQL server, embedded or not: make one, drop one, address one."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

# PostgreSQL cuts longer names silently, and two names cut alike would be one database.
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SCHEMES = ("postgresql", "postgres")


class UnknownRevision(RuntimeError):
    """The database's schema comes from a newer or foreign Crossdock; install that version, or use another database."""


class InvalidDatabaseName(ValueError):
    """A database's name must be 1 to 63 lower-case letters, digits or `_`, and not start with a digit."""


class InvalidServerUrl(ValueError):
    """A server's address must be a URL such as `postgresql://user@host:5432/postgres`."""


def create_database(admin_url: str, name: str, template: str | None = None) -> str:
    """Make the database `name`, as a copy of `template` if given (nobody may be connected to it); its URL.

    Raises `InvalidDatabaseName`, `InvalidServerUrl`, and psycopg's `DuplicateDatabase`, `InvalidCatalogName` (no such
    template) or `ObjectInUse` (someone is connected to the template).
    """
    statement = sql.SQL("create database {}").format(_identifier(name))
    if template is not None:
        statement += sql.SQL(" template {}").format(_identifier(template))
    url = url_for(admin_url, name)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(statement)
    return url


def drop_database(admin_url: str, name: str) -> None:
    """Drop the database `name` with everything in it, closing the connections to it. No such database is fine.

    Raises `InvalidDatabaseName`, and psycopg's `ObjectInUse` for a database that cannot be dropped even so.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(_identifier(name)))


def names(admin_url: str) -> list[str]:
    """The databases of the server."""
    with psycopg.connect(admin_url) as connection:
        return [str(row[0]) for row in connection.execute("select datname from pg_database order by datname")]


def drop_unused(admin_url: str, name: str) -> bool:
    """Drop the database `name` unless somebody is connected to it; is it gone?"""
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {}").format(_identifier(name)))
    except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
        return False
    return True


def url_for(admin_url: str, name: str) -> str:
    """The URL of the database `name` on the server of `admin_url`, reached the same way by the same user.

    Raises `InvalidDatabaseName` and `InvalidServerUrl`.
    """
    parts = urlsplit(admin_url)
    if parts.scheme not in _SCHEMES:
        # The address may hold a password: name the fault, not the address.
        raise InvalidServerUrl("A server's address must be a URL such as postgresql://user@host:5432/postgres")
    return urlunsplit(parts._replace(path="/" + quote(_checked(name))))


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(_checked(name))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidDatabaseName(
            f"{name[:80]!r} cannot name a database: use 1 to 63 lower-case letters, digits or '_', no digit first"
        )
    return name
