"""The ERP of the tests: a distributor's books in Tryton, set up as its own people would set them up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from tests.real.tryton.rpc import Person

from crossdock.sandbox.day.trade import CARRIERS as SCACS
from crossdock.sandbox.day.trade import draw_world

MODULES = (
    "account_invoice", "account_invoice_stock", "account_product", "account_statement", "account_stock_landed_cost",
    "account_stock_shipment_cost", "carrier", "company", "country", "currency", "party", "product", "purchase",
    "sale", "stock", "stock_shipment_cost",
)  # fmt: skip
WORLD = draw_world(Random(7))  # that of the sandbox: its shop, carriers and bank deal with this house
WAREHOUSES = ("DC01", "DC02")
CARRIERS = tuple(sorted(SCACS))
CUSTOMERS = tuple(one.customer_no for one in WORLD.customers)
OPENING = 1_000_000
"""Of every item, in every warehouse."""


class Item(NamedTuple):
    """What an item is sold for and has cost, how much of it there is in each warehouse, and its kilograms."""

    price: Decimal
    cost: Decimal
    opening: int
    weight: int


ITEMS = {
    one.sku: Item(Decimal(one.price_cents).scaleb(-2), Decimal(one.price_cents // 2).scaleb(-2), OPENING, one.weight_lb)
    for one in WORLD.items
}
TAX_RATE = "0.0600"
KEY = "crossdock-rest-key-of-the-tests-" + "e" * 32
USER = ("crossdock", "crossdock-of-the-tests")
GROUPS = (
    "Account Product Administration", "Accounting", "Accounting Administration", "Party Administration",
    "Product Administration", "Purchase", "Sales", "Sales Administrator", "Statement", "Stock", "Stock Administration",
    "Stock Force Assignment",
)  # fmt: skip
# Accounts of the universal chart, by code.
CASH, RECEIVABLE, PAYABLE, TAX, REVENUE, EXPENSE = "1.1.1", "1.2.1", "2.1.1", "2.2.3", "4.1.1", "5.2.1"


def today() -> date:
    """Tryton's own day: it goes by UTC."""
    return datetime.now(UTC).date()


def seed(person: Person) -> None:
    """Everything that is there before the first order."""
    company = seed_company(person, "Crossdock Test Distributor")
    accounts = _accounts(person, company)
    _fiscal_years(person, company)
    warehouses = seed_warehouses(person, WAREHOUSES)
    tax = _tax(person, company, accounts)
    category = person.make(
        "product.category", name="Goods", accounting=True, account_expense=accounts[EXPENSE],
        account_revenue=accounts[REVENUE], customer_taxes=[["add", [tax]]],
    )  # fmt: skip
    untaxed = person.make(
        "product.category", name="Freight", accounting=True, account_expense=accounts[EXPENSE],
        account_revenue=accounts[REVENUE],
    )  # fmt: skip
    items = seed_items(person, ITEMS, account_category=category, salable=True, purchasable=True,
                       cost_price_method="average")  # fmt: skip
    _freight(person, untaxed)
    _parties(person)
    _statements(person, company, accounts)
    seed_stock(person, company, warehouses, items, {code: row.opening for code, row in ITEMS.items()})
    seed_key(person, GROUPS)


def seed_company(person: Person, name: str) -> int:
    """A company in US dollars, and the person works for it."""
    dollars = person.make("currency.currency", name="US Dollar", symbol="$", code="USD", numeric_code="840",
                          rounding=Decimal("0.01"), digits=2)  # fmt: skip
    party = person.make("party.party", name=name)
    company = person.make("company.company", party=party, currency=dollars)
    person.change("res.user", person.number, companies=[["add", [company]]], company=company)
    person.context = {"company": company, "language": "en"}
    return company


def _accounts(person: Person, company: int) -> dict[str, int]:
    template = person.one("account.account.template", ["parent", "=", None])
    person.wizard("account.create_chart", [
        ("", {}, "start"),
        ("start", {}, "account"),
        ("account", {"account_template": template, "company": company}, "create_account"),
    ])  # fmt: skip
    known = {row["code"]: row["id"] for row in person.rows("account.account", [["company", "=", company]], ["code"])}
    person.wizard("account.create_chart", [
        ("properties", {
            "company": company, "account_receivable": known[RECEIVABLE],
            "account_payable": known[PAYABLE], "category_account_expense": known[EXPENSE],
            "category_account_revenue": known[REVENUE],
        }, "create_properties"),
    ])  # fmt: skip
    return known


def _fiscal_years(person: Person, company: int) -> None:
    this = today().year
    strict = person.one("ir.sequence.type", ["name", "=", "Invoice"])
    moves = person.one("ir.sequence.type", ["name", "=", "Account Move"])
    for year in (this - 1, this, this + 1):
        invoices = person.make("ir.sequence.strict", name=f"Invoice {year}", sequence_type=strict, company=company,
                               prefix=f"{year}-")  # fmt: skip
        sequence = person.make("ir.sequence.strict", name=f"Move {year}", sequence_type=moves, company=company)
        same = dict.fromkeys(
            ("in_invoice_sequence", "in_credit_note_sequence", "out_invoice_sequence", "out_credit_note_sequence"),
            invoices,
        )
        number = person.make(
            "account.fiscalyear", name=str(year), start_date=date(year, 1, 1), end_date=date(year, 12, 31),
            company=company, move_sequence=sequence, invoice_sequences=[["create", [{"company": company, **same}]]],
        )  # fmt: skip
        person.press("account.fiscalyear", "create_period", number)


