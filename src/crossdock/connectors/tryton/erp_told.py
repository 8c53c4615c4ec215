"""What an ERP in Tryton tells: its records as they were sent, and beside them the same in one plain form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.tryton.feed import Composed, Watched, day_of, moment_of
from crossdock.connectors.tryton.invoices import INVOICE
from crossdock.connectors.tryton.sales import OUT, SALE
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Sent, Talk
from crossdock.connectors.tryton.wire import Row, decimal, units

_LINE: Final = "sale.line"
_ADDRESS: Final = ("street", "city", "postal_code", "subdivision.code", "country.code")
# Orders that we entered are somebody else's: who told us of them.
_NOT_OURS: Final = ["OR", ["description", "=", None], ["description", "not like", "order/%/entry/%"]]


def watched(settings: Settings) -> tuple[Watched, ...]:
    """What can be read; a manifest may narrow it (`watch`)."""

    async def invoices(talk: Talk, sent: list[Sent]) -> list[Composed]:
        return await _invoices(talk, sent, settings.freight_item)

    async def orders(talk: Talk, sent: list[Sent]) -> list[Composed]:  # noqa: ARG001  # as any composing
        return await _orders(sent, settings.freight_item)

    posted = [["type", "=", "out"], ["state", "in", ["posted", "paid"]], ["untaxed_amount", ">=", decimal(0)]]
    known = (
        Watched(
            "customer_invoice", INVOICE, posted,
            ["number", "reference", "state", "invoice_date", "party.code", "currency.code", "untaxed_amount",
             "tax_amount", "total_amount", "amount_to_pay", "sales.reference", "lines.product.code", "lines.quantity",
             "lines.unit_price", "lines.amount", "lines.origin", "lines_to_pay.maturity_date"],
            invoices,
        ),
        Watched("item", "product.product", [["code", "!=", None]],
                ["code", "template.name", "template.default_uom.symbol", "cost_price"], _items),
        Watched("customer", "party.party", [["code", "!=", None]],
                ["code", "name", *(f"addresses.{field}" for field in _ADDRESS)], _customers),
        Watched(
            "order", SALE, [["state", "in", ["processing", "done"]], _NOT_OURS],
            ["number", "reference", "state", "sale_date", "shipping_date", "party.code", "party.name",
             "warehouse.code", "currency.code", *(f"shipment_address.{field}" for field in _ADDRESS),
             "lines.product.code", "lines.quantity", "lines.unit.symbol", "lines.unit_price", "lines.sequence"],
            orders,
        ),
        Watched(
            "shipment", OUT, [["state", "!=", "draft"]],
            ["number", "reference", "state", "warehouse.code", "outgoing_moves.product.code",
             "outgoing_moves.quantity"],
        ),
    )  # fmt: skip
    return tuple(one for one in known if not settings.watch or one.entity in settings.watch)


async def _invoices(talk: Talk, sent: list[Sent], freight_item: str) -> list[Composed]:
    """By the order's own line numbers, what was billed and credited again summed up, and the freight apart."""
    origins = {line["origin"] for one in sent for line in one.row["lines"] if line["origin"]}
    ids = sorted(int(number) for model, _, number in (str(one).partition(",") for one in origins) if model == _LINE)
    order = [["id", "ASC"]]
    known = await talk.search_sent(_LINE, [["id", "in", ids]], ["sequence"], order=order) if ids else []
    numbers = {f"{_LINE},{one.row['id']}": one for one in known}
    told = []
    for row in (one.row for one in sent):
        lines: dict[tuple[int, str | None], Row] = {}
        charge = Decimal(0)
        beside = [numbers[name].bytes for name in dict.fromkeys(str(line["origin"]) for line in row["lines"])
                  if name in numbers]  # fmt: skip
        for place, line in enumerate(row["lines"], 1):
            code, quantity = line["product"]["code"] if line["product"] else None, line["quantity"]
            if code == freight_item:
                charge += line["amount"]
                continue
            origin = numbers.get(str(line["origin"]))
            number = (origin.row["sequence"] if origin else None) or place
            sum_ = lines.setdefault((number, code), {"line": number, "sku": code, "quantity": 0, "amount": Decimal(0)})
            sum_["quantity"] += units(quantity, code)
            sum_["amount"] += line["amount"]
            sum_["unit_price"] = line["unit_price"]
        due = row["lines_to_pay"][0]["maturity_date"] if row["lines_to_pay"] else None
        plain = {
            "invoice_no": row["number"], "order_no": row["sales"][0]["reference"] if row["sales"] else None,
            "customer_no": row["party"]["code"], "currency": row["currency"]["code"],
            "invoiced_on": row["invoice_date"], "due_on": due, "freight_charge": charge,
            "total": row["total_amount"], "tax": row["tax_amount"],
            "lines": [one for one in lines.values() if one["quantity"]],
        }  # fmt: skip
        told.append(Composed(plain, beside))
    return told


async def _items(talk: Talk, sent: list[Sent]) -> list[Composed]:  # noqa: ARG001  # as any composing
    return [
        Composed({"sku": row["code"], "name": row["template"]["name"],
                  "unit": row["template"]["default_uom"]["symbol"], **_stamp(row)})
        for row in (one.row for one in sent)
    ]  # fmt: skip


async def _customers(talk: Talk, sent: list[Sent]) -> list[Composed]:  # noqa: ARG001
    return [
        Composed({"customer_no": row["code"],
                  "address": _address(row["name"], (row["addresses"] or [None])[0]), **_stamp(row)})
        for row in (one.row for one in sent)
    ]  # fmt: skip


async def _orders(sent: list[Sent], freight_item: str) -> list[Composed]:
    """Orders with the freight that the customer pays apart."""
    told = []
    for row in (one.row for one in sent):
        goods = [(place, line) for place, line in enumerate(row["lines"], 1) if line["product"]]
        charges = [Decimal(str(line["quantity"])) * line["unit_price"]
                   for _, line in goods if line["product"]["code"] == freight_item]  # fmt: skip
        lines = [
            {"line": line["sequence"] or place, "sku": line["product"]["code"],
             "quantity": units(line["quantity"], line["product"]["code"]), "unit": line["unit"]["symbol"],
             "unit_price": line["unit_price"]}
            for place, line in goods if line["product"]["code"] != freight_item
        ]  # fmt: skip
        plain = {
            "order_no": row["reference"] or row["number"], "customer_no": row["party"]["code"],
            "warehouse": row["warehouse"]["code"] if row["warehouse"] else None, "currency": row["currency"]["code"],
            "freight_charge": sum(charges, Decimal(0)),
            "ordered_on": row["sale_date"], "requested_on": row["shipping_date"] or row["sale_date"],
            "ship_to": _address(row["party"]["name"], row["shipment_address"]), "lines": lines, **_stamp(row),
        }  # fmt: skip
        told.append(Composed(plain))
    return told


def _address(name: str, address: Row | None) -> Row:
    """An address as people write it; a state by its own code, `US-OK` is `OK`."""
    found = address or {}
    state = (found.get("subdivision") or {}).get("code") or ""
    return {
        "name": name, "street": " ".join(str(found.get("street") or "").split()), "city": found.get("city") or "",
        "state": state.rpartition("-")[2], "postal_code": found.get("postal_code") or "",
        "country": (found.get("country") or {}).get("code"),
    }  # fmt: skip


def _stamp(row: Row) -> dict[str, Any]:
    return {"told_at": moment_of(row["_timestamp"]), "as_of": day_of(row["_timestamp"])}
