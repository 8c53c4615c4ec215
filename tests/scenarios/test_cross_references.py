"""What a partner calls our things: unknown, it is a dead letter; known, the message is read again, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any, Self

import psycopg
import pytest
from tests.scenarios.conftest import MORNING, Distributor

from crossdock.app import cross_references, replay
from crossdock.app.handling import NotDone
from crossdock.engine.settle import Settler
from crossdock.store import trail
from crossdock.store.connect import connect
from crossdock.store.intake import Received
from crossdock.store.waiting import Which

ASKED = ("item", "oms", "NEW-999")
SHIP_TO = {"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"}


def webshop_order(distributor: Distributor, number: int, *skus: str) -> Received:
    lines = [
        {"line": line, "sku": sku, "qty": 3, "uom": "EA", "unit_price": "10.00"}
        for line, sku in enumerate(skus or ["NEW-999"], 1)
    ]
    data = {
        "order_no": f"WEB{number}", "customer_no": "C1", "warehouse": "DC01", "currency": "USD", "ship_to": SHIP_TO,
        "requested_date": "2026-03-05", "freight_charge": "0.00", "lines": lines,
    }  # fmt: skip
    envelope = {"id": f"web{number}", "type": "order.created", "time": MORNING.isoformat(), "data": data}
    return distributor.bytes("oms", json.dumps(envelope).encode(), "application/json; dialect=webshop")


@pytest.fixture
def worker(distributor: Distributor, database_url: str) -> Iterator[Callable[[], None]]:
    """Somebody settles meanwhile, as workers do."""
    stop = Event()

    def work() -> None:
        with connect(database_url, purpose="worker") as connection:
            settler = Settler(connection, distributor.tenant, distributor.configuration)
            while not stop.wait(0.02):
                settler.settle(batch=100, now=MORNING)

    thread = Thread(target=work)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    yield end
    end()


def letters(distributor: Distributor) -> list[tuple[str, str]]:
    return distributor.rows("select rule, value from dead_letter where settled_at is null order by arrival")


@pytest.mark.usefixtures("worker")
def test_orders_of_an_unknown_item_are_dead_letters_until_somebody_says_what_it_is(
    distributor: Distributor, worker: Callable[[], None]
) -> None:
    for number in range(5):
        webshop_order(distributor, number)
    added = cross_references.add(distributor.connection, distributor.tenant, ASKED, "SKU1", who="Ann", note="as listed")
    worker()
    assert added.is_settled
    assert letters(distributor) == [("xref.unknown", "NEW-999")] * 5
    numbers = [row[0] for row in distributor.rows("select arrival from dead_letter")]
    which = Which(dead=True, rule="xref.unknown", value="NEW-999")

    dry = replay.replay(distributor.connection, distributor.tenant, distributor.configuration, which)
    assert (dry.executed, dry.put_back, dry.readable, dry.events) == (False, 5, 5, 5)
    assert (dry.effects.cases, dry.effects.commands) == (5, {"plan_shipment: do": 5, "release_order: do": 5})
    assert distributor.settle().messages == 0
    assert len(letters(distributor)) == 5

    done = replay.replay(distributor.connection, distributor.tenant, distributor.configuration, which, execute="Ann")
    distributor.settle()
    assert letters(distributor) == []
    assert done.effects == dry.effects
    assert distributor.rows("select kind, count(*) from command group by kind order by kind") == [
        ("plan_shipment", 5), ("release_order", 5),
    ]  # fmt: skip
    assert distributor.rows("select distinct content -> 'lines' -> 0 ->> 1 from command") == [("SKU1",)]
    assert replay.missing(distributor.connection, distributor.tenant, distributor.configuration, numbers) == {}
    whats = [(act.who, act.what, act.subject) for act in trail.latest(distributor.connection, distributor.tenant, 5)]
    assert whats == [
        ("Ann", "replayed", "rule xref.unknown, value NEW-999"),
        ("Ann", "cross_reference.added", "item NEW-999 of oms"),
    ]


def test_a_batch_of_many_new_identifiers_is_read_with_one_query(distributor: Distributor) -> None:
    asked: list[str] = []

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *values: Any, **options: Any) -> Self:
            if "from reference\n" in str(query):
                asked.append(str(query))
            return super().execute(query, *values, **options)

    distributor.connection.cursor_factory = Noting
    for number in range(40):
        webshop_order(distributor, number, f"NEW-{number}", f"NEW-{number + 1}")
    distributor.settle()
    assert letters(distributor) == [("xref.unknown", f"NEW-{number}") for number in range(40)]
    assert len(asked) == 1
    webshop_order(distributor, 41, "NEW-1")
    distributor.settle()
    assert len(asked) == 1


def test_what_is_missing_is_counted_by_what_was_asked_for(distributor: Distributor) -> None:
    numbers = [webshop_order(distributor, 1).arrival, webshop_order(distributor, 2).arrival]
    numbers.append(webshop_order(distributor, 3, "NEW-998").arrival)
    found = replay.missing(distributor.connection, distributor.tenant, distributor.configuration, numbers)
    assert found == {("item", "oms", "NEW-999"): 2, ("item", "oms", "NEW-998"): 1}


@pytest.mark.usefixtures("worker")
def test_a_cross_reference_is_listed_changed_and_taken_back(
    distributor: Distributor, worker: Callable[[], None]
) -> None:
    where = (distributor.connection, distributor.tenant)
    cross_references.add(*where, ASKED, "SKU1", who="Ann")
    cross_references.add(*where, ASKED, "SKU2", who="Ann")
    (one,) = cross_references.listed(*where, scheme="item", issuer=None, limit=10)
    assert (one.theirs, one.ours) == ("NEW-999", "SKU2")
    assert cross_references.listed(*where, scheme=None, issuer="somebody", limit=10) == []
    gone = cross_references.add(*where, ASKED, "SKU2", who="Ann", retracts=True)
    worker()
    assert gone.is_settled
    assert cross_references.listed(*where, scheme="item", issuer=None, limit=10) == []


def test_what_cannot_be_an_identifier_is_refused_and_leaves_no_trace(distributor: Distributor) -> None:
    with pytest.raises(NotDone, match="cannot be a cross-reference"):
        cross_references.add(distributor.connection, distributor.tenant, ASKED, " SKU1\n", who="Ann")
    assert trail.latest(distributor.connection, distributor.tenant, 5) == []


def test_a_window_that_is_replayed_has_no_effect_again(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.delivered()
    distributor.freight_billed("131.25")
    distributor.settle()
    before = distributor.rows("select kind, state, content::text from command order by kind")
    entries = distributor.rows("select count(*) from ledger_entry")
    report = replay.replay(
        distributor.connection, distributor.tenant, distributor.configuration, Which(), execute="Ann"
    )
    assert (report.messages, report.put_back, report.events, report.effects.cases) == (8, 0, 0, 0)
    # Even put back by force, nothing is done twice.
    numbers = [row[0] for row in distributor.rows("select arrival from message")]
    distributor.put_back(numbers)
    assert distributor.settle().messages == 8
    assert distributor.rows("select kind, state, content::text from command order by kind") == before
    assert distributor.rows("select count(*) from ledger_entry") == entries
