"""A carrier's bill for what it brought to us becomes part of what the goods cost, once, in the ERP's own books."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from tests.real.contract.counterparts import TrytonErp
from tests.real.tryton import erp as seed
from tests.real.tryton.rpc import Person

from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Already, AnyOutcome, Applied
from crossdock.testing.counterpart import opened


def received(person: Person, asn: str, quantity: int, price: str) -> int:
    """A new item was bought, and came; its id."""
    company = person.context["company"]
    unit = person.one("product.uom", ["name", "=", "Unit"])
    template = person.make(
        "product.template", name="New", type="goods", default_uom=unit, list_price=Decimal(200), purchasable=True,
        purchase_uom=unit, cost_price_method="average",
        account_category=person.one("product.category", ["name", "=", "Goods"]),
    )  # fmt: skip
    item = person.make("product.product", template=template, suffix_code="NEW-001", cost_price=Decimal(0))
    supplier = person.rows("party.party", [["code", "=", "SUPPLIER"]], ["addresses", "supplier_location"])[0]
    warehouse = person.rows("stock.location", [["code", "=", "DC01"]], ["input_location", "storage_location"])[0]
    currency = person.one("currency.currency", ["code", "=", "USD"])
    line = {"product": item, "quantity": quantity, "unit": unit, "unit_price": Decimal(price)}
    purchase = person.make(
        "purchase.purchase", company=company, party=supplier["id"], invoice_address=supplier["addresses"][0],
        warehouse=warehouse["id"], currency=currency, invoice_method="manual", lines=[["create", [line]]],
    )  # fmt: skip
    for button in ("quote", "confirm", "process"):
        person.press("purchase.purchase", button, purchase)
    moves = person.model("stock.move", "search", [["product", "=", item]], 0, None, None)
    shipment = person.make(
        "stock.shipment.in", company=company, supplier=supplier["id"], reference=asn, warehouse=warehouse["id"],
        warehouse_input=warehouse["input_location"], warehouse_storage=warehouse["storage_location"],
        incoming_moves=[["add", moves]],
    )  # fmt: skip
    for button in ("receive", "do"):
        person.press("stock.shipment.in", button, shipment)
    return item


def test_freight_of_a_receipt_becomes_landed_cost_once(tryton_erp: TrytonErp) -> None:
    person = tryton_erp.person
    item = received(person, "ASN-1", 10, "100.00")

    def cost() -> Decimal:
        price: Decimal = person.rows("product.product", [["id", "=", item]], ["cost_price"])[0]["cost_price"]
        return price

    def payable() -> Decimal:
        rows = person.rows("account.move.line", [["account.code", "=", seed.PAYABLE]], ["debit", "credit"])
        return Decimal(sum(row["credit"] - row["debit"] for row in rows))

    assert cost() == Decimal(100)
    owed = payable()
    content: dict[str, object] = {
        "shipment_no": "ASN-1", "scac": "RDWY", "invoice_no": "F-ASN-1", "total_minor": 5_000, "currency": "USD"
    }  # fmt: skip
    command = Command(key="shipment/ASN-1/freight_invoice/1", kind="post_freight_invoice", action="do", content=content)

    async def ask() -> list[AnyOutcome]:
        connector = opened(tryton_erp)
        try:
            return [await connector.apply(command) for _ in range(2)]
        finally:
            await connector.close()

    first, second = asyncio.run(ask())
    assert isinstance(first, Applied), first
    assert isinstance(second, Already), second
    # Tryton recomputes what goods cost by night, from the moves whose price changed; its people may ask at once.
    person.wizard("product.recompute_cost_price", [("start", {"from_": seed.today()}, "recompute")],
                  active_model="product.product", active_id=item, active_ids=[item])  # fmt: skip
    assert cost() == Decimal(105)
    assert payable() - owed == Decimal(50)
