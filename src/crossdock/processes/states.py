"""What the facts of one object amount to: a fold in business order for each kind of case.

`no` is the business number of the object. The first telling of a document stands; of tenders and their answers the
last one does. A retracted fact is absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

from crossdock.processes.facts import Kept, Receipt
from crossdock.processes.remembered import (
    CustomerInvoice,
    CustomerInvoiceSaid,
    Delivery,
    FreightInvoice,
    FreightInvoiceSaid,
    Issue,
    Line,
    Milestone,
    Opening,
    Order,
    Payment,
    Pick,
    Shipment,
    ShipmentSaid,
    Tender,
    TenderAccepted,
    TenderDeclined,
)

D = TypeVar("D")


class Told(msgspec.Struct, Generic[D]):
    """A fact with what a rule may ask of its telling: when it happened, when we learnt it, its key."""

    data: D
    occurred: int
    first: Receipt
    key: str


def _told(fact: Kept) -> Told:  # type: ignore[type-arg]  # the caller's field says which
    return Told(fact.data, fact.occurred, fact.first, fact.key)


class OrderState(msgspec.Struct):
    """An order and what shipments and invoices said of it."""

    no: str
    order: Told[Order] | None = None
    shipments: dict[str, ShipmentSaid] = msgspec.field(default_factory=dict)
    invoices: list[CustomerInvoiceSaid] = msgspec.field(default_factory=list)


def fold_order(no: str, facts: Iterable[Kept]) -> OrderState:
    """Facts of an order, in business order, as one value. Invoices stand by date, then number."""
    state = OrderState(no)
    for fact in facts:
        data = fact.data
        if fact.retracted:
            continue
        if isinstance(data, ShipmentSaid):
            state.shipments[fact.key] = data
        elif isinstance(data, CustomerInvoiceSaid):
            state.invoices.append(data)
        elif isinstance(data, Order):
            state.order = _told(fact)
    if len(state.invoices) > 1:
        state.invoices.sort(key=lambda said: (said.invoiced_on, said.invoice_no))
    return state


class ShipmentState(msgspec.Struct):
    """A shipment from plan to proof of delivery, and the freight invoices that bill it."""

    no: str
    shipment: Told[Shipment] | None = None
    tenders: list[Told[Tender]] = msgspec.field(default_factory=list)
    accepted: Told[TenderAccepted] | None = None
    answered: set[str] = msgspec.field(default_factory=set)
    declined: list[Told[TenderDeclined]] = msgspec.field(default_factory=list)
    picks: list[Told[Pick]] = msgspec.field(default_factory=list)
    issues: list[Told[Issue]] = msgspec.field(default_factory=list)
    milestones: list[Told[Milestone]] = msgspec.field(default_factory=list)
    delivery: Told[Delivery] | None = None
    freight_invoices: list[FreightInvoiceSaid] = msgspec.field(default_factory=list)

    @property
    def order_no(self) -> str | None:
        """The order this shipment serves: as planned, else as the warehouse named it."""
        if self.shipment:
            return self.shipment.data.order_no
        for warehouse_said in (*self.issues, *self.picks):
            return warehouse_said.data.order_no
        return None

    @property
    def issued_lines(self) -> list[Line]:
        """All lines of all goods issues."""
        if len(self.issues) == 1:
            return self.issues[0].data.lines
        return [line for issue in self.issues for line in issue.data.lines]


def fold_shipment(no: str, facts: Iterable[Kept]) -> ShipmentState:  # noqa: C901  # one branch per kind of fact
    """Facts of a shipment, in business order, as one value. Freight invoices stand in order of receipt."""
    state = ShipmentState(no)
    for fact in facts:
        if fact.retracted:
            continue
        data = fact.data
        if isinstance(data, Milestone):
            state.milestones.append(_told(fact))
        elif isinstance(data, Shipment):
            state.shipment = _told(fact)
        elif isinstance(data, Tender):
            state.tenders.append(_told(fact))
        elif isinstance(data, TenderAccepted):
            state.accepted = _told(fact)
            state.answered.add(data.tender_id)
        elif isinstance(data, Pick):
            state.picks.append(_told(fact))
        elif isinstance(data, Issue):
            state.issues.append(_told(fact))
        elif isinstance(data, Delivery):
            state.delivery = state.delivery or _told(fact)
        elif isinstance(data, FreightInvoiceSaid):
            state.freight_invoices.append(data)
        elif isinstance(data, TenderDeclined):
            state.declined.append(_told(fact))
            state.answered.add(data.tender_id)
    if len(state.freight_invoices) > 1:
        state.freight_invoices.sort(key=lambda said: (said.first, said.invoice_no))
    return state


class FreightInvoiceState(msgspec.Struct):
    """Every statement a carrier made under one invoice number, in order of receipt."""

    no: str
    statements: list[Told[FreightInvoice]] = msgspec.field(default_factory=list)


def fold_freight_invoice(no: str, facts: Iterable[Kept]) -> FreightInvoiceState:
    """Facts of a freight invoice as one value: the first statement received is the one that counts."""
    told: list[Told[FreightInvoice]] = [
        _told(fact) for fact in facts if isinstance(fact.data, FreightInvoice) and not fact.retracted
    ]
    told.sort(key=lambda statement: (statement.first, statement.key))
    return FreightInvoiceState(no, told)


class CustomerInvoiceState(msgspec.Struct):
    """An invoice to a customer, and the payments for it."""

    no: str
    invoice: Told[CustomerInvoice] | None = None
    payments: list[Told[Payment]] = msgspec.field(default_factory=list)


def fold_customer_invoice(no: str, facts: Iterable[Kept]) -> CustomerInvoiceState:
    """Facts of a customer invoice, in business order, as one value."""
    state = CustomerInvoiceState(no)
    for fact in facts:
        if fact.retracted:
            continue
        if isinstance(fact.data, CustomerInvoice):
            state.invoice = _told(fact)
        elif isinstance(fact.data, Payment):
            state.payments.append(_told(fact))
    return state


class StockOpeningState(msgspec.Struct):
    """The stock of one item in one warehouse when the books were opened."""

    no: str
    opening: Told[Opening] | None = None


def fold_stock_opening(no: str, facts: Iterable[Kept]) -> StockOpeningState:
    """The opening, unless withdrawn."""
    state = StockOpeningState(no)
    for fact in facts:
        if isinstance(fact.data, Opening) and not fact.retracted:
            state.opening = _told(fact)
    return state
