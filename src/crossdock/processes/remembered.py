"""What a case remembers of an event, and what cases say to each other.

A fact is stored with its case, in a compact positional form, so it holds only what the rules need: new fields are
added at the end with a default, and no field of a fact is personal data (a test compares them with the events).
Fields are filled from the event's fields of the same name. Times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec

from crossdock.model import carrier_moves, decisions, events, master_data, stock
from crossdock.model.envelope import Receipt
from crossdock.model.quantity import Quantity


class Remembered(msgspec.Struct, frozen=True, array_like=True, tag_field="told_as", gc=False):
    """The part of an event that a case keeps."""


class Digest(msgspec.Struct, frozen=True, array_like=True, tag_field="told_as", gc=False):
    """The small summary one case gives another. Each kind of digest is a tagged subclass."""


class Line(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line of a document: its number, the item and how many."""

    line: int
    sku: str
    quantity: int


class PickedLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A picked line: ordered against found."""

    line: int
    sku: str
    ordered: int
    picked: int


class Order(Remembered, frozen=True, tag="order", gc=False):
    """From `order.created`."""

    order_no: str
    customer_no: str
    warehouse: str
    currency: str
    freight_charge_minor: int
    lines: list[Line]


class Shipment(Remembered, frozen=True, tag="shipment", gc=False):
    """From `shipment.created`."""

    shipment_no: str
    order_no: str
    warehouse: str
    zone: int


class Tender(Remembered, frozen=True, tag="tender", gc=False):
    """From `load.tendered`."""

    tender_id: str
    shipment_no: str
    scac: str
    services: list[str]
    respond_by: datetime


class TenderAccepted(Remembered, frozen=True, tag="accepted", gc=False):
    """From `load.tender_accepted`."""

    tender_id: str
    scac: str


class TenderDeclined(Remembered, frozen=True, tag="declined", gc=False):
    """From `load.tender_declined`."""

    tender_id: str
    scac: str
    reason: str | None = None


class Pick(Remembered, frozen=True, tag="pick", gc=False):
    """From `pick.confirmed`."""

    pick_id: str
    order_no: str
    lines: list[PickedLine]


class Issue(Remembered, frozen=True, tag="issue", gc=False):
    """From `goods.issued`."""

    issue_no: str
    order_no: str
    warehouse: str
    gross_weight: Quantity
    lines: list[Line]


class Milestone(Remembered, frozen=True, tag="milestone", gc=False):
    """From `shipment.milestone_reported`."""

    scac: str
    milestone: str


class Delivery(Remembered, frozen=True, tag="delivery", gc=False):
    """From `shipment.delivered`."""

    scac: str


class MoveLink(Remembered, frozen=True, tag="move_link", gc=False):
    """From `carrier_move.identified`, or `carrier_move.assigned` by a person: whoever says it, it is one fact."""

    shipment_no: str


class MoveMilestone(Remembered, frozen=True, tag="move_milestone", gc=False):
    """From `carrier_move.milestone_reported`."""

    milestone: str


class MoveDelivery(Remembered, frozen=True, tag="move_delivery", gc=False):
    """From `carrier_move.delivered`."""


class FreightInvoice(Remembered, frozen=True, tag="freight", gc=False):
    """From `freight_invoice.received`."""

    scac: str
    invoice_no: str
    shipment_no: str | None
    total_minor: int
    currency: str
    pro_no: str | None = None


class CustomerInvoice(Remembered, frozen=True, tag="invoice", gc=False):
    """From `customer_invoice.generated`."""

    invoice_no: str
    order_no: str
    currency: str
    invoiced_on: date
    lines: list[Line]
    total_minor: int
    tax_minor: int = 0


class Payment(Remembered, frozen=True, tag="payment", gc=False):
    """From `payment.received`."""

    payment_ref: str
    amount_minor: int
    currency: str
    value_on: date | None = None


class Opening(Remembered, frozen=True, tag="opening", gc=False):
    """From `stock.opened`."""

    warehouse: str
    sku: str
    quantity: int


class Received(Remembered, frozen=True, tag="received", gc=False):
    """From `goods.received`."""

    warehouse: str
    lines: list[Line]


class Adjustment(Remembered, frozen=True, tag="adjustment", gc=False):
    """From `stock.adjusted`."""

    warehouse: str
    sku: str
    quantity: int
    reason: str


class Counted(Remembered, frozen=True, tag="counted", gc=False):
    """From `stock.counted`."""

    warehouse: str
    sku: str
    counted: int
    expected: int | None = None


class Outcome(Remembered, frozen=True, tag="outcome", gc=False):
    """From `command.settled`."""

    slot: str
    generation: int
    outcome: str
    document_no: str | None = None
    reason: str | None = None


class Accepted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A command that stays as it was asked: by hash, what is wanted in its slot, and what stands there."""

    slot: str
    wanted: str
    stands: str


