"""Customer invoices in Tryton: it drafts one for each shipment; an order is billed by one invoice of all of them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from crossdock.connectors.tryton.deeds import Done
from crossdock.connectors.tryton.sales import listed, sale_of, wanted
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row, money
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Conflict

INVOICE: Final = "account.invoice"
_BOOKED: Final = ["posted", "paid"]
_OPEN: Final = ["draft", "validated"]
_FIELDS: Final = ("_timestamp", "state", "number", "reference", "lines.product.code", "lines.quantity",
                  "lines.unit_price")  # fmt: skip


async def invoiced(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    """The number of the order's invoice, once it is posted."""
    rows = await talk.search(INVOICE, [["reference", "=", command.key], ["state", "in", _BOOKED]], ["number"])
    return rows[0]["number"] if rows else None


async def create(talk: Talk, settings: Settings, command: Command) -> Done:
    """The ERP drafts what it shipped; ours to hold it against what left, add the freight, and post it unchanged."""
    number = await invoiced(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    draft = await _one_draft(talk, settings, command)
    charge = int(command.content["freight_charge_minor"])  # type: ignore[call-overload]
    freight_lines = [line for line in draft["lines"] if _is_freight(line, settings)]
    asked = [money(charge)["decimal"]] if charge else []
    if draft["reference"] != command.key or [str(line["unit_price"]) for line in freight_lines] != asked:
        operations: list[Any] = [["delete", [line["id"] for line in freight_lines]]] if freight_lines else []
        if charge:
            operations.append(["create", [await _freight_line(talk, settings, charge)]])
        values: Row = {"reference": command.key, **({"lines": operations} if operations else {})}
        await talk.write_unchanged(INVOICE, draft, values)
        draft = await talk.read(INVOICE, draft["id"], _FIELDS)
    await talk.press_unchanged(INVOICE, draft, "post")
    return Done((await talk.read(INVOICE, draft["id"], ["number"]))["number"])


async def _one_draft(talk: Talk, settings: Settings, command: Command) -> Row:
    """The draft that bills what left: the one there is, or all of the order made into one."""
    await _sweep(talk, command)
    mine = await talk.search(INVOICE, [["reference", "=", command.key], ["type", "=", "out"]], _FIELDS)
    if mine and _billed(mine, settings) == wanted(command):
        return mine[0]
    sale = await sale_of(talk, command.content["order_no"], ["invoices"])
    domain = [["id", "in", sale["invoices"]], ["state", "in", _OPEN], ["reference", "=", None]]
    rows = mine + await talk.search(INVOICE, domain, _FIELDS, order=[["id", "ASC"]])
    if not rows:
        raise Stop(Conflict(reason=f"it has no draft of an invoice for order {command.content['order_no']}"))
    billed = _billed(rows, settings)
    if billed != wanted(command):
        raise Stop(Conflict(reason=f"it would bill {dict(billed)}, and {dict(wanted(command))} left"))
    first, *others = rows
    if others:
        lines = [line["id"] for row in others for line in row["lines"] if not _is_freight(line, settings)]
        changes: list[tuple[Row, Row]] = [(row, {"reference": _emptied(command)}) for row in others]
        await talk.write_all_unchanged(INVOICE, [(first, {"lines": [["add", lines]]}), *changes])
        await _sweep(talk, command)
        first = await talk.read(INVOICE, first["id"], _FIELDS)
    return first


async def _sweep(talk: Talk, command: Command) -> None:
    """Delete the drafts whose lines were moved into another."""
    for row in await talk.search(INVOICE, [["reference", "=", _emptied(command)], ["state", "in", _OPEN]], []):
        await talk.delete(INVOICE, row["id"])


def _emptied(command: Command) -> str:
    return f"{command.key}/emptied"


def _billed(rows: list[Row], settings: Settings) -> Counter[str]:
    """What drafts bill together; what was billed and credited again is nothing."""
    return listed([line for row in rows for line in row["lines"] if not _is_freight(line, settings)])


def _is_freight(line: Row, settings: Settings) -> bool:
    return bool(line["product"]) and line["product"]["code"] == settings.freight_item


async def _freight_line(talk: Talk, settings: Settings, charge: int) -> Row:
    item = await talk.one("product.product", [["code", "=", settings.freight_item]],
                          ["template.default_uom", "template.account_category.account_revenue", "template.name"],
                          f"item {settings.freight_item}")  # fmt: skip
    return {
        "type": "line", "product": item["id"], "quantity": 1, "unit": item["template"]["default_uom"],
        "unit_price": money(charge), "account": item["template"]["account_category"]["account_revenue"],
        "description": item["template"]["name"],
    }  # fmt: skip


async def credited(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    """The number of the invoice, once its credit note cancels it out."""
    rows = await talk.search(INVOICE, [["number", "=", command.of_document], ["state", "=", "cancelled"]], ["number"])
    return rows[0]["number"] if rows else None


async def credit(talk: Talk, settings: Settings, command: Command) -> Done:
    """An invoice is never taken back: a credit note refunds it, and the two cancel each other out."""
    number = await credited(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    invoice = await talk.one(INVOICE, [["number", "=", command.of_document], ["type", "=", "out"]], ["state"],
                             f"invoice {command.of_document}")  # fmt: skip
    await talk.wizard("account.invoice.credit", "credit", {"with_refund": True}, model=INVOICE, record=invoice["id"])
    return Done(command.of_document)
