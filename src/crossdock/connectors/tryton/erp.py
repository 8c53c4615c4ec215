"""Tryton as the ERP: orders, goods issues, invoices, freight with its share of cost, and payments, in its own words."""

from __future__ import annotations

from datetime import date
from typing import Final

from crossdock.connectors.tryton import back_orders, books, documents, erp_told, freight, goods_issues, invoices
from crossdock.connectors.tryton.deeds import Done, TrytonConnector, Way
from crossdock.connectors.tryton.invoices import INVOICE
from crossdock.connectors.tryton.sales import SALE
from crossdock.connectors.tryton.settings import Settings, read_settings
from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row, day, decimal, money
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Action, Command
from crossdock.kit.maker import Maker, Secrets
from crossdock.kit.outcomes import Rejected

_STATEMENT: Final = "account.statement"


BELIEVED: Final = {
    "stock": books.STOCK,
    "goods_issue": books.GOODS_ISSUE,
    "invoice": books.INVOICE,
    "invoiced": books.INVOICED,
    "freight_invoice": books.FREIGHT_INVOICE,
    "payment": books.PAYMENT,
}


def open_erp(configured: Configured, address: str, secrets: Secrets) -> TrytonConnector:
    """A connector to a Tryton that keeps the books."""
    settings = read_settings(configured.manifest)
    ways: dict[tuple[str, Action], Way] = {
        ("enter_order", "do"): Way(_enter_order, _entered),
        ("post_goods_issue", "do"): Way(goods_issues.post, goods_issues.issued),
        ("post_goods_issue", "undo"): Way(goods_issues.reverse, goods_issues.reversed_),
        ("cancel_back_order", "do"): Way(back_orders.cancel, back_orders.cancelled),
        ("create_invoice", "do"): Way(invoices.create, invoices.invoiced),
        ("create_invoice", "undo"): Way(invoices.credit, invoices.credited),
        ("post_freight_invoice", "do"): Way(freight.post, freight.posted),
        ("post_payment", "do"): Way(_post_payment, _paid),
    }
    return TrytonConnector(
        settings,
        configured.connection,
        address,
        ways=ways,
        watched=erp_told.watched(settings),
        secrets=secrets,
        believed=BELIEVED,
    )


MAKER: Final = Maker(read_settings, open_erp)


# -- orders ------------------------------------------------------------------------------------------------------------


async def _entered(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    rows = await talk.search(SALE, [["description", "=", command.key]], ["state", "number"])
    return next((row["number"] for row in rows if row["state"] in {"processing", "done"}), None)


async def _enter_order(talk: Talk, settings: Settings, command: Command) -> Done:
    """An order at the ERP's own prices and taxes; it computes none of them by itself when told by REST."""
    number = await _entered(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    content = command.content
    party = await talk.one("party.party", [["code", "=", content["customer_no"]]],
                           ["addresses", "customer_payment_term"], f"customer {content['customer_no']}")  # fmt: skip
    warehouse = await talk.one("stock.location", [["code", "=", content["warehouse"]], ["type", "=", "warehouse"]], [],
                               f"warehouse {content['warehouse']}")  # fmt: skip
    currency = await talk.one(
        "currency.currency", [["code", "=", content["currency"]]], [], f"currency {content['currency']}"
    )
    items = await _items(talk, [str(sku) for _, sku, _ in content["lines"]])  # type: ignore[attr-defined]
    lines = [
        {
            "product": items[sku]["id"], "quantity": quantity, "unit": items[sku]["template"]["default_uom"],
            "unit_price": decimal(items[sku]["template"]["list_price"]), "sequence": number,
            "taxes": [["add", _taxes(items[sku])]],
        }
        for number, sku, quantity in content["lines"]  # type: ignore[attr-defined]
    ]  # fmt: skip
    address = party["addresses"][0] if party["addresses"] else None
    values = {
        "company": await talk.company(), "party": party["id"], "reference": content["order_no"],
        "description": command.key, "warehouse": warehouse["id"], "currency": currency["id"],
        "invoice_method": "fulfillment", "shipment_method": "order", "invoice_address": address,
        "shipment_address": address, "payment_term": party["customer_payment_term"], "lines": [["create", lines]],
    }  # fmt: skip
    domain = [["description", "=", command.key]]
    record = await documents.made_once(
        talk, command.key, SALE, domain, values, claims=settings.claims,
        buttons={"draft": "quote", "quotation": "confirm", "confirmed": "process"}, final=("processing", "done"),
    )  # fmt: skip
    return Done((await talk.read(SALE, record, ["number"]))["number"])


def _taxes(item: Row) -> list[int]:
    category = item["template"]["account_category"]
    return category["customer_taxes"] if category else []


async def _items(talk: Talk, codes: list[str]) -> dict[str, Row]:
    fields = ["code", "template.list_price", "template.default_uom", "template.account_category.customer_taxes"]
    rows = await talk.search("product.product", [["code", "in", codes]], fields)
    items = {row["code"]: row for row in rows}
    missing = sorted(set(codes) - items.keys())
    if missing:
        raise Stop(Rejected(reason=f"it has no item {', '.join(missing[:5])}"))
    return items


# -- payments ----------------------------------------------------------------------------------------------------------


async def _paid(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    rows = await talk.search(_STATEMENT, [["name", "=", command.key], ["state", "=", "posted"]], ["name"])
    return str(command.content["payment_ref"]) if rows else None


async def _post_payment(talk: Talk, settings: Settings, command: Command) -> Done:
    """A bank's credit is a statement of one line, related to its invoice: whole or in part, as it came."""
    number = await _paid(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    content = command.content
    invoice = await talk.one(INVOICE, [["number", "=", content["invoice_no"]], ["type", "=", "out"]],
                             ["account", "party"], f"invoice {content['invoice_no']}")  # fmt: skip
    journal = await talk.one("account.statement.journal", [["name", "=", settings.statement_journal]], [],
                             f"statement journal {settings.statement_journal}")  # fmt: skip
    on, amount = day(date.fromisoformat(str(content["value_on"]))), money(int(content["amount_minor"]))  # type: ignore[call-overload]
    line = {
        "date": on, "amount": amount, "party": invoice["party"], "account": invoice["account"],
        "related_to": f"{INVOICE},{invoice['id']}", "number": str(content["payment_ref"]),
    }  # fmt: skip
    values = {
        "name": command.key, "company": await talk.company(), "journal": journal["id"], "date": on,
        "total_amount": amount, "lines": [["create", [line]]],
    }  # fmt: skip
    await documents.made_once(
        talk, command.key, _STATEMENT, [["name", "=", command.key]], values, claims=settings.claims,
        buttons={"draft": "validate_statement", "validated": "post"}, final=("posted",),
    )  # fmt: skip
    return Done(str(content["payment_ref"]))
