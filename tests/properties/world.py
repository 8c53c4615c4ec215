"""A world in memory: cases on a shelf, events in generated histories, and the books that follow.

The shelf is a dictionary; everything else is the product's own code. Histories are made from the journeys of the
catalog: what may happen to one order, with everything that goes wrong, in any order of arrival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import msgspec
from hypothesis import strategies as st

from crossdock.engine.rounds import Rounds
from crossdock.ledger.posting import balances
from crossdock.model import carrier_moves, events, stock
from crossdock.model.address import Address
from crossdock.model.decisions import CarrierMoveAssigned, FreightInvoiceDecided, FreightVerdict
from crossdock.model.envelope import BY_ARRIVAL, Event, Receipt
from crossdock.model.event import Fact, Reference, case_of
from crossdock.model.master_data import RatePublished
from crossdock.model.quantity import Quantity
from crossdock.processes.case import Record, unpack
from crossdock.processes.catalog import Rules
from crossdock.processes.facts import AnyKept, fact_of
from crossdock.processes.plan import Plan
from crossdock.processes.policy import FreightAudit, Policy, PolicyBook
from crossdock.processes.reference import Book, NotLoaded, Records
from crossdock.processes.slots import CommandChange
from crossdock.store.settling import AS_BEFORE, CaseRow, Stored

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
POLICIES = PolicyBook(
    [Policy(name="test", valid_from=date(2000, 1, 1), freight_audit=FreightAudit(accessorial_fees_minor={"LFT": 7500}))]
)
RATE = RatePublished(
    valid_from=date(2000, 1, 1),
    scac="RDWY",
    warehouse="DC01",
    zone=1,
    currency="USD",
    per_hundredweight_minor=1500,
    minimum_minor=9000,
    fuel_basis_points=2500,
)


class Arrived(NamedTuple):
    """An event and the receipt intake gave its message."""

    receipt: Receipt
    event: Event


class World:
    """Cases, and the books of what followed from them."""

    def __init__(self) -> None:
        self.shelf: dict[str, Stored] = {}
        self.views: dict[str, bytes | None] = {}
        self.books: dict[tuple[str, str], int] = defaultdict(int)
        self.issued: list[tuple[str, CommandChange, bool]] = []
        self.items: dict[tuple[str, str], Any] = {}
        self.interruptions: list[Sequence[Arrived]] = []

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        return {name: self.shelf[name] for name in ids if name in self.shelf}

    def write(self, rows: list[CaseRow]) -> set[str]:
        """As the database does it: what changed since it was read is not written."""
        if self.interruptions:
            self.settle(self.interruptions.pop())
        lost = set()
        for row in rows:
            if self.shelf.get(row.id, Stored(0, b"")).version != row.version - 1:
                lost.add(row.id)
            else:
                self.shelf[row.id] = Stored(row.version, row.record)
                if row.status != AS_BEFORE:
                    self.views[row.id] = row.view
        return lost

    def settle(self, batch: Sequence[Arrived], *, clocks: dict[str, int] | None = None) -> None:
        """One transaction of the engine, without the database."""
        rounds = Rounds(self, POLICIES, _records)
        for receipt, event in batch:
            assert isinstance(event.data, Fact)
            rounds.touch(case_of(event.data)).tell(fact_of(event, receipt), receipt)
        for case, at in (clocks or {}).items():
            touched = rounds.touch(case)
            touched.clock, touched.again = at, True
        for owner, touched in rounds.settle().items():
            if touched.asked is None or touched.asked.changes is None:
                continue
            changes = touched.asked.changes
            for key, amount in balances(changes.postings).items():
                self.books[key] += amount
            self.issued += [(owner, change, change.slot in changes.held) for change in changes.commands]
            for name, item in changes.opened.items():
                self.items[owner, name] = item
            for name in changes.closed:
                del self.items[owner, name]

    def ring(self) -> None:
        """Let every deadline that is set come, earliest first, until none is left."""
        for _ in range(50):
            due = {
                name: record.alarm
                for name, record in self.records().items()
                if record.alarm is not None and record.alarm > record.clock
            }
            if not due:
                return
            first = min(due.values())
            self.settle([], clocks={name: at for name, at in due.items() if at == first})
        raise AssertionError("deadlines never end")

    def records(self) -> dict[str, Record]:
        return {name: unpack(row.record) for name, row in self.shelf.items()}

    def net(self) -> dict[str, Any]:
        """The net result: what law 2 says depends on the set of facts alone.

        A case of which all that was said was withdrawn is as if it had never been: whether it was heard of in between
        does depend on the order.
        """
        facts = {
            name: [
                (fact.key, fact.first, fact.data, fact.retracted)
                for fact in record.facts
                if fact.occurred or not fact.retracted
            ]
            for name, record in self.records().items()
        }
        return {
            "views": {name: view for name, view in self.views.items() if facts[name]},
            "books": {key: amount for key, amount in self.books.items() if amount},
            "items": self.items,
            "commands": {
                (name, slot): (held.action, held.asked)
                for name, record in self.records().items()
                for slot, held in record.slots.items()
                if held.state == "wanted"
            },
            "facts": {name: kept for name, kept in facts.items() if kept},
        }


def _records(keys: Iterable[str]) -> Records:
    records: dict[str, list[Reference]] = {key: [] for key in keys}
    return records | {"rate.published/RDWY/DC01/1": [RATE]}


def plan_of(rules: Rules, number: str, facts: Sequence[AnyKept], clock: int) -> Plan:
    """What a case of these facts wants, asked without the engine."""
    keys: set[str] = set()
    while True:
        try:
            return rules.plan(rules.fold(number, facts), clock, POLICIES, Book(_records(keys)))
        except NotLoaded as wanted:
            keys.add(wanted.key)


def run(history: Iterable[Sequence[Arrived]]) -> World:
    """A world in which these batches were settled, and in which every deadline has come."""
    world = World()
    for batch in history:
        world.settle(batch)
    world.ring()
    return world


def run_raced(history: Sequence[Sequence[Arrived]]) -> World:
    """The same by several workers at once: each batch is overtaken by the next, just before it writes."""
    world = World()
    first, *rest = [*history] or [[]]
    world.interruptions = list(rest)
    world.settle(first)
    while world.interruptions:
        world.settle(world.interruptions.pop())
    world.ring()
    return world


# -- histories ---------------------------------------------------------------------------------------------------

_ADDRESS = Address(name="A Customer", street="1 Road", city="Tulsa", state="OK", postal_code="74103")
quantities = st.integers(1, 5)


@st.composite
def journeys(draw: st.DrawFn, number: int = 1) -> list[Fact]:
    """What systems say of one order, in business order, with everything that may go wrong."""
    order, shipment = f"SO{number}", f"SH{number}"
    lines = draw(st.lists(quantities, min_size=1, max_size=3))
    short = draw(st.integers(0, 1))
    picked = [max(0, ordered - (short if index == 0 else 0)) for index, ordered in enumerate(lines)]
    told: list[Fact] = [
        events.OrderCreated(
            order_no=order, customer_no="C1", warehouse="DC01", currency="USD", requested_on=date(2026, 3, 5),
            freight_charge_minor=0, ship_to=_ADDRESS,
            lines=[
                events.OrderLine(line=n, sku=f"SKU{n}", quantity=q, unit="EA", unit_price_minor=1000)
                for n, q in enumerate(lines, 1)
            ],
        ),
        events.ShipmentCreated(
            shipment_no=shipment, order_no=order, warehouse="DC01", mode="LTL", zone=1, ship_to=_ADDRESS,
            pieces=sum(lines), planned_weight=Quantity(Decimal(700), "LBR"),
        ),
    ]  # fmt: skip
    services = draw(st.sampled_from([[], ["LFT"]]))
    if draw(st.booleans()):
        told += [
            events.LoadTendered(
                tender_id=f"T{number}-0", services=services, respond_by=START, shipment_no=shipment, scac="ODFL"
            ),
            events.LoadTenderDeclined(tender_id=f"T{number}-0", shipment_no=shipment, scac="ODFL", reason="FULL"),
        ]
    told += [
        events.LoadTendered(
            tender_id=f"T{number}-1", services=services, respond_by=START, shipment_no=shipment, scac="RDWY"
        ),
        events.LoadTenderAccepted(tender_id=f"T{number}-1", shipment_no=shipment, scac="RDWY"),
        events.PickConfirmed(
            pick_id=f"PK{number}", order_no=order, shipment_no=shipment, warehouse="DC01",
            lines=[
                events.PickLine(line=n, sku=f"SKU{n}", ordered=o, picked=p)
                for n, (o, p) in enumerate(zip(lines, picked, strict=True), 1)
            ],
        ),
        events.GoodsIssued(
            issue_no=f"GI{number}", order_no=order, shipment_no=shipment, warehouse="DC01",
            gross_weight=Quantity(Decimal(700), "LBR"),
            lines=[events.IssueLine(line=n, sku=f"SKU{n}", quantity=q, unit="EA") for n, q in enumerate(picked, 1)],
        ),
    ]  # fmt: skip
    billed = [p + draw(st.integers(0, 1)) if n == 0 else p for n, p in enumerate(picked)]
    total = sum(billed) * 1000
    told.append(
        events.CustomerInvoiceGenerated(
            invoice_no=f"IN{number}", order_no=order, customer_no="C1", currency="USD", invoiced_on=date(2026, 3, 2),
            due_on=date(2026, 4, 2), freight_charge_minor=0, total_minor=total,
            lines=[
                events.InvoiceLine(line=n, sku=f"SKU{n}", quantity=q, unit_price_minor=1000, amount_minor=1000 * q)
                for n, q in enumerate(billed, 1)
            ],
        )
    )  # fmt: skip
    way = {"scac": "RDWY", "shipment_no": shipment}
    told += [
        events.MilestoneReported(status_code=code, milestone="en_route", stop_no=stop, **way)
        for stop, code in enumerate(draw(st.lists(st.sampled_from(["X3", "AF", "X6"]), max_size=3)), 1)
    ]
    told.append(events.ShipmentDelivered(status_code="D1", stop_no=9, **way))
    for suffix in draw(st.sampled_from([[], [""], ["", "B"], ["", ""]])):
        freight = 10500 + sum(7500 for _ in services) + draw(st.sampled_from([0, 1, 90_000]))
        told.append(
            events.FreightInvoiceReceived(
                invoice_no=f"F{number}{suffix}", invoiced_on=date(2026, 3, 3), linehaul_minor=freight, charges=[],
                total_minor=freight, currency="USD", **way,
            )
        )  # fmt: skip
        told += draw(decisions(f"F{number}{suffix}", freight))
    if draw(st.booleans()):
        told += draw(moves(number, shipment))
    if draw(st.booleans()):
        told += draw(stock_movements(number))
    for part in draw(st.lists(st.integers(1, max(1, total)), max_size=2)):
        told.append(
            events.PaymentReceived(
                payment_ref=f"PY{number}-{part}", invoice_no=f"IN{number}", amount_minor=part, currency="USD",
                value_on=date(2026, 3, 3),
            )
        )  # fmt: skip
    return told


@st.composite
def moves(draw: st.DrawFn, number: int, shipment: str) -> list[Fact]:
    """What a carrier said that knows its own number only, and who said which shipment that is."""
    move = {"scac": "RDWY", "pro_no": f"1Z{number}"}
    told: list[Fact] = [
        carrier_moves.CarrierMoveReported(status_code="DP", milestone="departed_pickup", stop_no=1, **move),
        carrier_moves.CarrierMoveIdentified(shipment_no=shipment, **move),
        carrier_moves.CarrierMoveDelivered(status_code="DL", stop_no=2, **move),
        events.FreightInvoiceReceived(
            invoice_no=f"U{number}", invoiced_on=date(2026, 3, 3), linehaul_minor=10500, charges=[], total_minor=10500,
            currency="USD", **move,
        ),
    ]  # fmt: skip
    if draw(st.booleans()):
        meant = draw(st.sampled_from([shipment, "SH9"]))
        told.append(CarrierMoveAssigned(shipment_no=meant, decided_by="Ann", reason="so", act=7, **move))
    return told


@st.composite
def stock_movements(draw: st.DrawFn, number: int) -> list[Fact]:
    """What a warehouse received, wrote off and counted meanwhile; a count may not say what its books said."""
    quantity, found = draw(quantities), draw(st.integers(-5, 5))
    reason: stock.Reason = draw(st.sampled_from(get_args(stock.Reason)))
    expected = draw(st.one_of(st.none(), st.integers(0, 5)))
    return [
        stock.GoodsReceived(
            receipt_no=f"R{number}", warehouse="DC01", shipment_no=f"ASN{number}",
            lines=[stock.ReceiptLine(line=n, sku=f"SKU{n}", quantity=quantity, unit="EA") for n in (1, 2)],
        ),
        stock.StockAdjusted(
            adjustment_no=f"A{number}", warehouse="DC01", sku="SKU1", quantity=found, unit="EA", reason=reason
        ),
        stock.StockCounted(
            count_no=f"C{number}", warehouse="DC01", sku="SKU1", counted=quantity, expected=expected, unit="EA"
        ),
    ]  # fmt: skip


@st.composite
def decisions(draw: st.DrawFn, invoice_no: str, total: int) -> list[Fact]:
    """What people decided about a freight invoice: nothing, once, or otherwise later; of another total, too."""
    verdicts = draw(st.lists(st.sampled_from(get_args(FreightVerdict)), max_size=2))
    return [
        FreightInvoiceDecided(
            scac="RDWY", invoice_no=invoice_no, decision=verdict, total_minor=total + draw(st.sampled_from([0, 0, 1])),
            currency="USD", decided_by="Ann", reason="so", act=act,
        )
        for act, verdict in enumerate(verdicts, 1)
    ]  # fmt: skip


@st.composite
def histories(draw: st.DrawFn, *, orders: int = 2) -> list[Arrived]:
    """Events of some orders as they were received: part of what was said, some of it revised or withdrawn."""
    said: list[Event] = []
    for number in range(1, orders + 1):
        for index, data in enumerate(draw(journeys(number))):
            occurred = START + timedelta(minutes=10 * index)
            revision = data.act if isinstance(data, FreightInvoiceDecided) else 0
            said.append(Event(row=0, data=data, occurred=occurred, revision=revision))
            if draw(st.integers(0, 9)) == 0:
                retracted = draw(st.booleans())
                said.append(Event(row=0, data=data, occurred=occurred, revision=revision + 1, retracted=retracted))
            elif not revision and draw(st.integers(0, 9)) == 0:  # of a sender that corrects itself by saying it again
                said[-1] = msgspec.structs.replace(said[-1], revision=BY_ARRIVAL)
                later, retracted = occurred + timedelta(minutes=draw(st.integers(0, 2))), draw(st.booleans())
                said.append(Event(row=0, data=data, occurred=later, revision=BY_ARRIVAL, retracted=retracted))
    kept = [event for event in said if draw(st.integers(0, 9)) > 0]
    order = draw(st.permutations(range(len(kept))))
    return [Arrived(Receipt(arrival, 0), kept[place]) for arrival, place in enumerate(order, 1)]


@st.composite
def split(draw: st.DrawFn, arrived: Sequence[Arrived]) -> list[Sequence[Arrived]]:
    """The same, processed in another order, in batches of any size."""
    order = draw(st.permutations(list(arrived)))
    cuts = sorted(draw(st.sets(st.integers(0, len(order)), max_size=6)))
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True) if a < b]
