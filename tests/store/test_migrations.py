"""Migrations of a database that is in use: what was stored before is there afterwards, where it belongs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from crossdock.store import maintenance, migrate
from crossdock.store.databases import create_database, drop_database

_ATTEMPT = """
insert into delivery_attempt (tenant, owner, slot, generation, connection, at, what, took_us, sent_hash, sent, status,
    answer, classified, reason)
values (1, 'order/SO1', 'invoice', %s, 'erp', %s, 'apply', 5, 'h', 's', 200, 'a', 'applied', '')
"""


@pytest.fixture
def old_url(cluster_url: str) -> Iterator[str]:
    """A database of its own, with no schema yet."""
    name = f"test_migrations_{secrets.token_hex(6)}"
    yield create_database(cluster_url, name)
    drop_database(cluster_url, name)


def test_evidence_moves_into_the_days_on_which_it_was_written_and_none_is_lost(old_url: str) -> None:
    migrate.upgrade(old_url, "0004")
    with psycopg.connect(old_url, autocommit=True) as connection:
        connection.execute("insert into tenant (id, name) overriding system value values (1, 'main')")
        connection.execute("select ensure_partitions(current_date - 1, 3)")
        for generation, day in enumerate(("now()", "now() - interval '1 day'", "now() - interval '3 days'"), 1):
            moment = connection.execute(f"select {day}").fetchone()
            connection.execute(_ATTEMPT, (generation, moment[0] if moment else None))
    migrate.upgrade(old_url)
    with psycopg.connect(old_url, autocommit=True) as connection:
        maintenance.ensure_partitions(connection)
        maintenance.ensure_partitions(connection)
        kept = connection.execute(
            "select generation, tableoid::regclass::text from delivery_attempt order by generation"
        ).fetchall()
        today = connection.execute("select (now() at time zone 'UTC')::date - date '1970-01-01'").fetchone()
        assert today is not None
        assert kept == [(1, f"delivery_attempt_{today[0]}"), (2, f"delivery_attempt_{today[0] - 1}"),
                        (3, f"delivery_attempt_{today[0] - 3}")]  # fmt: skip
        connection.execute(_ATTEMPT, (4, "2020-01-01T00:00:00Z"))
        assert connection.execute("select count(*) from delivery_attempt_other").fetchone() == (1,)


def test_a_database_without_evidence_migrates_as_well(old_url: str) -> None:
    migrate.upgrade(old_url)
    with psycopg.connect(old_url) as connection:
        assert connection.execute("select count(*) from delivery_attempt").fetchone() == (0,)
