from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.app.lacking import State, done_of, lack_of
from crossdock.model.envelope import Receipt
from crossdock.model.quantity import Quantity
from crossdock.processes.catalog import KINDS
from crossdock.processes.facts import Kept
from crossdock.processes.remembered import (
    CustomerInvoice,
    CustomerInvoiceSaid,
    Delivery,
    FreightInvoice,
    FreightInvoiceSaid,
    Issue,
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
from crossdock.processes.states import OrderState, ShipmentState

PLAN = Shipment("SH1", "SO1", "DC02", 3)
TENDER = Tender("T1", "SH1", "RDWY", [], datetime(2026, 3, 2, tzinfo=UTC))
AGAIN = Tender("T2", "SH1", "SAIA", [], datetime(2026, 3, 3, tzinfo=UTC))
DECLINED = TenderDeclined("T1", "RDWY")
ACCEPTED = TenderAccepted("T1", "RDWY")
PICK = Pick("PK1", "SO1", [])
ISSUE = Issue("GI1", "SO1", "DC02", Quantity(Decimal(5), "LBR"), [])
DELIVERY = Delivery("RDWY")
BILL = FreightInvoiceSaid(scac="RDWY", invoice_no="F1", total_minor=1, currency="USD", first=Receipt(1, 0), occurred=0)
ORDER = Order("SO1", "K7", "DC02", "USD", 0, [])


def _facts(*data: Any) -> list[Kept[Any]]:
    return [
        Kept(f"{number}:{number}", number, 0, False, Receipt(number, 0), each) for number, each in enumerate(data, 1)
    ]


def _state(kind: str, *data: Any) -> Any:
    return KINDS[kind].versions[KINDS[kind].latest].fold("NO", _facts(*data))


def _lack(kind: str, *data: Any, above: Sequence[State] = ()) -> str:
    lack = lack_of(kind, _state(kind, *data), above)
    return f"{lack.what} ({lack.who})" if lack else "nothing"


@pytest.mark.parametrize(
    ("facts", "lacks"),
    [
        ((Milestone("RDWY", "en_route"),), "the plan of the shipment (transport)"),
        ((PLAN,), "a tender to a carrier (transport)"),
        ((PLAN, TENDER), "the answer to the tender (carrier RDWY)"),
        ((PLAN, TENDER, DECLINED), "a tender to another carrier (transport)"),
        ((PLAN, TENDER, DECLINED, AGAIN), "the answer to the tender (carrier SAIA)"),
        ((PLAN, TENDER, ACCEPTED), "the pick (warehouse DC02)"),
        ((PLAN, TENDER, ACCEPTED, PICK), "the goods issue (warehouse DC02)"),
        ((PLAN, TENDER, ACCEPTED, PICK, DELIVERY), "the goods issue (warehouse DC02)"),
        ((PLAN, TENDER, ACCEPTED, ISSUE), "proof of delivery (carrier RDWY)"),
        ((PLAN, TENDER, ACCEPTED, PICK, ISSUE, DELIVERY), "the freight invoice (carrier RDWY)"),
        ((PLAN, TENDER, ACCEPTED, PICK, ISSUE, DELIVERY, BILL), "nothing"),
    ],
)
def test_a_shipment_lacks_the_next_fact_of_its_way(facts: tuple[Any, ...], lacks: str) -> None:
    assert _lack("shipment", *facts) == lacks


def _said(stage: int, *, issued: bool) -> ShipmentSaid:
    return ShipmentSaid(
        stage=stage, carrier="RDWY", issued=[], issued_no="GI1" if issued else None, freight_accrued_minor=0,
        freight_posted_minor=0,
    )  # fmt: skip


def _invoice(paid: int) -> CustomerInvoiceSaid:
    return CustomerInvoiceSaid(
        invoice_no="IN1", invoiced_on=date(2026, 3, 2), lines=[], total_minor=100, paid_minor=paid, currency="USD"
    )


@pytest.mark.parametrize(
    ("facts", "lacks"),
    [
        ((_said(1, issued=False),), "the order itself (order management)"),
        ((ORDER,), "the plan of a shipment (transport)"),
        ((ORDER, _said(2, issued=False)), "the answer to the tender (carrier RDWY)"),
        ((ORDER, _said(7, issued=True), _said(3, issued=False)), "the pick (warehouse)"),
        ((ORDER, _said(6, issued=True)), "proof of delivery (carrier RDWY)"),
        ((ORDER, _said(7, issued=False)), "the goods issue (warehouse)"),
        ((ORDER, _said(7, issued=True)), "the customer invoice (ERP)"),
        ((ORDER, _said(4, issued=False), _invoice(0)), "the goods issue (warehouse)"),
        ((ORDER, _said(7, issued=True), _invoice(40)), "payment (customer K7)"),
        ((ORDER, _said(7, issued=True), _invoice(100)), "nothing"),
    ],
)
def test_an_order_waits_for_its_least_advanced_shipment_then_for_money(facts: tuple[Any, ...], lacks: str) -> None:
    assert _lack("order", *facts) == lacks


def test_a_freight_invoice_waits_until_its_shipment_can_be_matched() -> None:
    bill = FreightInvoice("RDWY", "F1", "SH1", 100, "USD")
    assert _lack("freight_invoice") == "the freight invoice itself (carrier)"
    shipment: ShipmentState = _state("shipment", PLAN, TENDER, ACCEPTED)
    assert _lack("freight_invoice", bill, above=[shipment]) == "the pick (warehouse DC02)"
    shipment = _state("shipment", PLAN, TENDER, ACCEPTED, ISSUE)
    assert _lack("freight_invoice", bill, above=[shipment]) == "nothing"


def test_a_customer_invoice_waits_for_goods_then_for_money() -> None:
    invoice = CustomerInvoice("IN1", "SO1", "USD", date(2026, 3, 2), [], 100)
    early: OrderState = _state("order", ORDER)
    issued: OrderState = _state("order", ORDER, _said(7, issued=True))
    assert _lack("customer_invoice", Payment("P1", 100, "USD")) == "the invoice itself (ERP)"
    assert _lack("customer_invoice", invoice, above=[early]) == "the goods issue that it bills (warehouse)"
    assert _lack("customer_invoice", invoice, above=[issued]) == "payment (customer)"
    assert _lack("customer_invoice", invoice, Payment("P1", 100, "EUR"), above=[issued]) == "payment (customer)"
    assert _lack("customer_invoice", invoice, Payment("P1", 100, "USD"), above=[issued]) == "nothing"


def test_a_stock_opening_waits_for_its_count() -> None:
    assert _lack("stock_opening") == "the count (warehouse)"
    assert _lack("stock_opening", Opening("DC01", "SKU1", 5)) == "nothing"


def test_every_kind_of_case_can_be_explained() -> None:
    for kind in KINDS:
        assert done_of(kind)
        lack_of(kind, _state(kind), ())
