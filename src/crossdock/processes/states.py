"""What the facts of one object amount to: a fold in business order for each kind of case.

`no` is the business number of the object. The first telling of a document stands; of tenders and their answers the
last one does. A retracted fact is absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, cast

import msgspec

from crossdock.processes.facts import AnyKept, Kept
from crossdock.processes.remembered import (
    Adjustment,
    AnyDigest,
    AnyRemembered,
    Counted,
    CustomerInvoice,
    CustomerInvoiceSaid,
    Delivery,
    FreightDecision,
    FreightInvoice,
    FreightInvoiceSaid,
    Issue,
    Line,
    Milestone,
    MoveDelivery,
    MoveLink,
    MoveMilestone,
    MoveSaid,
    Opening,
    Order,
    Payment,
    Pick,
    Received,
    Reported,
    Shipment,
    ShipmentSaid,
    Tender,
    TenderAccepted,
    TenderDeclined,
)

F = TypeVar("F", bound=AnyRemembered | AnyDigest)


class Told:
    """Facts by their form, each form in business order; what was withdrawn is absent."""

    __slots__ = ("_by_form",)

    def __init__(self, facts: Iterable[AnyKept]) -> None:
        """`facts` in business order."""
        self._by_form: dict[type, list[AnyKept]] = {}
        for fact in facts:
            if not fact.retracted:
                self._by_form.setdefault(type(fact.data), []).append(fact)

    def all(self, form: type[F]) -> list[Kept[F]]:
        """Every fact of a form."""
        return cast("list[Kept[F]]", self._by_form.get(form, []))

    def first(self, form: type[F]) -> Kept[F] | None:
        """The first fact of a form, if there is one."""
        facts = self._by_form.get(form)
        return cast("Kept[F]", facts[0]) if facts else None

    def last(self, form: type[F]) -> Kept[F] | None:
        """The last fact of a form, if there is one."""
        facts = self._by_form.get(form)
        return cast("Kept[F]", facts[-1]) if facts else None

    def said(self, form: type[F]) -> list[F]:
        """What other cases said, without the fact around it."""
        return [fact.data for fact in self.all(form)]


class OrderState(msgspec.Struct):
    """An order and what shipments and invoices said of it; invoices stand by date, then number."""

    no: str
    order: Kept[Order] | None
    shipments: list[ShipmentSaid]
    invoices: list[CustomerInvoiceSaid]


def fold_order(no: str, facts: Iterable[AnyKept]) -> OrderState:
    """Facts of an order, in business order, as one value."""
    told = Told(facts)
    invoices = told.said(CustomerInvoiceSaid)
    invoices.sort(key=lambda said: (said.invoiced_on, said.invoice_no))
    return OrderState(no, told.first(Order), told.said(ShipmentSaid), invoices)


class ShipmentState(msgspec.Struct):
    """A shipment from plan to proof of delivery; the freight invoices that bill it stand in order of receipt."""

    no: str
    shipment: Kept[Shipment] | None
    tenders: list[Kept[Tender]]
    accepted: Kept[TenderAccepted] | None
    declined: list[Kept[TenderDeclined]]
    picks: list[Kept[Pick]]
    issues: list[Kept[Issue]]
    milestones: list[Kept[Milestone]]
    delivery: Kept[Delivery] | None
    freight_invoices: list[FreightInvoiceSaid]

    @property
    def order_no(self) -> str | None:
        """The order this shipment serves: as planned, else as the warehouse named it."""
        if self.shipment:
            return self.shipment.data.order_no
        if self.issues:
            return self.issues[0].data.order_no
        return self.picks[0].data.order_no if self.picks else None

    @property
    def issued_lines(self) -> list[Line]:
        """All lines of all goods issues."""
        if len(self.issues) == 1:
            return self.issues[0].data.lines
        return [line for issue in self.issues for line in issue.data.lines]


def fold_shipment(no: str, facts: Iterable[AnyKept]) -> ShipmentState:
    """Facts of a shipment, in business order, as one value."""
    told = Told(facts)
    milestones, deliveries, freight_invoices = told.all(Milestone), told.all(Delivery), told.said(FreightInvoiceSaid)
    for move in told.said(MoveSaid):
        milestones += [_reported(report, Milestone(move.scac, report.milestone)) for report in move.milestones]
        deliveries += [_reported(move.delivery, Delivery(move.scac))] if move.delivery else []
        freight_invoices += move.bills
    freight_invoices.sort(key=lambda said: (said.first, said.invoice_no))
    return ShipmentState(
        no,
        told.first(Shipment),
        told.all(Tender),
        told.last(TenderAccepted),
        told.all(TenderDeclined),
        told.all(Pick),
        told.all(Issue),
        milestones,
        min(deliveries, key=lambda delivery: (delivery.occurred, delivery.key), default=None),
        freight_invoices,
    )


def _reported(report: Reported, data: F) -> Kept[F]:
    """A report that another case passed on, as if it had been told here."""
    return Kept(report.key, report.occurred, 0, False, report.first, data)  # noqa: FBT003  # a fact, not retracted


class CarrierMoveState(msgspec.Struct):
    """A move that a carrier knows by its own number: the shipments it was given to, its reports and its bills."""

    no: str
    links: list[Kept[MoveLink]]
    milestones: list[Kept[MoveMilestone]]
    delivery: Kept[MoveDelivery] | None
    bills: list[FreightInvoiceSaid]


def fold_carrier_move(no: str, facts: Iterable[AnyKept]) -> CarrierMoveState:
    """Facts of a carrier's move, in business order, as one value."""
    told = Told(facts)
    bills = told.said(FreightInvoiceSaid)
    bills.sort(key=lambda said: (said.first, said.invoice_no))
    return CarrierMoveState(no, told.all(MoveLink), told.all(MoveMilestone), told.first(MoveDelivery), bills)


