from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors

from crossdock.store import migrate
from crossdock.store.databases import (
    InvalidDatabaseName,
    InvalidServerUrl,
    UnknownRevision,
    create_database,
    drop_database,
    url_for,
)


def test_a_database_is_made_from_its_template(cluster_url: str, database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url) as connection:
        connection.execute("create table crate (id int)")
    copy = create_database(cluster_url, f"{name}_copy", str(name))
    try:
        with psycopg.connect(copy) as connection:
            assert connection.execute("select count(*) from crate").fetchone() == (0,)
        with pytest.raises(errors.DuplicateDatabase):
            create_database(cluster_url, f"{name}_copy")
    finally:
        drop_database(cluster_url, f"{name}_copy")


def test_a_database_in_use_is_dropped_and_dropping_it_twice_is_fine(cluster_url: str, database_url: str) -> None:
    name = f"{psycopg.conninfo.conninfo_to_dict(database_url)['dbname']}_busy"
    with psycopg.connect(create_database(cluster_url, name)) as connection:
        drop_database(cluster_url, name)
        drop_database(cluster_url, name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


@pytest.mark.parametrize("name", ["", "Crossdock", "1st", 'x"; drop database postgres; --', "x" * 64, "a b", "a\n"])
def test_a_name_that_needs_quoting_or_would_be_cut_is_refused(name: str) -> None:
    with pytest.raises(InvalidDatabaseName):
        url_for("postgresql://db.example/postgres", name)


def test_a_database_is_reached_the_same_way_as_its_server() -> None:
    assert url_for("postgresql://u:p@h:6432/postgres?sslmode=require", "crossdock") == (
        "postgresql://u:p@h:6432/crossdock?sslmode=require"
    )
    assert url_for("postgresql://u@/postgres?host=%2Frun%2Fx&port=5432", "t") == (
        "postgresql://u@/t?host=%2Frun%2Fx&port=5432"
    )
    with pytest.raises(InvalidServerUrl) as refusal:
        url_for("host=h password=secret", "crossdock")
    assert "secret" not in str(refusal.value)


def test_a_migrated_database_is_at_head(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()


def test_processes_that_upgrade_at_once_all_succeed(cluster_url: str, database_url: str) -> None:
    name = f"{psycopg.conninfo.conninfo_to_dict(database_url)['dbname']}_empty"
    url = create_database(cluster_url, name)
    try:
        assert migrate.current(url) is None
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(migrate.upgrade, [url] * 4))
        assert migrate.current(url) == migrate.head()
    finally:
        drop_database(cluster_url, name)


def test_a_schema_of_a_newer_version_is_left_alone(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(UnknownRevision, match="9999"):
        migrate.upgrade(database_url)
    assert migrate.current(database_url) == "9999"
