"""What the facts of one object amount to: a fold in business order for each kind of case.

`no` is the business number of the object. The first telling of a document stands; of tenders and their answers the
last one does. A retracted fact is absent.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from crossdock.processes.facts import AnyKept, Kept
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


class OrderState(msgspec.Struct):
    """An order and what shipments and invoices said of it."""

    no: str
    order: Kept[Order] | None = None
    shipments: dict[str, ShipmentSaid] = msgspec.field(default_factory=dict)
    invoices: list[CustomerInvoiceSaid] = msgspec.field(default_factory=list)


def fold_order(no: str, facts: Iterable[AnyKept]) -> OrderState:
    """Facts of an order, in business order, as one value. Invoices stand by date, then number."""
    state = OrderState(no)
    for fact in facts:
        data = fact.data
        form = type(data)
        if fact.retracted:
            continue
        if form is ShipmentSaid:
            state.shipments[fact.key] = data
        elif form is CustomerInvoiceSaid:
            state.invoices.append(data)
        elif form is Order:
            state.order = fact
    if len(state.invoices) > 1:
        state.invoices.sort(key=lambda said: (said.invoiced_on, said.invoice_no))
    return state


class ShipmentState(msgspec.Struct):
    """A shipment from plan to proof of delivery, and the freight invoices that bill it."""

    no: str
    shipment: Kept[Shipment] | None = None
    tenders: list[Kept[Tender]] = msgspec.field(default_factory=list)
    accepted: Kept[TenderAccepted] | None = None
    answered: set[str] = msgspec.field(default_factory=set)
    declined: list[Kept[TenderDeclined]] = msgspec.field(default_factory=list)
    picks: list[Kept[Pick]] = msgspec.field(default_factory=list)
    issues: list[Kept[Issue]] = msgspec.field(default_factory=list)
    milestones: list[Kept[Milestone]] = msgspec.field(default_factory=list)
    delivery: Kept[Delivery] | None = None
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


def fold_shipment(no: str, facts: Iterable[AnyKept]) -> ShipmentState:  # noqa: C901  # one branch per kind of fact
    """Facts of a shipment, in business order, as one value. Freight invoices stand in order of receipt."""
    state = ShipmentState(no)
    for fact in facts:
        if fact.retracted:
            continue
        data = fact.data
        form = type(data)
        if form is Milestone:
            state.milestones.append(fact)
        elif form is Shipment:
            state.shipment = fact
        elif form is Tender:
            state.tenders.append(fact)
        elif form is TenderAccepted:
            state.accepted = fact
            state.answered.add(data.tender_id)
        elif form is Pick:
            state.picks.append(fact)
        elif form is Issue:
            state.issues.append(fact)
        elif form is Delivery:
            state.delivery = state.delivery or fact
        elif form is FreightInvoiceSaid:
            state.freight_invoices.append(data)
        elif form is TenderDeclined:
            state.declined.append(fact)
            state.answered.add(data.tender_id)
    if len(state.freight_invoices) > 1:
        state.freight_invoices.sort(key=lambda said: (said.first, said.invoice_no))
    return state


class FreightInvoiceState(msgspec.Struct):
    """Every statement a carrier made under one invoice number, in order of receipt."""

    no: str
    statements: list[Kept[FreightInvoice]] = msgspec.field(default_factory=list)


def fold_freight_invoice(no: str, facts: Iterable[AnyKept]) -> FreightInvoiceState:
    """Facts of a freight invoice as one value: the first statement received is the one that counts."""
    told: list[Kept[FreightInvoice]] = [
        fact for fact in facts if isinstance(fact.data, FreightInvoice) and not fact.retracted
    ]
    told.sort(key=lambda statement: (statement.first, statement.key))
    return FreightInvoiceState(no, told)


class CustomerInvoiceState(msgspec.Struct):
    """An invoice to a customer, and the payments for it."""

    no: str
    invoice: Kept[CustomerInvoice] | None = None
    payments: list[Kept[Payment]] = msgspec.field(default_factory=list)


def fold_customer_invoice(no: str, facts: Iterable[AnyKept]) -> CustomerInvoiceState:
    """Facts of a customer invoice, in business order, as one value."""
    state = CustomerInvoiceState(no)
    for fact in facts:
        if fact.retracted:
            continue
        if isinstance(fact.data, CustomerInvoice):
            state.invoice = fact
        elif isinstance(fact.data, Payment):
            state.payments.append(fact)
    return state


class StockOpeningState(msgspec.Struct):
    """The stock of one item in one warehouse when the books were opened."""

    no: str
    opening: Kept[Opening] | None = None


def fold_stock_opening(no: str, facts: Iterable[AnyKept]) -> StockOpeningState:
    """The opening, unless withdrawn."""
    state = StockOpeningState(no)
    for fact in facts:
        if isinstance(fact.data, Opening) and not fact.retracted:
            state.opening = fact
    return state