class FreightInvoiceState(msgspec.Struct):
    """Every statement a carrier made under one invoice number, in order of receipt, and what a person decided."""

    no: str
    statements: list[Kept[FreightInvoice]]
    decision: Kept[FreightDecision] | None = None


def fold_freight_invoice(no: str, facts: Iterable[AnyKept]) -> FreightInvoiceState:
    """Facts of a freight invoice as one value."""
    told = Told(facts)
    statements = told.all(FreightInvoice)
    statements.sort(key=lambda statement: (statement.first, statement.key))
    return FreightInvoiceState(no, statements, told.first(FreightDecision))


class CustomerInvoiceState(msgspec.Struct):
    """An invoice to a customer, and the payments for it."""

    no: str
    invoice: Kept[CustomerInvoice] | None
    payments: list[Kept[Payment]]


def fold_customer_invoice(no: str, facts: Iterable[AnyKept]) -> CustomerInvoiceState:
    """Facts of a customer invoice, in business order, as one value."""
    told = Told(facts)
    return CustomerInvoiceState(no, told.first(CustomerInvoice), told.all(Payment))


class StockOpeningState(msgspec.Struct):
    """The stock of one item in one warehouse when the books were opened, unless withdrawn."""

    no: str
    opening: Kept[Opening] | None


def fold_stock_opening(no: str, facts: Iterable[AnyKept]) -> StockOpeningState:
    """The opening."""
    return StockOpeningState(no, Told(facts).first(Opening))


class GoodsReceiptState(msgspec.Struct):
    """What came into a warehouse under one number, unless withdrawn."""

    no: str
    receipt: Kept[Received] | None


def fold_goods_receipt(no: str, facts: Iterable[AnyKept]) -> GoodsReceiptState:
    """The receipt."""
    return GoodsReceiptState(no, Told(facts).first(Received))


class StockAdjustmentState(msgspec.Struct):
    """What a warehouse had more or less of an item, unless withdrawn."""

    no: str
    adjustment: Kept[Adjustment] | None


def fold_stock_adjustment(no: str, facts: Iterable[AnyKept]) -> StockAdjustmentState:
    """The adjustment."""
    return StockAdjustmentState(no, Told(facts).first(Adjustment))


class StockCountState(msgspec.Struct):
    """What was counted of an item under one number, unless withdrawn."""

    no: str
    count: Kept[Counted] | None


def fold_stock_count(no: str, facts: Iterable[AnyKept]) -> StockCountState:
    """The count."""
    return StockCountState(no, Told(facts).first(Counted))
