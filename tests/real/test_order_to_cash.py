"""Orders become cash through two real systems, and afterwards each one's own books agree with our ledger."""

from __future__ import annotations

import pytest
from tests.real.real_house import ITEMS, Books, RealHouse, real_house
from tests.real.tryton import erp as seed

ORDERS = 10


def trade(house: RealHouse, count: int, seconds: float, *, deliverers: int = 1) -> None:
    """Order to cash for so many orders: every fourth is picked short, every third paid in two parts, or only one."""
    house.opened()
    for number in range(1, count + 1):
        sku, other = ITEMS[number % 5], ITEMS[(number + 1) % 5]
        house.ordered(number, {sku: 10 + number % 3, other: 4}, short={sku: 7} if number % 4 == 0 else None)
    house.settle()
    for number in range(deliverers):
        house.deliverer(number)
    house.work_until(lambda: house.applied("create_invoice") == count and len(house.invoices()) == count, seconds)
    for number, (order_no, (invoice_no, total)) in enumerate(sorted(house.invoices().items())):
        house.freight_billed(
            int(order_no.removeprefix("ORD-")), house.views("order")[order_no]["freight_accrued_minor"]
        )
        if number % 3 == 0:
            house.paid(f"P{number}A", invoice_no, total // 2)
        if number % 6 != 0:
            house.paid(f"P{number}B", invoice_no, total - total // 2 if number % 3 == 0 else total)
    payments = count + len(range(0, count, 3)) - len(range(0, count, 6))
    house.work_until(lambda: house.applied("post_freight_invoice") == count, seconds)
    house.work_until(lambda: house.applied("post_payment") == payments, seconds)


def compare(house: RealHouse, count: int) -> None:
    """Each system's own books against our ledger, to the unit and the cent."""
    erp, wms = Books(house.erp.person()), Books(house.wms.person())
    ours = {sku: amount for (place, sku), amount in house.balances("stock.on_hand").items()
            if place.endswith("DC01") and sku in ITEMS}  # fmt: skip
    assert wms.stock("DC01", ITEMS) == ours
    assert erp.stock("DC01", ITEMS) == ours

    def money(account: str) -> int:
        return int(house.rows("select coalesce(sum(amount), 0) from balance where account = %s", account)[0][0])

    assert erp.account(seed.RECEIVABLE) == money("receivable")
    assert erp.account(seed.REVENUE) == money("revenue")
    assert erp.account(seed.TAX) == money("sales_tax")
    assert erp.account(seed.CASH) == money("cash")
    assert erp.account(seed.PAYABLE) == money("freight.payable")
    assert erp.account(seed.EXPENSE) == money("freight.expense")
    assert money("freight.accrued") == 0
    bills = "select content ->> 'shipment_no', (content ->> 'total_minor')::int from command"
    assert erp.carriage() == dict(house.rows(f"{bills} where kind = 'post_freight_invoice' and state = 'applied'"))
    person = house.erp.person()
    for model, domain in (
        ("sale.sale", []),
        ("account.invoice", [["type", "=", "out"]]),
        ("account.invoice", [["type", "=", "in"]]),
        ("account.shipment_cost", []),
        ("stock.shipment.out", [["state", "=", "done"]]),
    ):
        assert person.model(model, "search_count", domain, 0, None) == count, (model, domain)


def meddle(house: RealHouse) -> None:
    """People do what nobody told us: a count in the warehouse, and a payment entered a second time by hand."""
    person = house.wms.person()
    item = person.one("product.product", ["code", "=", ITEMS[0]])
    place = person.one("stock.location", ["code", "=", "DC01-storage"])
    there = Books(person).stock("DC01", ITEMS)[ITEMS[0]]
    inventory = person.make(
        "stock.inventory", company=person.context["company"], location=place, date=seed.today(), empty_quantity="keep",
        lines=[["create", [{"product": item, "quantity": there + 5}]]],
    )  # fmt: skip
    person.press("stock.inventory", "confirm", inventory)
    person = house.erp.person()
    fields = ["amount", "party", "account", "related_to"]
    line = person.rows("account.statement.line", [["number", "=", "P0A"]], fields)[0]
    statement = person.make(
        "account.statement", name="once more", company=person.context["company"], date=seed.today(),
        journal=person.one("account.statement.journal", ["name", "=", "Bank"]), total_amount=line["amount"],
        lines=[["create", [{"date": seed.today(), "number": "P0A", "amount": line["amount"], "party": line["party"],
                            "account": line["account"], "related_to": line["related_to"]}]]],
    )  # fmt: skip
    for button in ("validate_statement", "post"):
        person.press("account.statement", button, statement)


def whole_day(url: str, orders: int, seconds: float) -> None:
    with real_house(url) as house:
        trade(house, orders, seconds)
        compare(house, orders)
        assert house.rows("select count(*) from dead_letter") == [(0,)]
        assert house.reconciled() == (True, {})
        meddle(house)
        counted = "select count(*) from work_item where code = 'COUNT_DIFFERENCE' and closed_at is null"
        house.work_until(lambda: house.rows(counted) == [(1,)], 60)
        clean, named = house.reconciled()
        assert not clean
        # The warehouse told us of its count; the ERP knows nothing of it, and has a payment twice.
        assert named == {f"erp stock {ITEMS[0]}": "break", "erp payment P0A": "doubled"}


@pytest.mark.timeout(600)
def test_orders_become_cash_and_every_book_agrees(database_url: str) -> None:
    whole_day(database_url, ORDERS, 300)


@pytest.mark.verify
@pytest.mark.timeout(5_400)
def test_a_hundred_orders_become_cash_and_every_book_agrees(database_url: str) -> None:
    whole_day(database_url, 100, 2_400)
