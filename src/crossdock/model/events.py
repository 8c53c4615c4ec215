"""The catalogue of canonical events: what systems tell us, in the words of the trade.

An event is a frozen struct. Its class says, beside its fields:

* `type`: its name, past tense and dotted (`goods.issued`);
* `owner`: the kind of case that keeps it as a fact, and the field that names the case;
* `key`: the fields that name the fact among its owner's facts of that type (its natural key): a second event
  with the same key is the same fact told again;
* `content`: fields that make a second telling a *different* statement (a freight invoice's total);
* `identifies`: fields by which a person may look for the case.

To add an event, add a struct and list it in `CATALOGUE`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from crossdock.model.address import Address
from crossdock.model.carrier_moves import CarrierMoveDelivered, CarrierMoveIdentified, CarrierMoveReported
from crossdock.model.decisions import CarrierMoveAssigned, CaseMigrated, CommandDecided, FreightInvoiceDecided
from crossdock.model.event import Fact, Owner, Reference
from crossdock.model.master_data import (
    IdentifierCrossReferenced,
    ItemPublished,
    PartyPublished,
    RatePublished,
    StockOpened,
)
from crossdock.model.quantity import Quantity
from crossdock.model.stock import GoodsReceived, StockAdjusted, StockCounted
from crossdock.model.types import (
    CaseId,
    Code,
    Count,
    Currency,
    Day,
    Identifier,
    Instant,
    MinorPositive,
    Number,
    Personal,
    Scac,
    Slot,
    Text,
    UnitCode,
)

# -- order to ship ---------------------------------------------------------------------------------------------


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a customer's order; `quantity` in `unit`, price in minor units of the order's currency."""

    line: Number
    sku: Identifier
    quantity: Count
    unit: UnitCode
    unit_price_minor: MinorPositive


class OrderCreated(Fact, frozen=True, kw_only=True):
    """A customer's order was accepted by the order system."""

    type = "order.created"
    owner = Owner("order", ("order_no",))
    key = ("order_no",)

    order_no: Identifier
    customer_no: Identifier
    warehouse: Identifier
    currency: Currency
    requested_on: Day
    freight_charge_minor: MinorPositive
    ship_to: Address
    lines: list[OrderLine]


class ShipmentCreated(Fact, frozen=True, kw_only=True):
    """The transport system planned a shipment for an order."""

    type = "shipment.created"
    owner = Owner("shipment", ("shipment_no",))
    key = ("shipment_no",)
    identifies = ("bol_no",)

    shipment_no: Identifier
    order_no: Identifier
    warehouse: Identifier
    mode: Code
    zone: Number
    ship_to: Address
    pieces: Count
    planned_weight: Quantity
    equipment: Code | None = None
    service_level: Code | None = None
    bol_no: Identifier | None = None


class LoadTendered(Fact, frozen=True, kw_only=True):
    """A carrier was asked to move the shipment."""

    type = "load.tendered"
    owner = Owner("shipment", ("shipment_no",))
    key = ("tender_id",)
    identifies = ("tender_id",)

    tender_id: Identifier
    shipment_no: Identifier
    scac: Scac
    services: list[Code]
    respond_by: Instant
    pickup_from: Instant | None = None
    pickup_until: Instant | None = None
    notes: Text | None = None


class LoadTenderAccepted(Fact, frozen=True, kw_only=True):
    """The carrier took the load."""

    type = "load.tender_accepted"
    owner = Owner("shipment", ("shipment_no",))
    key = ("tender_id",)
    identifies = ("pro_no",)

    tender_id: Identifier
    shipment_no: Identifier
    scac: Scac
    pro_no: Identifier | None = None
    driver_eta: Instant | None = None
    contact_name: Personal | None = None
    contact_phone: Personal | None = None
    contact_email: Personal | None = None


class LoadTenderDeclined(Fact, frozen=True, kw_only=True):
    """The carrier refused the load."""

    type = "load.tender_declined"
    owner = Owner("shipment", ("shipment_no",))
    key = ("tender_id",)

    tender_id: Identifier
    shipment_no: Identifier
    scac: Scac
    reason: Text | None = None


class PickLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the warehouse found of one ordered line, in the item's base unit."""

    line: Number
    sku: Identifier
    ordered: Count
    picked: Count
    location: Identifier | None = None
    lot: Identifier | None = None


class PickConfirmed(Fact, frozen=True, kw_only=True):
    """The warehouse picked the goods."""

    type = "pick.confirmed"
    owner = Owner("shipment", ("shipment_no",))
    key = ("pick_id",)
    identifies = ("pick_id",)

    pick_id: Identifier
    order_no: Identifier
    shipment_no: Identifier
    warehouse: Identifier
    wave: Identifier | None = None
    picker: Personal | None = None
    lines: list[PickLine]


class IssueLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What left the warehouse of one line; `quantity` in `unit`."""

    line: Number
    sku: Identifier
    quantity: Count
    unit: UnitCode


class GoodsIssued(Fact, frozen=True, kw_only=True):
    """The goods left the warehouse: the moment stock, accrual and billing hang on."""

    type = "goods.issued"
    owner = Owner("shipment", ("shipment_no",))
    key = ("issue_no",)
    identifies = ("issue_no", "seal_no")

    issue_no: Identifier
    order_no: Identifier
    shipment_no: Identifier
    warehouse: Identifier
    gross_weight: Quantity
    pallets: Count | None = None
    seal_no: Identifier | None = None
    lines: list[IssueLine]


# -- the way ---------------------------------------------------------------------------------------------------


class MilestoneReported(Fact, frozen=True, kw_only=True):
    """The carrier says where the shipment is. `status_code` is the carrier's own word, `milestone` ours."""

    type = "shipment.milestone_reported"
    owner = Owner("shipment", ("shipment_no",))
    key = ("scac", "shipment_no", "status_code", "stop_no")

    scac: Scac
    shipment_no: Identifier
    pro_no: Identifier | None = None
    status_code: Code
    milestone: Code
    reason_code: Code | None = None
    stop_no: Number
    city: Text | None = None
    state: Text | None = None


class ShipmentDelivered(Fact, frozen=True, kw_only=True):
    """The consignee has the goods: the proof of delivery."""

    type = "shipment.delivered"
    owner = Owner("shipment", ("shipment_no",))
    key = ("scac", "shipment_no", "status_code", "stop_no")
    identifies = ("pro_no",)

    scac: Scac
    shipment_no: Identifier
    pro_no: Identifier | None = None
    status_code: Code
    reason_code: Code | None = None
    stop_no: Number
    city: Text | None = None
    state: Text | None = None
    signed_by: Personal | None = None


# -- money -----------------------------------------------------------------------------------------------------


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One billed line, in the item's base unit and minor units of the invoice's currency."""

    line: Number
    sku: Identifier
    quantity: Count
    unit_price_minor: MinorPositive
    amount_minor: MinorPositive


class CustomerInvoiceGenerated(Fact, frozen=True, kw_only=True):
    """The ERP billed the customer. `tax_minor` is the part of the total that is owed on as sales tax."""

    type = "customer_invoice.generated"
    owner = Owner("customer_invoice", ("invoice_no",))
    key = ("invoice_no",)

    invoice_no: Identifier
    order_no: Identifier
    customer_no: Identifier
    currency: Currency
    terms: Text | None = None
    invoiced_on: Day
    due_on: Day
    lines: list[InvoiceLine]
    freight_charge_minor: MinorPositive
    total_minor: MinorPositive
    tax_minor: MinorPositive = 0


class PaymentReceived(Fact, frozen=True, kw_only=True):
    """The bank credited us for an invoice."""

    type = "payment.received"
    owner = Owner("customer_invoice", ("invoice_no",))
    key = ("payment_ref",)
    identifies = ("payment_ref",)

    payment_ref: Identifier
    invoice_no: Identifier
    customer_no: Identifier | None = None
    amount_minor: MinorPositive
    currency: Currency
    value_on: Day
    method: Code | None = None
    memo: Text | None = None


class FreightCharge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One charge of a freight invoice beside the linehaul, in minor units."""

    code: Code
    amount_minor: MinorPositive


class FreightInvoiceReceived(Fact, frozen=True, kw_only=True):
    """A carrier billed a move. The same number with another total is another statement, not a copy.

    Without `shipment_no` it bills the move that the carrier knows as `pro_no`.
    """

    type = "freight_invoice.received"
    owner = Owner("freight_invoice", ("scac", "invoice_no"))
    key = ("scac", "invoice_no")
    content = ("total_minor",)
    identifies = ("pro_no",)

    scac: Scac
    invoice_no: Identifier
    shipment_no: Identifier | None = None
    pro_no: Identifier | None = None
    invoiced_on: Day
    linehaul_minor: MinorPositive
    charges: list[FreightCharge]
    total_minor: MinorPositive
    currency: Currency


# -- our own ----------------------------------------------------------------------------------------------------


class CommandSettled(Fact, frozen=True, kw_only=True):
    """What became of a command of ours in the system it was for. `case` is the case that asked."""

    type = "command.settled"
    owner = Owner("", ("case",))
    key = ("slot", "generation")
    content = ("outcome",)
    identifies = ("document_no",)

    case: CaseId
    slot: Slot
    generation: Count
    outcome: Literal["sent", "unknown", "held", "applied", "refused"]
    document_no: Identifier | None = None
    reason: Text | None = None


CATALOGUE: Final[dict[str, type[Fact | Reference]]] = {
    event.type: event
    for event in (
        OrderCreated,
        ShipmentCreated,
        LoadTendered,
        LoadTenderAccepted,
        LoadTenderDeclined,
        PickConfirmed,
        GoodsIssued,
        MilestoneReported,
        ShipmentDelivered,
        CarrierMoveIdentified,
        CarrierMoveReported,
        CarrierMoveDelivered,
        CustomerInvoiceGenerated,
        PaymentReceived,
        FreightInvoiceReceived,
        StockOpened,
        GoodsReceived,
        StockAdjusted,
        StockCounted,
        RatePublished,
        PartyPublished,
        ItemPublished,
        IdentifierCrossReferenced,
        CommandSettled,
        CaseMigrated,
        CarrierMoveAssigned,
        FreightInvoiceDecided,
        CommandDecided,
    )
}
