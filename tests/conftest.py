"""What tests of every folder may ask for: a PostgreSQL server, and a fresh database with today's schema."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress

import hypothesis
import psycopg
import pytest
from psycopg import errors

from crossdock.store import embedded
from crossdock.store.databases import create_database, drop_database
from crossdock.store.migrate import MIGRATIONS_DIR, upgrade

# Timing is measured in benchmarks, never asserted in tests.
hypothesis.settings.register_profile("crossdock", deadline=None, print_blob=True)
hypothesis.settings.load_profile("crossdock")

_TEMPLATE = re.compile(r"crossdock_template_[0-9a-f]{12}")
_LEFTOVER = re.compile(r"test_(?P<pid>[0-9]+)_[0-9a-f]{12}")
_TEMPLATE_LOCK_KEY = int.from_bytes(b"cdtpl", "big")


@pytest.fixture(scope="session")
def cluster_url() -> str:
    """The `postgres` database of `CROSSDOCK_TEST_DATABASE_URL`, else of an embedded server that is left running."""
    given = os.environ.get("CROSSDOCK_TEST_DATABASE_URL")
    if given:
        return given
    url = embedded.ensure_running(embedded.default_data_dir().with_name("pg-test"))
    _drop_leftovers(url)
    return url


@pytest.fixture
def database_url(cluster_url: str) -> Iterator[str]:
    """A database of this test's own with today's schema, dropped afterwards."""
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    template = _template_name()
    try:
        url = create_database(cluster_url, name, template)
    except errors.InvalidCatalogName:
        _build_template(cluster_url, template)
        url = create_database(cluster_url, name, template)
    yield url
    drop_database(cluster_url, name)


def _template_name() -> str:
    digest = hashlib.sha256()
    for path in sorted(MIGRATIONS_DIR.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"crossdock_template_{digest.hexdigest()[:12]}"


def _build_template(cluster_url: str, template: str) -> None:
    """Migrate a draft and rename it, so that a template is whole or absent; workers wait for the first of them."""
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_TEMPLATE_LOCK_KEY])
        names = {str(row[0]) for row in connection.execute("select datname from pg_database")}
        if template in names:
            return
        draft = f"{template}_draft"
        drop_database(cluster_url, draft)
        upgrade(create_database(cluster_url, draft))
        connection.execute(f'alter database "{draft}" rename to "{template}"'.encode())
        for old in filter(_TEMPLATE.fullmatch, names):
            # Another run, of other migrations, may be copying it: then it stays, or that run builds it again.
            with suppress(errors.ObjectInUse):
                connection.execute(f'drop database if exists "{old}"'.encode())


def _drop_leftovers(url: str) -> None:
    """Drop the databases of test processes that were killed before they could."""
    with psycopg.connect(url) as connection:
        names = [str(row[0]) for row in connection.execute("select datname from pg_database")]
    for name in names:
        match = _LEFTOVER.fullmatch(name)
        if match and not _lives(int(match["pid"])):
            drop_database(url, name)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