class Migration(Remembered, frozen=True, tag="migration", gc=False):
    """From `case.migrated`."""

    rules: int
    policies: int
    decision: str
    accepted: list[Accepted] = []


class FreightDecision(Remembered, frozen=True, tag="freight_decision", gc=False):
    """From `freight_invoice.decided`."""

    decision: str
    total_minor: int
    currency: str


class CommandDecision(Remembered, frozen=True, tag="command_decision", gc=False):
    """From `command.decided`."""

    slot: str
    generation: int
    decision: str
    wanted: str | None = None


class ShipmentSaid(Digest, frozen=True, tag="shipment_said", kw_only=True, gc=False):
    """What a shipment tells its order."""

    stage: int
    carrier: str | None
    issued: list[Line]
    issued_no: str | None
    freight_accrued_minor: int
    freight_posted_minor: int


class FreightInvoiceSaid(Digest, frozen=True, tag="freight_said", kw_only=True, gc=False):
    """What a freight invoice tells the shipment it bills. `first` orders invoices by their receipt.

    `decision` is what a person decided about this total, if anything, and `decided` when; `disputed_minor` a total that
    the carrier was asked to correct.
    """

    scac: str
    invoice_no: str
    total_minor: int
    currency: str
    first: Receipt
    occurred: int
    decision: str | None = None
    decided: int = 0
    disputed_minor: int | None = None


class Reported(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One report of a carrier within a digest: what, when (microseconds), and when it was first received."""

    key: str
    occurred: int
    first: Receipt
    milestone: str = ""


class MoveSaid(Digest, frozen=True, tag="move_said", kw_only=True, gc=False):
    """What a carrier's move tells a shipment that it carries: reports, the proof of delivery, bills."""

    scac: str
    pro_no: str
    milestones: list[Reported]
    delivery: Reported | None
    bills: list[FreightInvoiceSaid]


class CustomerInvoiceSaid(Digest, frozen=True, tag="invoice_said", kw_only=True, gc=False):
    """What a customer invoice tells its order."""

    invoice_no: str
    invoiced_on: date
    lines: list[Line]
    total_minor: int
    paid_minor: int
    currency: str
    tax_minor: int = 0


AnyDigest = ShipmentSaid | FreightInvoiceSaid | MoveSaid | CustomerInvoiceSaid
AnyRemembered = (
    Order
    | Shipment
    | Tender
    | TenderAccepted
    | TenderDeclined
    | Pick
    | Issue
    | Milestone
    | Delivery
    | MoveLink
    | MoveMilestone
    | MoveDelivery
    | FreightInvoice
    | CustomerInvoice
    | Payment
    | Opening
    | Received
    | Adjustment
    | Counted
    | Outcome
    | Migration
    | FreightDecision
    | CommandDecision
)

REMEMBERS: Final[dict[str, type[AnyRemembered]]] = {
    events.OrderCreated.type: Order,
    events.ShipmentCreated.type: Shipment,
    events.LoadTendered.type: Tender,
    events.LoadTenderAccepted.type: TenderAccepted,
    events.LoadTenderDeclined.type: TenderDeclined,
    events.PickConfirmed.type: Pick,
    events.GoodsIssued.type: Issue,
    events.MilestoneReported.type: Milestone,
    events.ShipmentDelivered.type: Delivery,
    carrier_moves.CarrierMoveIdentified.type: MoveLink,
    decisions.CarrierMoveAssigned.type: MoveLink,
    carrier_moves.CarrierMoveReported.type: MoveMilestone,
    carrier_moves.CarrierMoveDelivered.type: MoveDelivery,
    events.FreightInvoiceReceived.type: FreightInvoice,
    events.CustomerInvoiceGenerated.type: CustomerInvoice,
    events.PaymentReceived.type: Payment,
    master_data.StockOpened.type: Opening,
    stock.GoodsReceived.type: Received,
    stock.StockAdjusted.type: Adjustment,
    stock.StockCounted.type: Counted,
    events.CommandSettled.type: Outcome,
    decisions.CaseMigrated.type: Migration,
    decisions.FreightInvoiceDecided.type: FreightDecision,
    decisions.CommandDecided.type: CommandDecision,
}
