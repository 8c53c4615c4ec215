"""Tryton as the ERP: orders, goods issues, invoices, freight with its share of cost, and payments, in its own words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from crossdock.connectors.tryton import back_orders, books, documents, freight, goods_issues, invoices
from crossdock.connectors.tryton.deeds import Done, TrytonConnector, Way
from crossdock.connectors.tryton.feed import Watched
from crossdock.connectors.tryton.invoices import INVOICE
from crossdock.connectors.tryton.sales import OUT, SALE
from crossdock.connectors.tryton.settings import Settings, read_settings
from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row, day, decimal, money
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Action, Command
from crossdock.kit.maker import Maker, Secrets
from crossdock.kit.outcomes import Rejected

_STATEMENT: Final = "account.statement"


def _watched(settings: Settings) -> tuple[Watched, ...]:
    """What can be read here; a manifest may narrow it (`watch`)."""

    async def invoices(talk: Talk, rows: list[Row]) -> list[Row]:
        return await _composed(talk, rows, settings.freight_item)

    posted = [["type", "=", "out"], ["state", "in", ["posted", "paid"]], ["untaxed_amount", ">=", decimal(0)]]
    known = (
        Watched(
            "customer_invoice", INVOICE, posted,
            ["number", "reference", "state", "invoice_date", "party.code", "currency.code", "untaxed_amount",
             "tax_amount", "total_amount", "amount_to_pay", "sales.reference", "lines.product.code", "lines.quantity",
             "lines.unit_price", "lines.amount", "lines.origin", "lines_to_pay.maturity_date"],
            invoices,
        ),
        Watched("item", "product.product", [], ["code", "template.name", "template.default_uom.symbol", "cost_price"]),
        Watched("customer", "party.party", [["code", "!=", None]],
                ["code", "name", "addresses.street", "addresses.city"]),
        Watched(
            "order", SALE, [["state", "in", ["processing", "done"]]],
            ["number", "reference", "state", "party.code", "warehouse.code", "currency.code", "lines.product.code",
             "lines.quantity", "lines.unit_price", "lines.sequence"],
        ),
        Watched(
            "shipment", OUT, [["state", "!=", "draft"]],
            ["number", "reference", "state", "warehouse.code", "outgoing_moves.product.code",
             "outgoing_moves.quantity"],
        ),
    )  # fmt: skip
    return tuple(one for one in known if not settings.watch or one.entity in settings.watch)


async def _composed(talk: Talk, rows: list[Row], freight_item: str) -> list[Row]:
    """Invoices by the order's own line numbers, what was billed and credited again summed up, and the freight apart."""
    origins = {line["origin"] for row in rows for line in row["lines"] if line["origin"]}
    ids = [int(number) for model, _, number in (str(one).partition(",") for one in origins) if model == "sale.line"]
    known = await talk.search("sale.line", [["id", "in", ids]], ["sequence"]) if ids else []
    numbers = {f"sale.line,{row['id']}": row["sequence"] for row in known}
    told = []
    for row in rows:
        lines: dict[tuple[int, str | None], Row] = {}
        charge = Decimal(0)
        for place, line in enumerate(row["lines"], 1):
            code, quantity = line["product"]["code"] if line["product"] else None, line["quantity"]
            if code == freight_item:
                charge += line["amount"]
                continue
            if int(quantity) != quantity:
                raise ValueError(f"{quantity} {code} is no whole number of units")
            number = numbers.get(str(line["origin"])) or place
            sum_ = lines.setdefault((number, code), {"line": number, "sku": code, "quantity": 0, "amount": Decimal(0)})
            sum_["quantity"] += int(quantity)
            sum_["amount"] += line["amount"]
            sum_["unit_price"] = line["unit_price"]
        order_no = row["sales"][0]["reference"] if row["sales"] else None
        told.append({"order_no": order_no, "lines": [one for one in lines.values() if one["quantity"]],
                     "freight_charge": charge})  # fmt: skip
    return told


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
        watched=_watched(settings),
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
