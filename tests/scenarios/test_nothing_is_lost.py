"""Law 1 and the door: durable before it is said to be, kept until it is settled, kept once. With its sabotages."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import psycopg
import pytest
from tests.scenarios.conftest import Distributor

from crossdock.engine import reading, settle
from crossdock.ledger.posting import balances
from crossdock.store import day_end, intake
from crossdock.store.connect import connect


def a_worker_that_dies_leaves_its_messages(distributor: Distributor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is gone in the middle of a batch; another one settles all of it."""
    distributor.ordered()

    def dying(*_: Any, **__: Any) -> Any:
        raise psycopg.OperationalError("the worker was killed here")

    with monkeypatch.context() as patched:
        patched.setattr(reading, "fact_of", dying)
        with pytest.raises(psycopg.OperationalError):
            distributor.settle()
    distributor.settle()
    assert distributor.view("order", "SO1")["status"] == "ACCEPTED"


def what_is_acknowledged_is_durable(distributor: Distributor, database_url: str) -> None:
    """When `receive` returns, another connection sees the message."""
    receipt = distributor.bytes("oms", b"{}")
    with connect(database_url, purpose="another") as other:
        found = other.execute("select body from message where arrival = %s", (receipt.arrival,)).fetchall()
    assert found == [(b"{}",)]


def a_message_sent_twice_is_kept_once(distributor: Distributor) -> None:
    """By its content, unless the sender gives it an identity."""
    first, second = distributor.bytes("oms", b"{}"), distributor.bytes("oms", b"{}")
    assert (first.verdict, second.verdict) == ("new", "duplicate")
    assert distributor.rows("select count(*)::int from message") == [(1,)]
    assert distributor.rows("select copies from message_repeat") == [(1,)]


def test_a_worker_that_dies_leaves_its_messages(distributor: Distributor, monkeypatch: pytest.MonkeyPatch) -> None:
    a_worker_that_dies_leaves_its_messages(distributor, monkeypatch)


def test_what_is_acknowledged_is_durable(distributor: Distributor, database_url: str) -> None:
    what_is_acknowledged_is_durable(distributor, database_url)


def test_a_message_sent_twice_is_kept_once(distributor: Distributor) -> None:
    a_message_sent_twice_is_kept_once(distributor)


def test_the_same_identity_with_other_content_is_a_conflict_and_both_are_kept(distributor: Distributor) -> None:
    identity = intake.digest(b"the sender's own id")
    sender = distributor.configuration.named("oms")
    assert sender is not None
    one, other = (
        intake.Incoming(sender.id, identity, intake.digest(body), "application/json", body) for body in (b"1", b"2")
    )
    verdicts = [intake.receive(distributor.connection, distributor.tenant, [m])[0].verdict for m in (one, other, other)]
    assert verdicts == ["new", "conflict", "duplicate"]
    assert distributor.rows("select body from message order by arrival") == [(b"1",), (b"2",)]


# -- sabotages: each must turn one of the above red ---------------------------------------------------------------


class _Autocommitted:
    """A connection whose transactions are none: each statement is committed by itself."""

    def __init__(self, real: psycopg.Connection) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def transaction(self) -> Any:
        return nullcontext()


def test_sabotage_taking_from_the_inbox_before_the_rest_is_done_is_noticed(
    distributor: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributor.settler = settle.Settler(
        _Autocommitted(distributor.connection),  # type: ignore[arg-type]
        distributor.tenant,
        distributor.configuration,
    )
    with pytest.raises(KeyError):
        a_worker_that_dies_leaves_its_messages(distributor, monkeypatch)


def test_sabotage_acknowledging_before_the_commit_is_noticed(
    distributor: Distributor, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with distributor.connection.transaction(force_rollback=True), pytest.raises(AssertionError):
        what_is_acknowledged_is_durable(distributor, database_url)


def test_sabotage_dropping_the_deduplication_at_the_door_is_noticed(
    distributor: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_always = intake._NUMBER_AND_KEEP.replace(
        "incoming.identity, incoming.content,", "gen_random_uuid(), incoming.content,"
    )
    monkeypatch.setattr(intake, "_NUMBER_AND_KEEP", kept_always)
    with pytest.raises(AssertionError):
        a_message_sent_twice_is_kept_once(distributor)


def test_sabotage_posting_balances_twice_is_noticed(distributor: Distributor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "balances", lambda posted: {k: 2 * n for k, n in balances(posted).items()})
    distributor.ordered()
    distributor.settle()
    assert day_end.unbalanced(distributor.connection, distributor.tenant) == ["SKU1"]
