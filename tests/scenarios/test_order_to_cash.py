"""From the order to the money: stock, deadlines, billing, and facts that come in the wrong order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.scenarios.conftest import Distributor


def stock(distributor: Distributor) -> dict[str, int]:
    rows = distributor.rows("select account, sum(amount)::int from balance where item = 'SKU1' group by account")
    return {account: amount for account, amount in rows if amount}


def invoiced(distributor: Distributor, quantity: int = 10) -> None:
    line: dict[str, Any] = {
        "line": 1,
        "sku": "SKU1",
        "qty": quantity,
        "unit_price": "10.00",
        "amount": f"{quantity}0.00",
    }
    distributor.say(
        "erp", "customer.invoiced", invoice_no="IN1", order_no="SO1", customer_no="C1", currency="USD", terms="NET30",
        invoice_date="2026-03-02", due_date="2026-04-01", lines=[line], freight_charge="0.00", total=f"{quantity}0.00",
    )  # fmt: skip


def paid(distributor: Distributor, amount: str, reference: str = "PY1") -> None:
    header = "payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo"
    row = f"{reference},IN1,C1,{amount},USD,2026-03-02,ACH,REMIT IN1"
    distributor.bytes("bank", f"{header}\n{row}\n".encode(), "text/csv; layout=payments")


def test_an_order_reserves_and_the_goods_issue_takes(distributor: Distributor) -> None:
    csv = b"warehouse,sku,on_hand\nDC01,SKU1,100\n"
    distributor.bytes("master-data", csv, "text/csv; layout=initial_stock")
    distributor.ordered()
    distributor.settle()
    assert stock(distributor) == {
        "stock.on_hand/DC01": 100,
        "stock.opening/DC01": -100,
        "stock.reserved/DC01": 10,
        "stock.promised/DC01": -10,
    }
    distributor.issued(quantity=9)
    distributor.settle()
    assert stock(distributor) == {"stock.on_hand/DC01": 91, "stock.opening/DC01": -100, "stock.shipped/DC01": 9}


def test_a_proof_of_delivery_before_the_goods_issue_waits_for_it_and_leaves_its_trace(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.delivered()
    distributor.settle()
    assert distributor.rows("select 1 from command where kind = 'create_invoice'") == []
    distributor.issued()
    distributor.settle()
    assert distributor.items() == ["OUT_OF_SEQUENCE SH1"]
    assert distributor.rows("select state from command where kind = 'create_invoice'") == [("wanted",)]


def test_the_same_in_one_batch_leaves_the_same_trace(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.delivered()
    distributor.issued()
    distributor.settle()
    assert distributor.items() == ["OUT_OF_SEQUENCE SH1"]


def test_an_invoice_the_erp_made_itself_satisfies_the_wish_for_one(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.delivered()
    distributor.settle()
    assert distributor.rows("select state from command where kind = 'create_invoice'") == [("wanted",)]
    invoiced(distributor)
    distributor.settle()
    assert distributor.rows("select state from command where kind = 'create_invoice'") == [("satisfied",)]
    assert distributor.view("order", "SO1")["status"] == "INVOICED"


def test_an_invoice_over_other_quantities_is_a_mismatch_until_the_issue_agrees(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued(quantity=9)
    invoiced(distributor, 10)
    distributor.settle()
    assert distributor.items() == ["BILLING_MISMATCH IN1"]
    assert distributor.view("order", "SO1")["invoiced_minor"] == 0


def test_a_payment_in_two_parts_is_short_until_the_second(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    invoiced(distributor)
    paid(distributor, "60.00")
    distributor.settle()
    assert distributor.items() == ["PAYMENT_SHORT PY1"]
    assert distributor.view("order", "SO1")["status"] == "PARTIALLY_PAID"
    paid(distributor, "40.00", "PY2")
    distributor.settle()
    assert distributor.items() == []
    assert distributor.view("order", "SO1")["status"] == "PAID"


def test_a_silent_carrier_becomes_a_work_item_when_the_deadline_comes(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.settle(later=timedelta(days=9))
    assert distributor.items() == []
    distributor.settle(later=timedelta(days=2))
    assert distributor.items() == ["PROOF_OF_DELIVERY_OVERDUE SH1"]
    distributor.delivered()
    distributor.settle()
    assert distributor.items() == []
    assert distributor.rows("select count(*) from work_item where closed_at is not null") == [(1,)]


def test_an_order_in_dozens_reserves_pieces(distributor: Distributor) -> None:
    line = {"line": 1, "sku": "SKU1", "qty": 2, "uom": "DZ", "unit_price": "10.00"}
    distributor.say(
        "oms", "order.created", order_no="SO1", customer_no="C1", warehouse="DC01", currency="USD", lines=[line],
        ship_to={"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"},
        requested_date="2026-03-05", freight_charge="0.00",
    )  # fmt: skip
    distributor.settle()
    assert stock(distributor)["stock.reserved/DC01"] == 24
