"""Tryton as the ERP: orders, goods issues, invoices, freight with its share of cost, and payments, in its own words."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.tryton import books, documents, freight
from crossdock.connectors.tryton.deeds import Done, TrytonConnector, Way
from crossdock.connectors.tryton.feed import Watched
from crossdock.connectors.tryton.settings import Settings, read_settings
from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row, day, decimal, money
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Action, Command
from crossdock.kit.maker import Maker, Secrets
from crossdock.kit.outcomes import Conflict, Rejected

_SALE: Final = "sale.sale"
_OUT: Final = "stock.shipment.out"
_INVOICE: Final = "account.invoice"
_STATEMENT: Final = "account.statement"
_GONE_OUT: Final = frozenset({"done"})
_WAITED: Final = ("waiting", "assigned", "picked", "packed", "done")
_BOOKED: Final = frozenset({"posted", "paid"})
_INVOICED: Final = ("_timestamp", "state", "number", "reference", "lines.product.code", "lines.quantity",
                    "lines.unit_price")  # fmt: skip


def _watched(settings: Settings) -> tuple[Watched, ...]:
    """What can be read here; a manifest may narrow it (`watch`)."""

    async def invoices(talk: Talk, rows: list[Row]) -> list[Row]:
        return await _composed(talk, rows, settings.freight_item)

    posted = [["type", "=", "out"], ["state", "in", ["posted", "paid"]], ["untaxed_amount", ">=", decimal(0)]]
    known = (
        Watched(
            "customer_invoice", _INVOICE, posted,
            ["number", "reference", "state", "invoice_date", "party.code", "currency.code", "untaxed_amount",
             "tax_amount", "total_amount", "amount_to_pay", "sales.reference", "lines.product.code", "lines.quantity",
             "lines.unit_price", "lines.amount", "lines.origin", "lines_to_pay.maturity_date"],
            invoices,
        ),
        Watched("item", "product.product", [], ["code", "template.name", "template.default_uom.symbol", "cost_price"]),
        Watched("customer", "party.party", [["code", "!=", None]],
                ["code", "name", "addresses.street", "addresses.city"]),
        Watched(
            "order", _SALE, [["state", "in", ["processing", "done"]]],
            ["number", "reference", "state", "party.code", "warehouse.code", "currency.code", "lines.product.code",
             "lines.quantity", "lines.unit_price", "lines.sequence"],
        ),
        Watched(
            "shipment", _OUT, [["state", "!=", "draft"]],
            ["number", "reference", "state", "warehouse.code", "outgoing_moves.product.code",
             "outgoing_moves.quantity"],
        ),
    )  # fmt: skip
    return tuple(one for one in known if not settings.watch or one.entity in settings.watch)


async def _composed(talk: Talk, rows: list[Row], freight_item: str) -> list[Row]:
    """Invoices with the order's own line numbers, and the freight apart."""
    origins = {line["origin"] for row in rows for line in row["lines"] if line["origin"]}
    ids = [int(number) for model, _, number in (str(one).partition(",") for one in origins) if model == "sale.line"]
    known = await talk.search("sale.line", [["id", "in", ids]], ["sequence"]) if ids else []
    numbers = {f"sale.line,{row['id']}": row["sequence"] for row in known}
    told = []
    for row in rows:
        lines, charge = [], Decimal(0)
        for place, line in enumerate(row["lines"], 1):
            code, quantity = line["product"]["code"] if line["product"] else None, line["quantity"]
            if code == freight_item:
                charge += line["amount"]
                continue
            if int(quantity) != quantity:
                raise ValueError(f"{quantity} {code} is no whole number of units")
            number = numbers.get(str(line["origin"])) or place
            lines.append({"line": number, "sku": code, "quantity": int(quantity), "unit_price": line["unit_price"],
                          "amount": line["amount"]})  # fmt: skip
        order_no = row["sales"][0]["reference"] if row["sales"] else None
        told.append({"order_no": order_no, "lines": lines, "freight_charge": charge})
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
        ("post_goods_issue", "do"): Way(_post_goods_issue, _issued),
        ("create_invoice", "do"): Way(_create_invoice, _invoiced),
        ("create_invoice", "undo"): Way(_credit_invoice, _credited),
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


