"""A carrier's invoice in Tryton: a supplier invoice, and its cost laid on what it carried.

Carried to a customer, it is a shipment's cost; carried to us, it is landed cost: part of what the goods cost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from crossdock.connectors.tryton import documents
from crossdock.connectors.tryton.deeds import Done
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Refused, Stop, Talk
from crossdock.connectors.tryton.wire import Row, day, money
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Conflict

_INVOICE: Final = "account.invoice"
_LINE: Final = "account.invoice.line"
_BOOKED: Final = ("posted", "paid")


class Cost(NamedTuple):
    """How a cost is laid on shipments: the model of the allocation, the item it is bought as, the method."""

    model: str
    link: str
    item: str
    method: str
    shipments: list[int]


async def posted(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    """The invoice's number, once it and its cost are posted."""
    rows = await talk.search(_INVOICE, [["description", "=", command.key], ["state", "in", list(_BOOKED)]],
                             ["number", "lines.shipment_cost.state", "lines.landed_cost.state"])  # fmt: skip
    for row in rows:
        costs = [line.get(link) for line in row["lines"] for link in ("shipment_cost", "landed_cost")]
        if any(cost and cost["state"] == "posted" for cost in costs):
            return str(row["number"])
    return None


async def post(talk: Talk, settings: Settings, command: Command) -> Done:
    """Post the invoice, then lay its cost on the shipment."""
    number = await posted(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    cost = await _cost(talk, settings, command)
    domain = [["description", "=", command.key], ["type", "=", "in"]]
    values = await _invoice(talk, command, cost)
    record = await documents.made_once(
        talk, command.key, _INVOICE, domain, values, claims=settings.claims,
        buttons={"draft": "post", "validated": "post"}, final=_BOOKED,
    )  # fmt: skip
    told = await talk.read(_INVOICE, record, ["number", "lines"])
    await _lay(talk, cost, told["lines"][0])
    return Done(told["number"])


async def _cost(talk: Talk, settings: Settings, command: Command) -> Cost:
    """Outbound shipments carry the key of the goods issue, which begins with the shipment; inbound ones its number."""
    shipment_no = command.content["shipment_no"]
    outbound = await talk.search(
        "stock.shipment.out", [["reference", "like", f"shipment/{shipment_no}/%"], ["state", "=", "done"]], []
    )
    if outbound:
        ids = [row["id"] for row in outbound]
        return Cost("account.shipment_cost", "shipment_cost", settings.carriage_item, "shipment", ids)
    inbound = await talk.search(
        "stock.shipment.in", [["reference", "=", shipment_no], ["state", "in", ["received", "done"]]], []
    )
    if inbound:
        return Cost("account.landed_cost", "landed_cost", settings.landed_item, "value", [row["id"] for row in inbound])
    raise Stop(Conflict(reason=f"it has no shipment {shipment_no} that has gone or come"))


async def _invoice(talk: Talk, command: Command, cost: Cost) -> Row:
    content = command.content
    party = await talk.one("party.party", [["code", "=", content["scac"]]],
                           ["addresses", "supplier_payment_term", "account_payable"],
                           f"carrier {content['scac']}")  # fmt: skip
    item = await talk.one(
        "product.product",
        [["code", "=", cost.item]],
        ["template.default_uom", "template.account_category.account_expense", "template.name"],
        f"item {cost.item}",
    )
    currency = await talk.one("currency.currency", [["code", "=", content["currency"]]], [],
                              f"currency {content['currency']}")  # fmt: skip
    journal = await talk.one("account.journal", [["type", "=", "expense"]], [], "expense journal")
    line = {
        "type": "line", "product": item["id"], "quantity": 1, "unit": item["template"]["default_uom"],
        "unit_price": money(int(content["total_minor"])),  # type: ignore[call-overload]
        "account": item["template"]["account_category"]["account_expense"],
        "description": item["template"]["name"],
    }  # fmt: skip
    return {
        "type": "in", "company": await talk.company(), "party": party["id"], "reference": content["invoice_no"],
        "description": command.key, "currency": currency["id"], "journal": journal["id"],
        "account": party["account_payable"] or await _payable(talk), "invoice_address": party["addresses"][0],
        "payment_term": party["supplier_payment_term"], "invoice_date": day(datetime.now(UTC).date()),
        "lines": [["create", [line]]],
    }  # fmt: skip


async def _payable(talk: Talk) -> int | None:
    """The account of whom has none of his own."""
    rows = await talk.search("account.configuration", [], ["default_account_payable"], limit=1)
    return rows[0]["default_account_payable"] if rows else None


async def _lay(talk: Talk, cost: Cost, line: int) -> None:
    """Make the allocation and post it; which one counts is what the invoice's line says, written only once."""
    told = await talk.read(_LINE, line, ["_timestamp", f"{cost.link}.state"])
    if not told[cost.link]:
        values = {
            "company": await talk.company(), "allocation_method": cost.method, "shipments": [["add", cost.shipments]],
        }  # fmt: skip
        made = await talk.create(cost.model, values)
        try:
            await talk.write_unchanged(_LINE, told, {cost.link: made["id"]})
        except Stop:
            await talk.delete(cost.model, made["id"])
            raise
        told = await talk.read(_LINE, line, [f"{cost.link}.state"])
    laid = told[cost.link]
    if laid["state"] == "draft":
        try:
            await talk.wizard(f"{cost.model}.post", "post", {}, model=cost.model, record=laid["id"])
        except Refused:
            if (await talk.read(cost.model, laid["id"], ["state"]))["state"] != "posted":
                raise