def _tax(person: Person, company: int, accounts: dict[str, int]) -> int:
    return person.make(
        "account.tax", name="Sales tax 6 %", description="Sales tax 6 %", company=company, type="percentage",
        rate=Decimal(TAX_RATE), invoice_account=accounts[TAX], credit_note_account=accounts[TAX],
    )  # fmt: skip


def seed_warehouses(person: Person, codes: tuple[str, ...]) -> dict[str, int]:
    """Warehouses with an input, a storage and an output location each."""
    lost = person.one("stock.location", ["type", "=", "lost_found"])
    made = {}
    for code in codes:
        parts = {
            f"{kind}_location": person.make(
                "stock.location", name=f"{code} {kind}", code=f"{code}-{kind}", type="storage"
            )
            for kind in ("input", "storage", "output")
        }
        made[code] = person.make("stock.location", name=code, code=code, type="warehouse",
                                  lost_found_location=lost, **parts)  # fmt: skip
    return made


def seed_items(person: Person, items: dict[str, Item], *, weighed: bool = False, **more: Any) -> dict[str, int]:
    """Goods counted in units."""
    kilogram = person.one("product.uom", ["name", "=", "Kilogram"])
    unit = person.one("product.uom", ["name", "=", "Unit"])
    if more.get("salable"):
        more |= {"sale_uom": unit, "purchase_uom": unit}
    templates = person.model("product.template", "create", [
        {"name": f"Item {code}", "type": "goods", "default_uom": unit, "list_price": item.price, **more,
         **({"weight": item.weight, "weight_uom": kilogram} if weighed else {})}
        for code, item in items.items()
    ])  # fmt: skip
    made = person.model("product.product", "create", [
        {"template": template, "suffix_code": code, "cost_price": item.cost}
        for template, (code, item) in zip(templates, items.items(), strict=True)
    ])  # fmt: skip
    return dict(zip(items, made, strict=True))


def _freight(person: Person, category: int) -> None:
    unit = person.one("product.uom", ["name", "=", "Unit"])
    for code, name, more in (
        ("FREIGHT", "Freight to customers", {"salable": True, "sale_uom": unit}),
        ("CARRIAGE", "Carriage of shipments", {"shipment_cost": True}),
        ("LANDED", "Carriage of receipts", {"landed_cost": True}),
    ):
        template = person.make("product.template", name=name, type="service", default_uom=unit,
                               list_price=Decimal(0), account_category=category, **more)  # fmt: skip
        person.make("product.product", template=template, suffix_code=code, cost_price=Decimal(0))


def _parties(person: Person) -> None:
    term = person.make("account.invoice.payment_term", name="Net 30", lines=[["create", [
        {"type": "remainder", "relativedeltas": [["create", [{"days": 30}]]]}]]])  # fmt: skip
    country = person.make("country.country", name="United States", code="US")
    address = {"street": "1 Road", "city": "Tulsa", "postal_code": "74103", "country": country}
    person.model("party.party", "create", [
        {"name": f"Party {code}", "code": code, "customer_payment_term": term, "supplier_payment_term": term,
         "addresses": [["create", [address]]]}
        for code in (*CUSTOMERS, *CARRIERS, "SUPPLIER")
    ])  # fmt: skip
    carriage = person.one("product.product", ["code", "=", "CARRIAGE"])
    for code in CARRIERS:
        party = person.one("party.party", ["code", "=", code])
        person.make("carrier", party=party, carrier_product=carriage)
    person.make("party.category", name="Crossdock")


def _statements(person: Person, company: int, accounts: dict[str, int]) -> None:
    journal = person.one("account.journal", ["type", "=", "statement"])
    person.make("account.statement.journal", name="Bank", journal=journal, company=company,
                currency=person.one("currency.currency", ["code", "=", "USD"]), validation="amount",
                account=accounts[CASH])  # fmt: skip


def seed_stock(
    person: Person, company: int, warehouses: dict[str, int], items: dict[str, int], quantities: dict[str, int]
) -> None:
    """The opening count of every item in every warehouse."""
    for code in warehouses:
        lines = [{"product": item, "quantity": quantities[sku]} for sku, item in items.items()]
        inventory = person.make(
            "stock.inventory", company=company, location=person.one("stock.location", ["code", "=", f"{code}-storage"]),
            date=today(), empty_quantity="keep", lines=[["create", lines]],
        )  # fmt: skip
        person.press("stock.inventory", "confirm", inventory)


def seed_key(person: Person, groups: tuple[str, ...]) -> None:
    """A user for Crossdock: with a password for wizards, with a key for the rest."""
    numbers = [person.one("res.group", ["name", "=", name]) for name in groups]
    user = person.make(
        "res.user", name="Crossdock", login=USER[0], password=USER[1], groups=[["add", numbers]],
        companies=[["add", [person.context["company"]]]], company=person.context["company"],
    )  # fmt: skip
    person.make("res.user.application", key=KEY, user=user, application="rest")
