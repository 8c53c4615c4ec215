"""The warehouse system of the tests: a Tryton that knows goods, places and shipments, and no money."""

from __future__ import annotations

from tests.real.tryton.erp import (
    CUSTOMERS,
    ITEMS,
    WAREHOUSES,
    seed_company,
    seed_items,
    seed_key,
    seed_stock,
    seed_warehouses,
)
from tests.real.tryton.rpc import Person

MODULES = ("company", "currency", "party", "product", "stock", "stock_package", "stock_shipment_measurements")
GROUPS = ("Party Administration", "Product Administration", "Stock", "Stock Administration", "Stock Force Assignment")


def seed(person: Person) -> None:
    """Everything that is there before the first release."""
    company = seed_company(person, "Crossdock Test Warehouses")
    warehouses = seed_warehouses(person, WAREHOUSES)
    items = seed_items(person, ITEMS, weighed=True)
    person.model("party.party", "create", [
        {"name": f"Consignee {code}", "code": code, "addresses": [["create", [{"street": "1 Road", "city": "Tulsa"}]]]}
        for code in CUSTOMERS
    ])  # fmt: skip
    person.make("party.party", name="Consignees of orders", code="ORDERS",
                addresses=[["create", [{"street": "as the order says"}]]])  # fmt: skip
    person.make("party.category", name="Crossdock")
    person.make("stock.package.type", name="Pallet")
    seed_stock(person, company, warehouses, items, {code: row.opening for code, row in ITEMS.items()})
    seed_key(person, GROUPS)
