"""The database itself keeps tenants apart, whatever a statement of ours forgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
import pytest
from psycopg import errors
from tests.scenarios.conftest import Distributor

from crossdock.store import configuration, maintenance
from crossdock.store.connect import connect, enter

ROLE = "crossdock_tenant"
APPEND_ONLY = ("message", "message_repeat", "event", "ledger_entry", "connection_event", "delivery_attempt",
               "feed_problem", "act")  # fmt: skip


class House(NamedTuple):
    """Two tenants in one database, and a session that has entered the first."""

    session: psycopg.Connection
    owner: psycopg.Connection
    first: int
    second: int


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with connect(database_url, purpose="story") as session, connect(database_url, purpose="owner") as owner:
        maintenance.ensure_partitions(owner)
        for name in ("second", "story"):
            told = Distributor(session, tenant=name)
            told.ordered()
            told.bytes("oms", b"{}")
            told.settle()
        second = configuration.tenant_id(session, "second")
        first = configuration.tenant_id(session, "story")
        yield House(session, owner, first, second)


def tables(connection: psycopg.Connection) -> list[str]:
    """Every table and partition with a tenant."""
    rows = connection.execute(
        "select relname from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'tenant'"
        " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by relname"
    )
    return [row[0] for row in rows]


def test_every_table_with_a_tenant_is_guarded_new_partitions_too(house: House) -> None:
    guarded = house.owner.execute(
        "select relname from pg_class join pg_policy on polrelid = pg_class.oid"
        " where relrowsecurity and pg_get_expr(polqual, polrelid) like '%current_tenant%'"
    )
    assert set(tables(house.owner)) <= {row[0] for row in guarded}
    assert any(name.startswith("event_2") for name in tables(house.owner))


def test_the_role_of_a_session_owns_nothing_and_is_no_superuser(house: House) -> None:
    owned = house.owner.execute("select count(*) from pg_class where relowner = %s::regrole", (ROLE,)).fetchone()
    rights = house.owner.execute(
        "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolcanlogin from pg_roles"
        " where rolname = %s", (ROLE,)
    ).fetchone()  # fmt: skip
    assert (owned, rights) == ((0,), (False,))
    assert house.session.execute("select current_user").fetchone() == (ROLE,)


def test_a_statement_without_a_tenant_finds_only_our_rows(house: House) -> None:
    held = 0
    for table in tables(house.owner):
        others = house.owner.execute(f"select count(*) from {table} where tenant = %s", (house.second,)).fetchone()
        held += others is not None and others[0] > 0
        found = house.session.execute(f"select count(*) from {table} where tenant <> %s", (house.first,)).fetchone()
        assert found == (0,), table
    assert held > 10, "the other tenant has rows in most tables"


def test_nobody_writes_for_another_tenant(house: House) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        house.session.execute("insert into inbox values (%s, 1, 1, 1)", (house.second,))
    changed = house.session.execute("update case_record set status = 'PAID' where tenant = %s", (house.second,))
    gone = house.session.execute("delete from command where tenant = %s", (house.second,))
    assert (changed.rowcount, gone.rowcount) == (0, 0)
    with pytest.raises(errors.InsufficientPrivilege):
        house.session.execute("update case_record set tenant = %s", (house.second,))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_only_added_to_cannot_be_changed_or_removed(house: House, table: str) -> None:
    for statement in (f"delete from {table}", f"update {table} set tenant = tenant", f"truncate {table}"):
        with pytest.raises(errors.InsufficientPrivilege):
            house.session.execute(statement)


def test_a_session_that_has_entered_nowhere_sees_nothing(house: House) -> None:
    house.session.execute("select set_config('crossdock.tenant', '', false)")
    for table in tables(house.owner):
        assert house.session.execute(f"select count(*) from {table}").fetchone() == (0,), table


def test_a_login_that_may_do_nothing_else_can_do_the_work(house: House) -> None:
    house.owner.execute("create role crossdock_worker_of_a_test nologin")
    try:
        house.owner.execute(f"grant {ROLE} to crossdock_worker_of_a_test")
        house.session.execute("reset role")
        house.session.execute("set session authorization crossdock_worker_of_a_test")
        with pytest.raises(errors.InsufficientPrivilege):
            house.session.execute("alter table message disable row level security")
        enter(house.session, house.first)
        maintenance.ensure_partitions(house.session)
        told = Distributor(house.session, tenant="story")
        told.ordered(2)
        assert told.settle().events == 4
        assert told.view("order", "SO2")["status"] == "ACCEPTED"
    finally:
        house.session.close()
        house.owner.execute("drop role crossdock_worker_of_a_test")