def wanted(content: dict[str, Any]) -> Counter[str]:
    """How many of each item a command lists."""
    amounts: Counter[str] = Counter()
    for _, sku, quantity in content["lines"]:
        amounts[str(sku)] += int(quantity)
    return +amounts


# -- orders ------------------------------------------------------------------------------------------------------------


async def _entered(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    rows = await talk.search(_SALE, [["description", "=", command.key]], ["state", "number"])
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
        talk, command.key, _SALE, domain, values, claims=settings.claims,
        buttons={"draft": "quote", "quotation": "confirm", "confirmed": "process"}, final=("processing", "done"),
    )  # fmt: skip
    return Done((await talk.read(_SALE, record, ["number"]))["number"])


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


async def sale_of(talk: Talk, order_no: object, fields: list[str]) -> Row:
    """The order under the house's number; it may be on its way there, so its absence is no refusal."""
    rows = await talk.search(_SALE, [["reference", "=", order_no], ["state", "in", ["processing", "done"]]], fields)
    if len(rows) == 1:
        return rows[0]
    raise Stop(Conflict(reason=f"it has {'no' if not rows else 'more than one'} order {order_no} under way"))


# -- goods issues ------------------------------------------------------------------------------------------------------


async def _issued(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    rows = await talk.search(_OUT, [["reference", "=", command.key], ["state", "in", list(_GONE_OUT)]], ["number"])
    return rows[0]["number"] if rows else None


async def _post_goods_issue(talk: Talk, settings: Settings, command: Command) -> Done:
    """Goods left: the order's shipment is set to what left, and done. What is left over it ships as a back order."""
    number = await _issued(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    shipment = await _shipment_of(talk, command)
    if shipment["reference"] != command.key:
        operations = _as_issued(shipment, wanted(command.content))
        await talk.write_unchanged(_OUT, shipment, {"reference": command.key, "inventory_moves": operations})
    record = shipment["id"]
    buttons = {"draft": "wait", "waiting": "assign_try", "assigned": "pick", "picked": "pack", "packed": "do",
               "shipped": "do"}  # fmt: skip
    if (await talk.read(_OUT, record, ["state"]))["state"] in {"draft", "waiting"}:
        await documents.advance(
            talk, _OUT, record, {"draft": "wait"}, ("waiting", "assigned", "picked", "packed", "done")
        )
        await talk.press(_OUT, record, "assign_try")
        if (await talk.read(_OUT, record, ["state"]))["state"] == "waiting":
            # The goods have left, whatever the ERP believes of its stock: it shows the lack as a negative.
            await talk.press(_OUT, record, "assign_force")
    await documents.advance(talk, _OUT, record, buttons, ("done",))
    return Done((await talk.read(_OUT, record, ["number"]))["number"])


async def _shipment_of(talk: Talk, command: Command) -> Row:
    fields = ["_timestamp", "state", "reference", "inventory_moves.product.code", "inventory_moves.quantity"]
    mine = await talk.search(_OUT, [["reference", "=", command.key]], fields)
    if mine:
        return mine[0]
    sale = await sale_of(talk, command.content["order_no"], ["shipments"])
    domain = [["id", "in", sale["shipments"]], ["state", "in", ["draft", "waiting", "assigned"]],
              ["reference", "=", None], ["warehouse.code", "=", command.content["warehouse"]]]  # fmt: skip
    rows = await talk.search(_OUT, domain, fields, order=[["id", "ASC"]], limit=1)
    if not rows:
        raise Stop(Conflict(reason=f"its order {command.content['order_no']} has nothing left to ship"))
    return rows[0]


def _as_issued(shipment: Row, amounts: Counter[str]) -> list[Any]:
    """The operations on a shipment's moves that make it what left the warehouse."""
    left = Counter(amounts)
    operations: list[Any] = []
    for move in shipment["inventory_moves"]:
        sku, planned = move["product"]["code"], int(move["quantity"])
        taken = min(planned, left[sku])
        left[sku] -= taken
        if taken == 0:
            operations.append(["delete", [move["id"]]])
        elif taken != planned:
            operations.append(["write", [move["id"]], {"quantity": taken}])
    if +left:
        raise Stop(Rejected(reason=f"more left than its order has open: {dict(+left)}"))
    return operations


# -- invoices ----------------------------------------------------------------------------------------------------------


async def _invoiced(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    rows = await talk.search(_INVOICE, [["reference", "=", command.key], ["state", "in", list(_BOOKED)]], ["number"])
    return rows[0]["number"] if rows else None


async def _create_invoice(talk: Talk, settings: Settings, command: Command) -> Done:
    """The ERP drafts an invoice of what it shipped; ours to check it, add the freight, and post it unchanged."""
    number = await _invoiced(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    draft = await _draft_of(talk, command)
    content, lines = command.content, draft["lines"]
    freight_lines = [line for line in lines if line["product"]["code"] == settings.freight_item]
    billed: Counter[str] = Counter()
    for line in lines:
        if line not in freight_lines:
            billed[line["product"]["code"]] += int(line["quantity"])
    if +billed != wanted(content):
        raise Stop(Conflict(reason=f"it would bill {dict(billed)}, and {dict(wanted(content))} left"))
    charge = int(content["freight_charge_minor"])  # type: ignore[call-overload]
    asked = [money(charge)["decimal"]] if charge else []
    if draft["reference"] != command.key or [str(line["unit_price"]) for line in freight_lines] != asked:
        operations: list[Any] = [["delete", [line["id"] for line in freight_lines]]] if freight_lines else []
        if charge:
            operations.append(["create", [await _freight_line(talk, settings, charge)]])
        values: Row = {"reference": command.key}
        if operations:
            values["lines"] = operations
        await talk.write_unchanged(_INVOICE, draft, values)
        draft = await talk.read(_INVOICE, draft["id"], _INVOICED)
    await talk.press_unchanged(_INVOICE, draft, "post")
    return Done((await talk.read(_INVOICE, draft["id"], ["number"]))["number"])


async def _draft_of(talk: Talk, command: Command) -> Row:
    mine = await talk.search(_INVOICE, [["reference", "=", command.key], ["type", "=", "out"]], _INVOICED)
    if mine:
        return mine[0]
    sale = await sale_of(talk, command.content["order_no"], ["invoices"])
    domain = [["id", "in", sale["invoices"]], ["state", "in", ["draft", "validated"]], ["reference", "=", None]]
    rows = await talk.search(_INVOICE, domain, _INVOICED)
    if len(rows) != 1:
        much = "no" if not rows else "more than one"
        raise Stop(Conflict(reason=f"it has {much} draft of an invoice for order {command.content['order_no']}"))
    return rows[0]


async def _freight_line(talk: Talk, settings: Settings, charge: int) -> Row:
    item = await talk.one("product.product", [["code", "=", settings.freight_item]],
                          ["template.default_uom", "template.account_category.account_revenue", "template.name"],
                          f"item {settings.freight_item}")  # fmt: skip
    return {
        "type": "line", "product": item["id"], "quantity": 1, "unit": item["template"]["default_uom"],
        "unit_price": money(charge), "account": item["template"]["account_category"]["account_revenue"],
        "description": item["template"]["name"],
    }  # fmt: skip


async def _credited(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    rows = await talk.search(_INVOICE, [["number", "=", command.of_document], ["state", "=", "cancelled"]], ["number"])
    return rows[0]["number"] if rows else None


async def _credit_invoice(talk: Talk, settings: Settings, command: Command) -> Done:
    """An invoice is never taken back: a credit note refunds it, and the two cancel each other out."""
    number = await _credited(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    invoice = await talk.one(_INVOICE, [["number", "=", command.of_document], ["type", "=", "out"]], ["state"],
                             f"invoice {command.of_document}")  # fmt: skip
    await talk.wizard("account.invoice.credit", "credit", {"with_refund": True}, model=_INVOICE, record=invoice["id"])
    return Done(command.of_document)


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
    invoice = await talk.one(_INVOICE, [["number", "=", content["invoice_no"]], ["type", "=", "out"]],
                             ["account", "party"], f"invoice {content['invoice_no']}")  # fmt: skip
    journal = await talk.one("account.statement.journal", [["name", "=", settings.statement_journal]], [],
                             f"statement journal {settings.statement_journal}")  # fmt: skip
    on, amount = day(date.fromisoformat(str(content["value_on"]))), money(int(content["amount_minor"]))  # type: ignore[call-overload]
    line = {
        "date": on, "amount": amount, "party": invoice["party"], "account": invoice["account"],
        "related_to": f"{_INVOICE},{invoice['id']}", "number": str(content["payment_ref"]),
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
